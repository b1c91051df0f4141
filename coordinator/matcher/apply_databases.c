/*
 * Package databases: which files are some, what became of them, and which were
 * not read where a link leads to.
 */
#include <stdlib.h>
#include <string.h>
#include "common/limits.h"
#include "common/path.h"
#include "common/siphash.h"
#include "coordinator/matcher/apply_parts.h"
#include "coordinator/matcher/distribution.h"

/* Who states the packages of a system: one file all of them, or files one each,
 * in the folder so many components up. */
static const struct {
	const char *kind, *end;
	unsigned up;
} databases[APPLY_DATABASES] = {
	{ "dpkg", "/status", 0 }, { "dpkg", "", 1 }, { "apk", "", 0 },
	{ "rpm", "", 0 }, { "rpm_manifest", "", 0 }, { "chisel", "", 0 },
	{ "opkg", "", 0 }, { "pacman", "", 2 }, { "portage", "", 3 },
};

bool
apply_is_of_database(const struct seen *s, size_t *ret)
{
	for (size_t i = 0; i < APPLY_DATABASES; i++)
		if (str_eqz(s->file->kind, databases[i].kind) &&
		    str_ends(s->name, databases[i].end)) {
			*ret = i;
			return (true);
		}
	return (false);
}

bool
apply_is_whole_database(const struct seen *s)
{
	size_t i;

	return (apply_is_of_database(s, &i) && databases[i].up == 0);
}

bool
apply_is_unmanaged(const struct seen *s)
{
	size_t i;

	return (apply_is_of_database(s, &i) && databases[i].up == 1);
}

static void
note_one(struct apply *a, struct str path, bool emptied, uint32_t layer, size_t n)
{
	apply_note(a, "database %.*s %s in layer %u (had %zu packages)",
	    STR_ARG(path), emptied ? "emptied" : "removed", layer, n);
}

/* What this layer hid and did not bring back.  A folder of files is gone when the
 * last of them is: a package that is removed takes one.  Where none can be it is
 * told of that one at the end, see apply_rows.c. */
void
apply_note_removed(struct apply *a, uint32_t layer)
{
	const struct seen *first[APPLY_DATABASES] = { NULL };
	size_t n[APPLY_DATABASES] = { 0 }, db;
	bool stays[APPLY_DATABASES] = { false };

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->file->n == 0 || !apply_is_of_database(s, &db))
			continue;
		stays[db] = stays[db] || s->hidden == 0;
		if (s->hidden != layer + 1)
			continue;
		if (databases[db].up == 0) {
			note_one(a, s->path, s->emptied, layer, s->file->n);
		} else {
			first[db] = first[db] == NULL ? s : first[db];
			n[db] += s->file->n;
		}
	}
	for (db = 0; db < APPLY_DATABASES; db++) {
		struct str path;

		if (first[db] == NULL || stays[db])
			continue;
		path = first[db]->path;
		for (unsigned k = 0; k < databases[db].up; k++)
			path = path_dir(path);
		note_one(a, path, first[db]->emptied, layer, n[db]);
	}
}

/* ------------------------------------------------------- behind links -- */

/* Was ${s} read as ${known}, which lies at ${at}, or as a file of that folder?  By
 * the name of another link to the same file it is the same. */
static bool
is_read_as(const struct seen *s, const char *known, struct str at)
{
	bool owners = strcmp(known, INVENTORY_DPKG_INFO) == 0;
	size_t db;

	return (s->hidden == 0 && s->file->n > 0 &&
	    (owners ? apply_owners_only(s) : apply_is_of_database(s, &db)) &&
	    (str_eq(s->path, at) || (path_is_below(s->path, at) &&
	    path_is_below(s->name, str_of(known)))));
}

static bool
is_read(const struct apply *a, const char *known, struct str at)
{
	for (size_t i = 0; i < a->nseen; i++)
		if (is_read_as(a->seen[i], known, at))
			return (true);
	return (false);
}

/* Was a database read in the folder ${dir}, or in one of its own (status.d)? */
static bool
is_read_in(const struct apply *a, struct str dir)
{
	for (size_t i = 0; i < a->nseen && dir.n > 0; i++) {
		const struct seen *s = a->seen[i];
		struct str of = path_dir(s->path);
		size_t db;

		if (s->hidden == 0 && s->file->n > 0 &&
		    apply_is_of_database(s, &db) &&
		    (str_eq(of, dir) || str_eq(path_dir(of), dir)))
			return (true);
	}
	return (false);
}

