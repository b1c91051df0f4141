/*
 * dpkg: installed packages of Debian, Ubuntu and distroless images.  Format:
 * deb822(5), dpkg(1) "package states".  var/lib/dpkg/status holds all stanzas;
 * status.d holds one file a package, without Status, beside .md5sums files and
 * maintainer scripts (which give no Package and so nothing).
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"

struct stanza {
	struct str name, status, arch, version, source, maintainer;
};

/* A journal's file: dpkg writes one for each change of a state and takes them into
 * status at its end.  They are there when it was killed. */
static bool
is_journal(struct str path)
{
	struct str name = path_base(path);

	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return (false);
	return (str_eqz(path_dir(where_dpkg(path)), "updates"));
}

static bool
wants(const struct analyzer_file *f)
{
	struct str rest = where_dpkg(f->path);

	if (rest.n == 0)
		return (false);
	return (str_eqz(rest, "status") || is_journal(f->path) ||
	    (str_eqz(path_dir(rest), "status.d") &&
	    !str_ends(rest, ".md5sums")));
}

static bool
looks(struct str head)
{
	return (str_starts(str_trim(head), "Package:"));
}

/* False at the end of the file. */
static bool
stanza_read(struct cur *c, struct stanza *ret)
{
	struct deb822_field f;
	const struct { const char *name; struct str *to; } want[] = {
		{ "Package", &ret->name }, { "Status", &ret->status },
		{ "Architecture", &ret->arch }, { "Version", &ret->version },
		{ "Source", &ret->source }, { "Maintainer", &ret->maintainer },
	};

	memset(ret, 0, sizeof(*ret));
	if (!deb822_begin(c))
		return (false);
	while (deb822_next(c, &f))
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			if (str_caseeqz(f.name, want[i].name))
				*want[i].to = deb822_first_line(f.value);
	return (true);
}

enum state { STATE_GONE, STATE_THERE, STATE_ASIDE, STATE_UNKNOWN };

/* Takes the first word off *${s}; dpkg parts them by any blanks. */
static struct str
next_word(struct str *s)
{
	struct str rest = str_trim(*s);
	size_t n = str_find(rest, ' '), tab = str_find(rest, '\t');

	n = tab < n ? tab : n;
	*s = str_sub(rest, n, rest.n);
	return (str_sub(rest, 0, n));
}

/* The third word decides alone, in any case: "deinstall ok installed" is still
 * there.  Without any a package is not, in status.  *${ret} is that word of those that are kept
 * aside. */
static enum state
state_of(struct str status, bool in_status_d, struct str *ret)
{
	static const struct { const char *word; enum state state; } t[] = {
		{ "installed", STATE_THERE },
		{ "triggers-pending", STATE_THERE },
		{ "triggers-awaited", STATE_THERE },
		{ "half-configured", STATE_ASIDE },
		{ "unpacked", STATE_ASIDE },
		{ "half-installed", STATE_ASIDE },
		{ "config-files", STATE_GONE },
		{ "not-installed", STATE_GONE },
	};
	struct str word = { NULL, 0 };

	*ret = word;
	if (status.n == 0)
		return (in_status_d ? STATE_THERE : STATE_GONE);
	for (size_t i = 0; i < 3; i++)
		word = next_word(&status);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_caseeqz(word, t[i].word)) {
			if (t[i].state == STATE_ASIDE)
				*ret = str_of(t[i].word);
			return (t[i].state);
		}
	return (STATE_UNKNOWN);
}

/* "glibc", "glibc (2.36-9)" or nothing. */
static void
source_of(const struct stanza *s, struct package *p)
{
	size_t open = str_find(s->source, '(');
	size_t shut = str_rfind(s->source, ')');

	p->source_name = str_trim(str_sub(s->source, 0, open));
	p->source_version = s->version;
	if (open < shut && shut < s->source.n)
		p->source_version =
		    str_trim(str_sub(s->source, open + 1, shut));
	if (p->source_name.n == 0)
		p->source_name = s->name;
	if (p->source_version.n == 0)
		p->source_version = s->version;
}

/* One stanza; dpkg would refuse the whole file for some, but the other packages
 * are on the disk all the same. */
static int
hand_over(const struct stanza *s, bool in_status_d, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("deb"), .name = s->name,
	    .version = s->version, .arch = s->arch,
	    .vendor = str_sub(s->maintainer, 0, LIMIT_PACKAGE_TEXT) };
	const char *lacks = NULL;
	enum state state;

	if (in_status_d && s->name.n == 0)
		return (0);	/* a script */
	state = state_of(s->status, in_status_d, &p.state);
	/* dpkg knows no version where the first unpacking failed */
	if (state == STATE_GONE || (str_eqz(p.state, "half-installed") &&
	    s->name.n > 0 && s->version.n == 0))
		return (0);
	if (state == STATE_UNKNOWN)
		lacks = "no state that dpkg knows";
	else if (s->name.n == 0 || s->version.n == 0)
		lacks = s->name.n == 0 ? "no name" : "no version";
	if (lacks != NULL) {
		analyzer_skip(out, lacks);
		return (0);
	}
	source_of(s, &p);
	return (analyzer_package(out, &p, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	bool in_status_d = !str_eqz(where_dpkg(f->path), "status");
	bool any = false, states = false;
	bool named = false;	/* scripts in status.d may end anyhow */
	bool only_name = false;	/* of the last stanza nothing else */
	struct str all = cur_rest(&c);
	struct stanza s;
	int rc = 0;

	if (is_journal(f->path))
		return (analyzer_attribute(out, "JOURNAL", str_of("dpkg"), d));
	while (rc == 0 && stanza_read(&c, &s)) {
		any = true;
		named = named || s.name.n > 0;
		states = states || s.status.n > 0;
		only_name = s.status.n == 0 && s.version.n == 0;
		rc = hand_over(&s, in_status_d, out, d);
	}
	if (rc == 0 && !in_status_d && any && !states)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "no stanza says whether it is installed");
	if (rc == 0 && !in_status_d && str_find(all, '\0') < all.n)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "NUL bytes among the stanzas");
	if (rc == 0 && (!in_status_d || named))
		rc = analyzer_whole_lines(all, d);
	/* dpkg writes the state right behind the name: cut there */
	if (rc == 0 && !in_status_d && only_name && !str_ends(all, "\n\n"))
		rc = diag_set(d, ERR_MALFORMED, all.n,
		    "it ends behind the name of a package");
	return (rc);
}

const struct analyzer analyzer_dpkg = {
	.name = "dpkg",
	.revision = 5,
	.wants_revision = 4,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
	.paragraphs = true,
};
