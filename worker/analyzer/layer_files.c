/* See layer_parts.h: the content of one file to the analyzers that want it. */
#include <assert.h>
#include <stdlib.h>
#include "binary.h"
#include "common/limits.h"
#include "common/path.h"
#include "common/text.h"
#include "layer_parts.h"

/* Of databases with a log beside them. */
#define HELD_BYTES (320 * MIB)

/* ------------------------------------------------------- wanted files -- */

bool
layer_skips(const struct layer *l, const struct analyzer *a)
{
	for (size_t i = 0; i < l->opt->nskip; i++)
		if (str_eqz(l->opt->skip[i], a->name))
			return (true);
	return (false);
}

uint64_t
layer_ceiling(const struct layer *l, const struct analyzer *a)
{
	uint64_t max = a->max != 0 ? a->max : LIMIT_FILE_WHOLE;

	return (max < l->limits.file_bytes ? max : l->limits.file_bytes);
}

void
layer_not_read(struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f, int code, const char *why)
{
	struct diag d;
	char path[600];

	text_escape(f->path, path, sizeof(path));
	diag_set(&d, code, 0, "%s (%s): %s", path, a->name, why);
	layer_record_plain(l, a, f, str_of(""), code, str_of(d.text));
	layer_incomplete(l, code, "", d.text);
}

static void
breadcrumb(struct layer *l, const char *analyzer, struct str path)
{
	if (l->sink->breadcrumb != NULL)
		l->sink->breadcrumb(l->sink->arg, analyzer, path);
}

/* Take in what an analyzer made of ${path}: its record, from ${at} on, if any. */
static void
settle(struct layer *l, struct str path, size_t at, int rc, uint64_t n,
    const struct diag *why)
{
	char text[600];
	struct diag d;

	if (l->records.bytes.n > at) {
		records_add(&l->records, at, layer_hash(l, path));
		layer_kept(l, path);
	}
	if (rc < 0) {
		text_escape(path, text, sizeof(text));
		layer_incomplete(l, rc, text, why->text);
		l->stop = l->stop || l->records.bytes.n == at;
	}
	l->stats.packages += n;
	if (budget_charge(&l->budget, BUDGET_PACKAGES, n, &d) < 0) {
		layer_incomplete(l, d.code, "", d.text);
		l->stop = true;
	}
}

static void
run_with_side(struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f, struct str content, struct str side)
{
	const struct analyzer_input in = { f, content, side, l->opt->sip_key,
		&l->listed };
	size_t at = l->records.bytes.n;
	uint64_t n = 0;
	struct diag d;
	int rc;

	breadcrumb(l, a->name, f->path);
	rc = analyzer_run(a, &in, &l->records.bytes, &n, &d);
	breadcrumb(l, "", str_of(""));
	settle(l, f->path, at, rc, n, &d);
}

/* May a distribution's package bring it?  What lies elsewhere (app, home, usr/local) is
 * the image's own, and the largest that has rows. */
static bool
is_of_packages(struct str path)
{
	static const char *const places[] = { "usr/", "opt/", "lib", "bin/",
	    "sbin/", "etc/", "var/" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_starts(path, places[i]))
			return (!str_starts(path, "usr/local/"));
	return (false);
}

/* Keep a copy until the file beside it is there, too. */
static void
hold(struct layer *l, const struct analyzer *a, const struct analyzer_file *f,
    struct str content)
{
	struct held *h = &l->held[l->nheld];
	size_t total = content.n;

	for (size_t i = 0; i < l->nheld; i++)
		total += l->held[i].content.n;
	if (l->nheld == LAYER_HELD || total > HELD_BYTES) {
		layer_not_read(l, a, f, ERR_LIMIT,
		    "more databases than can be held");
		return;
	}
	*h = (struct held) { .a = a, .mode = f->mode };
	buf_init(&h->path, LIMIT_PATH + 1);
	buf_init(&h->lies, LIMIT_PATH + 1);
	buf_init(&h->content, content.n + 1);	/* it may be empty */
	if (buf_str(&h->path, f->path) < 0 || buf_str(&h->lies, f->lies) < 0 ||
	    buf_str(&h->content, content) < 0)
		abort();	/* they have their size */
	l->nheld++;
	layer_kept(l, f->path);
}

