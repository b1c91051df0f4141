/*
 * See layer_parts.h: links, by which a file is read under another name than the
 * one it was stored with.
 */
#include <stdlib.h>
#include "common/limits.h"
#include "common/path.h"
#include "common/text.h"
#include "layer_parts.h"
#include "redirects.h"

/* ----------------------------------------------------------- hard links -- */

/* Link the current entry to what stream analyzers found in ${to}, a file of
 * this layer, unless they want the entry by its name anyway. */
static void
link_readings(struct layer *l, const struct analyzer_file *f, struct str to)
{
	const struct analyzer *found[LAYER_READINGS], *a;
	size_t n = 0, at = 0;
	struct str kind;

	while (records_of(&l->records, to, layer_hash(l, to), &at, &kind)) {
		a = analyzer_named(kind);
		if (a != NULL && a->stream != NULL && n < LAYER_READINGS &&
		    !analyzer_wants(a, f, false))
			found[n++] = a;
	}
	for (size_t i = 0; i < n; i++)
		layer_record_plain(l, found[i], f, to, 0, str_of(""));
}

/* The content of ${to}, where it is known, is that of the current entry, too. */
static void
link_sums(struct layer *l, struct str path, struct str to)
{
	uint8_t sums[SUMS_BYTES];
	struct str text;
	size_t at = 0;

	if (!records_of(&l->found, to, layer_hash(l, to), &at, &text))
		return;
	memcpy(sums, text.p, sizeof(sums));
	layer_found(l, path, sums);
}

/* Its target may be of a lower layer, or be replaced: that is known at the end. */
static void
link_later(struct layer *l, struct str path, uint64_t hash, struct str to)
{
	layer_kept(l, path);
	(void)layer_add(l, &l->linked, layer_hash(l, to));
	if (records_pair(&l->links, path, hash, to) < 0 && !l->stop) {
		layer_incomplete(l, ERR_LIMIT, "", "too many hard links");
		l->stop = true;
	}
}

bool
layer_may_reread(struct layer *l, uint64_t n)
{
	if (l->linked_bytes + n <= l->limits.linked_bytes) {
		l->linked_bytes += n;
		return (true);
	}
	if (!l->stop)
		layer_incomplete(l, ERR_LIMIT, "", "too much to read again "
		    "under names of hard links");
	l->stop = true;
	return (false);
}

void
layer_hard_link(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct analyzer_file f = { .path = buf_view(&l->key), .mode = it->mode };
	struct str to, name, content = { NULL, 0 };
	const struct analyzer *a;
	unsigned flags;
	size_t at = 0;
	bool have;

	if (it->size > 0) {
		/* Readers disagree whether a body follows: what a runtime
		 * would unpack is not known. */
		layer_incomplete(l, ERR_UNSUPPORTED,
		    "a hard link with content", "");
	}
	if (path_normalise(it->target, &l->target, &flags) < 0) {
		layer_incomplete(l, ERR_LIMIT, "",
		    "a hard link's target is too long");
		return;
	}
	to = buf_view(&l->target);
	if (layer_names_object(l, hash, to))
		return;
	if (records_of(&l->objects, to, layer_hash(l, to), &at, &name))
		to = name;
	layer_kept(l, to);	/* what it leads to is what lies there now */
	link_readings(l, &f, to);
	link_sums(l, f.path, to);
	have = orphans_find(&l->orphans, to, layer_hash(l, to), &content);
	if (!have)
		link_later(l, f.path, hash, to);
	if (!analyzer_any_wants(f.path, l->opt->lock_files)) {
		if (!orphans_link(&l->orphans, f.path, hash, to,
		    layer_hash(l, to)))
			l->orphans_lost = true;
		return;
	}
	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!analyzer_wants(a, &f, l->opt->lock_files))
			continue;
		if (!have)
			layer_record_plain(l, a, &f, to, 0, str_of(""));
		else if (layer_may_reread(l, content.n))
			layer_run(l, a, &f, content);
	}
}

/* ------------------------------------------------------- symbolic links -- */

bool
layer_is_behind_link(const struct layer *l, struct str path)
{
	struct str dir, target;
	struct siphash hash;

	siphash_begin(&hash, l->opt->sip_key);
	for (size_t n = 0; path_next_folder(path, &n, &hash, &dir) &&
	    n < path.n; )
		if (layer_is_link(l, dir, siphash_end(&hash), &target))
			return (true);
	return (false);
}

