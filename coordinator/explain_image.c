/* See explain_image.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/explain.h"
#include "documents.h"
#include "explain_image.h"
#include "image_layers.h"
#include "sql.h"

/* Beside the matcher, which may hold as much: see LIMIT_COORDINATOR_BYTES. */
#define LAYERS_MEMORY ((size_t)512 * MIB)
#define EXPLAIN_MEMORY ((size_t)256 * MIB)

struct work {
	struct db *db;
	int64_t image;
	struct str id;
	struct image_layers layers;
	struct explain_layer *shown;
	struct apply_result *applied;
	struct explain *x;
	struct vec vulnerabilities;
};

static int
load_image(struct work *w, const uint8_t sip_key[16], struct diag *d)
{
	int rc;

	if ((rc = image_layers_load(w->db, w->image, LAYERS_MEMORY, &w->layers,
	    d)) < 0)
		return (rc);
	if ((rc = image_layers_apply(w->db, &w->layers, sip_key, &w->applied,
	    d)) < 0)
		return (rc);
	w->shown = mem_array(w->layers.n + 1, sizeof(*w->shown));
	for (size_t i = 0; i < w->layers.n; i++)
		w->shown[i] = (struct explain_layer) { w->layers.digests[i],
		    w->layers.created_by[i] };
	return (explain_image(w->x, w->applied, w->shown, w->layers.n, d));
}

/* What is to be explained. */
static int
load_names(struct work *w, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = w->id.n > 0 ?
	    DB_QUERY(w->db, sql_explain_names, &r, d, db_text(w->id)) :
	    DB_QUERY(w->db, sql_explain_findings, &r, d, db_int(w->image));

	for (size_t i = 0; rc == 0 && i < db_rows(r); i++) {
		vec_add(&w->vulnerabilities, db_col_int(r, i, 0));
		rc = explain_name(w->x, db_col(r, i, 1), d);
	}
	db_free(r);
	return (rc);
}

/* One document; rows [*at, ...) of ${links} are what it and later ones are about. */
static int
one_document(struct work *w, const struct document *doc,
    const struct advisory *a, const struct db_result *links, size_t *at,
    struct diag *d)
{
	struct explain_document e = { .feed = doc->feed };
	struct str *names;
	size_t first;
	int rc;

	while (*at < db_rows(links) && db_col_int(links, *at, 0) < doc->id)
		(*at)++;
	first = *at;
	while (*at < db_rows(links) && db_col_int(links, *at, 0) == doc->id)
		(*at)++;
	e.n = *at - first;
	e.names = names = mem_array(e.n + 1, sizeof(*names));
	for (size_t i = 0; i < e.n; i++)
		names[i] = db_col(links, first + i, 2);
	e.ignored = doc->gone ? "the last import of its feed lacks it" :
	    doc->superseded ? "a newer copy of the document counts" :
	    doc->unreadable ? "the stored document cannot be read" : NULL;
	rc = explain_advisory(w->x, &e, a, d);
	free(names);
	return (rc);
}

static int
load_documents(struct work *w, struct diag *d)
{
	struct db_result *r = NULL, *links = NULL;
	struct documents docs = { 0 };
	struct document doc;
	struct vec ids = { 0 };
	struct advisory a;
	size_t at = 0;
	int rc;

	if ((rc = w->id.n > 0 ? DB_QUERY(w->db, sql_explain_advisories, &r, d,
	    vec_param(&w->vulnerabilities)) :
	    DB_QUERY(w->db, sql_explain_advisories_of_image, &r, d,
	    vec_param(&w->vulnerabilities), db_int(w->image))) < 0)
		goto out;
	vec_column(&ids, r, 0);
	if ((rc = DB_QUERY(w->db, sql_links_of, &links, d,
	    vec_param(&ids))) < 0)
		goto out;
	documents_init(&docs, w->db, &ids);
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0)
		if ((rc = one_document(w, &doc, &a, links, &at, d)) < 0)
			break;
	documents_done(&docs);
out:
	db_free(r);
	db_free(links);
	vec_done(&ids);
	return (rc);
}

static int
print(const struct work *w, bool json, struct buf *out, struct diag *d)
{
	struct json_writer jw;

	if (!json)
		return (explain_text(w->x, out, d));
	json_w_init(&jw, out);
	explain_json(w->x, &jw);
	return (jw.error < 0 ? diag_set(d, jw.error, 0, "the explanation is "
	    "larger than an answer may be; ask for one vulnerability") : 0);
}

/* All statements see one state of the farm. */
static int
explain(struct work *w, struct str digest, bool json, struct buf *out,
    struct diag *d)
{
	struct db_result *r = NULL;
	struct str key;
	int rc;

	if ((rc = db_begin(w->db, d)) < 0 ||
	    (rc = db_query0(w->db, sql_audit_begin, NULL, d)) < 0 ||
	    (rc = DB_QUERY(w->db, sql_explain_image, &r, d,
	    db_bytes(digest))) < 0)
		goto out;
	if (db_rows(r) == 0 || !str_eqz(db_col(r, 0, 1), "applied")) {
		rc = diag_set(d, ERR_NOT_FOUND, 0, db_rows(r) == 0 ?
		    "the farm does not know that image" :
		    "the packages of that image are not known");
		goto out;
	}
	w->image = db_col_int(r, 0, 0);
	key = db_col_bytes(r, 0, 2);
	if (key.n != 16) {
		rc = diag_set(d, ERR_TEMPORARY, 0, "the farm has no key yet");
		goto out;
	}
	if ((rc = load_image(w, (const uint8_t *)key.p, d)) < 0 ||
	    (rc = load_names(w, d)) < 0 || (rc = load_documents(w, d)) < 0 ||
	    (rc = explain_finish(w->x, d)) < 0)
		goto out;
	rc = print(w, json, out, d);
out:
	db_free(r);
	db_rollback(w->db);
	return (rc);
}

int
explain_image_write(struct db *db, struct str digest, struct str id, bool json,
    struct buf *out, struct diag *d)
{
	struct work w = { .db = db, .id = id };
	int rc;

	w.x = explain_new(EXPLAIN_MEMORY, id);
	rc = explain(&w, digest, json, out, d);
	explain_free(w.x);
	apply_result_free(w.applied);
	image_layers_done(&w.layers);
	free(w.shown);
	vec_done(&w.vulnerabilities);
	return (rc);
}
