/*
 * What a layer hides of those below it: whiteouts, opaque directories, and what is
 * replaced.  Whether a file that nobody read replaces something is asked of the
 * layer's path hashes.
 */
#include <stdlib.h>
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "coordinator/matcher/apply_parts.h"

/* SQLite's write-ahead log, beside the database. */
#define LOG_SUFFIX "-wal"

/* What a layer says about one of its paths. */
enum { MARK_WHITEOUT = 1, MARK_OPAQUE = 2, MARK_NONDIR = 4,
	MARK_ASSUMED = 8 /* see TREE_ASSUMED_DIR: with what is below it */,
	MARK_TOLD = 16 /* by is_unsure() */ };

static void
mark(struct apply *a, struct str path, uintptr_t bit)
{
	uintptr_t had = (uintptr_t)pathmap_get(&a->marks, path);
	struct str key = path;

	if (had == 0 && pool_str(a->res->pool, path, &key) < 0) {
		apply_out_of_room(a);
		return;
	}
	pathmap_put(&a->marks, key, (void *)(had | bit));
}

/* Is ${hash} in one of the sorted pieces? */
bool
apply_in_pieces(const struct hash_pieces *h, uint64_t hash)
{
	for (size_t i = 0; i < h->n; i++) {
		size_t lo = 0, hi = h->v[i].n / 8, mid;
		uint64_t v;

		if (hi == 0 || hash < inventory_hash(h->v[i], 0) ||
		    hash > inventory_hash(h->v[i], hi - 1))
			continue;	/* of a large layer all but one */
		while (lo < hi) {
			mid = lo + (hi - lo) / 2;
			v = inventory_hash(h->v[i], mid);
			if (v == hash)
				return (true);
			if (v < hash)
				lo = mid + 1;
			else
				hi = mid;
		}
	}
	return (false);
}

/* The hashes of ${l} that are of ${kind}; free .v. */
struct hash_pieces
apply_pieces(const struct layer_inventory *l, enum tree_kind kind)
{
	struct hash_pieces h = { NULL, 0 };
	size_t n = 0;

	for (size_t i = 0; i < l->ntree; i++)
		n += l->tree[i].kind == kind;
	h.v = mem_array(n + 1, sizeof(*h.v));
	for (size_t i = 0; i < l->ntree; i++)
		if (l->tree[i].kind == kind)
			h.v[h.n++] = l->tree[i].path;
	return (h);
}

/* Components behind a link that are looked at.  What is not looked at stays: rather
 * a row too many. */
#define WAY_PARTS 64

bool
apply_link_stands(const struct apply *a, const struct link *link)
{
	return (pathmap_get(&a->links, link->path) == &link->target);
}

/* Has the layer something that replaces ${rest} of the folder behind ${link}? */
static bool
replaces_behind(struct apply *a, const struct link *link, struct str rest)
{
	struct siphash name;
	struct str part;
	uint64_t hash;

	siphash_begin(&name, a->sip_key);
	siphash_add(&name, link->path);
	for (unsigned i = 0; i < WAY_PARTS && str_split(&rest, '/', &part); i++) {
		siphash_add(&name, str_of("/"));
		siphash_add(&name, part);
		hash = siphash_end(&name);
		if (apply_in_pieces(&a->nondir, hash) ||
		    (rest.p == NULL && apply_in_pieces(&a->dirs, hash)))
			return (true);
	}
	return (false);
}

/* Is ${path} one of those that were taken for directories, or below one? */
static bool
is_assumed(const struct apply *a, struct str path)
{
	struct siphash name;
	struct str folder;

	siphash_begin(&name, a->sip_key);
	for (size_t n = 0; path_next_folder(path, &n, &name, &folder); )
		if ((uintptr_t)pathmap_get_hashed(&a->marks, folder,
		    siphash_end(&name)) & MARK_ASSUMED)
			return (true);
	return (false);
}

/* Something that the layer brought by ${link}'s name may have been there before the
 * link, in a folder that it replaced.  Told once. */
static bool
is_unsure(struct apply *a, const struct link *link)
{
	uintptr_t had = (uintptr_t)pathmap_get(&a->marks, link->path);

	if (!is_assumed(a, link->path))
		return (false);
	if ((had & MARK_TOLD) == 0)
		apply_incomplete(a, "layer %u: %.*s: a link that replaces a folder "
		    "of the same layer: what went through it is not known",
		    link->layer, STR_ARG(link->name));
	pathmap_put(&a->marks, link->path, (void *)(had | MARK_TOLD));
	return (true);
}

