/*
 * Layers are applied lowest first, each in two passes: remove what it hides
 * from the result so far, then add its own.  Kept are only the files that
 * analyzers read and all symbolic links; whether an unread file replaces one of
 * their directories is asked of the layer's path hashes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include "common/err.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "common/text.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/origin.h"
#include "coordinator/matcher/owner.h"
#include "coordinator/matcher/pathmap.h"

/* Paths, notes and reasons of one image. */
#define APPLY_BYTES (512 * MIB)
/* Texts for people: enough to see what is wrong. */
#define APPLY_TEXTS 500

/* A file that an analyzer read, where it is visible. */
struct seen {
	struct str path;	/* resolved */
	const struct inventory_file *file;	/* whose rows; through hard links */
	uint32_t *since;	/* of each row: introduced in */
	uint32_t file_layer;
	uint32_t hidden;	/* layer + 1 that hid it, 0 = visible */
	bool emptied;		/* that is how it was hidden */
	struct seen *next;	/* other analyzers' of the same path */
};

struct link {
	struct str path, target;
	bool hidden;
};

/* What a layer says about one of its paths. */
enum { MARK_WHITEOUT = 1, MARK_OPAQUE = 2, MARK_NONDIR = 4 };

/* Sorted path hashes, 8 bytes each, in pieces. */
struct hash_pieces {
	struct str *v;
	size_t n;
};

struct apply {
	struct apply_result *res;
	const struct layer_inventory *const *layers;
	size_t nlayers;
	const uint8_t *sip_key;
	struct pathmap files;	/* path → struct seen */
	struct pathmap links;	/* path → struct str target, visible ones */
	struct pathmap names;	/* kind, name, arch → first layer + 1 */
	struct seen **seen;	/* all of them */
	size_t nseen;
	struct link **link;
	size_t nlink;
	struct pathmap marks;	/* of the layer at work: path → bits */
	struct pathmap own;	/* of the layer at work: kind and path → file */
	struct hash_pieces nondir, dirs;	/* of the layer at work */
	bool opaque_root;
	struct buf path, text;	/* scratch */
	bool full;		/* the pool's ceiling: told once */
};

/* --------------------------------------------------------------- texts -- */

static void
out_of_room(struct apply *a)
{
	a->full = true;
	a->res->incomplete = true;
}

static void
add_text(struct apply *a, struct str **list, size_t *n, struct str s)
{
	struct str copy;
	char text[1024];

	if (*n >= APPLY_TEXTS)
		return;
	text_escape(s, text, sizeof(text));	/* names from images are in it */
	if (pool_str(a->res->pool, str_of(text), &copy) < 0) {
		out_of_room(a);
		return;
	}
	if (*n == 0)
		*list = mem_array(APPLY_TEXTS, sizeof(**list));
	(*list)[(*n)++] = copy;
}

