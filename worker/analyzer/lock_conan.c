/*
 * lock_conan: conan.lock of Conan 2 (lists of references) and 1 (a graph of
 * nodes).  A reference is NAME/VERSION[@USER/CHANNEL][#REVISION[%TIME]].
 */
#include "common/json.h"
#include "common/limits.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "conan.lock", NULL };

	return (lock_is(f->path, names));
}

static int
reference(struct str ref, const char *scope, struct analyzer_out *out,
    struct diag *d)
{
	size_t slash;

	ref = str_sub(ref, 0, str_find(ref, '#'));
	ref = str_sub(ref, 0, str_find(ref, '@'));
	slash = str_find(ref, '/');
	/* without a version it is the project */
	return (slash == ref.n ? 0 : lock_row(out, "conan",
	    str_sub(ref, 0, slash), str_sub(ref, slash + 1, ref.n), scope, d));
}

static int
document(const struct json *j, struct analyzer_out *out, struct diag *d)
{
	static const struct { const char *list, *scope; } lists[] = {
		{ "requires", LOCK_DECLARED }, { "build_requires", LOCK_BUILD },
		{ "python_requires", LOCK_BUILD },
	};
	const struct json *list, *node;
	void *at = NULL;
	struct str key;
	int rc = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		list = json_get(j, lists[i].list);
		for (size_t k = 0; k < json_len(list) && rc == 0; k++)
			rc = reference(json_str(json_at(list, k)),
			    lists[i].scope, out, d);
	}
	list = json_get(json_get(j, "graph_lock"), "nodes");
	while (rc == 0 && json_next(list, &at, &key, &node))
		rc = reference(json_get_str(node, "ref"),
		    str_eqz(json_get_str(node, "context"), "build") ?
		    LOCK_BUILD : LOCK_DECLARED, out, d);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct json *j = NULL;
	int rc;

	(void)f;
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d)) == 0)
		rc = document(j, out, d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_lock_conan = {
	.name = "lock_conan",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
