/* lock_composer: composer.lock of PHP: "packages" and "packages-dev". */
#include "common/json.h"
#include "common/limits.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "composer.lock", NULL };

	return (lock_is(f->path, names));
}

static int
list(const struct json *l, const char *scope, struct analyzer_out *out,
    struct diag *d)
{
	struct json_place at = { 0 };
	const struct json *e;
	int rc = 0;

	if (l != NULL && !json_is_array(l) && !json_is_object(l))
		return (diag_set(d, ERR_MALFORMED, 0, "no list of packages"));
	while (rc == 0 && json_next_value(l, &at, &e))
		rc = lock_row(out, "composer", json_get_str(e, "name"),
		    json_get_str(e, "version"), scope, d);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct json *j = NULL;
	int rc;

	(void)f;
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d)) == 0 &&
	    (rc = list(json_get(j, "packages"), LOCK_DECLARED, out, d)) == 0)
		rc = list(json_get(j, "packages-dev"), LOCK_DEV, out, d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_lock_composer = {
	.name = "lock_composer",
	.revision = 2,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
