/*
 * One pass over a layer's tar.  Nothing is kept of an entry but what must be:
 * with hashes 8 bytes a path; of files that analyzers wanted their encoded
 * record, until the end, so that of several entries for one path the last
 * counts, as for a sequential extractor.
 */
#include <assert.h>
#include <stdlib.h>
#include "analyzer.h"
#include "binary.h"
#include "common/archive.h"
#include "common/budget.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "common/text.h"
#include "hashes.h"
#include "layer.h"
#include "orphans.h"
#include "records.h"
#include "redirects.h"
#include "sqlite_rows.h"

/* Texts about one layer: enough to see what is wrong, not a copy of it. */
#define TELLS 64
/* Path hashes in one tree entry: 256 KiB. */
#define HASH_PIECE 32768
/* Directory entries remembered: 16 MiB; file systems of millions of files have
 * a tenth of directories. */
#define DIRS_MAX 2000000

/* A file that is read together with the one beside it, at the end. */
struct held {
	const struct analyzer *a;
	struct buf path, content;
	uint32_t mode;
	bool dead;
};
/* Databases with a log beside them; an image has one or two. */
#define HELD 16
#define HELD_BYTES (320 * MIB)
/* Hard links to what may lie in a lower layer: path, NUL, target, NUL. */
#define LINK_BYTES (16 * MIB)
/* Stream analyzers at work on one file. */
#define READINGS 16

/* The source with its own failures kept apart from those of the stream. */
struct tap {
	struct source src;
	uint64_t bytes;
	int error;
	struct diag diag;
	bool end;
};

struct layer {
	const struct layer_options *opt;
	const struct layer_sink *sink;
	struct layer_limits limits;
	struct budget budget;
	struct tap tap;
	struct inflate *z;
	struct archive_reader *r;
	struct hashes nondir, dirs;	/* when asked for */
	struct buf key, target;	/* path keys of the current entry */
	struct buf content;
	struct records records;
	struct orphans orphans;
	bool orphans_lost;	/* some had no room */
	struct held held[HELD];
	size_t nheld;
	struct buf links;	/* see LINK_BYTES */
	struct redirects redirects;
	unsigned tells, anomalies;
	int broken;		/* what a callback returned */
	bool stop;		/* a ceiling was reached: no more entries */
	struct layer_stats stats;
};

static int64_t
tap_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct tap *t = arg;
	int64_t n;

	if (t->error != 0 || t->end) {
		if (d != NULL)
			*d = t->diag;
		return (t->error);
	}
	n = t->src.read(t->src.arg, ret, &t->diag);
	if (n > 0)
		t->bytes += (uint64_t)n;
	else if (n == 0)
		t->end = true;
	else
		t->error = (int)n;
	if (n < 0 && d != NULL)
		*d = t->diag;
	return (n);
}

/* A callback's refusal ends the walk. */
static void
heed(struct layer *l, int rc)
{
	if (rc < 0 && l->broken == 0)
		l->broken = rc;
}

static void
incomplete(struct layer *l, int code, const char *where, const char *why)
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

static void
tree(struct layer *l, enum tree_kind kind, struct str path, struct str target)
{
	const struct tree_entry e = { kind, path, target };
	struct diag d;

	/* 16: an upper bound of what the encoding adds to the texts. */
	if (budget_charge(&l->budget, BUDGET_TREE, path.n + target.n + 16, &d) < 0) {
		if (!l->stop)
			incomplete(l, d.code, "", d.text);
		l->stop = true;
		return;
	}
	heed(l, l->sink->tree(l->sink->arg, &e));
}

static void
anomaly(struct layer *l, struct str path, const char *why)
{
	struct diag d;
	char text[1024];

	if (l->anomalies++ >= TELLS)
		return;
	text_escape(str_sub(path, 0, 300), text, sizeof(text));
	diag_set(&d, ERR_MALFORMED, 0, "%s: %s", text,
	    l->anomalies == TELLS ? "and more oddities" : why);
	tree(l, TREE_ANOMALY, str_of(d.text), str_of(""));
}

/* ------------------------------------------------------------- records -- */

static uint64_t
hash_of(const struct layer *l, struct str path)
{
	return (siphash(l->opt->sip_key, path));
}

/* An entry of this path comes: what was read for it before is replaced. */
static void
replace(struct layer *l, struct str path, uint64_t hash)
{
	orphans_drop(&l->orphans, hash);
	redirects_drop(&l->redirects, path);
	for (size_t i = 0; i < l->nheld; i++)
		if (str_eq(buf_view(&l->held[i].path), path))
			l->held[i].dead = true;
	if (records_drop(&l->records, path, hash))
		anomaly(l, path, "occurs more than once; the last counts");
}