void
layer_symbolic_link(struct layer *l, struct str path, struct str target)
{
	if (!layer_charge(l, path, target))
		return;
	if (records_pair(&l->symlinks, path, layer_hash(l, path), target) < 0)
		abort();	/* what is charged has room there */
	l->aliased = l->aliased || layer_is_behind_link(l, path);
	layer_kept(l, path);
}

/* Did something come by that very name, too?  It went through the link. */
static bool
is_taken(const struct layer *l, struct str path)
{
	struct str kind;
	size_t at = 0;

	for (size_t i = 0; i < l->nheld; i++)
		if (!l->held[i].dead && str_eq(buf_view(&l->held[i].path), path))
			return (true);
	return (records_of(&l->records, path, layer_hash(l, path), &at, &kind));
}

static void
run_as(struct layer *l, struct str path, struct str lies, struct str content)
{
	const struct analyzer_file f = { .path = path, .mode = 0100644,
	    .lies = lies };
	const struct analyzer *a;
	char name[600];

	if (is_taken(l, path)) {
		text_escape(path, name, sizeof(name));
		layer_incomplete(l, ERR_UNSUPPORTED, name, "also comes by the "
		    "name of where the same layer's link leads");
		return;
	}
	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants(a, &f, false))
			layer_run(l, a, &f, content);
}

/* Links of this layer put ${path} at ${place}: if it was kept, or files below it
 * were, read them as if they stood there. */
static bool
read_redirected(void *arg, struct str place, struct str path)
{
	struct layer *l = arg;
	struct str content, name;
	struct buf file, lies;
	size_t at = 0;

	if (orphans_find(&l->orphans, path, layer_hash(l, path), &content))
		run_as(l, place, path, content);
	buf_init(&file, LIMIT_PATH + 1);
	buf_init(&lies, LIMIT_PATH + 1);
	while (l->broken == 0 && orphans_below(&l->orphans, path, &at, &name,
	    &content)) {
		buf_clear(&file);
		buf_clear(&lies);
		if (buf_str(&file, place) == 0 && buf_byte(&file, '/') == 0 &&
		    buf_str(&file, name) == 0 && (path.n == 0 ||
		    (buf_str(&lies, path) == 0 && buf_byte(&lies, '/') == 0)) &&
		    buf_str(&lies, name) == 0)
			run_as(l, buf_view(&file), buf_view(&lies), content);
	}
	buf_done(&file);
	buf_done(&lies);
	return (l->broken == 0);
}

/* What links of other layers may lead to. */
static void
run_anywhere(struct layer *l)
{
	struct str name, content;
	const struct analyzer *a;
	size_t at = 0;

	while (l->broken == 0 && orphans_below(&l->orphans, str_of(""), &at,
	    &name, &content)) {
		const struct analyzer_file f = { .path = name, .size = content.n,
		    .mode = 0100644 };

		for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
			if (a->anywhere && content.n <= layer_ceiling(l, a) &&
			    a->looks(str_sub(content, 0, ANALYZER_HEAD)) &&
			    !layer_skips(l, a))
				layer_run(l, a, &f, content);
	}
}

/* ... but not all of it was kept. */
static bool
read_in_part(void *arg, struct str place, struct str path)
{
	char name[600];

	text_escape(place, name, sizeof(name));
	layer_incomplete(arg, ERR_LIMIT, name, "not all that the link leads to "
	    "was read: the layer has more that looks like packages than is kept");
	return (read_redirected(arg, place, path));
}

void
layer_run_redirected(struct layer *l)
{
	run_anywhere(l);
	/* one lost may be the log of one that is there */
	if (l->broken == 0 && !l->orphans_lost)
		redirects_each(&l->symlinks, l->opt->sip_key, read_redirected, l);
	if (l->broken == 0 && redirects_of_languages(&l->symlinks,
	    l->opt->sip_key, l->orphans_lost || l->in_folder_lost ? read_in_part :
	    read_redirected, l) < 0)
		layer_incomplete(l, ERR_LIMIT, "",
		    "too many links to folders of packages");
}
