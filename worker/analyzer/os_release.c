/*
 * os_release: which distribution the image is.  Format: os-release(5).  Gives
 * attributes, no packages; which of the files counts is decided on the whole
 * image (apply.c).
 */
#include "analyzer.h"
#include "common/limits.h"
#include "common/path.h"

/* Companions whose first line becomes the attribute LINE.  Older releases have
 * nothing else; redhat-release is a link there, to one with its maker's name. */
static const char *const lines[] = { "etc/debian_version", "etc/alpine-release",
    "etc/redhat-release", "etc/centos-release", "etc/rocky-release",
    "etc/almalinux-release", "etc/fedora-release", "etc/oracle-release", "etc/system-release",
    "etc/SuSE-release", "etc/photon-release", "etc/mariner-release",
    "etc/azurelinux-release" };
/* ... and whose third line is an assignment: the service pack of SLES 11. */
#define SUSE "etc/SuSE-release"
/* Ubuntu's, before it had os-release. */
#define LSB "etc/lsb-release"
/* Where apk's packages come from: gives ALPINE_BRANCH, which beats what os-release
 * says, and "ALPINE_TAG=TAG BRANCH" of each repository that only those packages are
 * taken from that ask for it by its tag.  Further files are in repositories.d. */
#define REPOSITORIES "etc/apk/repositories"

static const char *const keys[] = { "ID", "VERSION_ID", "VERSION_CODENAME",
    "PRETTY_NAME", "NAME", "CPE_NAME", "DISTRIB_ID", "DISTRIB_RELEASE",
    "PATCHLEVEL" };

/* Those are the companions'. */
static bool
is_of_lines(struct str path)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (str_eqz(path, lines[i]))
			return (true);
	return (false);
}

/* Of Fedora's variants one stands in that folder for each edition, and
 * usr/lib/os-release is a link to the one that holds. */
static bool
is_os_release(struct str path)
{
	return (str_eqz(path, "etc/os-release") ||
	    str_eqz(path, "usr/lib/os-release") ||
	    (str_starts(path, "usr/lib/os.release.d/os-release-") &&
	    str_eqz(path_base(path_dir(path)), "os.release.d")));
}

static bool
is_repositories(struct str path)
{
	return (str_eqz(path, REPOSITORIES) || (str_ends(path, ".list") &&
	    (str_eqz(path_dir(path), "etc/apk/repositories.d") ||
	    str_eqz(path_dir(path), "lib/apk/repositories.d") ||
	    str_eqz(path_dir(path), "usr/lib/apk/repositories.d"))));
}

static bool
wants(const struct analyzer_file *f)
{
	return (is_os_release(f->path) || is_repositories(f->path) ||
	    str_eqz(f->path, LSB) || is_of_lines(f->path));
}

/* NixOS sorts the lines. */
static bool
looks(struct str head)
{
	return (str_starts(head, "PRETTY_NAME=") || str_starts(head, "NAME=") ||
	    str_starts(head, "ID=") || str_starts(head, "ANSI_COLOR="));
}

/* Shell quoting as os-release allows it: none, '...', or "..." with \ before
 * " $ \ and `.  What follows the closing quote is dropped. */
static int
unquote(struct str v, struct buf *to)
{
	char quote = v.n > 0 && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;
	size_t i = quote != 0 ? 1 : 0;
	int rc = 0;

	buf_clear(to);
	for (; i < v.n && rc == 0 && (quote == 0 || v.p[i] != quote); i++) {
		if (v.p[i] == '\\' && quote != '\'' && i + 1 < v.n)
			i++;
		rc = buf_byte(to, (uint8_t)v.p[i]);
	}
	return (rc);
}

static int
read_assignments(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str line, key;
	struct buf value;
	size_t eq;
	int rc = 0;

	buf_init(&value, 4096);
	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		eq = str_find(line, '=');
		if (eq == line.n || line.p[0] == '#')
			continue;
		key = str_trim(str_sub(line, 0, eq));
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (!str_eqz(key, keys[i]))
				continue;
			rc = unquote(str_trim(str_sub(line, eq + 1, line.n)), &value);
			rc = rc < 0 ? diag_set(d, rc, 0, "%s is too long", keys[i]) :
			    analyzer_attribute(out, keys[i], buf_view(&value), d);
			break;
		}
	}
	buf_done(&value);
	return (rc);
}

static bool
is_branch(struct str s)
{
	return (str_eqz(s, "edge") || (s.n > 3 && s.p[0] == 'v' &&
	    s.p[1] >= '0' && s.p[1] <= '9'));
}

static bool
is_alpines(struct str s)
{
	return (str_eqz(s, "main") || str_eqz(s, "community") ||
	    str_eqz(s, "testing"));
}

/* "v3.20" or "edge" of ".../alpine/v3.20/main", also as "v3.20 main community": others
 * have folders of that name, too, but not Alpine's parts in them. */
static struct str
branch_of(struct str url)
{
	struct str part, word, before = { NULL, 0 }, found = { NULL, 0 };

	while (str_split(&url, '/', &part))
		while (str_split(&part, ' ', &word)) {
			if (word.n == 0)
				continue;
			if (is_alpines(word) && is_branch(before))
				found = before;
			before = word;
		}
	return (found);
}

/* "@testing https://...": a tag, which is taken from *${line}. */
static struct str
tag_of(struct str *line)
{
	struct str tag = { NULL, 0 };
	size_t n = 0;

	if (!str_starts(*line, "@"))
		return (tag);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	tag = str_sub(*line, 1, n);
	*line = str_sub(*line, n, line->n);
	return (tag);
}

static int
told_tag(struct str tag, struct str branch, struct analyzer_out *out,
    struct diag *d)
{
	char text[LIMIT_PACKAGE_TEXT];
	int n = snprintf(text, sizeof(text), "%.*s %.*s", STR_ARG(tag),
	    STR_ARG(branch));

	return (n <= 0 || (size_t)n >= sizeof(text) ? 0 :
	    analyzer_attribute(out, "ALPINE_TAG", str_n(text, (size_t)n), d));
}

/* One branch, or "edge" as soon as any line without a tag says so: its packages are
 * newer than any release's. */
static int
read_repositories(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str line, tag, b, branch = { NULL, 0 };
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		if (str_starts(line, "#"))
			continue;
		tag = tag_of(&line);
		b = branch_of(line);
		if (b.n > 0 && tag.n > 0)
			rc = told_tag(tag, b, out, d);
		else if (b.n > 0 && tag.p == NULL && (branch.n == 0 || str_eqz(b, "edge")))
			branch = b;
	}
	return (rc < 0 || branch.n == 0 ? rc :
	    analyzer_attribute(out, "ALPINE_BRANCH", branch, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str line;
	int rc;

	if (is_repositories(f->path))
		return (read_repositories(c, out, d));
	if (!is_of_lines(f->path))	/* os-release, whatever its name */
		return (read_assignments(c, out, d));
	if (!cur_line(&c, &line))
		return (0);
	rc = analyzer_attribute(out, "LINE", str_trim(line), d);
	if (rc == 0 && str_eqz(f->path, SUSE))
		rc = read_assignments(c, out, d);
	return (rc);
}

const struct analyzer analyzer_os_release = {
	.name = "os_release",
	.revision = 4,
	.wants_revision = 8,
	.max = 65536,		/* the largest known are below 1 KiB */
	.wants = wants,
	.looks = looks,
	.anywhere = true,
	.analyze = analyze,
};
