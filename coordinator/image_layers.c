/* See image_layers.h. */
#include <stdarg.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/content_set.h"
#include "image_layers.h"
#include "sql.h"

/* Digests, commands and reasons of one image. */
#define TEXTS (64 * MIB)
/* What is known of one image's repositories. */
#define CONTENT_SETS (64 * MIB)
/* Commands that made layers: a Dockerfile's line, rarely a script. */
#define CREATED_BY 4096

static void PRINTF(2, 3)
add_reason(struct image_layers *x, const char *fmt, ...)
{
	char text[DIAG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (x->nreasons < IMAGE_LAYERS_REASONS)
		x->reasons[x->nreasons++] = text_clean(x->pool, str_of(text),
		    DIAG_TEXT);
}

static int
load_rows(struct db *db, const char *sql, int64_t layer, bool tree,
    struct layer_inventory *li, struct diag *d)
{
	struct db_result *r = NULL;
	struct cur c;
	int rc;

	if ((rc = DB_QUERY(db, sql, &r, d, db_int(layer))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++) {
		c = cur_str(db_col_bytes(r, i, 0));
		while (rc == 0 && cur_left(&c) > 0)
			rc = tree ? layer_inventory_read_tree(li, &c) :
			    layer_inventory_read_file(li, &c);
	}
	db_free(r);
	return (rc);
}

static int
load_layer(struct db *db, struct image_layers *x, size_t at, struct diag *d)
{
	struct layer_inventory *li;
	int rc;

	for (size_t i = 0; i < at; i++)
		if (x->ids[i] == x->ids[at] && x->v[i] != NULL) {
			x->v[at] = x->v[i];
			return (0);
		}
	li = layer_inventory_new(x->max - x->used);
	if ((rc = load_rows(db, sql_layer_inventory, x->ids[at], false, li,
	    d)) == 0)
		rc = load_rows(db, sql_layer_tree_rows, x->ids[at], true, li, d);
	if (rc == ERR_TEMPORARY) {
		layer_inventory_free(li);
		return (rc);
	}
	if (rc < 0)
		add_reason(x, "layer %zu: its stored inventory cannot be read", at);
	x->used += pool_used(li->pool);
	x->v[at] = li;
	x->owned[at] = true;
	return (0);
}

/* Row ${i}: what is known against that layer. */
static void
note(struct image_layers *x, const struct db_result *r, size_t i)
{
	struct str state = db_col(r, i, 1), why = db_col(r, i, 2);

	x->ids[i] = db_col_int(r, i, 0);
	x->digests[i] = text_clean(x->pool, db_col(r, i, 5), 128);
	x->created_by[i] = text_clean(x->pool, db_col(r, i, 6), CREATED_BY);
	if (!str_eqz(state, "done"))
		add_reason(x, "layer %zu: %.*s", i,
		    (int)(why.n < 400 ? why.n : 400), why.p);
	if (!db_is_null(r, i, 4) && db_col_int(r, i, 3) != db_col_int(r, i, 4))
		add_reason(x, "layer %zu: the manifest says size %lld, the blob has %lld bytes",
		    i, (long long)db_col_int(r, i, 3),
		    (long long)db_col_int(r, i, 4));
}

int
image_layers_load(struct db *db, int64_t image, size_t max,
    struct image_layers *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	*x = (struct image_layers) { .max = max, .pool = pool_new(TEXTS) };
	if ((rc = DB_QUERY(db, sql_image_layers, &r, d, db_int(image))) < 0)
		return (rc);
	x->n = db_rows(r);
	x->v = mem_array(x->n, sizeof(*x->v));
	x->owned = mem_array(x->n, sizeof(*x->owned));
	x->ids = mem_array(x->n, sizeof(*x->ids));
	x->digests = mem_array(x->n, sizeof(*x->digests));
	x->created_by = mem_array(x->n, sizeof(*x->created_by));
	x->reasons = mem_array(IMAGE_LAYERS_REASONS, sizeof(*x->reasons));
	if (x->n > 0)
		x->os = text_clean(x->pool, db_col(r, 0, 7), 64);
	for (size_t i = 0; i < x->n && rc == 0; i++) {
		struct str state = db_col(r, i, 1);

		note(x, r, i);
		if (!str_eqz(state, "failed") && !str_eqz(state, "new"))
			rc = load_layer(db, x, i, d);
	}
	db_free(r);
	return (rc);
}

/* ---------------------------------------------------------------- applying */

/* The names of the image's repositories, with and without their release. */
static size_t
repositories_of(const struct apply_result *r, struct str **ret)
{
	struct str *v = NULL, list, name;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < r->nlayers; i++) {
		list = r->content_sets[i];
		if (i > 0 && list.p == r->content_sets[i - 1].p)
			continue;
		while (str_split(&list, ' ', &name)) {
			MEM_ADD(v, n, cap, name);
			if (content_set_base(name).n < name.n)
				MEM_ADD(v, n, cap, content_set_base(name));
		}
	}
	*ret = v;
	return (n);
}

/* What is known of the image's repositories says which channels it takes. */
static int
set_channels(struct db *db, struct pool *pool, struct apply_result *r,
    struct diag *d)
{
	struct content_sets *known = content_sets_new(CONTENT_SETS);
	struct db_result *rows = NULL;
	struct str *names = NULL;
	size_t n = repositories_of(r, &names);
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		names[i] = text_clean(pool, names[i], LIMIT_CONTENT_SET);
	if (n > 0 && ((rc = db_query0(db, sql_content_sets_lock_shared, NULL,
	    d)) < 0 || (rc = DB_QUERY(db, sql_content_sets_find, &rows, d,
	    db_texts(names, n))) < 0))
		goto out;
	for (size_t i = 0; rc == 0 && rows != NULL && i < db_rows(rows); i++)
		if ((rc = content_sets_add(known, &(struct content_set) {
		    .name = db_col(rows, i, 0), .cpes = db_col(rows, i, 1) })) < 0)
			(void)diag_set(d, rc, 0, "more repositories than memory "
			    "is allowed for");
	if (rc == 0)
		rc = apply_channels(r, known, d);
out:
	db_free(rows);
	content_sets_free(known);
	free(names);
	return (rc);
}

int
image_layers_apply(struct db *db, struct image_layers *x,
    const uint8_t sip_key[16], struct apply_result **ret, struct diag *d)
{
	struct apply_result *r = apply_layers(
	    (const struct layer_inventory *const *)x->v, x->n, sip_key);
	int rc = set_channels(db, x->pool, r, d);

	apply_image_os(r, x->os);
	if (rc == 0)
		*ret = r;
	else
		apply_result_free(r);
	return (rc);
}

void
image_layers_done(struct image_layers *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->owned[i])
			layer_inventory_free(x->v[i]);
	free(x->v);
	free(x->owned);
	free(x->ids);
	free(x->digests);
	free(x->created_by);
	free(x->reasons);
	pool_free(x->pool);
	*x = (struct image_layers) { 0 };
}
