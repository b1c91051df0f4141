/*
 * dpkg_files: which files a Debian package owns.  Formats: dpkg's
 * info/PACKAGE[:ARCH].list (absolute paths, one a line) and .md5sums ("<32 hex>
 * <2 spaces><path>"), the latter also in distroless images' status.d, where the name
 * may be in base64.  Both are read, since images exist that keep only one of them.
 * A file is its package's while it has the content that md5sums says.
 * And dpkg's diversions (three lines each: the path, where its package's file went,
 * who diverts): whatever lists say, the path is the diverting package's, or, ":",
 * the administrator's.
 */
#include "analyzer.h"
#include "common/base64.h"
#include "common/path.h"
#include "where.h"

#define DIVERSIONS "diversions"
#define MD5_HEX 32

static bool
wants(const struct analyzer_file *f)
{
	struct str rest = where_dpkg(f->path);
	bool info = str_starts(rest, "info/");

	return (str_eqz(rest, DIVERSIONS) || (info && str_ends(rest, ".list")) ||
	    ((info || str_starts(rest, "status.d/")) &&
	    str_ends(rest, ".md5sums")));
}

/* Every list begins with the root. */
static bool
looks(struct str head)
{
	size_t hex = 0;

	while (hex < head.n && hex < MD5_HEX &&
	    memchr("0123456789abcdef", head.p[hex], 16) != NULL)
		hex++;
	return (str_starts(head, "/.\n") || (hex == MD5_HEX &&
	    str_starts(str_sub(head, MD5_HEX, head.n), "  ")));
}

/* A list names a directory right before what is in it. */
static bool
is_directory_of(struct str dir, struct str path)
{
	return (dir.n < path.n && path.p[dir.n] == '/' &&
	    str_eq(str_sub(path, 0, dir.n), dir));
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    memchr("+-.", s.p[i], 3) == NULL)
			return (false);
	return (s.n > 0);
}

/* "cHl0aG9uMy1y" stands for "python3-r" (base64): letters that no name of a package has
 * give it away.  ${s} itself where it does not. */
static struct str
plain_name(struct str s, uint8_t text[], size_t size)
{
	size_t n;

	return (!is_name(s) && base64_read(s, text, size, &n) &&
	    is_name(str_n(text, n)) ? str_n(text, n) : s);
}

static int
analyze_diversions(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("deb") };
	struct str from, to;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &from) && cur_line(&c, &to) &&
	    cur_line(&c, &p.name))
		if (p.name.n > 0 && (rc = analyzer_package(out, &p, d)) == 0)
			/* sums of that path are of what was diverted */
			rc = analyzer_owns(out, from, str_of("any"), d);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str name = path_base(f->path), line, last = { NULL, 0 };
	struct str digest = { NULL, 0 }, last_digest = { NULL, 0 };
	bool sums = str_ends(name, ".md5sums");
	struct package p = { .type = STR_LIT("deb") };
	uint8_t text[256];
	size_t colon;
	int rc;

	if (str_eqz(where_dpkg(f->path), DIVERSIONS))
		return (analyze_diversions(c, out, d));
	name = str_sub(name, 0, str_rfind(name, '.'));
	colon = str_find(name, ':');
	p.name = str_sub(name, 0, colon);
	p.arch = str_sub(name, colon + 1, name.n);
	if (str_starts(where_dpkg(f->path), "status.d/"))
		p.name = plain_name(p.name, text, sizeof(text));
	if (p.name.n == 0)
		return (0);
	if ((rc = analyzer_package(out, &p, d)) < 0)
		return (rc);
	while (rc == 0 && cur_line(&c, &line)) {
		if (sums) {
			digest = str_sub(line, 0, MD5_HEX);
			line = line.n > MD5_HEX + 2 ?
			    str_sub(line, MD5_HEX + 2, line.n) : str_of("");
		}
		if (last.n > 0 && !is_directory_of(last, line))
			rc = analyzer_owns(out, last, last_digest, d);
		last = line;
		last_digest = digest;
	}
	return (rc < 0 || last.n == 0 ? rc :
	    analyzer_owns(out, last, last_digest, d));
}

const struct analyzer analyzer_dpkg_files = {
	.name = "dpkg_files",
	.revision = 5,
	.wants_revision = 4,
	.owners_only = true,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