/* Has the layer something of that kind at ${at}? */
static bool
holds(const struct apply *a, const struct layer_inventory *l,
    enum tree_kind kind, struct str at)
{
	struct hash_pieces h = apply_pieces(l, kind);
	bool ret = apply_in_pieces(&h, siphash(a->sip_key, at));

	free(h.v);
	return (ret);
}

static bool
has_hashes(const struct layer_inventory *l)
{
	struct hash_pieces h = apply_pieces(l, TREE_NONDIR);
	bool ret = h.n > 0;

	free(h.v);
	return (ret);
}

/* Has the layer taken what lower ones have by that name, as it is written there? */
static bool
takes(const struct apply *a, const struct layer_inventory *l, struct str name)
{
	for (size_t i = 0; i < l->ntree; i++) {
		struct str path = l->tree[i].path;

		if (l->tree[i].kind == TREE_WHITEOUT ?
		    str_eq(name, path) || path_is_below(name, path) :
		    l->tree[i].kind == TREE_OPAQUE &&
		    (path.n == 0 || path_is_below(name, path)))
			return (true);
	}
	for (size_t n = 1; n < name.n; n++)
		if (name.p[n] == '/' &&
		    holds(a, l, TREE_NONDIR, str_sub(name, 0, n)))
			return (true);
	return (false);
}

/* Has ${link}'s layer or one above it something of that name?  Without a link any
 * layer, that none above it took.  Of one without hashes it cannot be ruled out, but
 * ${unless}. */
static bool
may_have(const struct apply *a, struct str name, bool unless,
    const struct link *link)
{
	for (size_t i = a->nlayers; i-- > (link != NULL ? link->layer : 0); ) {
		const struct layer_inventory *l = a->layers[i];

		if (l == NULL)
			continue;
		if (has_hashes(l) ? holds(a, l, TREE_NONDIR, name) ||
		    holds(a, l, TREE_DIR, name) : !unless)
			return (true);
		if (link == NULL && takes(a, l, name))
			return (false);
	}
	return (false);
}

/* The same of ${at}, also by the names that links to its folders give it, or gave
 * it while they were there. */
static bool
may_stand(const struct apply *a, struct str at, bool unless)
{
	const struct link *link;
	bool ret = may_have(a, at, unless, NULL);
	unsigned ways = 0;
	struct buf name;

	buf_init(&name, 2 * LIMIT_PATH);
	for (size_t n = 1; n < at.n && !ret; n++) {
		if (at.p[n] != '/')
			continue;
		link = pathmap_get(&a->ways, str_sub(at, 0, n));
		for (; link != NULL && ways++ < APPLY_WAYS && !ret;
		    link = link->next) {
			buf_clear(&name);
			ret = buf_str(&name, link->path) == 0 &&
			    buf_str(&name, str_sub(at, n, at.n)) == 0 &&
			    may_have(a, buf_view(&name), unless, link);
		}
	}
	buf_done(&name);
	return (ret);
}

/* Has it read something in the folder ${dir} behind its own links? */
static bool
layer_read_in(const struct layer_inventory *l, struct str dir)
{
	for (size_t i = 0; i < l->nfiles; i++)
		if (path_is_below(l->files[i].lies, dir))
			return (true);
	return (false);
}

/* Of the files in a folder some layer may have others than those that were read:
 * it has the folder, and no link to it. */
static bool
may_have_more(const struct apply *a, struct str at)
{
	for (size_t i = 0; i < a->nlayers; i++)
		if (a->layers[i] != NULL && holds(a, a->layers[i], TREE_DIR, at) &&
		    !layer_read_in(a->layers[i], at))
			return (true);
	return (false);
}

static void
tell_unread(struct apply *a, struct str from, struct str at, bool owners)
{
	if (owners)
		apply_note(a, "%.*s leads to %.*s, which was not read: what owns "
		    "a file is not known", STR_ARG(from), STR_ARG(at));
	else
		apply_incomplete(a, "%.*s leads to %.*s: what packages are stated "
		    "there is not known", STR_ARG(from), STR_ARG(at));
}