void
layer_run(struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f, struct str content)
{
	uint64_t before = l->stats.packages;
	uint8_t sums[SUMS_BYTES];

	if (layer_skips(l, a))
		layer_not_read(l, a, f, ERR_UNSUPPORTED, LAYER_CRASHED);
	else if (content.n > layer_ceiling(l, a))
		layer_not_read(l, a, f, ERR_LIMIT, "larger than its ceiling");
	else if (a->side != NULL)
		hold(l, a, f, content);
	else
		run_with_side(l, a, f, content, str_of(""));
	/* names and folders have no content, lists nobody asks about */
	if (l->stats.packages == before || content.n == 0 || a->owners_only ||
	    !is_of_packages(f->path))
		return;
	sums_of(content, sums);
	layer_found(l, f->path, sums);
}

void
layer_run_held(struct layer *l)
{
	char text[600];

	for (size_t i = 0; i < l->nheld && l->broken == 0; i++) {
		struct held *h = &l->held[i], *other = NULL;
		struct str path = buf_view(&h->path), main = path;
		const struct analyzer_file f = { path, h->content.n, h->mode,
		    buf_view(&h->lies) };
		bool is_side = str_ends(path, h->a->side);

		if (h->dead)
			continue;
		if (is_side)
			main = str_sub(path, 0, path.n - strlen(h->a->side));
		for (size_t k = 0; k < l->nheld; k++) {
			struct str p = buf_view(&l->held[k].path);

			if (k == i || l->held[k].dead || l->held[k].a != h->a)
				continue;
			if (is_side ? str_eq(p, main) :
			    str_eq(str_sub(p, 0, path.n), path) &&
			    str_eqz(str_sub(p, path.n, p.n), h->a->side))
				other = &l->held[k];
		}
		if (!is_side) {
			run_with_side(l, h->a, &f, buf_view(&h->content),
			    other != NULL ? buf_view(&other->content) :
			    str_of(""));
		} else if (other == NULL && h->content.n > 0) {
			/* Whoever only looked into a database of a lower layer
			 * leaves an empty one. */
			text_escape(path, text, sizeof(text));
			layer_incomplete(l, ERR_UNSUPPORTED, text,
			    "changes to a file of a lower layer");
		}
	}
	for (size_t i = 0; i < l->nheld; i++) {
		buf_done(&l->held[i].path);
		buf_done(&l->held[i].lies);
		buf_done(&l->held[i].content);
	}
	l->nheld = 0;
}

/* Too large to hold, and of a format that can be read in portions. */
static bool
in_portions(const struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f)
{
	return (a->paragraphs && f->size > layer_ceiling(l, a) &&
	    analyzer_wants(a, f, l->opt->lock_files));
}

/* A regular file: whoever wants it by name gets it whole.  ${content} is NULL, or
 * what was read of it already; afterwards all that was read.  False if nobody did. */
static bool
wanted_file(struct layer *l, const struct archive_item *it, struct str *content)
{
	const struct analyzer_file f = { .path = buf_view(&l->key),
	    .size = it->size, .mode = it->mode };
	const struct analyzer *a;
	bool any = false;
	struct diag d;
	int rc;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!analyzer_wants(a, &f, l->opt->lock_files))
			continue;
		any = true;
		if (layer_skips(l, a)) {
			layer_not_read(l, a, &f, ERR_UNSUPPORTED,
			    LAYER_CRASHED);
			continue;
		}
		if (in_portions(l, a, &f)) {
			any = false;	/* see streamed_file */
			break;
		}
		if (it->size > layer_ceiling(l, a)) {
			layer_not_read(l, a, &f, ERR_LIMIT,
			    "larger than its ceiling");
			continue;
		}
		if (content->p == NULL) {
			if ((rc = archive_content(l->r, layer_ceiling(l, a),
			    &l->content, &d)) < 0) {
				layer_not_read(l, a, &f, rc, d.text);
				return (true);
			}
			*content = buf_view(&l->content);
		}
		layer_run(l, a, &f, *content);
	}
	return (any);
}

/* Does ${a} keep a file of that path and ${head}? */
static bool
keeps(const struct analyzer *a, const struct archive_item *it, struct str key,
    struct str head)
{
	return (it->size > 0 ? a->looks != NULL && a->looks(head) :
	    a->empty != NULL && str_eqz(path_base(key), a->empty));
}

/* Keep a file nobody wants if it looks like a database, as ${key}; ${first} are its
 * first bytes, taken from the archive already.  One without bytes has but its name. */
static void
keep_orphan(struct layer *l, const struct archive_item *it, struct str key,
    uint64_t hash, struct str first)
{
	struct str head = str_sub(first, 0, ANALYZER_HEAD);
	bool database = false, in_folder = false;

	for (size_t i = 0; analyzer_all[i] != NULL && !database; i++)
		if (keeps(analyzer_all[i], it, key, head)) {
			database = !analyzer_all[i]->in_folder;
			in_folder = !database;
		}
	if (database && !orphans_room(&l->orphans, key, it->size))
		l->orphans_lost = true;
	else if (in_folder && !orphans_room(&l->orphans, key,
	    it->size + ORPHAN_BYTES / 2))
		l->in_folder_lost = true;
	else if (database || in_folder)
		orphans_keep(&l->orphans, key, hash, first, it->size, l->r);
}