/* The same of files that go through a link: hashes are of paths as they are in the
 * tar.  ${n} bytes of ${key} are a folder. */
static bool
hides_by_link(struct apply *a, struct str key, size_t n, uint64_t hash,
    unsigned *ways)
{
	const struct link *link = pathmap_get_hashed(&a->ways, str_sub(key, 0, n),
	    hash);

	for (; link != NULL && *ways < APPLY_WAYS; link = link->next, (*ways)++)
		if (apply_link_stands(a, link) &&
		    replaces_behind(a, link, str_sub(key, n + 1, key.n)) &&
		    !is_unsure(a, link))
			return (true);
	return (false);
}

/* Does the layer whose marks are set hide ${key} of the result below it? */
static bool
hides(struct apply *a, struct str key)
{
	struct siphash name;
	struct str at;
	uintptr_t bits;
	unsigned ways = 0;
	uint64_t hash;

	if (a->opaque_root)
		return (true);
	siphash_begin(&name, a->sip_key);
	for (size_t n = 0; path_next_folder(key, &n, &name, &at); ) {
		hash = siphash_end(&name);
		bits = (uintptr_t)pathmap_get_hashed(&a->marks, at, hash);
		if (bits & (MARK_WHITEOUT | MARK_NONDIR))
			return (true);
		if (n < key.n && (bits & MARK_OPAQUE))
			return (true);
		if (apply_in_pieces(&a->nondir, hash) ||
		    (n == key.n && apply_in_pieces(&a->dirs, hash)) ||
		    (n < key.n && hides_by_link(a, key, n, hash, &ways)))
			return (true);
	}
	return (false);
}

/* A database may lose the log beside it.  Its packages were read with it; what
 * they are without is known only when the log changed nothing. */
static void
hide_log(struct apply *a, struct seen *s, uint32_t layer)
{
	bool hidden = true;

	buf_clear(&a->path);
	if (buf_str(&a->path, s->path) == 0 &&
	    buf_str(&a->path, str_of(LOG_SUFFIX)) == 0)
		hidden = hides(a, buf_view(&a->path));
	if (!hidden)
		return;
	s->log = false;
	if (s->hidden == 0 &&
	    str_eqz(apply_attribute(s->file, "LOG"), "needed"))
		apply_incomplete(a, "layer %u: %.*s lost its log: what is in it "
		    "without was not read", layer, STR_ARG(s->path));
}

struct str
apply_below(struct apply *a, struct str path)
{
	if (pathmap_resolve(&a->links, path, false, &a->path) < 0)
		return (path);
	return (buf_view(&a->path));
}

static void
misplaced(struct apply *a, struct str path, uint32_t layer)
{
	apply_incomplete(a, "layer %u: %.*s: in the place of a link of a lower "
	    "layer, after files that went through it", layer, STR_ARG(path));
}

/*
 * What this layer puts in a link's place, or removes, is no way any more for its
 * other paths: links come before what they lead to, and so do directories.  A
 * layer in which links do not is incomplete by itself.
 */
static void
drop_replaced_links(struct apply *a, const struct layer_inventory *l,
    uint32_t layer)
{
	size_t kept = 0;
	bool assumed = false;

	for (size_t i = 0; i < l->ntree; i++) {
		const struct tree_entry *e = &l->tree[i];

		if (e->kind == TREE_WHITEOUT) {
			struct str path = apply_below(a, e->path);

			if (pathmap_get(&a->links, path) != NULL)
				pathmap_put(&a->links, path, NULL);
		}
		if (e->kind == TREE_ASSUMED_DIR && e->target.n > 0) {
			mark(a, apply_below(a, e->path), MARK_ASSUMED);
			assumed = true;
		} else if (e->kind == TREE_ASSUMED_DIR &&
		    pathmap_get(&a->links, apply_below(a, e->path)) != NULL) {
			misplaced(a, e->path, layer);
		}
	}
	for (size_t i = 0; i < a->nlink; i++) {
		struct link *s = a->link[i];
		uint64_t hash = siphash(a->sip_key, s->path);

		if (assumed && is_assumed(a, s->path) &&
		    pathmap_get(&a->links, s->path) != NULL)
			misplaced(a, s->path, layer);
		if (apply_in_pieces(&a->dirs, hash) ||
		    apply_in_pieces(&a->nondir, hash)) {
			pathmap_put(&a->links, s->path, NULL);
			s->until = layer;
		}
		if (apply_link_stands(a, s))
			a->link[kept++] = s;
	}
	a->nlink = kept;
}

