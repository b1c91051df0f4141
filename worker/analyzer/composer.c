/*
 * composer: installed PHP packages.  Format: vendor/composer/installed.json of
 * Composer 1 (an array) and 2 (an object that also says which are for
 * development).  Composer takes an object for a list, whatever its keys.  Where vendor-dir is renamed, the folder composer/ stays.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "installed.json") &&
	    str_eqz(where_folder(f->path), "composer") &&
	    !where_is_sample(f->path));
}

static int
by_name(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* The texts of ${list}, sorted; the caller frees them. */
static struct str *
sorted(const struct json *list)
{
	struct str *s = mem_array(json_len(list) + 1, sizeof(*s));

	for (size_t i = 0; i < json_len(list); i++)
		s[i] = json_str(json_at(list, i));
	qsort(s, json_len(list), sizeof(*s), by_name);
	return (s);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct json *list, *dev, *e;
	struct json_place at = { 0 };
	struct str *dev_names = NULL;
	struct json *j = NULL;
	struct package p;
	int rc;

	(void)f;
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d)) < 0)
		goto out;
	list = json_get(j, "packages") != NULL ? json_get(j, "packages") : j;
	if (!json_is_array(list) && !json_is_object(list)) {
		rc = diag_set(d, ERR_MALFORMED, 0, "no list of packages");
		goto out;
	}
	dev = json_get(j, "dev-package-names");
	dev_names = sorted(dev);
	while (rc == 0 && json_next_value(list, &at, &e)) {
		p = (struct package) { .type = STR_LIT("composer"),
		    .name = json_get_str(e, "name"),
		    .version = json_get_str(e, "version") };
		if (bsearch(&p.name, dev_names, json_len(dev),
		    sizeof(p.name), by_name) != NULL)
			p.scope = str_of("dev");
		if (p.name.n > 0)
			rc = analyzer_package(out, &p, d);
	}
out:
	free(dev_names);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_composer = {
	.name = "composer",
	.revision = 2,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
