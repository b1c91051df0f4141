/* lock_cran: renv.lock of R (renv's documentation): {"Packages": {"NAME":
 * {"Package": ..., "Version": ..., "Source": ...}}}. */
#include "common/json.h"
#include "common/limits.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "renv.lock", NULL };

	return (lock_is(f->path, names));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct json *e;
	struct json *j = NULL;
	struct str name;
	void *at = NULL;
	int rc;

	(void)f;
	rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	while (rc == 0 && json_next(json_get(j, "Packages"), &at, &name, &e))
		rc = lock_row(out, str_eqz(json_get_str(e, "Source"),
		    "Bioconductor") ? "bioconductor" : "cran", name,
		    json_get_str(e, "Version"), LOCK_DECLARED, d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_lock_cran = {
	.name = "lock_cran",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
