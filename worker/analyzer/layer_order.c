/*
 * See layer_parts.h: an entry that comes to a place where the same layer put
 * something before.  Runtimes unpack entry by entry: a file or link that
 * replaces a folder takes with it what this layer put there, what it put behind
 * a link stays where another link or a directory takes the link's place, and a
 * hard link is to what there was.  No diff of file systems has such an order,
 * but tars that were appended to or written by hand do.
 */
#include "common/path.h"
#include "common/text.h"
#include "layer_parts.h"

/* Times that all that is kept of a layer is looked through. */
#define SEARCHES 64

static void
untold(struct layer *l, const char *why)
{
	char name[600];

	text_escape(buf_view(&l->key), name, sizeof(name));
	layer_incomplete(l, ERR_UNSUPPORTED, name, why);
}

static bool
may_search(struct layer *l)
{
	if (l->searches == SEARCHES)
		return (false);
	l->searches++;
	return (true);
}

bool
layer_is_link(const struct layer *l, struct str path, uint64_t hash,
    struct str *target)
{
	size_t at = 0;

	return (records_of(&l->symlinks, path, hash, &at, target));
}

/* Not sorted before the layer's end. */
static bool
came_before(const struct hashes *h, uint64_t hash)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i] == hash)
			return (true);
	return (false);
}

/* ------------------------------------------------ targets of hard links -- */

/* The ${i}th hard link leads to what is replaced: is it now ${to} (see
 * layer_parts.h)? */
static void
link_keeps(struct layer *l, size_t i, struct records *to)
{
	struct str path, target;

	if (!records_texts(&l->links, i, &path, &target))
		return;
	if (records_pair(to, path, layer_hash(l, path), target) < 0 && !l->stop) {
		layer_incomplete(l, ERR_LIMIT, "", "too many hard links");
		l->stop = true;
	}
	(void)records_drop(&l->links, path, layer_hash(l, path));
}

/* Something comes to ${path}, to which hard links lead: they stay links to what
 * was there, in the layers below if this one brought nothing before. */
static void
replace_linked(struct layer *l, struct str path, uint64_t hash)
{
	struct str name, target;
	struct records *to = &l->links_old;

	if (l->opt->want_hashes && !came_before(&l->nondir, hash))
		to = &l->links_below;
	for (size_t i = 0; i < l->links.n; i++)
		if (records_texts(&l->links, i, &name, &target) &&
		    str_eq(target, path))
			link_keeps(l, i, to);
	for (size_t i = 0; i < l->objects.n; i++)
		if (records_texts(&l->objects, i, &name, &target) &&
		    str_eq(target, path))
			(void)records_drop(&l->objects, name,
			    layer_hash(l, name));
}

/* ------------------------------------------------------------- folders -- */

/* Went something through a link below ${dir}?  It stays where that leads. */
static bool
leads_out(const struct layer *l, struct str dir)
{
	struct str path, target;

	for (size_t i = 0; i < l->symlinks.n; i++)
		if (records_texts(&l->symlinks, i, &path, &target) &&
		    path_is_below(path, dir) &&
		    hash_set_has(&l->folders, layer_hash(l, path)))
			return (true);
	return (false);
}

/* What was read below ${dir} goes with it; other names of files there stay. */
static void
drop_below(struct layer *l, struct str dir)
{
	struct str path, target;

	for (size_t i = 0; i < l->links.n; i++)
		if (records_texts(&l->links, i, &path, &target) &&
		    path_is_below(target, dir) && !path_is_below(path, dir))
			link_keeps(l, i, &l->links_old);
	for (size_t i = 0; i < l->objects.n; i++)
		if (records_texts(&l->objects, i, &path, &target) &&
		    path_is_below(target, dir))
			(void)records_drop(&l->objects, path,
			    layer_hash(l, path));
	records_drop_below(&l->records, dir);
	records_drop_below(&l->found, dir);
	records_drop_below(&l->symlinks, dir);
	records_drop_below(&l->links, dir);
	records_drop_below(&l->links_below, dir);
	records_drop_below(&l->links_old, dir);
	records_drop_below(&l->objects, dir);
	orphans_drop_below(&l->orphans, dir);
	for (size_t i = 0; i < l->nheld; i++)
		if (path_is_below(buf_view(&l->held[i].path), dir))
			l->held[i].dead = true;
	layer_anomaly(l, dir, "replaces a folder of the same layer, with what "
	    "came there before");
}

/* A link or file comes to a path below which something was kept, in a directory
 * if no lower layer has a link there. */
static void
replace_folder(struct layer *l, const struct archive_item *it, struct str path,
    uint64_t hash)
{
	struct str target;

	if (layer_is_link(l, path, hash, &target)) {
		/* a link that is written again leads where it led */
		if (it->type != ARCHIVE_SYMLINK || !str_eq(target, it->target))
			untold(l, "replaces a link that the same layer put files "
			    "through");
	} else if (l->aliased || !may_search(l) || leads_out(l, path)) {
		untold(l, "replaces a folder that the same layer put files in");
	} else {
		if (l->opt->want_hashes)
			layer_tree(l, TREE_ASSUMED_DIR, path, str_of("/"));
		drop_below(l, path);
	}
}

/* A directory comes.  What goes through a link to it is not known any more, nor
 * what a lower layer may have there. */
static void
replace_by_directory(struct layer *l, struct str path, uint64_t hash)
{
	struct str target;

	if (!hash_set_has(&l->folders, hash))
		return;
	if (layer_is_link(l, path, hash, &target))
		untold(l, "a directory in the place of a link that the same layer "
		    "put files through");
	else if (layer_add(l, &l->assumed, hash) && l->opt->want_hashes)
		layer_tree(l, TREE_ASSUMED_DIR, path, str_of(""));
}

/* -------------------------------------------------------------- entries -- */

/* Was its name all that was read of ${path}, a folder? */
static bool
is_folder(const struct layer *l, struct str path, uint64_t hash)
{
	struct str kind;
	size_t at = 0;

	return (records_of(&l->records, path, hash, &at, &kind) &&
	    inventory_is_of_folder(kind));
}

/* The entry of ${path} itself: what was read for it before is replaced. */
static void
replace(struct layer *l, struct str path, uint64_t hash)
{
	bool folder = is_folder(l, path, hash);

	orphans_drop(&l->orphans, hash);
	(void)records_drop(&l->found, path, hash);
	(void)records_drop(&l->symlinks, path, hash);
	(void)records_drop(&l->links, path, hash);
	(void)records_drop(&l->links_below, path, hash);
	(void)records_drop(&l->links_old, path, hash);
	(void)records_drop(&l->objects, path, hash);
	for (size_t i = 0; i < l->nheld; i++)
		if (str_eq(buf_view(&l->held[i].path), path))
			l->held[i].dead = true;
	if (records_drop(&l->records, path, hash) && !folder)
		layer_anomaly(l, path, "occurs more than once; the last counts");
}

void
layer_replace(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct str path = buf_view(&l->key);

	if (it->type == ARCHIVE_DIR)
		replace_by_directory(l, path, hash);
	else if (hash_set_has(&l->folders, hash))
		replace_folder(l, it, path, hash);
	if (hash_set_has(&l->linked, hash)) {
		if (may_search(l))
			replace_linked(l, path, hash);
		else
			untold(l, "comes after a hard link to what it replaces");
	}
	replace(l, path, hash);
}
