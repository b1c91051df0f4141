/*
 * conda: packages of a conda environment.  Format: conda-meta/NAME-VERSION-BUILD
 * .json in the environment's folder (conda's PrefixRecord).
 */
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_ends(f->path, ".json") &&
	    str_eqz(path_base(path_dir(f->path)), "conda-meta"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("conda") };
	struct json *j = NULL;
	int rc;

	(void)f;
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_FILE_WHOLE, &j, d)) < 0)
		return (rc);
	p.name = json_get_str(j, "name");
	p.version = json_get_str(j, "version");
	p.arch = json_get_str(j, "subdir");
	p.vendor = str_sub(json_get_str(j, "channel"), 0, LIMIT_PACKAGE_TEXT);
	if (p.name.n > 0 && p.version.n > 0)
		rc = analyzer_package(out, &p, d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_conda = {
	.name = "conda",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
