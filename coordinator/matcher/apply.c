/*
 * Layers are applied lowest first, each in two passes: remove what it hides
 * from the result so far, then add its own.  Kept are only the files that
 * analyzers read and all symbolic links; what is removed stands in apply_hide.c.
 */
#include <stdarg.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "common/text.h"
#include "coordinator/matcher/apply_parts.h"

/* Paths, notes and reasons of one image. */
#define APPLY_BYTES (512 * MIB)
/* Texts for people: enough to see what is wrong. */
#define APPLY_TEXTS 500

/* --------------------------------------------------------------- texts -- */

void
apply_out_of_room(struct apply *a)
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
		apply_out_of_room(a);
		return;
	}
	if (*n == 0)
		*list = mem_array(APPLY_TEXTS, sizeof(**list));
	(*list)[(*n)++] = copy;
}

void
apply_note(struct apply *a, const char *fmt, ...)
{
	char s[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	add_text(a, &a->res->notes, &a->res->nnotes, str_of(s));
}

void
apply_incomplete(struct apply *a, const char *fmt, ...)
{
	char s[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	a->res->incomplete = true;
	add_text(a, &a->res->reasons, &a->res->nreasons, str_of(s));
}

struct str
apply_key(struct apply *a, struct str x, struct str y, struct str z)
{
	buf_clear(&a->text);
	if (buf_str(&a->text, x) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, y) < 0 || buf_byte(&a->text, 0) < 0 ||
	    buf_str(&a->text, z) < 0)
		return (str_of(""));
	return (buf_view(&a->text));
}

void *
apply_keep(struct apply *a, size_t n)
{
	void *p = pool_alloc(a->res->pool, n);

	if (p == NULL)
		apply_out_of_room(a);
	return (p);
}

/* ---------------------------------------------------- what a layer adds -- */

/* Links to one place that are looked through for the one that was there. */
#define RESTATED 100

/* Remember where ${s} leads to. */
static void
add_way(struct apply *a, struct link *s)
{
	unsigned n = 0;
	struct str to;

	if (path_resolve(path_dir(s->path), s->target, &a->path) < 0)
		return;
	to = buf_view(&a->path);
	s->next = pathmap_get(&a->ways, to);
	if (s->next == NULL && pool_str(a->res->pool, to, &to) < 0)
		apply_out_of_room(a);
	else
		pathmap_put(&a->ways, to, s);
	/* stated again it is the link that was there */
	for (const struct link *old = s->next; old != NULL && n++ < RESTATED;
	    old = old->next)
		if (old->until == s->layer && str_eq(old->path, s->path) &&
		    old->since < s->since)
			s->since = old->since;
}

static void
add_links(struct apply *a, const struct layer_inventory *l, uint32_t layer)
{
	for (size_t i = 0; i < l->ntree; i++) {
		const struct tree_entry *e = &l->tree[i];
		const struct link *old;
		struct link *s;

		if (e->kind != TREE_SYMLINK)
			continue;
		if ((s = apply_keep(a, sizeof(*s))) == NULL ||
		    pool_str(a->res->pool, apply_below(a, e->path), &s->path) < 0) {
			apply_out_of_room(a);
			return;
		}
		if (!str_eq(s->path, e->path) && apply_in_pieces(&a->dirs,
		    siphash(a->sip_key, s->path)))
			apply_incomplete(a, "layer %u: %.*s: a link to where the "
			    "layer has a directory by another name", layer,
			    STR_ARG(e->path));
		s->target = e->target;
		s->name = e->path;
		s->layer = s->since = layer;
		old = pathmap_get(&a->links, s->path);	/* by its target */
		s->twice = old != NULL && old->layer == layer &&
		    (old->twice || (!str_eq(old->name, s->name) &&
		    !str_eq(old->target, s->target)));
		if ((a->nlink & (a->nlink - 1)) == 0)
			a->link = mem_realloc(a->link, a->nlink == 0 ?
			    1 : a->nlink * 2, sizeof(struct link *));
		a->link[a->nlink++] = s;
		pathmap_put(&a->links, s->path, &s->target);
		add_way(a, s);
	}
}

struct seen *
apply_find(const struct apply *a, struct str path, struct str kind)
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

bool
apply_same_content(const struct inventory_file *f, const struct inventory_file *g)
{
	return (memcmp(f->sha256, g->sha256, sizeof(f->sha256)) == 0 &&
	    f->n == g->n);
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
		if (rows == NULL || !(same || distribution_is_os_type(f->packages[i].type)))
			continue;
		key.p = &f->packages[i];
		hit = bsearch(&key, rows, old->n, sizeof(*rows), row_cmp);
		if (hit != NULL)
			since[i] = hit->since;
	}
	free(rows);
}