/* ------------------------------------------------ read piece by piece -- */

static size_t
open_readings(struct layer *l, const struct analyzer_file *f, struct str head,
    struct analyzer_reading *ret[LAYER_READINGS],
    const struct analyzer *as[LAYER_READINGS])
{
	const struct analyzer *a;
	size_t n = 0;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!(a->stream != NULL ? a->stream->wants(f, head) :
		    in_portions(l, a, f)))
			continue;
		assert(n < LAYER_READINGS);
		if (layer_skips(l, a)) {
			layer_not_read(l, a, f, ERR_UNSUPPORTED,
			    LAYER_CRASHED);
			continue;
		}
		as[n] = a;
		ret[n++] = analyzer_open(a, f, head, l->opt->sip_key);
	}
	return (n);
}

/* The end of a reading; ${got} < 0 and ${why} when the file was cut. */
static void
close_reading(struct layer *l, const struct analyzer_file *f,
    struct analyzer_reading *r, int64_t got, const struct diag *why)
{
	size_t at = l->records.bytes.n;
	uint64_t packages;
	struct diag d = *why;
	int rc = analyzer_close(r, got < 0 ? (int)got : 0, &l->records.bytes,
	    &packages, &d);

	settle(l, f->path, at, rc, packages, &d);
}

static void
feed_all(struct layer *l, const struct analyzer_file *f,
    struct analyzer_reading *const r[], const struct analyzer *const as[],
    size_t n, struct str piece, struct sums *sums)
{
	if (sums != NULL)
		sums_add(sums, piece);
	for (size_t i = 0; i < n; i++) {
		breadcrumb(l, as[i]->name, f->path);
		analyzer_feed(r[i], cur_str(piece));
	}
}

/*
 * Sums of a program that streams by, or NULL.  Whether it has rows is known after its
 * last byte, and to make them of all programs takes half the time of a layer: those
 * called like well-known ones it is, others are whose the path is.
 */
static struct sums *
sums_of_program(const struct analyzer_file *f)
{
	return (is_of_packages(f->path) && binary_names(path_base(f->path)) ?
	    sums_new() : NULL);
}

static void
found_program(struct layer *l, const struct analyzer_file *f, struct sums *s,
    bool found)
{
	uint8_t sums[SUMS_BYTES];

	if (s == NULL)
		return;
	sums_end(s, sums);
	if (found)
		layer_found(l, f->path, sums);
}

/*
 * Offer the file to the stream analyzers.  ${have} are its first bytes, which
 * were taken from the archive; the rest still is there, unless ${have} is all.
 * False if none wanted it; the archive is where it was then.
 */
static bool
streamed_file(struct layer *l, const struct archive_item *it, struct str have)
{
	const struct analyzer_file f = { .path = buf_view(&l->key),
	    .size = it->size, .mode = it->mode };
	struct analyzer_reading *r[LAYER_READINGS];
	const struct analyzer *as[LAYER_READINGS];
	struct diag why = { 0 };
	uint64_t before = l->stats.packages;
	const uint8_t *p = NULL;
	struct sums *sums;
	int64_t got = 0;
	size_t n;

	n = open_readings(l, &f, str_sub(have, 0, ANALYZER_HEAD), r, as);
	if (n == 0)
		return (false);
	sums = sums_of_program(&f);
	feed_all(l, &f, r, as, n, have, sums);
	while (have.n < it->size &&
	    (got = archive_read_piece(l->r, &p, &why)) > 0)
		feed_all(l, &f, r, as, n, str_n(p, (size_t)got), sums);
	for (size_t i = 0; i < n; i++) {
		breadcrumb(l, as[i]->name, f.path);
		close_reading(l, &f, r[i], got, &why);
	}
	found_program(l, &f, sums, got >= 0 && l->stats.packages > before);
	breadcrumb(l, "", str_of(""));
	return (true);
}

/* The first bytes of a file: at least ANALYZER_HEAD, if it has so many. */
static struct str
first_bytes(struct layer *l, const struct archive_item *it)
{
	const uint8_t *p = NULL;
	int64_t n = archive_read_piece(l->r, &p, NULL);

	if (n <= 0)
		return (str_of(""));
	if (n >= ANALYZER_HEAD || (uint64_t)n >= it->size)
		return (str_n(p, (size_t)n));
	buf_clear(&l->content);
	do
		if (buf_add(&l->content, p, (size_t)n) < 0)
			break;
	while (l->content.n < ANALYZER_HEAD &&
	    (n = archive_read_piece(l->r, &p, NULL)) > 0);
	return (buf_view(&l->content));
}

