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
	struct str name, version, arch, origin, maintainer;
};

static int
flush(struct record *r, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("apk"), .name = r->name,
	    .version = r->version, .arch = r->arch, .source_name = r->origin,
	    .vendor = str_sub(r->maintainer, 0, LIMIT_PACKAGE_TEXT) };
	int rc = 0;

	/* An origin has no version of its own. */
	if (p.source_name.n > 0)
		p.source_version = p.version;
	/* ".build-deps" and the like are virtual: a name for a set of
	 * dependencies, with a time as version and no files. */
	if (p.name.n > 0 && p.version.n > 0 && p.name.p[0] != '.')
		rc = analyzer_package(out, &p, d);
	memset(r, 0, sizeof(*r));
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct record r = { 0 };
	struct str line, value;
	int rc = 0;

	(void)f;
	while (rc == 0 && cur_line(&c, &line)) {
		if (line.n == 0) {
			rc = flush(&r, out, d);
			continue;
		}
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
		default:
			break;
		}
	}
	return (rc < 0 ? rc : flush(&r, out, d));
}

const struct analyzer analyzer_apk = {
	.name = "apk",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
