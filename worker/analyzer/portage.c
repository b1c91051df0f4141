/*
 * portage: installed packages of Gentoo.  Format: the VDB, a folder
 * CATEGORY/NAME-VERSION[-rN] for each package (Package Manager Specification);
 * its CONTENTS has a line for each file: "obj PATH MD5 TIME", "sym PATH ->
 * TARGET TIME", "dir PATH".
 */
#include "analyzer.h"
#include "common/path.h"

#define VDB "var/db/pkg"

static bool
wants(const struct analyzer_file *f)
{
	struct str category;

	if (!str_starts(f->path, VDB "/") ||
	    !str_eqz(path_base(f->path), "CONTENTS"))
		return (false);
	category = path_dir(path_dir(f->path));
	return (str_eqz(path_dir(category), VDB));
}

static bool
looks(struct str head)
{
	return (str_starts(head, "dir /") || str_starts(head, "obj /") ||
	    str_starts(head, "sym /"));
}

static bool
is_digit(struct str s, size_t at)
{
	return (at < s.n && s.p[at] >= '0' && s.p[at] <= '9');
}

/* Where the version begins in ${s}, or s.n.  A version has no dash but the one
 * before its revision. */
static size_t
version_at(struct str s)
{
	size_t end = s.n, dash = str_rfind(s, '-'), i = dash + 2;

	if (dash < s.n && i < s.n && s.p[dash + 1] == 'r') {
		while (is_digit(s, i))
			i++;
		if (i == s.n)
			end = dash;	/* -rN */
	}
	dash = str_rfind(str_sub(s, 0, end), '-');
	return (dash < end && is_digit(s, dash + 1) ? dash + 1 : s.n);
}

/* The path of a line that is no directory, or "", and the digest of a file. */
static struct str
path_of(struct str line, struct str *digest)
{
	struct str rest = str_sub(line, 4, line.n);
	const char *arrow;

	*digest = str_of("");
	if (str_starts(line, "sym ")) {
		arrow = memmem(rest.p, rest.n, " -> ", 4);
		return (arrow == NULL ? str_of("") :
		    str_sub(rest, 0, (size_t)(arrow - rest.p)));
	}
	if (!str_starts(line, "obj "))
		return (str_of(""));
	/* it may have spaces itself */
	rest = str_sub(rest, 0, str_rfind(rest, ' '));
	*digest = str_sub(rest, str_rfind(rest, ' ') + 1, rest.n);
	return (str_sub(rest, 0, str_rfind(rest, ' ')));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str folder = path_dir(f->path), line, path, digest;
	struct str name = str_sub(folder, sizeof(VDB), folder.n);
	struct package p = { .type = STR_LIT("ebuild") };
	size_t at = version_at(name);
	int rc;

	if (at == name.n)
		return (0);
	p.name = str_sub(name, 0, at - 1);	/* with its category */
	p.version = str_sub(name, at, name.n);
	rc = analyzer_package(out, &p, d);
	while (rc == 0 && cur_line(&c, &line))
		if ((path = path_of(line, &digest)).n > 0)
			rc = analyzer_owns(out, path, digest, d);
	return (rc);
}

const struct analyzer analyzer_portage = {
	.name = "portage",
	.revision = 3,
	.wants_revision = 3,
	.wants = wants,
	.looks = looks,
	.empty = "CONTENTS",
	.analyze = analyze,
};