static void PRINTF(2, 3)
note(struct apply *a, const char *fmt, ...)
{
	char s[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	add_text(a, &a->res->notes, &a->res->nnotes, str_of(s));
}

static void PRINTF(2, 3)
incomplete(struct apply *a, const char *fmt, ...)
{
	char s[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	a->res->incomplete = true;
	add_text(a, &a->res->reasons, &a->res->nreasons, str_of(s));
}

static void *
keep(struct apply *a, size_t n)
{
	void *p = pool_alloc(a->res->pool, n);

	if (p == NULL)
		out_of_room(a);
	return (p);
}

/* ------------------------------------------------- what a layer hides -- */

static void
mark(struct apply *a, struct str path, uintptr_t bit)
{
	uintptr_t had = (uintptr_t)pathmap_get(&a->marks, path);
	struct str key = path;

	if (had == 0 && pool_str(a->res->pool, path, &key) < 0) {
		out_of_room(a);
		return;
	}
	pathmap_put(&a->marks, key, (void *)(had | bit));
}

/* Is ${hash} in one of the sorted pieces? */
static bool
in_pieces(const struct hash_pieces *h, uint64_t hash)
{
	for (size_t i = 0; i < h->n; i++) {
		const uint8_t *p = (const uint8_t *)h->v[i].p;
		size_t lo = 0, hi = h->v[i].n / 8, mid;
		uint64_t v;

		while (lo < hi) {
			mid = lo + (hi - lo) / 2;
			v = 0;
			for (unsigned k = 8; k-- > 0; )
				v = v << 8 | p[mid * 8 + k];
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
static struct hash_pieces
pieces_of(const struct layer_inventory *l, enum tree_kind kind)
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

/* Does the layer whose marks are set hide ${key} of the result below it? */
static bool
hides(const struct apply *a, struct str key)
{
	struct str at;
	uintptr_t bits;
	uint64_t hash;
	size_t n;

	if (a->opaque_root)
		return (true);
	for (n = 1; n <= key.n; n++) {
		if (n < key.n && key.p[n] != '/')
			continue;
		at = str_sub(key, 0, n);
		hash = siphash(a->sip_key, at);
		bits = (uintptr_t)pathmap_get_hashed(&a->marks, at, hash);
		if (bits & (MARK_WHITEOUT | MARK_NONDIR))
			return (true);
		if (n < key.n && (bits & MARK_OPAQUE))
			return (true);
		if (in_pieces(&a->nondir, hash) ||
		    (n == key.n && in_pieces(&a->dirs, hash)))
			return (true);
	}
	return (false);
}

/* The layer's paths go through links of the result below, as a runtime that
 * unpacks it would follow them. */
static struct str
below(struct apply *a, struct str path)
{
	if (pathmap_resolve(&a->links, path, false, &a->path) < 0)
		return (path);
	return (buf_view(&a->path));
}

static void
set_marks(struct apply *a, const struct layer_inventory *l)
{
	pathmap_done(&a->marks);
	a->opaque_root = false;
	for (size_t i = 0; i < l->ntree; i++) {
		const struct tree_entry *e = &l->tree[i];

		switch (e->kind) {
		case TREE_WHITEOUT:
			mark(a, below(a, e->path), MARK_WHITEOUT);
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
		case TREE_SYMLINK:
			mark(a, below(a, e->path), MARK_NONDIR);
			break;
		default:
			break;
		}
	}
	for (size_t i = 0; i < l->nfiles; i++)
		mark(a, below(a, l->files[i].path), MARK_NONDIR);
}

static void
hide(struct apply *a, const struct layer_inventory *l, uint32_t layer)
{
	size_t kept = 0;

	free(a->nondir.v);
	free(a->dirs.v);
	a->nondir = pieces_of(l, TREE_NONDIR);
	a->dirs = pieces_of(l, TREE_DIR);
	/* Links that directories of this layer replace lead nowhere any more,
	 * also for the other paths of this layer. */
	for (size_t i = 0; i < a->nlink; i++)
		if (in_pieces(&a->dirs, siphash(a->sip_key, a->link[i]->path)))
			pathmap_put(&a->links, a->link[i]->path, NULL);
	set_marks(a, l);
	for (size_t i = 0; i < a->nseen; i++)
		if (a->seen[i]->hidden == 0 && hides(a, a->seen[i]->path))
			a->seen[i]->hidden = layer + 1;
	for (size_t i = 0; i < a->nlink; i++) {
		struct link *s = a->link[i];

		if (hides(a, s->path))
			pathmap_put(&a->links, s->path, NULL);
		else
			a->link[kept++] = s;
	}
	a->nlink = kept;
}

/* ---------------------------------------------------- what a layer adds -- */

static void
add_links(struct apply *a, const struct layer_inventory *l)
{
	for (size_t i = 0; i < l->ntree; i++) {
		const struct tree_entry *e = &l->tree[i];
		struct link *s;

		if (e->kind != TREE_SYMLINK)
			continue;
		if ((s = keep(a, sizeof(*s))) == NULL ||
		    pool_str(a->res->pool, below(a, e->path), &s->path) < 0) {
			out_of_room(a);
			return;
		}
		s->target = e->target;
		if (pathmap_get(&a->links, s->path) == NULL) {
			if ((a->nlink & (a->nlink - 1)) == 0)
				a->link = mem_realloc(a->link, a->nlink == 0 ?
				    1 : a->nlink * 2, sizeof(struct link *));
			a->link[a->nlink++] = s;
		}
		pathmap_put(&a->links, s->path, &s->target);
	}
}

static struct seen *
find(const struct apply *a, struct str path, struct str kind)
{
	struct seen *s = pathmap_get(&a->files, path);

	while (s != NULL && !str_eq(s->file->kind, kind))
		s = s->next;
	return (s);
}

static int
identity_cmp(const struct package *a, const struct package *b)
{
	int c = str_cmp(a->name, b->name);

	if (c == 0)
		c = str_cmp(a->arch, b->arch);
	return (c != 0 ? c : str_cmp(a->version, b->version));
}

struct row {
	const struct package *p;
	uint32_t since;
};

static int
row_cmp(const void *a, const void *b)
{
	return (identity_cmp(((const struct row *)a)->p,
	    ((const struct row *)b)->p));
}

/* Packages of operating systems keep their origin row by row; a language
 * package is as old as the file that states it. */
static bool
is_os_type(struct str type)
{
	static const char *const t[] = { "deb", "apk", "rpm", "alpm",
	    "ebuild", "opkg" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(type, t[i]))
			return (true);
	return (false);
}

/* Introduced in: the layer of the old state's row when there is one. */
static void
attribute(const struct inventory_file *f, uint32_t *since, uint32_t layer,
    const struct inventory_file *old, const uint32_t *old_since)
{
	struct row *rows = NULL, key, *hit;
	bool same = old != NULL && memcmp(old->sha256, f->sha256, 32) == 0;

	if (old != NULL && old->n > 0) {
		rows = mem_array(old->n, sizeof(*rows));
		for (size_t i = 0; i < old->n; i++)
			rows[i] = (struct row) { &old->packages[i], old_since[i] };
		qsort(rows, old->n, sizeof(*rows), row_cmp);
	}
	for (size_t i = 0; i < f->n; i++) {
		since[i] = layer;
		if (rows == NULL || !(same || is_os_type(f->packages[i].type)))
			continue;
		key.p = &f->packages[i];
		hit = bsearch(&key, rows, old->n, sizeof(*rows), row_cmp);
		if (hit != NULL)
			since[i] = hit->since;
	}
	free(rows);
}

/* Remember in which layer each name was seen first, whatever its version. */
static void
note_names(struct apply *a, const struct inventory_file *f, uint32_t layer)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct package *p = &f->packages[i];
		struct str key;

		buf_clear(&a->text);
		if (buf_str(&a->text, f->kind) < 0 || buf_byte(&a->text, 0) < 0 ||
		    buf_str(&a->text, p->name) < 0 || buf_byte(&a->text, 0) < 0 ||
		    buf_str(&a->text, p->arch) < 0)
			continue;
		if (pathmap_get(&a->names, buf_view(&a->text)) != NULL)
			continue;
		if (pool_str(a->res->pool, buf_view(&a->text), &key) < 0) {
			out_of_room(a);
			return;
		}
		pathmap_put(&a->names, key, (void *)((uintptr_t)layer + 1));
	}
}

/* Files that state all packages of a system; others hold one package each. */
static bool
is_database(const struct seen *s)
{
	return (s->file->n > 0 && is_os_type(s->file->packages[0].type) &&
	    (str_eqz(s->file->kind, "dpkg") ? str_ends(s->path, "/status") :
	    str_eqz(s->file->kind, "apk") || str_eqz(s->file->kind, "rpm")));
}

/* ${f}'s rows become visible at ${path}; ${from} is the file of a lower layer
 * they come from by a hard link, else NULL. */
static void
show(struct apply *a, struct str path, const struct inventory_file *f,
    uint32_t layer, const struct seen *from)
{
	struct seen *s = find(a, path, f->kind);
	const struct seen *old = s != NULL &&
	    (s->hidden == 0 || s->hidden == layer + 1) ? s : from;
	uint32_t *since = keep(a, (f->n + 1) * sizeof(*since));

	if (since == NULL)
		return;
	/* Emptied is removed: what it listed is there, and told by nothing. */
	if (s != NULL && old == s && f->n == 0 && f->error == 0 &&
	    is_database(s)) {
		s->hidden = layer + 1;
		s->emptied = true;
		return;
	}
	attribute(f, since, layer, old != NULL ? old->file : NULL,
	    old != NULL ? old->since : NULL);
	note_names(a, f, layer);
	if (s == NULL) {
		if ((s = keep(a, sizeof(*s))) == NULL ||
		    pool_str(a->res->pool, path, &s->path) < 0) {
			out_of_room(a);
			return;
		}
		if ((a->nseen & (a->nseen - 1)) == 0)
			a->seen = mem_realloc(a->seen, a->nseen == 0 ? 1 :
			    a->nseen * 2, sizeof(struct seen *));
		a->seen[a->nseen++] = s;
		s->next = pathmap_get(&a->files, s->path);
		pathmap_put(&a->files, s->path, s);
	}
	s->file = f;
	s->since = since;
	s->file_layer = layer;
	s->hidden = 0;
	s->emptied = false;
}

/* Key of apply.own in scratch. */
static struct str
own_key(struct apply *a, struct str kind, struct str path)
{
	buf_clear(&a->text);
	if (buf_str(&a->text, kind) < 0 || buf_byte(&a->text, '/') < 0 ||
	    buf_str(&a->text, path) < 0)
		buf_clear(&a->text);
	return (buf_view(&a->text));
}

/* Index the layer's files by name, only when hard links will ask. */
static void
index_own(struct apply *a, const struct layer_inventory *l)
{
	bool any = false;
	struct str key;

	pathmap_done(&a->own);
	for (size_t i = 0; i < l->nfiles; i++)
		any |= l->files[i].hardlink.n > 0;
	for (size_t i = 0; i < l->nfiles && any; i++) {
		key = own_key(a, l->files[i].kind, l->files[i].path);
		if (pool_str(a->res->pool, key, &key) < 0) {
			out_of_room(a);
			return;
		}
		pathmap_put(&a->own, key, &l->files[i]);
	}
}

static void
add_hard_link(struct apply *a, const struct inventory_file *f, struct str path,
    uint32_t layer)
{
	const struct inventory_file *to = f;
	const struct seen *from = NULL;
	struct buf key;
	int hops = 0;

	buf_init(&key, LIMIT_PATH + 1);
	while (to != NULL && to->hardlink.n > 0 && hops++ < PATHMAP_HOPS) {
		struct str target = to->hardlink;

		to = pathmap_get(&a->own, own_key(a, f->kind, target));
		if (to != NULL)
			continue;
		if (pathmap_resolve(&a->links, target, false, &key) == 0 &&
		    (from = find(a, buf_view(&key), f->kind)) != NULL &&
		    (from->hidden == 0 || from->hidden == layer + 1))
			to = from->file;
	}
	if (to != NULL && to->hardlink.n == 0)
		show(a, path, to, layer, from);
	else
		incomplete(a, "layer %u: %.*s is a hard link to %.*s, which "
		    "was not read", layer, STR_ARG(path), STR_ARG(f->hardlink));
	buf_done(&key);
}

/* A hard link to a file of a lower layer: all that was read of it. */
static void
add_link_below(struct apply *a, const struct tree_entry *e, uint32_t layer)
{
	const struct seen *from, *next;
	struct buf key;

	buf_init(&key, LIMIT_PATH + 1);
	if (pathmap_resolve(&a->links, e->target, false, &key) == 0) {
		from = pathmap_get(&a->files, buf_view(&key));
		for (; from != NULL; from = next) {
			next = from->next;
			if ((from->hidden == 0 || from->hidden == layer + 1) &&
			    from->file_layer < layer &&
			    pathmap_resolve(&a->links, e->path, false,
			    &a->path) == 0)
				show(a, buf_view(&a->path), from->file, layer,
				    from);
		}
	}
	buf_done(&key);
}

static void
add_files(struct apply *a, const struct layer_inventory *l, uint32_t layer)
{
	struct buf key;

	buf_init(&key, LIMIT_PATH + 1);
	index_own(a, l);
	/* Links last, so that those to files of this layer find them. */
	for (int links = 0; links < 2; links++) {
		for (size_t i = 0; i < l->nfiles && !a->full; i++) {
			const struct inventory_file *f = &l->files[i];

			if ((f->hardlink.n > 0) != (links == 1))
				continue;
			if (pathmap_resolve(&a->links, f->path, false, &key) < 0) {
				incomplete(a, "layer %u: %.*s lies behind too "
				    "many links", layer, STR_ARG(f->path));
				continue;
			}
			/* A link of this path came earlier in the tar, or
			 * the layer would not have kept the file. */
			if (pathmap_get(&a->links, buf_view(&key)) != NULL)
				pathmap_put(&a->links, buf_view(&key), NULL);
			if (links == 1)
				add_hard_link(a, f, buf_view(&key), layer);
			else
				show(a, buf_view(&key), f, layer, NULL);
		}
	}
	for (size_t i = 0; i < l->ntree && !a->full; i++)
		if (l->tree[i].kind == TREE_HARDLINK)
			add_link_below(a, &l->tree[i], layer);
	buf_done(&key);
}

/* What this layer hid and did not bring back. */
static void
note_removed(struct apply *a, uint32_t layer)
{
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden == layer + 1 && is_database(s))
			note(a, "database %.*s %s in layer %u (had %zu "
			    "packages)", STR_ARG(s->path), s->emptied ?
			    "emptied" : "removed", layer, s->file->n);
	}
}

/* Only says who owns what. */
static bool
owners_only(const struct seen *s)
{
	return (str_eqz(s->file->kind, "dpkg_files") ||
	    str_eqz(s->file->kind, "pacman_files"));
}

/* What a single program says, or seems to be: a package database that knows
 * the file says it better. */
static bool
told_by_program(const struct seen *s)
{
	return (str_eqz(s->file->kind, "binary") ||
	    str_eqz(s->file->kind, "elf_note"));
}

/* What a bill of material in the image says: somebody's word about packages,
 * which any database or installed tree that names them says better. */
static bool
is_billed(const struct package *p)
{
	return (str_eqz(p->scope, "sbom"));
}

/* -------------------------------------------------- operating system -- */

static struct str
attribute_of(const struct inventory_file *f, const char *key)
{
	struct str rest = f->attributes, line, value = { NULL, 0 };
	size_t eq;

	while (str_split(&rest, '\n', &line)) {
		eq = str_find(line, '=');
		if (eq < line.n && str_eqz(str_sub(line, 0, eq), key))
			value = str_sub(line, eq + 1, line.n);
	}
	return (value);
}

/* What the file system shows at ${path}, links followed. */
static const struct seen *
visible(struct apply *a, const char *path, const char *kind)
{
	const struct seen *s;

	if (pathmap_resolve(&a->links, str_of(path), true, &a->path) < 0)
		return (NULL);
	s = find(a, buf_view(&a->path), str_of(kind));
	return (s != NULL && s->hidden == 0 ? s : NULL);
}

/* By the files of older releases, which have no os-release. */
static void
identify_by_line(struct apply *a, struct distribution *os)
{
	static const char *const files[] = { "etc/alpine-release",
	    "etc/oracle-release", "etc/redhat-release", "etc/system-release",
	    "etc/SuSE-release", "etc/photon-release", "etc/mariner-release",
	    "etc/azurelinux-release", "etc/debian_version" };
	const struct seen *s;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		s = visible(a, files[i], "os_release");
		if (s != NULL && distribution_of_line(path_base(str_of(files[i])),
		    attribute_of(s->file, "LINE"), os)) {
			os->path = s->path;
			return;
		}
	}
}