/* Append a record without rows: a hard link, or a file that was not read. */
static void
record_plain(struct layer *l, const struct analyzer *a, struct str link,
    int error, struct str reason)
{
	const struct inventory_file f = {
		.path = buf_view(&l->key), .kind = str_of(a->name),
		.revision = a->revision, .hardlink = link, .error = error,
		.reason = reason,
	};
	size_t at = l->records.bytes.n;

	if (inventory_file_write(&l->records.bytes, &f) == 0) {
		records_add(&l->records, at, hash_of(l, f.path));
		return;
	}
	if (!l->stop)
		incomplete(l, ERR_LIMIT, "", "the inventory grows too large");
	l->stop = true;
}

/* ------------------------------------------------------- wanted files -- */

static bool
skipped(const struct layer *l, const struct analyzer *a)
{
	for (size_t i = 0; i < l->opt->nskip; i++)
		if (str_eqz(l->opt->skip[i], a->name))
			return (true);
	return (false);
}

static uint64_t
ceiling(const struct layer *l, const struct analyzer *a)
{
	uint64_t max = a->max != 0 ? a->max : LIMIT_FILE_WHOLE;

	return (max < l->limits.file_bytes ? max : l->limits.file_bytes);
}

static void
not_read(struct layer *l, const struct analyzer *a, int code, const char *why)
{
	struct diag d;
	char path[600];

	text_escape(buf_view(&l->key), path, sizeof(path));
	diag_set(&d, code, 0, "%s (%s): %s", path, a->name, why);
	record_plain(l, a, str_of(""), code, str_of(d.text));
	incomplete(l, code, "", d.text);
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

	if (l->records.bytes.n > at)
		records_add(&l->records, at, hash_of(l, path));
	if (rc < 0) {
		text_escape(path, text, sizeof(text));
		incomplete(l, rc, text, why->text);
		l->stop = l->stop || l->records.bytes.n == at;
	}
	l->stats.packages += n;
	if (budget_charge(&l->budget, BUDGET_PACKAGES, n, &d) < 0) {
		incomplete(l, d.code, "", d.text);
		l->stop = true;
	}
}

static void
run_with_side(struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f, struct str content, struct str side)
{
	const struct analyzer_input in = { f, content, side, l->opt->sip_key };
	size_t at = l->records.bytes.n;
	uint64_t n = 0;
	struct diag d;
	int rc;

	breadcrumb(l, a->name, f->path);
	rc = analyzer_run(a, &in, &l->records.bytes, &n, &d);
	breadcrumb(l, "", str_of(""));
	settle(l, f->path, at, rc, n, &d);
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
	if (l->nheld == HELD || total > HELD_BYTES) {
		not_read(l, a, ERR_LIMIT, "more databases than can be held");
		return;
	}
	*h = (struct held) { .a = a, .mode = f->mode };
	buf_init(&h->path, LIMIT_PATH + 1);
	buf_init(&h->content, content.n + 1);	/* it may be empty */
	if (buf_str(&h->path, f->path) < 0 || buf_str(&h->content, content) < 0)
		abort();	/* both have their size */
	l->nheld++;
}

static void
run(struct layer *l, const struct analyzer *a, const struct analyzer_file *f,
    struct str content)
{
	if (a->side != NULL)
		hold(l, a, f, content);
	else
		run_with_side(l, a, f, content, str_of(""));
}

/* The end of the layer: each held file with the one beside it. */
static void
run_held(struct layer *l)
{
	char text[600];

	for (size_t i = 0; i < l->nheld && l->broken == 0; i++) {
		struct held *h = &l->held[i], *other = NULL;
		struct str path = buf_view(&h->path), main = path;
		const struct analyzer_file f = { path, h->content.n, h->mode };
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
			incomplete(l, ERR_UNSUPPORTED, text,
			    "changes to a file of a lower layer");
		}
	}
	for (size_t i = 0; i < l->nheld; i++) {
		buf_done(&l->held[i].path);
		buf_done(&l->held[i].content);
	}
	l->nheld = 0;
}

/* Too large to hold, and of a format that can be read in portions. */
static bool
in_portions(const struct layer *l, const struct analyzer *a,
    const struct analyzer_file *f)
{
	return (a->paragraphs && f->size > ceiling(l, a) &&
	    analyzer_wants(a, f, l->opt->lock_files));
}