static bool
is_known(struct str at)
{
	const char *const *known = inventory_databases;
	size_t i;

	for (i = 0; known[i] != NULL && !str_eqz(at, known[i]); i++)
		;
	return (known[i] != NULL);
}

/* A database behind a link that leads to where no analyzer looks was not read,
 * unless link and file are of one layer: that must not look like a system without
 * packages.  Where something else in its folder was read, what there is like a
 * database would have been, too.  Without owners what a package brought is judged
 * as if somebody else had: more is found, nothing less. */
static void
check_place(struct apply *a, const char *known, struct buf *to)
{
	bool owners = strcmp(known, INVENTORY_DPKG_INFO) == 0;
	struct str at;

	if (pathmap_resolve(&a->links, str_of(known), true, to) < 0) {
		apply_incomplete(a, "%s lies behind too many links", known);
		return;
	}
	at = buf_view(to);
	if (is_known(at))
		return;
	if (is_read(a, known, at) ? may_have_more(a, at) :
	    may_stand(a, at, is_read_in(a, path_dir(at))))
		tell_unread(a, str_of(known), at, owners);
}

/* Links of single packages that lead to what was not read, of which every layer is
 * asked; images have none, or a hundred. */
#define LOOSE_LINKS 1000

/* One package of a folder of them may lie behind a link. */
static void
check_packages(struct apply *a, const char *folder, struct buf *to)
{
	static const char *const files[] = { "", "/desc", "/CONTENTS" };
	struct str dir, at;
	size_t loose = 0;

	if (pathmap_resolve(&a->links, str_of(folder), true, to) < 0 ||
	    pool_str(a->res->pool, buf_view(to), &dir) < 0)
		return;
	for (size_t i = 0; i < a->nlink; i++) {
		const struct link *link = a->link[i];
		const struct seen *s = NULL;
		size_t n;

		if (!apply_link_stands(a, link) || !path_is_below(link->path, dir) ||
		    pathmap_resolve(&a->links, link->path, true, to) < 0)
			continue;
		n = to->n;
		for (size_t k = 0; k < sizeof(files) / sizeof(files[0]) &&
		    s == NULL; k++) {
			to->n = n;
			if (buf_str(to, str_of(files[k])) == 0)
				s = pathmap_get(&a->files, buf_view(to));
		}
		to->n = n;
		at = buf_view(to);
		if ((s == NULL || s->hidden != 0) && (++loose > LOOSE_LINKS ||
		    may_stand(a, at, false))) {
			tell_unread(a, link->path, at, false);
			return;
		}
	}
}

/* The highest layer that has one of the links followed. */
static void
note_layer(void *arg, const struct str *target)
{
	const struct link *link = (const void *)target;	/* its first member */
	uint32_t *layer = arg;

	if (link->layer > *layer)
		*layer = link->layer;
}

/* What says which system it is may lie behind a link, too: the first there is
 * counts.  The lowest layer, which may have no hashes, had its own links followed. */
static void
check_release(struct apply *a, struct buf *to)
{
	for (size_t i = 0; inventory_releases[i] != NULL; i++) {
		const char *known = inventory_releases[i];
		const struct seen *s;
		uint32_t layer = 0;
		struct str at;

		if (pathmap_resolve_via(&a->links, str_of(known), true, to,
		    note_layer, &layer) < 0) {
			apply_incomplete(a, "%s lies behind too many links", known);
			return;
		}
		at = buf_view(to);
		s = apply_find(a, at, str_of("os_release"));
		if (s != NULL && s->hidden == 0)
			return;
		if (str_eqz(at, known) || !may_stand(a, at, layer == 0))
			continue;
		apply_incomplete(a, "%s leads to %.*s: which system that says it "
		    "is, is not known", known, STR_ARG(at));
		return;
	}
}

void
apply_check_redirected(struct apply *a)
{
	static const char *const folders[] = { "var/lib/dpkg/status.d",
	    "var/lib/pacman/local", "var/db/pkg" };
	struct buf to;

	buf_init(&to, LIMIT_PATH + 1);
	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		check_place(a, inventory_databases[i], &to);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		check_packages(a, folders[i], &to);
	check_release(a, &to);
	buf_done(&to);
}