/* Packages come from there, whatever os-release says. */
static void
heed_alpine_branch(struct apply *a, struct distribution *os)
{
	const struct seen *s = visible(a, "etc/apk/repositories", "os_release");
	struct str branch;

	if (!str_eqz(os->id, "alpine"))
		return;
	if (str_find(os->version, '_') < os->version.n)
		os->version = str_of("edge");	/* 3.21.0_alpha20240606 */
	if (s == NULL ||
	    (branch = attribute_of(s->file, "ALPINE_BRANCH")).n == 0)
		return;
	if (branch.p[0] == 'v')
		branch = str_sub(branch, 1, branch.n);
	if (str_eq(str_sub(os->version, 0, branch.n), branch))
		return;
	note(a, "os-release says Alpine %.*s, its repositories are of %.*s: "
	    "those count", STR_ARG(os->version), STR_ARG(branch));
	os->version = branch;
}

static void
identify(struct apply *a)
{
	struct distribution *os = &a->res->os;
	const struct seen *s = visible(a, "etc/os-release", "os_release");

	if (s == NULL)
		s = visible(a, "usr/lib/os-release", "os_release");
	if (s != NULL) {
		os->path = s->path;
		os->id = attribute_of(s->file, "ID");
		if (os->id.n == 0)
			os->id = str_of("linux");
		os->version = attribute_of(s->file, "VERSION_ID");
		os->codename = attribute_of(s->file, "VERSION_CODENAME");
		os->name = attribute_of(s->file, "NAME");
		os->pretty_name = attribute_of(s->file, "PRETTY_NAME");
		os->cpe = attribute_of(s->file, "CPE_NAME");
	} else {
		identify_by_line(a, os);
	}
	heed_alpine_branch(a, os);
}