/* A regular file: whoever wants it by name gets it whole; it stays in
 * l->content.  False if nobody did. */
static bool
wanted_file(struct layer *l, const struct archive_item *it)
{
	const struct analyzer_file f = { buf_view(&l->key), it->size, it->mode };
	const struct analyzer *a;
	bool have = false, any = false;
	struct diag d;
	int rc;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!analyzer_wants(a, &f, l->opt->lock_files))
			continue;
		any = true;
		if (skipped(l, a)) {
			not_read(l, a, ERR_UNSUPPORTED,
			    "not analysed again after a crash");
			continue;
		}
		if (in_portions(l, a, &f)) {
			any = false;	/* see streamed_file */
			break;
		}
		if (it->size > ceiling(l, a)) {
			not_read(l, a, ERR_LIMIT, "larger than its ceiling");
			continue;
		}
		if (!have) {
			if ((rc = archive_content(l->r, ceiling(l, a),
			    &l->content, &d)) < 0) {
				not_read(l, a, rc, d.text);
				buf_clear(&l->content);
				return (true);
			}
			have = true;
		}
		run(l, a, &f, buf_view(&l->content));
	}
	return (any);
}

/* Keep a file nobody wants if it looks like a database; ${first} are its first
 * bytes, taken from the archive already. */
static void
keep_orphan(struct layer *l, const struct archive_item *it, uint64_t hash,
    struct str first)
{
	struct str key = buf_view(&l->key);
	struct str head = str_sub(first, 0, ANALYZER_HEAD);
	bool like = false;

	for (size_t i = 0; analyzer_all[i] != NULL && !like; i++)
		like = analyzer_all[i]->looks != NULL &&
		    analyzer_all[i]->looks(head);
	if (!like)
		return;
	if (!orphans_room(&l->orphans, key, it->size))
		l->orphans_lost = true;
	else
		orphans_keep(&l->orphans, key, hash, first, it->size, l->r);
}

/* ------------------------------------------------ read piece by piece -- */

static size_t
open_readings(struct layer *l, const struct analyzer_file *f, struct str head,
    struct analyzer_reading *ret[READINGS], const struct analyzer *as[READINGS])
{
	const struct analyzer *a;
	size_t n = 0;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!(a->stream != NULL ? a->stream->wants(f, head) :
		    in_portions(l, a, f)))
			continue;
		assert(n < READINGS);
		if (skipped(l, a)) {
			not_read(l, a, ERR_UNSUPPORTED,
			    "not analysed again after a crash");
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
    size_t n, struct str piece)
{
	for (size_t i = 0; i < n; i++) {
		breadcrumb(l, as[i]->name, f->path);
		analyzer_feed(r[i], cur_str(piece));
	}
}

/*
 * Offer the file to the stream analyzers.  ${have} are its first bytes, which
 * were taken from the archive; the rest still is there, unless ${have} is all.
 * False if none wanted it; the archive is where it was then.
 */