static void
mark_whiteouts(struct apply *a, const struct layer_inventory *l)
{
	a->opaque_root = false;
	for (size_t i = 0; i < l->ntree; i++) {
		const struct tree_entry *e = &l->tree[i];

		switch (e->kind) {
		case TREE_WHITEOUT:
			mark(a, apply_below(a, e->path), MARK_WHITEOUT);
			break;
		case TREE_OPAQUE:
			if (e->path.n == 0)
				a->opaque_root = true;
			/* the directory itself may be reached by a link */
			if (pathmap_resolve(&a->links, e->path, true,
			    &a->path) == 0)
				mark(a, buf_view(&a->path), MARK_OPAQUE);
			mark(a, e->path, MARK_OPAQUE);
			break;
		default:
			break;
		}
	}
}

static void
mark_files(struct apply *a, const struct layer_inventory *l)
{
	for (size_t i = 0; i < l->ntree; i++)
		if (l->tree[i].kind == TREE_SYMLINK)
			mark(a, apply_below(a, l->tree[i].path), MARK_NONDIR);
	for (size_t i = 0; i < l->nfiles; i++)
		if (!inventory_is_of_folder(l->files[i].kind))
			mark(a, apply_below(a, l->files[i].path), MARK_NONDIR);
}

/* A database that was read where links led is none while they lead elsewhere or
 * are gone, whatever became of the file. */
static void
hide_led_away(struct apply *a, struct seen *s, uint32_t layer)
{
	size_t db;
	bool away;

	if ((s->hidden != 0 && !s->led_away) || str_eq(s->name, s->path) ||
	    !apply_is_of_database(s, &db))
		return;
	away = pathmap_resolve(&a->links, s->name, true, &a->path) < 0 ||
	    !str_eq(buf_view(&a->path), s->path);
	if (away && s->hidden == 0)
		s->hidden = layer + 1;
	else if (!away)
		s->hidden = 0;
	s->led_away = away;
}

/* The links of ${layer} are among the others by now. */
static void
hide(struct apply *a, uint32_t layer)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->nseen; i++) {
		struct seen *s = a->seen[i];

		if ((s->hidden > 0 && !s->emptied && !s->led_away) ||
		    !hides(a, s->path))
			continue;
		if (s->hidden == 0)
			s->hidden = layer + 1;
		s->emptied = s->led_away = false;	/* that file goes, too */
	}
	for (size_t i = 0; i < a->nseen; i++)
		if (a->seen[i]->log)
			hide_log(a, a->seen[i], layer);
	for (size_t i = 0; i < a->nlink; i++) {
		struct link *s = a->link[i];

		if (!apply_link_stands(a, s))
			continue;	/* another came there */
		if (s->layer < layer && hides(a, s->path))
			pathmap_put(&a->links, s->path, NULL);
		else
			a->link[kept++] = s;
	}
	a->nlink = kept;
	for (size_t i = 0; i < a->nseen; i++)
		hide_led_away(a, a->seen[i], layer);
}

/* Has the layer whose marks are set taken all below the folder ${dir}, or is that
 * but a link? */
static bool
takes(struct apply *a, struct str dir)
{
	uintptr_t bits = (uintptr_t)pathmap_get(&a->marks, dir);

	return (a->opaque_root || bits != 0 ||
	    pathmap_get(&a->links, dir) != NULL ||
	    apply_in_pieces(&a->nondir, siphash(a->sip_key, dir)));
}

static void
note_system(struct apply *a, uint32_t layer)
{
	if (takes(a, str_of("usr")) && takes(a, str_of("bin")) &&
	    takes(a, str_of("lib")))
		a->system_gone = layer + 1;
}

void
apply_hide_links(struct apply *a, uint32_t layer)
{
	const struct layer_inventory *l = a->layers[layer];

	drop_replaced_links(a, l, layer);
	mark_whiteouts(a, l);
}

void
apply_hide_files(struct apply *a, uint32_t layer)
{
	mark_files(a, a->layers[layer]);
	hide(a, layer);
	note_system(a, layer);
}