/* The packages of type ${type} cannot be the image's distribution's own (or it
 * is not known): what do they say themselves? */
static void
infer(struct apply *a, struct str type)
{
	struct apply_result *r = a->res;
	struct apply_foreign *f;

	for (size_t i = 0; i < r->nforeign; i++)
		if (str_eq(r->foreign[i].type, type))
			return;
	if (r->nforeign == sizeof(r->foreign) / sizeof(r->foreign[0]))
		return;
	f = &r->foreign[r->nforeign++];
	*f = (struct apply_foreign) { .type = type };
	for (size_t i = 0; i < a->nseen && f->os.id.n == 0; i++)
		for (size_t k = 0; k < a->seen[i]->file->n &&
		    f->os.id.n == 0; k++)
			if (a->seen[i]->hidden == 0 &&
			    str_eq(a->seen[i]->file->packages[k].type, type))
				(void)distribution_of_package(
				    &a->seen[i]->file->packages[k], &f->os);
	note(a, "%.*s packages in %s%.*s: %s%.*s%s%.*s", STR_ARG(type),
	    r->os.id.n > 0 ? "an image of " : "an image of no known distribution",
	    STR_ARG(r->os.id), f->os.id.n > 0 ? "taken for " :
	    "not known whose", STR_ARG(f->os.id), f->os.id.n > 0 ? " " : "",
	    STR_ARG(f->os.version));
}

