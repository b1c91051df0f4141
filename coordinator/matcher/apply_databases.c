/*
 * Package databases: which files are some, what became of them, and which were
 * not read where a link leads to.
 */
#include <stdlib.h>
#include <string.h>
#include "common/limits.h"
#include "common/mem.h"
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

/* Does it say only who owns files? */
static bool
is_of_owners(const char *known)
{
	return (str_ends(str_of(known), "/info"));
}

/* Was ${s} read as ${known}, which lies at ${at}, or as a file of that folder?  By
 * the name of another link to the same file it is the same. */
static bool
is_read_as(const struct seen *s, const char *known, struct str at)
{
	size_t db;

	return (s->hidden == 0 && s->file->n > 0 &&
	    (is_of_owners(known) ? apply_owners_only(s) : apply_is_of_database(s, &db)) &&
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

static bool
is_known(struct str at)
{
	const char *const *known = inventory_databases;
	size_t i;

	for (i = 0; known[i] != NULL && !str_eqz(at, known[i]); i++)
		;
	return (known[i] != NULL);
}

/* The path hashes of a layer. */
struct told {
	struct hash_pieces nondir, dirs, implied;
};

static struct told *
told_of_layers(const struct apply *a)
{
	struct told *ret = mem_array(a->nlayers + 1, sizeof(*ret));

	for (size_t i = 0; i < a->nlayers; i++)
		if (a->layers[i] != NULL)
			ret[i] = (struct told) {
				apply_pieces(a->layers[i], TREE_NONDIR),
				apply_pieces(a->layers[i], TREE_DIR),
				apply_pieces(a->layers[i], TREE_IMPLIED),
			};
	return (ret);
}

static void
told_free(struct told *told, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(told[i].nondir.v);
		free(told[i].dirs.v);
		free(told[i].implied.v);
	}
	free(told);
}

/* Is there any? */
static bool
has_any(const struct hash_pieces *h)
{
	return (h->n > 0 && h->v[0].n > 0);
}

/* Has ${layer} taken what lower ones have by that name, as it is written there? */
static bool
takes(const struct apply *a, size_t layer, struct str name)
{
	const struct layer_inventory *l = a->layers[layer];
	struct siphash hash;
	struct str folder;

	for (size_t i = 0; i < l->ntree; i++) {
		struct str path = l->tree[i].path;

		if (l->tree[i].kind == TREE_WHITEOUT ?
		    str_eq(name, path) || path_is_below(name, path) :
		    l->tree[i].kind == TREE_OPAQUE &&
		    (path.n == 0 || path_is_below(name, path)))
			return (true);
	}
	siphash_begin(&hash, a->sip_key);
	for (size_t n = 0; path_next_folder(name, &n, &hash, &folder); )
		if (folder.n < name.n && apply_in_pieces(
		    &a->told[layer].nondir, siphash_end(&hash)))
			return (true);
	return (false);
}

/* Names by which layers may have one path: of databases few links lead there.  And
 * what is looked at for all of an image. */
#define NAMES 32
#define LOOKS 4000000

struct name {
	struct str path;
	uint32_t layer;		/* who has it by that name comes not before */
	bool own;		/* that is where it is, not a name by links */
	bool whole;		/* of a link itself: only what goes through it */
};

struct names {
	struct pool *pool;
	struct name v[NAMES];
	size_t n;
	bool more;		/* there are more, or too much was looked at */
};

/* What is looked for: */
enum {
	AS_FOLDER = 1,	/* it may be one whose files are packages */
	UNLESS = 2,	/* a layer without hashes has it not */
	MORE = 4	/* a folder, in files beside those that were read */
};

/* Has the layer a folder of that name, if only because paths lead through it?  Of a
 * layer that did not tell which these are it is not known, but those that write
 * entries of folders write all. */
static bool
has_folder(const struct told *l, uint64_t hash, int look)
{
	if (l->implied.n > 0)
		return (apply_in_pieces(&l->implied, hash));
	return ((look & AS_FOLDER) != 0 && (look & UNLESS) == 0 &&
	    has_any(&l->nondir) && !has_any(&l->dirs));
}

/* Has the layer that?  ${hash} is of the name. */
static bool
may_hold(const struct told *l, const struct name *name, uint64_t hash, int look)
{
	if (l->nondir.n == 0)
		return ((look & (UNLESS | MORE)) == 0);
	if (!name->whole && (apply_in_pieces(&l->dirs, hash) ||
	    ((look & MORE) == 0 && apply_in_pieces(&l->nondir, hash))))
		return (true);
	return (has_folder(l, hash, look));
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

/* Has any layer that none above it took away?  By the name of a link that is not
 * followed. */
static bool
may_have(struct apply *a, const struct name *name, int look)
{
	uint64_t hash = siphash(a->sip_key, name->path);

	a->looks += a->nlayers;
	for (size_t i = a->nlayers; i-- > name->layer; ) {
		if (a->layers[i] == NULL)
			continue;
		if (may_hold(&a->told[i], name, hash, look) &&
		    ((look & MORE) == 0 ||
		    !layer_read_in(a->layers[i], name->path)))
			return (true);
		if (name->own && takes(a, i, name->path))
			return (false);
	}
	return (false);
}

/* ${of}, whose first ${n} bytes are where ${link} leads, by the link's name.  Links
 * to a folder above themselves give names without end: once is enough. */
static void
add_name(struct names *names, const struct name *of, size_t n,
    const struct link *link)
{
	struct str dir = str_sub(of->path, 0, n);
	struct str rest = str_sub(of->path, n > 0 ? n + 1 : 0, of->path.n);
	struct name *name = &names->v[names->n];
	struct buf b;

	if (!of->own && (n == 0 || path_is_below(link->path, dir)))
		return;
	if (names->n == NAMES) {
		names->more = true;
		return;
	}
	*name = (struct name) {
		.layer = link->layer > of->layer ? link->layer : of->layer };
	buf_init(&b, LIMIT_PATH + 1);
	if (buf_str(&b, link->path) == 0 && buf_byte(&b, '/') == 0 &&
	    buf_str(&b, rest) == 0 && b.n <= LIMIT_PATH) {
		if (pool_str(names->pool, buf_view(&b), &name->path) < 0)
			names->more = true;
		else
			names->n++;
	}
	buf_done(&b);
}

/* By the links that lead to ${of}'s first ${n} bytes, of that ${hash}: did something
 * go through one that leads to all of it?  Others give further names. */
static bool
goes_by_links(struct apply *a, struct names *names, const struct name *of,
    size_t n, uint64_t hash, int look)
{
	const struct link *link = pathmap_get_hashed(&a->ways,
	    str_sub(of->path, 0, n), hash);

	for (a->looks++; link != NULL && !names->more; link = link->next) {
		const struct name whole = { .path = link->path, .whole = true,
		    .layer = link->layer > of->layer ? link->layer : of->layer };

		names->more = ++a->looks > LOOKS;
		if (n < of->path.n)
			add_name(names, of, n, link);
		else if (!is_known(link->path) && may_have(a, &whole, look))
			return (true);
	}
	return (false);
}

/* Has some layer what is looked for by ${of}, or a link to it?  Other names that
 * links to its folders give it, or gave it while they were there, are added. */
static bool
may_have_by(struct apply *a, struct names *names, const struct name *of, int look)
{
	struct siphash hash;
	struct str folder;

	/* what came by a name where databases are looked for was read */
	if ((of->own || !is_known(of->path)) && may_have(a, of, look))
		return (true);
	siphash_begin(&hash, a->sip_key);
	if (goes_by_links(a, names, of, 0, siphash_end(&hash), look))
		return (true);
	for (size_t n = 0; path_next_folder(of->path, &n, &hash, &folder); )
		if (goes_by_links(a, names, of, folder.n, siphash_end(&hash),
		    look))
			return (true);
	return (false);
}

/* May some layer have at ${at} what was not read, by whatever name? */
static bool
may_stand(struct apply *a, struct str at, int look)
{
	struct names names = { .pool = pool_new((size_t)NAMES * LIMIT_PATH),
	    .v = { { .path = at, .own = true } }, .n = 1 };
	bool ret = false;

	for (size_t i = 0; i < names.n && !names.more && !ret; i++)
		ret = may_have_by(a, &names, &names.v[i], look);
	pool_free(names.pool);
	return (ret || names.more);
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

/* Where packages have a file or folder each. */
static const char *const folders[] = { "var/lib/dpkg/status.d",
    "var/lib/pacman/local", "usr/lib/sysimage/lib/pacman/local",
    "var/db/pkg" };
#define NFOLDERS (sizeof(folders) / sizeof(folders[0]))

static bool
is_folder(const char *known)
{
	size_t i;

	for (i = 0; i < NFOLDERS && strcmp(known, folders[i]) != 0; i++)
		;
	return (i < NFOLDERS);
}

/* A database behind a link that leads to where no analyzer looks was not read,
 * unless link and file are of one layer: that must not look like a system without
 * packages.  Where something else in its folder was read, what there is like a
 * database would have been, too.  Without owners what a package brought is judged
 * as if somebody else had: more is found, nothing less. */
static void
check_place(struct apply *a, const char *known, struct buf *to)
{
	bool owners = is_of_owners(known);
	int folder = owners || is_folder(known) ? AS_FOLDER : 0;
	struct str at;

	if (pathmap_resolve(&a->links, str_of(known), true, to) < 0) {
		apply_incomplete(a, "%s lies behind too many links", known);
		return;
	}
	at = buf_view(to);
	if (is_known(at))
		return;
	if (is_read(a, known, at) ?
	    folder != 0 && may_stand(a, at, folder | MORE) :
	    may_stand(a, at, folder | (is_read_in(a, path_dir(at)) ?
	    UNLESS : 0)))
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
		    may_stand(a, at, AS_FOLDER))) {
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
		if (str_eqz(at, known) || !may_stand(a, at, layer == 0 ? UNLESS : 0))
			continue;
		apply_incomplete(a, "%s leads to %.*s: which system that says it "
		    "is, is not known", known, STR_ARG(at));
		return;
	}
}

void
apply_check_redirected(struct apply *a)
{
	struct buf to;

	buf_init(&to, LIMIT_PATH + 1);
	a->told = told_of_layers(a);
	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		check_place(a, inventory_databases[i], &to);
	for (size_t i = 0; i < NFOLDERS; i++)
		check_packages(a, folders[i], &to);
	check_release(a, &to);
	told_free(a->told, a->nlayers);
	a->told = NULL;
	buf_done(&to);
}
