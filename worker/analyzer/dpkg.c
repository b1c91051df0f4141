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

#define STATUS "var/lib/dpkg/status"
#define STATUS_D "var/lib/dpkg/status.d"

struct stanza {
	struct str name, status, arch, version, source, maintainer;
};

static bool
wants(const struct analyzer_file *f)
{
	if (!str_starts(f->path, STATUS))
		return (false);
	return (str_eqz(f->path, STATUS) ||
	    (str_eqz(path_dir(f->path), STATUS_D) &&
	    !str_ends(f->path, ".md5sums")));
}

static bool
looks(struct str head)
{
	return (str_starts(str_trim(head), "Package:"));
}

/* False at the end of the file; a stanza may be empty. */
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
	if (cur_left(c) == 0)
		return (false);
	while (deb822_next(c, &f))
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			if (str_caseeqz(f.name, want[i].name))
				*want[i].to = deb822_first_line(f.value);
	return (true);
}

/* The third word decides alone: "deinstall ok installed" is still there.
 * False when the package is not on the disk. */
static bool
state_of(struct str status, bool in_status_d, struct str *ret)
{
	static const char *const aside[] = { "half-configured", "unpacked",
	    "half-installed" };
	static const char *const installed[] = { "installed",
	    "triggers-pending", "triggers-awaited" };
	struct str word = { NULL, 0 };
	size_t i;

	*ret = word;
	if (status.n == 0)
		return (in_status_d);
	for (i = 0; i < 3; i++) {
		status = str_trim(status);
		word = str_sub(status, 0, str_find(status, ' '));
		status = str_sub(status, word.n, status.n);
	}
	for (i = 0; i < 3; i++)
		if (str_eqz(word, installed[i]))
			return (true);
	for (i = 0; i < 3; i++)
		if (str_eqz(word, aside[i])) {
			*ret = word;
			return (true);
		}
	return (false);
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

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	bool in_status_d = !str_eqz(f->path, STATUS), any = false;
	struct str all = cur_rest(&c);
	struct package p;
	struct stanza s;
	int rc = 0;

	while (rc == 0 && stanza_read(&c, &s)) {
		p = (struct package) { .type = STR_LIT("deb"), .name = s.name,
		    .version = s.version, .arch = s.arch };
		any |= s.name.n > 0;
		/* dpkg would refuse the whole file; the other packages are
		 * on the disk all the same. */
		if (s.name.n == 0 || s.version.n == 0 ||
		    !state_of(s.status, in_status_d, &p.state))
			continue;
		source_of(&s, &p);
		p.vendor = str_sub(s.maintainer, 0, LIMIT_PACKAGE_TEXT);
		rc = analyzer_package(out, &p, d);
	}
	if (rc == 0 && !in_status_d && ((!any && str_trim(all).n > 0) ||
	    str_find(all, '\0') < all.n))
		rc = diag_set(d, ERR_MALFORMED, 0, any ?
		    "NUL bytes among the stanzas" : "no stanza of dpkg");
	return (rc);
}

const struct analyzer analyzer_dpkg = {
	.name = "dpkg",
	.revision = 2,
	.wants_revision = 1,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
	.paragraphs = true,
};