static void
check_types(struct apply *a)
{
	const struct distribution *os = &a->res->os;

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden == 0 && s->file->n > 0 && !owners_only(s) &&
		    !is_billed(&s->file->packages[0]) &&
		    is_os_type(s->file->packages[0].type) && (os->id.n == 0 ||
		    !distribution_has_type(os->id, s->file->packages[0].type)))
			infer(a, s->file->packages[0].type);
	}
}

/* A database behind a link that leads to where no analyzer looks was not read:
 * that must not look like a system without packages. */
static void
check_redirected(struct apply *a)
{
	static const char *const known[] = { "var/lib/dpkg/status",
	    "var/lib/dpkg/status.d", "lib/apk/db/installed",
	    "usr/lib/apk/db/installed",
	    "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages",
	    "var/lib/rpm/Packages.db", "usr/lib/sysimage/rpm/rpmdb.sqlite",
	    "usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db",
	    "usr/share/rpm/rpmdb.sqlite", "usr/share/rpm/Packages",
	    "usr/share/rpm/Packages.db" };
	uint64_t hash;
	struct hash_pieces h;
	struct str at;
	bool there, is_known;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (pathmap_resolve(&a->links, str_of(known[i]), true, &a->path) < 0) {
			incomplete(a, "%s lies behind too many links", known[i]);
			continue;
		}
		at = buf_view(&a->path);
		is_known = false;
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			is_known |= str_eqz(at, known[k]);
		if (is_known)
			continue;
		hash = siphash(a->sip_key, at);
		there = false;
		for (size_t k = 0; k < a->nlayers && !there; k++) {
			if (a->layers[k] == NULL)
				continue;
			h = pieces_of(a->layers[k], TREE_NONDIR);
			/* without hashes it cannot be ruled out */
			there = h.n == 0 || in_pieces(&h, hash);
			free(h.v);
		}
		if (there)
			incomplete(a, "%s leads to %.*s, where no package "
			    "database was looked for", known[i], STR_ARG(at));
	}
}