/* Whoever needs nothing but the name. */
static void
named_file(struct layer *l, const struct archive_item *it)
{
	const struct analyzer_file f = { .path = buf_view(&l->key),
	    .size = it->size, .mode = it->mode };
	const struct analyzer *a;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants_name(a, &f))
			layer_run(l, a, &f, str_of(""));
}

/* ------------------------------------------------- objects of ostree -- */

/* sysroot/ostree/repo/objects/XX/YYY.file */
static bool
is_object(struct str path)
{
	return (str_ends(path, ".file") &&
	    str_ends(path_dir(path_dir(path)), "ostree/repo/objects"));
}

static void
hold_object(struct layer *l, const struct archive_item *it)
{
	struct object *o = &l->object;

	buf_clear(&o->path);
	buf_clear(&o->content);
	o->mode = it->mode;
	o->named = false;
	/* archive_next tells what is wrong */
	o->here = buf_str(&o->path, buf_view(&l->key)) == 0 &&
	    archive_content(l->r, l->limits.file_bytes, &o->content, NULL) == 0;
}

/* Read the object as the file l->key. */
static void
read_object(struct layer *l)
{
	struct str content = buf_view(&l->object.content);
	struct str path = buf_view(&l->object.path);
	const struct archive_item it = { .type = ARCHIVE_FILE,
	    .mode = l->object.mode, .size = content.n, .size_known = true };
	uint64_t hash = layer_hash(l, path);
	struct str kept;
	bool wanted;

	named_file(l, &it);
	wanted = wanted_file(l, &it, &content);
	if (!streamed_file(l, &it, content) && !wanted &&
	    !orphans_find(&l->orphans, path, hash, &kept))
		keep_orphan(l, &it, path, hash, content);
}

bool
layer_names_object(struct layer *l, uint64_t hash, struct str to)
{
	struct str path = buf_view(&l->object.path), key = buf_view(&l->key);
	uint64_t object = layer_hash(l, path);
	struct str other;
	size_t at = 0;

	if (!l->object.here || !str_eq(to, path) ||
	    records_of(&l->objects, path, object, &at, &other))
		return (false);		/* further names are links to the first */
	if (l->object.named && !layer_may_reread(l, l->object.content.n))
		return (true);
	read_object(l);
	l->object.named = true;
	at = 0;
	if (!records_of(&l->records, key, hash, &at, &other)) {
		/* symbolic links may lead to it */
		if (!analyzer_any_wants(key, l->opt->lock_files) &&
		    !orphans_link(&l->orphans, key, hash, path, object))
			l->orphans_lost = true;
		return (true);
	}
	(void)layer_add(l, &l->linked, hash);
	if (records_pair(&l->objects, path, object, key) < 0 && !l->stop) {
		layer_incomplete(l, ERR_LIMIT, "", "too many hard links");
		l->stop = true;
	}
	return (true);
}

void
layer_end_object(struct layer *l, const struct archive_item *next)
{
	struct object *o = &l->object;
	unsigned flags;

	if (!o->here || (next != NULL && next->type == ARCHIVE_HARDLINK &&
	    path_normalise(next->target, &l->target, &flags) == 0 &&
	    str_eq(buf_view(&l->target), buf_view(&o->path))))
		return;
	o->here = false;
	buf_clear(&l->key);
	if (!o->named && buf_str(&l->key, buf_view(&o->path)) == 0)
		read_object(l);
	if (o->content.cap > MIB)
		buf_done(&o->content);
}

/* ------------------------------------------------------------ an entry -- */

void
layer_regular_file(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct str key = buf_view(&l->key), content = { NULL, 0 }, first;

	if (it->size > 0 && it->size <= l->limits.file_bytes && is_object(key)) {
		hold_object(l, it);
		return;
	}
	named_file(l, it);
	buf_clear(&l->content);
	if (wanted_file(l, it, &content)) {
		if (content.n > 0)
			(void)streamed_file(l, it, content);
	} else if (it->size > 0) {
		first = first_bytes(l, it);
		if (first.n > 0 && !streamed_file(l, it, first))
			keep_orphan(l, it, key, hash, first);
	} else {
		keep_orphan(l, it, key, hash, str_of(""));
	}
	if (l->content.cap > MIB)	/* one huge file does not stay */
		buf_done(&l->content);
}
