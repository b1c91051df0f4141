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

bool
layer_charge(struct layer *l, struct str path, struct str target)
{
	struct diag d;

	/* 16: an upper bound of what the encoding adds to the texts. */
	if (budget_charge(&l->budget, BUDGET_TREE, path.n + target.n + 16,
	    &d) == 0)
		return (true);
	if (!l->stop)
		layer_incomplete(l, d.code, "", d.text);
	l->stop = true;
	return (false);
}

static void
tell_tree(struct layer *l, enum tree_kind kind, struct str path,
    struct str target)
{
	const struct tree_entry e = { kind, path, target };

	heed(l, l->sink->tree(l->sink->arg, &e));
}

void
layer_tree(struct layer *l, enum tree_kind kind, struct str path,
    struct str target)
{
	if (layer_charge(l, path, target))
		tell_tree(l, kind, path, target);
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
layer_record_plain(struct layer *l, const struct analyzer *a,
    const struct analyzer_file *of, struct str link, int error,
    struct str reason)
{
	const struct inventory_file f = {
		.path = of->path, .lies = of->lies, .kind = str_of(a->name),
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

void
layer_found(struct layer *l, struct str path, const uint8_t sums[SUMS_BYTES])
{
	if (records_pair(&l->found, path, layer_hash(l, path),
	    str_n(sums, SUMS_BYTES)) < 0)
		return;	/* its ceiling: the file is whose the path is */
}

/* Do packages of this layer list ${path}, and another content of it? */
static bool
is_altered(struct layer *l, struct str path)
{
	uint64_t hash = layer_hash(l, path);
	struct str sums;
	size_t at = 0;

	return (records_of(&l->found, path, hash, &at, &sums) &&
	    listed_differs(&l->listed, hash, (const uint8_t *)sums.p));
}

/* Hand over ${record} as that of an altered file. */
static void
emit_altered(struct layer *l, struct str record)
{
	struct pool *pool = pool_new(8 * LIMIT_INVENTORY_BYTES);
	struct cur c = cur_str(record);
	struct inventory_file f;
	struct buf b;
	int rc;

	buf_init(&b, record.n + 16);
	if ((rc = inventory_file_read(&c, pool, &f)) == 0) {
		f.altered = true;
		if ((rc = inventory_file_write(&b, &f)) == 0)
			rc = l->sink->file(l->sink->arg, buf_view(&b));
	}
	heed(l, rc);
	buf_done(&b);
	pool_free(pool);
}

static void
emit_records(struct layer *l)
{
	struct str record, path, kind;

	for (size_t i = 0; i < l->records.n && l->broken == 0; i++)
		if (!records_at(&l->records, i, &record))
			continue;
		else if (l->listed.n > 0 && records_texts(&l->records, i, &path,
		    &kind) && is_altered(l, path))
			emit_altered(l, record);
		else
			heed(l, l->sink->file(l->sink->arg, record));
}

/* Is a hard link's ${target} no file of this layer?  With sorted hashes only. */
static bool
is_of_below(const struct layer *l, struct str target)
{
	return (l->opt->want_hashes && hashes_find(&l->nondir,
	    layer_hash(l, target)) == l->nondir.n);
}

static void
emit_symlinks(struct layer *l)
{
	struct str path, target;

	for (size_t i = 0; i < l->symlinks.n && l->broken == 0; i++)
		if (records_texts(&l->symlinks, i, &path, &target))
			tell_tree(l, TREE_SYMLINK, path, target);
}

/* Hard links to what another entry replaced since, where it matters: the content
 * that they still have is not known. */
static void
emit_old_links(struct layer *l)
{
	struct str path, target, kind;
	char name[600];
	size_t at;

	for (size_t i = 0; i < l->links_old.n && l->broken == 0; i++) {
		at = 0;
		if (!records_texts(&l->links_old, i, &path, &target) ||
		    !records_of(&l->records, path, layer_hash(l, path), &at,
		    &kind) || is_of_below(l, target))
			continue;
		text_escape(target, name, sizeof(name));
		layer_incomplete(l, ERR_UNSUPPORTED, name,
		    "comes after a hard link to what it replaces");
	}
}

static void
emit_links(struct layer *l, const struct records *links, bool all)
{
	struct str path, to;

	for (size_t i = 0; i < links->n && l->broken == 0; i++)
		if (records_texts(links, i, &path, &to) &&
		    (all || is_of_below(l, to)))
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

/* Folders without an entry of their own. */
static void
emit_implied(struct layer *l)
{
	struct hashes h;
	uint64_t hash;

	hashes_init(&h, l->all_dirs.nslot);
	for (size_t i = 0; i < l->all_dirs.nslot; i++) {
		hash = l->all_dirs.slot[i];
		if (hash != 0 && hashes_find(&l->dirs, hash) == l->dirs.n &&
		    hashes_add(&h, hash) < 0)
			abort();	/* it has room for all */
	}
	hash_set_done(&l->all_dirs);
	hashes_sort(&h);
	emit_pieces(l, TREE_IMPLIED, &h);
	hashes_done(&h);
}

static void
emit_hashes(struct layer *l)
{
	if (l->nondir.duplicates > 0)
		layer_anomaly(l, str_of("the layer"),
		    "has several entries for one path");
	emit_links(l, &l->links, false);
	emit_links(l, &l->links_old, false);
	emit_links(l, &l->links_below, true);
	emit_pieces(l, TREE_DIR, &l->dirs);
	emit_pieces(l, TREE_NONDIR, &l->nondir);
	emit_implied(l);
}

void
layer_emit(struct layer *l)
{
	hashes_sort(&l->dirs);
	hashes_sort(&l->nondir);
	emit_records(l);
	emit_symlinks(l);
	emit_old_links(l);
	if (l->opt->want_hashes)
		emit_hashes(l);
}