static bool
streamed_file(struct layer *l, const struct archive_item *it, struct str have)
{
	const struct analyzer_file f = { buf_view(&l->key), it->size, it->mode };
	struct analyzer_reading *r[READINGS];
	const struct analyzer *as[READINGS];
	struct diag why = { 0 };
	const uint8_t *p = NULL;
	int64_t got = 0;
	size_t n;

	n = open_readings(l, &f, str_sub(have, 0, ANALYZER_HEAD), r, as);
	if (n == 0)
		return (false);
	feed_all(l, &f, r, as, n, have);
	while (have.n < it->size &&
	    (got = archive_read_piece(l->r, &p, &why)) > 0)
		feed_all(l, &f, r, as, n, str_n(p, (size_t)got));
	for (size_t i = 0; i < n; i++) {
		breadcrumb(l, as[i]->name, f.path);
		close_reading(l, &f, r[i], got, &why);
	}
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

static void
regular_file(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct str first;

	buf_clear(&l->content);
	if (wanted_file(l, it)) {
		if (l->content.n > 0)
			(void)streamed_file(l, it, buf_view(&l->content));
	} else if (it->size > 0) {
		first = first_bytes(l, it);
		if (first.n > 0 && !streamed_file(l, it, first))
			keep_orphan(l, it, hash, first);
	}
	if (l->content.cap > MIB)	/* one huge file does not stay */
		buf_done(&l->content);
}

/* ----------------------------------------------------------- hard links -- */

/* Link the current entry to what stream analyzers found in ${to}, a file of
 * this layer, unless they want the entry by its name anyway.  False if they
 * found nothing there. */
static bool
link_readings(struct layer *l, const struct analyzer_file *f, struct str to)
{
	const struct analyzer *found[READINGS], *a;
	size_t n = 0, at = 0;
	struct str kind;

	while (records_of(&l->records, to, hash_of(l, to), &at, &kind)) {
		a = analyzer_named(kind);
		if (a != NULL && a->stream != NULL && n < READINGS &&
		    !analyzer_wants(a, f, false))
			found[n++] = a;
	}
	for (size_t i = 0; i < n; i++)
		record_plain(l, found[i], to, 0, str_of(""));
	return (n > 0);
}

/* Its target may be of a lower layer; that is known at the end. */
static void
link_later(struct layer *l, struct str path, struct str to)
{
	if (!l->opt->want_hashes)
		return;		/* nothing lies below */
	if ((buf_str(&l->links, path) < 0 || buf_byte(&l->links, 0) < 0 ||
	    buf_str(&l->links, to) < 0 || buf_byte(&l->links, 0) < 0) &&
	    !l->stop) {
		incomplete(l, ERR_LIMIT, "", "too many hard links");
		l->stop = true;
	}
}

static void
hard_link(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct analyzer_file f = { .path = buf_view(&l->key), .mode = it->mode };
	struct str to, content = { NULL, 0 };
	const struct analyzer *a;
	unsigned flags;
	bool have;

	if (it->size > 0) {
		/* Readers disagree whether a body follows: what a runtime
		 * would unpack is not known. */
		incomplete(l, ERR_UNSUPPORTED, "a hard link with content", "");
	}
	if (path_normalise(it->target, &l->target, &flags) < 0) {
		incomplete(l, ERR_LIMIT, "", "a hard link's target is too long");
		return;
	}
	to = buf_view(&l->target);
	if (!link_readings(l, &f, to))
		link_later(l, f.path, to);
	if (!analyzer_any_wants(f.path)) {
		if (!orphans_link(&l->orphans, f.path, hash, to, hash_of(l, to)))
			l->orphans_lost = true;
		return;
	}
	have = orphans_find(&l->orphans, to, hash_of(l, to), &content);
	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++) {
		if (!analyzer_wants(a, &f, l->opt->lock_files))
			continue;
		if (!have)
			record_plain(l, a, to, 0, str_of(""));
		else if (skipped(l, a))
			not_read(l, a, ERR_UNSUPPORTED,
			    "not analysed again after a crash");
		else if (content.n > ceiling(l, a))
			not_read(l, a, ERR_LIMIT, "larger than its ceiling");
		else
			run(l, a, &f, content);
	}
}

/* ------------------------------------------------------- symbolic links -- */

static void
symbolic_link(struct layer *l, struct str path, struct str target)
{
	tree(l, TREE_SYMLINK, path, target);
	redirects_add(&l->redirects, path, target);
}

static void
run_as(struct layer *l, struct str path, struct str content)
{
	const struct analyzer_file f = { .path = path, .mode = 0100644 };
	const struct analyzer *a;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants(a, &f, false) && !skipped(l, a) &&
		    content.n <= ceiling(l, a))
			run(l, a, &f, content);
}

/* A link of this layer puts ${path} at ${place}: if it was kept, or files in it
 * were, read them as if they stood there. */
static bool
read_redirected(void *arg, struct str place, struct str path)
{
	struct layer *l = arg;
	struct str content, name;
	struct buf file;
	size_t at = 0;

	if (orphans_find(&l->orphans, path, hash_of(l, path), &content))
		run_as(l, place, content);
	buf_init(&file, LIMIT_PATH + 1);
	while (l->broken == 0 && orphans_in(&l->orphans, path, &at, &name,
	    &content)) {
		buf_clear(&file);
		if (buf_str(&file, place) == 0 && buf_byte(&file, '/') == 0 &&
		    buf_str(&file, name) == 0)
			run_as(l, buf_view(&file), content);
	}
	buf_done(&file);
	return (l->broken == 0);
}

/* At the end of the layer: databases that its own links lead to. */
static void
run_redirected(struct layer *l)
{
	if (l->broken == 0 && !l->orphans_lost)
		redirects_each(&l->redirects, read_redirected, l);
	/* else one lost may be the log of one that is there */
}

/* ------------------------------------------------------------ entries -- */

/* Some component before the last is a whiteout name: content of AUFS's own
 * directories, or of a whiteout that was written as a directory. */