/* ------------------------------------------------------------- result -- */

static int
package_order(const void *x, const void *y)
{
	const struct apply_package *a = x, *b = y;
	int c = str_cmp(a->path, b->path);

	if (c == 0)
		c = package_cmp(&a->p, &b->p);
	if (c == 0)
		c = str_cmp(a->p.state, b->p.state);
	return (c != 0 ? c : (a->layer > b->layer) - (a->layer < b->layer));
}

static uint32_t
name_layer(struct apply *a, const struct seen *s, const struct package *p,
    uint32_t dflt)
{
	uintptr_t v;

	buf_clear(&a->text);
	if (buf_str(&a->text, s->file->kind) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->name) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->arch) < 0)
		return (dflt);
	v = (uintptr_t)pathmap_get(&a->names, buf_view(&a->text));
	return (v != 0 ? (uint32_t)(v - 1) : dflt);
}

/*
 * The last state of a database that was removed while its system stayed: the
 * programs are still there, without anything that tells their versions.
 */
static bool
is_residual(const struct apply *a, const struct seen *s)
{
	if (s->hidden == 0 || !is_database(s) || a->res->os.path.n == 0)
		return (false);
	for (size_t i = 0; i < a->nseen; i++)
		if (str_eq(a->seen[i]->file->kind, s->file->kind) &&
		    (a->seen[i]->hidden == 0 ||
		    a->seen[i]->hidden > s->hidden) && is_database(a->seen[i]))
			return (false);	/* moved, or removed later still */
	return (true);
}

/*
 * Rows by type, name and a third text: of databases the architecture or none,
 * of languages the version.
 */
static void
index_row(struct apply *a, struct pathmap *rows, const struct package *p,
    struct str third)
{
	struct str key;