/* ${f} comes to the place of ${s}.  SQLite applies whatever log lies there. */
static void
show_log(struct apply *a, struct seen *s, const struct inventory_file *f,
    uint32_t layer)
{
	if (apply_attribute(f, "LOG").n > 0)
		s->log = true;
	else if (s->log)
		apply_incomplete(a, "layer %u: %.*s lies beside the log of "
		    "another one, with which it was not read", layer,
		    STR_ARG(s->path));
}

/* ${f}'s rows become visible at ${path}; ${from} is the file of a lower layer
 * they come from by a hard link, else NULL. */
static void
show(struct apply *a, struct str path, const struct inventory_file *f,
    uint32_t layer, const struct seen *from)
{
	struct seen *s = apply_find(a, path, f->kind);
	const struct seen *old = s != NULL &&
	    (s->hidden == 0 || s->hidden == layer + 1) ? s : from;
	uint32_t *since = apply_keep(a, (f->n + 1) * sizeof(*since));
	size_t db;

	if (since == NULL)
		return;
	/* Emptied is removed: what it listed is there, and told by nothing.  So is
	 * an empty file where it was removed before. */
	if (s != NULL && s->file->n > 0 && f->n == 0 && f->error == 0 &&
	    apply_is_of_database(s, &db)) {
		if (old == s)
			s->hidden = layer + 1;
		s->emptied = true;
		s->led_away = false;
		return;
	}
	attribute(f, since, layer, old != NULL ? old->file : NULL,
	    old != NULL ? old->since : NULL);
	if (s == NULL) {
		if ((s = apply_keep(a, sizeof(*s))) == NULL ||
		    pool_str(a->res->pool, path, &s->path) < 0) {
			apply_out_of_room(a);
			return;
		}
		if ((a->nseen & (a->nseen - 1)) == 0)
			a->seen = mem_realloc(a->seen, a->nseen == 0 ? 1 :
			    a->nseen * 2, sizeof(struct seen *));
		a->seen[a->nseen++] = s;
		s->next = pathmap_get(&a->files, s->path);
		pathmap_put(&a->files, s->path, s);
	}
	if (s->file == NULL || !apply_same_content(s->file, f)) {
		s->content_layer = layer;
		s->altered = 0;
	}
	show_log(a, s, f, layer);
	s->file = f;
	s->since = since;
	s->file_layer = layer;
	s->hidden = 0;
	s->emptied = s->led_away = false;
}

/* A path of a layer at work. */
struct way {
	struct str path;
	uint32_t layer;
	const struct link *unsure;
};

/* Is ${link} of the same layer, and not by that name a part of the path?  Then
 * nothing says whether it was there when the path was. */
static void
note_way(void *arg, const struct str *target)
{
	const struct link *link = (const void *)target;	/* see add_links */
	struct way *w = arg;
	size_t n = link->name.n;

	if (link->layer == w->layer && (link->twice ||
	    !str_eq(str_sub(w->path, 0, n), link->name) ||
	    (w->path.n > n && w->path.p[n] != '/')))
		w->unsure = link;
}

/* Where ${path}, which ${layer} brings or links to, lies.  False when that is too
 * far away. */