static bool
in_whiteout(struct str dir)
{
	struct str part;

	if (memmem(dir.p, dir.n, ".wh.", 4) == NULL)
		return (false);
	while (str_split(&dir, '/', &part))
		if (str_starts(part, ".wh."))
			return (true);
	return (false);
}

/* True when the entry is a whiteout of whatever sort and is dealt with. */
static bool
whiteout(struct layer *l)
{
	struct str key = buf_view(&l->key);
	struct str base = path_base(key), dir = path_dir(key), name;

	if (dir.n > 0 && in_whiteout(dir))
		return (true);
	if (!str_starts(base, ".wh."))
		return (false);
	name = str_sub(base, 4, base.n);
	if (str_eqz(name, ".wh..opq")) {
		tree(l, TREE_OPAQUE, dir, str_of(""));
	} else if (name.n == 0 || str_eqz(name, ".") || str_eqz(name, "..")) {
		/* "Delete the directory itself" would let a crafted layer
		 * hide the whole image. */
		anomaly(l, key, "a whiteout without a name, ignored");
	} else if (str_starts(name, ".wh.") && !str_starts(name, ".wh..opq")) {
		;	/* AUFS: .wh..wh.plnk, .wh..wh.aufs, .wh..wh.orph */
	} else {
		/* ".wh..wh..opqX" hides ".wh..opqX", never the directory. */
		if (str_starts(name, ".wh."))
			anomaly(l, key, "looks like an opaque mark but is none");
		buf_clear(&l->target);
		if ((dir.n == 0 || (buf_str(&l->target, dir) == 0 &&
		    buf_byte(&l->target, '/') == 0)) &&
		    buf_str(&l->target, name) == 0)
			tree(l, TREE_WHITEOUT, buf_view(&l->target), str_of(""));
	}
	return (true);
}

static void
non_directory(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	struct str key = buf_view(&l->key);

	if (l->opt->want_hashes && hashes_add(&l->nondir, hash) < 0) {
		incomplete(l, ERR_LIMIT, "", "too many paths to hash");
		l->stop = true;
	}
	switch (it->type) {
	case ARCHIVE_FILE:
		regular_file(l, it, hash);
		break;
	case ARCHIVE_HARDLINK:
		hard_link(l, it, hash);
		break;
	case ARCHIVE_SYMLINK:
		if (it->target.n > LIMIT_PATH)
			anomaly(l, key, "the link's target is too long");
		else
			symbolic_link(l, key, it->target);
		break;
	default:
		break;
	}
}

static void
directory(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	const struct analyzer_file f = { buf_view(&l->key), 0, it->mode };
	const struct analyzer *a;

	if (l->opt->want_hashes && hashes_add(&l->dirs, hash) < 0 && !l->stop) {
		incomplete(l, ERR_LIMIT, "", "too many directories");
		l->stop = true;
	}
	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants_directory(a, &f) && !skipped(l, a))
			run(l, a, &f, str_of(""));
}

static void
entry(struct layer *l, const struct archive_item *it)
{
	unsigned flags = 0;
	char name[300];
	struct str key;
	uint64_t hash;

	if (it->finding != NULL) {
		text_escape(it->path, name, sizeof(name));
		incomplete(l, ERR_MALFORMED, name, it->finding);
	}
	if (path_normalise(it->path, &l->key, &flags) < 0) {
		text_escape(str_sub(it->path, 0, 100), name, sizeof(name));
		incomplete(l, ERR_LIMIT, name, "the path is too long");
		return;
	}
	key = buf_view(&l->key);
	if (flags & PATH_ESCAPED)
		anomaly(l, key, "its path leads out of the image");
	else if (flags & PATH_DOTDOT)
		anomaly(l, key, "its path has \"..\"");
	if (key.n == 0) {
		if (it->type != ARCHIVE_DIR)
			anomaly(l, key, "the root is no directory");
		return;
	}
	if (whiteout(l))
		return;
	hash = hash_of(l, key);
	replace(l, key, hash);
	if (it->type != ARCHIVE_DIR)
		non_directory(l, it, hash);
	else
		directory(l, it, hash);
}

static void
walk(struct layer *l)
{
	struct archive_item it;
	struct diag d;
	int rc = 1;

	while (l->broken == 0 && !l->stop &&
	    (rc = archive_next(l->r, &it, &d)) > 0) {
		l->stats.entries++;
		if (budget_charge(&l->budget, BUDGET_ENTRIES, 1, &d) < 0) {
			incomplete(l, d.code, "", d.text);
			l->stop = true;
			break;
		}
		entry(l, &it);
	}
	if (rc == 0 && (rc = archive_finish(l->r, &d)) == 1)
		anomaly(l, str_of("end of the archive"),
		    "lacks the closing zero blocks");
	if (rc < 0 && l->tap.error == 0)
		incomplete(l, rc, "", d.text);
}

