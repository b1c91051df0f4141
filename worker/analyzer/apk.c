/*
 * apk: installed packages of Alpine, Wolfi and Chainguard.  Format: apk-tools,
 * installed database v2: lines "X:value", records end at an empty line.
 */
#include "analyzer.h"
#include "common/limits.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_ends(f->path, "lib/apk/db/installed") &&
	    (str_eqz(f->path, "lib/apk/db/installed") ||
	    str_eqz(f->path, "usr/lib/apk/db/installed")));
}

static bool
looks(struct str head)
{
	return (str_starts(head, "C:Q") || str_starts(head, "P:"));
}

struct record {
	bool any;		/* it has a line */
	struct str name, version, arch, origin, maintainer, tag;
	struct cur files;	/* the record's lines, to read its files from */
};

static int
own(struct analyzer_out *out, struct str dir, struct str name, struct str digest,
    struct diag *d)
{
	char path[LIMIT_PATH];
	int n = snprintf(path, sizeof(path), "%.*s/%.*s", STR_ARG(dir),
	    STR_ARG(name));

	return (name.n > 0 && n > 0 && (size_t)n < sizeof(path) ?
	    analyzer_owns(out, str_n(path, (size_t)n), digest, d) : 0);
}

/* F: names a directory, R: a file in it, Z: the digest of its content, or of a
 * link's target. */
static int
files(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str line, value, dir = { NULL, 0 }, name = { NULL, 0 };
	struct str digest = { NULL, 0 };
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line) && line.n > 0) {
		value = str_sub(line, 2, line.n);
		if (str_starts(line, "Z:"))
			digest = str_trim(value);
		if (!str_starts(line, "F:") && !str_starts(line, "R:"))
			continue;
		rc = own(out, dir, name, digest, d);
		digest = name = str_of("");
		if (line.p[0] == 'F')
			dir = value;
		else
			name = value;
	}
	return (rc < 0 ? rc : own(out, dir, name, digest, d));
}

static int
flush(struct record *r, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("apk"), .name = r->name,
	    .version = r->version, .arch = r->arch, .source_name = r->origin,
	    .vendor = str_sub(r->maintainer, 0, LIMIT_PACKAGE_TEXT),
	    .module = r->tag };
	int rc = 0;

	if (!r->any)
		return (0);
	/* An origin has no version of its own. */
	if (p.source_name.n > 0)
		p.source_version = p.version;
	if (p.name.n == 0 || p.version.n == 0)
		analyzer_skip(out, p.name.n == 0 ? "no name" : "no version");
	/* ".build-deps" and the like are virtual: a name for a set of
	 * dependencies, with a time as version and no files. */
	else if (p.name.p[0] != '.' &&
	    (rc = analyzer_package(out, &p, d)) == 0)
		rc = files(r->files, out, d);
	memset(r, 0, sizeof(*r));
	return (rc);
}

/* The last line needs no end when it is a whole checksum, which ends in "=". */
static int
whole_lines(struct str all, struct diag *d)
{
	size_t end = str_rfind(all, '\n');
	struct str last = end < all.n ? str_sub(all, end + 1, all.n) : all;

	return ((str_starts(last, "Z:") || str_starts(last, "C:")) &&
	    str_ends(last, "=") ? 0 : analyzer_whole_lines(all, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct record r = { .files = c };
	struct str all = cur_rest(&c), line, value;
	int rc = 0;

	(void)f;
	while (rc == 0 && cur_line(&c, &line)) {
		if (line.n == 0) {
			rc = flush(&r, out, d);
			r.files = c;
			continue;
		}
		r.any = true;
		if (line.n < 2 || line.p[1] != ':')
			continue;
		value = str_trim(str_sub(line, 2, line.n));
		switch (line.p[0]) {
		case 'P':
			r.name = value;
			break;
		case 'V':
			r.version = value;
			break;
		case 'A':
			r.arch = value;
			break;
		case 'o':
			r.origin = value;
			break;
		case 'm':
			r.maintainer = value;
			break;
		case 's':	/* of the repository it came from */
			r.tag = value;
			break;
		default:
			break;
		}
	}
	if (rc == 0)
		rc = flush(&r, out, d);
	if (rc == 0 && str_find(all, '\0') < all.n)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "NUL bytes among the records");
	if (rc == 0)
		rc = whole_lines(all, d);
	return (rc);
}

const struct analyzer analyzer_apk = {
	.name = "apk",
	.revision = 8,
	.wants_revision = 1,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
	.paragraphs = true,
};