	buf_clear(&a->text);
	if (buf_str(&a->text, p->type) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->name) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, third) < 0)
		return;
	key = buf_view(&a->text);
	if (pathmap_get(rows, key) != NULL)
		return;
	if (pool_str(a->res->pool, key, &key) < 0)
		out_of_room(a);
	else
		pathmap_put(rows, key, (void *)(uintptr_t)p);
}

static const struct package *
row_of(struct apply *a, struct pathmap *rows, const struct package *p)
{
	const struct package *row;

	buf_clear(&a->text);
	if (buf_str(&a->text, p->type) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->name) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->arch) < 0)
		return (NULL);
	row = pathmap_get(rows, buf_view(&a->text));
	if (row != NULL || p->arch.n == 0)
		return (row);
	/* "libc6:amd64.list" is written for the native architecture, too */
	buf_clear(&a->text);
	if (buf_str(&a->text, p->type) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, p->name) < 0 || buf_byte(&a->text, 0) < 0)
		return (NULL);
	return (pathmap_get(rows, buf_view(&a->text)));
}

/* Is there a row that says better what bill row ${p} says?  Of a database any
 * version of the name: its own is the right one. */
static bool
is_stated(struct apply *a, struct pathmap *rows, const struct package *p)
{
	struct str third = is_os_type(p->type) ? str_of("") : p->version;

	buf_clear(&a->text);
	return (buf_str(&a->text, p->type) == 0 && buf_byte(&a->text, 0) == 0 &&
	    buf_str(&a->text, p->name) == 0 && buf_byte(&a->text, 0) == 0 &&
	    buf_str(&a->text, third) == 0 &&
	    pathmap_get(rows, buf_view(&a->text)) != NULL);
}

static bool
has_bills(const struct apply *a)
{
	for (size_t i = 0; i < a->nseen; i++)
		for (size_t k = 0; k < a->seen[i]->file->n; k++)
			if (is_billed(&a->seen[i]->file->packages[k]))
				return (true);
	return (false);
}

/* Who owns what, of the visible databases; ${rows} gets their packages, and,
 * where bills are compared with them, those of languages. */
static struct owners *
gather_owners(struct apply *a, struct pathmap *rows)
{
	struct owners *o = owners_new();
	bool bills = has_bills(a);

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		for (size_t k = 0; k < s->file->n && s->hidden == 0; k++) {
			const struct package *p = &s->file->packages[k];

			owners_add(o, p);
			if (owners_only(s) || told_by_program(s) || is_billed(p))
				continue;
			if (is_os_type(p->type)) {
				index_row(a, rows, p, p->arch);
				index_row(a, rows, p, str_of(""));
			} else if (bills) {
				index_row(a, rows, p, p->version);
			}
		}
	}
	return (o);
}

static void
set_origin(struct apply *a, struct apply_package *q, const struct seen *s,
    const struct owners *o, struct pathmap *rows)
{
	struct str os = apply_distribution(a->res, q->p.type)->id;
	const struct package *by;

	if (is_billed(&q->p)) {
		q->origin = "sbom";
		return;
	}
	if (is_os_type(q->p.type)) {
		q->origin = origin_is_distribution(os, &q->p) ? "distro" :
		    "third_party";
		if (s->hidden != 0) {
			q->origin = "residual";
			q->p.state = str_of("residual");
		}
		return;
	}
	q->origin = "installed";
	if ((by = owners_find(o, siphash(a->sip_key, s->path))) == NULL ||
	    (q->owner = row_of(a, rows, by)) == NULL)
		return;
	os = apply_distribution(a->res, q->owner->type)->id;
	if (!origin_is_distribution(os, q->owner))
		return;
	q->origin = origin_lists_unfixed(os) ? "owned" : "shipped";
}

static void
collect(struct apply *a)
{
	struct apply_result *r = a->res;
	struct pathmap rows;
	struct owners *o;
	size_t total = 0;

	pathmap_init(&rows, a->sip_key);
	o = gather_owners(a, &rows);
	for (size_t i = 0; i < a->nseen; i++)
		total += a->seen[i]->file->n;
	r->packages = mem_array(total + 1, sizeof(*r->packages));
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (owners_only(s) || (s->hidden != 0 && !is_residual(a, s)) ||
		    (told_by_program(s) && owners_find(o, siphash(a->sip_key,
		    s->path)) != NULL))
			continue;
		for (size_t k = 0; k < s->file->n; k++) {
			if (is_billed(&s->file->packages[k]) &&
			    is_stated(a, &rows, &s->file->packages[k]))
				continue;
			r->packages[r->n] = (struct apply_package) {
				.p = s->file->packages[k], .path = s->path,
				.kind = s->file->kind, .layer = s->since[k],
				.name_layer = name_layer(a, s,
				    &s->file->packages[k], s->since[k]),
				.file_layer = s->file_layer,
			};
			set_origin(a, &r->packages[r->n++], s, o, &rows);
		}
	}
	owners_free(o);
	pathmap_done(&rows);
	qsort(r->packages, r->n, sizeof(*r->packages), package_order);
}

