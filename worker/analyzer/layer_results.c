/* See layer_parts.h: what a layer's walk tells, at once and at its end. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "layer_parts.h"

/* Texts about one layer: enough to see what is wrong, not a copy of it. */
#define TELLS 64
/* Path hashes in one tree entry: 256 KiB. */
#define HASH_PIECE 32768

/* A callback's refusal ends the walk. */
static void
heed(struct layer *l, int rc)
{
	if (rc < 0 && l->broken == 0)
		l->broken = rc;
}

void
layer_incomplete(struct layer *l, int code, const char *where, const char *why)
{
	struct diag d;

	if (l->tells++ >= TELLS)
		return;
	if (l->tells == TELLS)
		diag_set(&d, code, 0, "more parts could not be read");
	else
		diag_set(&d, code, 0, "%s%s%s", where,
		    where[0] != '\0' ? ": " : "", why);
	heed(l, l->sink->incomplete(l->sink->arg, code, str_of(d.text)));
}

void
layer_tree(struct layer *l, enum tree_kind kind, struct str path,
    struct str target)
{
	const struct tree_entry e = { kind, path, target };
	struct diag d;

	/* 16: an upper bound of what the encoding adds to the texts. */
	if (budget_charge(&l->budget, BUDGET_TREE, path.n + target.n + 16,
	    &d) < 0) {
		if (!l->stop)
			layer_incomplete(l, d.code, "", d.text);
		l->stop = true;
		return;
	}
	heed(l, l->sink->tree(l->sink->arg, &e));
}

void
layer_anomaly(struct layer *l, struct str path, const char *why)
{
	struct diag d;
	char text[1024];

	if (l->anomalies++ >= TELLS)
		return;
	text_escape(str_sub(path, 0, 300), text, sizeof(text));
	diag_set(&d, ERR_MALFORMED, 0, "%s: %s", text,
	    l->anomalies == TELLS ? "and more oddities" : why);
	layer_tree(l, TREE_ANOMALY, str_of(d.text), str_of(""));
}

/* ------------------------------------------------------------- records -- */

void
layer_record_plain(struct layer *l, const struct analyzer *a, struct str link,
    int error, struct str reason)
{
	const struct inventory_file f = {
		.path = buf_view(&l->key), .kind = str_of(a->name),
		.revision = a->revision, .hardlink = link, .error = error,
		.reason = reason,
	};
	size_t at = l->records.bytes.n;

	if (inventory_file_write(&l->records.bytes, &f) == 0) {
		records_add(&l->records, at, layer_hash(l, f.path));
		layer_kept(l, f.path);
		return;
	}
	if (!l->stop)
		layer_incomplete(l, ERR_LIMIT, "",
		    "the inventory grows too large");
	l->stop = true;
}

/* ---------------------------------------------------- the layer's end -- */

static void
emit_records(struct layer *l)
{
	struct str record;

	for (size_t i = 0; i < l->records.n && l->broken == 0; i++)
		if (records_at(&l->records, i, &record))
			heed(l, l->sink->file(l->sink->arg, record));
}

/* Hard links whose target is no file of this layer: needs sorted hashes. */
static void
emit_links(struct layer *l)
{
	struct str rest = buf_view(&l->links), path, to;

	while (l->broken == 0 && str_split(&rest, '\0', &path) &&
	    str_split(&rest, '\0', &to))
		if (hashes_find(&l->nondir, layer_hash(l, to)) == l->nondir.n)
			layer_tree(l, TREE_HARDLINK, path, to);
}

/* At least one piece, even if empty: it says that hashes were asked for. */
static void
emit_pieces(struct layer *l, enum tree_kind kind, const struct hashes *h)
{
	struct tree_entry e = { .kind = kind };
	uint8_t *piece = mem_alloc(HASH_PIECE * 8);
	size_t n, i = 0;

	do {
		for (n = 0; n < HASH_PIECE && i < h->n; n++, i++)
			for (unsigned k = 0; k < 8; k++)
				piece[n * 8 + k] = (uint8_t)(h->v[i] >> (8 * k));
		e.path = str_n(piece, n * 8);
		heed(l, l->sink->tree(l->sink->arg, &e));
	} while (i < h->n && l->broken == 0);
	free(piece);
}

static void
emit_hashes(struct layer *l)
{
	if (!l->opt->want_hashes)
		return;
	hashes_sort(&l->dirs);
	hashes_sort(&l->nondir);
	if (l->nondir.duplicates > 0)
		layer_anomaly(l, str_of("the layer"),
		    "has several entries for one path");
	emit_links(l);
	emit_pieces(l, TREE_DIR, &l->dirs);
	emit_pieces(l, TREE_NONDIR, &l->nondir);
}

void
layer_emit(struct layer *l)
{
	emit_records(l);
	emit_hashes(l);
}