/* ------------------------------------------------------------ results -- */

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
		if (hashes_find(&l->nondir, hash_of(l, to)) == l->nondir.n)
			tree(l, TREE_HARDLINK, path, to);
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
		anomaly(l, str_of("the layer"), "has several entries for one path");
	emit_links(l);
	emit_pieces(l, TREE_DIR, &l->dirs);
	emit_pieces(l, TREE_NONDIR, &l->nondir);
}

static struct layer_limits
limits_of(const struct layer_limits *asked)
{
	struct layer_limits r = *asked;
	const struct { uint64_t *v; uint64_t dflt; } t[] = {
		{ &r.blob_bytes, LIMIT_LAYER_BYTES },
		{ &r.tar_bytes, LIMIT_LAYER_TAR_BYTES },
		{ &r.ratio, LIMIT_RATIO }, { &r.ratio_free, LIMIT_RATIO_FREE },
		{ &r.entries, LIMIT_LAYER_ENTRIES },
		{ &r.file_bytes, LIMIT_FILE_LARGE },
		{ &r.inventory_bytes, LIMIT_INVENTORY_BYTES },
		{ &r.tree_bytes, LIMIT_TREE_BYTES },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (*t[i].v == 0)
			*t[i].v = t[i].dflt;
	return (r);
}

int
layer_read(const struct source *src, const struct layer_options *opt,
    const struct layer_sink *sink, struct layer_stats *ret, struct diag *d)
{
	struct layer l = { .opt = opt, .sink = sink, .tap.src = *src };
	const struct source tap = { tap_read, &l.tap };
	struct inflate_limits il;
	const uint8_t *p;

	l.limits = limits_of(&opt->limits);
	il = (struct inflate_limits) { l.limits.blob_bytes, l.limits.tar_bytes,
	    l.limits.ratio, l.limits.ratio_free };
	l.budget.max[BUDGET_ENTRIES] = l.limits.entries;
	l.budget.max[BUDGET_TREE] = l.limits.tree_bytes;
	l.budget.max[BUDGET_PACKAGES] = LIMIT_LAYER_PACKAGES;
	hashes_init(&l.nondir, l.limits.tree_bytes / 8);
	hashes_init(&l.dirs, DIRS_MAX);
	buf_init(&l.key, LIMIT_PATH + 1);
	buf_init(&l.target, LIMIT_PATH + 1);
	buf_init(&l.content, l.limits.file_bytes);
	records_init(&l.records, l.limits.inventory_bytes);
	orphans_init(&l.orphans);
	buf_init(&l.links, LINK_BYTES);
	redirects_init(&l.redirects);
	l.z = inflate_new(&tap, &il);
	l.r = archive_open_tar(l.z);
	walk(&l);
	run_redirected(&l);
	run_held(&l);
	l.stats.tar_bytes = inflate_out(l.z);
	/* What is not read is still taken, so that who sends it can verify
	 * the blob's digest. */
	while (l.broken == 0 && l.tap.bytes <= l.limits.blob_bytes &&
	    tap_read(&l.tap, &p, NULL) > 0)
		;
	archive_close(l.r);
	inflate_free(l.z);
	if (l.broken == 0 && l.tap.error == 0) {
		emit_records(&l);
		emit_hashes(&l);
	}
	l.stats.blob_bytes = l.tap.bytes;
	*ret = l.stats;
	hashes_done(&l.nondir);
	hashes_done(&l.dirs);
	buf_done(&l.key);
	buf_done(&l.target);
	buf_done(&l.content);
	records_done(&l.records);
	orphans_done(&l.orphans);
	buf_done(&l.links);
	redirects_done(&l.redirects);
	if (l.tap.error < 0 && d != NULL)
		*d = l.tap.diag;
	return (l.tap.error < 0 ? l.tap.error : l.broken);
}

void
layer_warm_up(void)
{
	uint8_t sum[DIGEST_BYTES];

	archive_warm_up();	/* sets the locale, opens iconv */
	inflate_warm_up();
	sqlite_rows_warm_up();
	(void)binary_names(str_of(""));	/* wakes who waits for it, if any */
	digest_of("", 0, sum);
}