static void
apply_one(struct apply *a, uint32_t layer)
{
	const struct layer_inventory *l = a->layers[layer];
	struct hash_pieces h;

	if (l == NULL) {
		incomplete(a, "layer %u: not read", layer);
		return;
	}
	if (l->incomplete && l->nreasons == 0)
		incomplete(a, "layer %u: incomplete", layer);
	for (size_t i = 0; i < l->nreasons; i++)
		incomplete(a, "layer %u: %.*s", layer, STR_ARG(l->reasons[i]));
	for (size_t i = 0; i < l->ntree; i++)
		if (l->tree[i].kind == TREE_ANOMALY)
			note(a, "layer %u: %.*s", layer, STR_ARG(l->tree[i].path));
	if (layer > 0) {
		h = pieces_of(l, TREE_NONDIR);
		if (h.n == 0) {
			a->res->needs_hashes = true;
			incomplete(a, "layer %u: was read without path hashes",
			    layer);
		}
		free(h.v);
		hide(a, l, layer);
	}
	add_links(a, l);
	add_files(a, l, layer);
	note_removed(a, layer);
}

struct apply_result *
apply_layers(const struct layer_inventory *const *layers, size_t n,
    const uint8_t sip_key[16])
{
	struct apply_result *r = mem_alloc(sizeof(*r));
	struct apply a = { .res = r, .layers = layers, .nlayers = n,
	    .sip_key = sip_key };

	r->pool = pool_new(APPLY_BYTES);
	pathmap_init(&a.files, sip_key);
	pathmap_init(&a.links, sip_key);
	pathmap_init(&a.names, sip_key);
	pathmap_init(&a.marks, sip_key);
	pathmap_init(&a.own, sip_key);
	buf_init(&a.path, LIMIT_PATH + 1);
	buf_init(&a.text, 4 * LIMIT_PACKAGE_TEXT);
	for (size_t i = 0; i < n && !a.full; i++)
		apply_one(&a, (uint32_t)i);
	identify(&a);
	check_types(&a);
	check_redirected(&a);
	collect(&a);
	if (a.full)
		incomplete(&a, "the image needs more than %zu bytes to apply",
		    APPLY_BYTES);
	pathmap_done(&a.files);
	pathmap_done(&a.links);
	pathmap_done(&a.names);
	pathmap_done(&a.marks);
	pathmap_done(&a.own);
	buf_done(&a.path);
	buf_done(&a.text);
	free(a.nondir.v);
	free(a.dirs.v);
	free(a.seen);
	free(a.link);
	return (r);
}

const struct distribution *
apply_distribution(const struct apply_result *r, struct str type)
{
	for (size_t i = 0; i < r->nforeign; i++)
		if (str_eq(r->foreign[i].type, type))
			return (&r->foreign[i].os);
	return (&r->os);
}

/* Not what an ecosystem's advisories speak about, whatever its name: a program's
 * own sources, a fork, what only built it, what the framework overrides. */
static bool
is_not_published(struct str scope)
{
	static const char *const t[] = { "application", "build", "git", "local",
	    "registry", "replaced", "framework" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(scope, t[i]))
			return (true);
	return (false);
}

struct match_package
apply_match_package(const struct apply_result *r, size_t i, char ns[NAMESPACE_TEXT])
{
	const struct package *p = &r->packages[i].p;

	if (is_not_published(p->scope))
		ns[0] = '\0';
	else
		namespace_of(apply_distribution(r, p->type), p->type, ns);
	return ((struct match_package) { .namespace = str_of(ns),
		.type = p->type, .name = p->name, .version = p->version,
		.arch = p->arch, .source_name = p->source_name,
		.source_version = p->source_version,
		.origin = str_of(r->packages[i].origin), .module = p->module });
}

void
apply_result_free(struct apply_result *r)
{
	if (r == NULL)
		return;
	free(r->packages);
	free(r->notes);
	free(r->reasons);
	pool_free(r->pool);
	free(r);
}