static bool
find_place(struct apply *a, struct str path, uint32_t layer, struct buf *ret)
{
	struct way w = { path, layer, NULL };

	if (pathmap_resolve_via(&a->links, path, false, ret, note_way, &w) < 0) {
		apply_incomplete(a, "layer %u: %.*s lies behind too many links",
		    layer, STR_ARG(path));
		return (false);
	}
	if (w.unsure != NULL)
		apply_incomplete(a, "layer %u: %.*s leads through %.*s, a link of "
		    "the same layer that may have come later", layer,
		    STR_ARG(path), STR_ARG(w.unsure->name));
	return (true);
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

/* Is hard link ${e} to what its own layer replaced since? */
static bool
is_replaced_below(const struct apply *a, const struct tree_entry *e)
{
	return (e->kind == TREE_HARDLINK && apply_in_pieces(&a->nondir,
	    siphash(a->sip_key, e->target)));
}

static void
put_own(struct apply *a, struct str kind, struct str path, const void *value)
{
	struct str key = own_key(a, kind, path);

	if (pool_str(a->res->pool, key, &key) < 0)
		apply_out_of_room(a);
	else
		pathmap_put(&a->own, key, (void *)(uintptr_t)value);
}

/* Index the layer's files by name, only when hard links will ask; those that are
 * links to what it replaced since also by no kind. */
static void
index_own(struct apply *a, const struct layer_inventory *l)
{
	bool any = false;

	pathmap_done(&a->own);
	for (size_t i = 0; i < l->nfiles; i++)
		any |= l->files[i].hardlink.n > 0;
	for (size_t i = 0; i < l->nfiles && any && !a->full; i++)
		put_own(a, l->files[i].kind, l->files[i].path, &l->files[i]);
	for (size_t i = 0; i < l->ntree && any && !a->full; i++)
		if (is_replaced_below(a, &l->tree[i]))
			put_own(a, str_of(""), l->tree[i].path, &l->tree[i]);
}

/* Is ${f}, a hard link, to what its own layer replaced since? */
static bool
is_link_below(struct apply *a, const struct inventory_file *f)
{
	return (pathmap_get(&a->own, own_key(a, str_of(""), f->path)) != NULL);
}

/* ${path} is a hard link to ${f}.  A name takes few bytes of a layer, what it
 * stands for may be a database: there is a limit to that. */
static void
show_link(struct apply *a, struct str path, const struct inventory_file *f,
    uint32_t layer, const struct seen *from)
{
	bool told = a->nlinked > LIMIT_LINKED_PACKAGES;

	if (!told)
		a->nlinked += f->n;
	if (a->nlinked <= LIMIT_LINKED_PACKAGES)
		show(a, path, f, layer, from);
	else if (!told)
		apply_incomplete(a, "layer %u: %.*s: this and other hard links "
		    "state more than %d packages again", layer, STR_ARG(path),
		    LIMIT_LINKED_PACKAGES);
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
	while (to != NULL && to->hardlink.n > 0 && hops++ < PATH_HOPS) {
		bool is_below = is_link_below(a, to);
		/* one before ${f} is shown by now, what it led to is not */
		struct str target = is_below && to != f ? to->path : to->hardlink;

		to = is_below ? NULL :
		    pathmap_get(&a->own, own_key(a, f->kind, target));
		if (to != NULL)
			continue;
		if (find_place(a, target, layer, &key) &&
		    (from = apply_find(a, buf_view(&key), f->kind)) != NULL &&
		    (from->hidden == 0 || from->hidden == layer + 1))
			to = from->file;
	}
	if (to != NULL && to->hardlink.n == 0)
		show_link(a, path, to, layer, from);
	else
		apply_incomplete(a, "layer %u: %.*s is a hard link to %.*s, which "
		    "was not read", layer, STR_ARG(path), STR_ARG(f->hardlink));
	buf_done(&key);
}

/* A hard link to a file of a lower layer: what was read of it for its content.
 * Who chooses files by name says in ${e}'s layer that it wants this one, too. */
static void
add_link_below(struct apply *a, const struct tree_entry *e, uint32_t layer)
{
	const struct seen *from, *next;
	struct buf key;

	buf_init(&key, LIMIT_PATH + 1);
	if (find_place(a, e->target, layer, &key)) {
		from = pathmap_get(&a->files, buf_view(&key));
		for (; from != NULL; from = next) {
			next = from->next;
			if ((from->hidden == 0 || from->hidden == layer + 1) &&
			    from->file_layer < layer &&
			    inventory_is_of_content(from->file->kind) &&
			    find_place(a, e->path, layer, &a->path))
				show_link(a, buf_view(&a->path), from->file,
				    layer, from);
		}
	}
	buf_done(&key);
}

/* Links to files of lower layers that this one replaces come before its own files,
 * links to these after them. */
enum { PASS_BELOW, PASS_FILES, PASS_LINKS, PASSES };

static int
pass_of(struct apply *a, const struct inventory_file *f)
{
	if (f->hardlink.n == 0)
		return (PASS_FILES);
	return (is_link_below(a, f) ? PASS_BELOW : PASS_LINKS);
}

static void
add_links_below(struct apply *a, const struct layer_inventory *l,
    uint32_t layer, bool replaced)
{
	for (size_t i = 0; i < l->ntree && !a->full; i++)
		if (l->tree[i].kind == TREE_HARDLINK &&
		    is_replaced_below(a, &l->tree[i]) == replaced)
			add_link_below(a, &l->tree[i], layer);
}

static void
add_file(struct apply *a, const struct inventory_file *f, struct buf *key,
    uint32_t layer)
{
	struct str path = f->lies.n > 0 ? f->lies : f->path;
	const struct link *link;
	struct seen *s;

	if (!find_place(a, path, layer, key))
		return;
	/* A link of this path came earlier in the tar, or the layer would not
	 * have kept the file; of one by another name that is not known. */
	link = pathmap_get(&a->links, buf_view(key));
	if (link != NULL && !str_eq(link->name, path))
		apply_incomplete(a, "layer %u: %.*s lies where %.*s, a link of the "
		    "same layer, may have come later", layer, STR_ARG(path),
		    STR_ARG(link->name));
	if (link != NULL)
		pathmap_put(&a->links, buf_view(key), NULL);
	if (layer > 0 && !str_eq(buf_view(key), path) &&
	    apply_in_pieces(&a->nondir, siphash(a->sip_key, buf_view(key))))
		apply_incomplete(a, "layer %u: %.*s leads to %.*s, which the same "
		    "layer brings by that name, too", layer, STR_ARG(path),
		    STR_ARG(buf_view(key)));
	if (f->hardlink.n > 0)
		add_hard_link(a, f, buf_view(key), layer);
	else
		show(a, buf_view(key), f, layer, NULL);
	if ((s = apply_find(a, buf_view(key), f->kind)) != NULL) {
		s->name = f->path;
		if (f->altered)
			s->altered = layer + 1;
	}
}

static void
add_files(struct apply *a, const struct layer_inventory *l, uint32_t layer)
{
	struct buf key;

	buf_init(&key, LIMIT_PATH + 1);
	index_own(a, l);
	add_links_below(a, l, layer, true);
	for (int pass = 0; pass < PASSES; pass++)
		for (size_t i = 0; i < l->nfiles && !a->full; i++)
			if (pass_of(a, &l->files[i]) == pass)
				add_file(a, &l->files[i], &key, layer);
	add_links_below(a, l, layer, false);
	buf_done(&key);
}

static void
apply_one(struct apply *a, uint32_t layer)
{
	const struct layer_inventory *l = a->layers[layer];

	if (l == NULL) {
		apply_incomplete(a, "layer %u: not read", layer);
		return;
	}
	if (l->incomplete && l->nreasons == 0)
		apply_incomplete(a, "layer %u: incomplete", layer);
	for (size_t i = 0; i < l->nreasons; i++)
		apply_incomplete(a, "layer %u: %.*s", layer, STR_ARG(l->reasons[i]));
	for (size_t i = 0; i < l->ntree; i++)
		if (l->tree[i].kind == TREE_ANOMALY)
			apply_note(a, "layer %u: %.*s", layer, STR_ARG(l->tree[i].path));
	pathmap_done(&a->marks);
	if (layer > 0) {
		free(a->nondir.v);
		free(a->dirs.v);
		a->nondir = apply_pieces(l, TREE_NONDIR);
		a->dirs = apply_pieces(l, TREE_DIR);
		if (a->nondir.n == 0) {
			a->res->needs_hashes = true;
			apply_incomplete(a, "layer %u: was read without path hashes",
			    layer);
		}
		apply_hide_links(a, layer);
	}
	add_links(a, l, layer);
	if (layer > 0)
		apply_hide_files(a, layer);
	add_files(a, l, layer);
	apply_note_removed(a, layer);
}

/* Bytes of what ${l} brings that each layer above it looks at. */
static uint64_t
names_of(const struct layer_inventory *l)
{
	uint64_t n = 0;

	for (size_t i = 0; l != NULL && i < l->nfiles; i++)
		n += l->files[i].path.n;
	for (size_t i = 0; l != NULL && i < l->ntree; i++)
		if (l->tree[i].kind == TREE_SYMLINK)
			n += l->tree[i].path.n;
	return (n);
}

/* How many layers, from the lowest, are applied. */
static size_t
layers_within(struct apply *a)
{
	uint64_t below = 0, names = 0;
	size_t files = 0, i;

	for (i = 0; i < a->nlayers; i++) {
		files += a->layers[i] != NULL ? a->layers[i]->nfiles : 0;
		names += below;
		if (files > LIMIT_IMAGE_FILES || names > LIMIT_IMAGE_NAMES)
			break;
		below += names_of(a->layers[i]);
	}
	if (files > LIMIT_IMAGE_FILES)
		apply_incomplete(a, "layer %zu and those above it were not "
		    "applied: more than %d files with packages", i,
		    LIMIT_IMAGE_FILES);
	else if (i < a->nlayers)
		apply_incomplete(a, "layer %zu and those above it were not "
		    "applied: too many and too long names below so many layers",
		    i);
	return (i);
}

struct apply_result *
apply_layers(const struct layer_inventory *const *layers, size_t n,
    const uint8_t sip_key[16])
{
	struct apply_result *r = mem_alloc(sizeof(*r));
	struct apply a = { .res = r, .layers = layers, .nlayers = n,
	    .sip_key = sip_key };
	size_t within;

	r->pool = pool_new(APPLY_BYTES);
	pathmap_init(&a.files, sip_key);
	pathmap_init(&a.links, sip_key);
	pathmap_init(&a.ways, sip_key);
	pathmap_init(&a.marks, sip_key);
	pathmap_init(&a.own, sip_key);
	pathmap_init(&a.tags, sip_key);
	buf_init(&a.path, LIMIT_PATH + 1);
	buf_init(&a.text, 4 * LIMIT_PACKAGE_TEXT);
	within = layers_within(&a);
	for (size_t i = 0; i < within && !a.full; i++)
		apply_one(&a, (uint32_t)i);
	apply_os(&a);
	apply_content_sets(&a);
	apply_check_redirected(&a);
	apply_rpm(&a);
	apply_rows(&a);
	if (a.full)
		apply_incomplete(&a, "the image needs more than %zu bytes to apply",
		    APPLY_BYTES);
	pathmap_done(&a.files);
	pathmap_done(&a.links);
	pathmap_done(&a.ways);
	pathmap_done(&a.marks);
	pathmap_done(&a.own);
	pathmap_done(&a.tags);
	buf_done(&a.path);
	buf_done(&a.text);
	free(a.nondir.v);
	free(a.dirs.v);
	free(a.seen);
	free(a.link);
	return (r);
}

void
apply_image_os(struct apply_result *r, struct str os)
{
	struct apply a = { .res = r };

	if (os.n > 0 && !str_eqz(os, "linux"))
		apply_incomplete(&a, "an image for %.*s, whose system is not read",
		    STR_ARG(os));
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
