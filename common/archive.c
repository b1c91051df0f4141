/*
 * libarchive behind archive.h.  What runtimes make of a tar's headers is another
 * thing where its dialects meet, and names come from them (tar_entry.h): they
 * are read once more in the windows that inflate.c keeps.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include "common/archive.h"
#include "cur.h"
#include "limits.h"
#include "mem.h"
#include "tar_entry.h"

#define BLOCK TAR_ENTRY_BLOCK
/* Signatures of a zip's headers. */
#define MARK 4
/* A header has at most 30 + 2 * 65535 bytes; a piece that it ends in comes on top. */
#define RECENT ((size_t)512 << 10)
/* Damaged entries behind which a zip is taken up again. */
#define DAMAGED_MAX 10000
/* The end record of a zip without its comment; before it, of zip64, a record and
 * its locator. */
#define ZIP_END 22
#define ZIP64_END ((size_t)56 + 20)

static const uint8_t zero_block[BLOCK];

struct piece {
	const uint8_t *p;
	size_t n;
	uint64_t at;		/* offset in the tar */
};

struct archive_reader {
	struct archive *a;
	struct archive_entry *entry;	/* current, libarchive's */
	struct inflate *z;	/* tar */
	struct source src;	/* zip */
	struct piece kept[INFLATE_KEEPS + 1];
	unsigned turn;
	int (*format)(struct archive *);	/* of libarchive's readers ... */
	int (*filter)(struct archive *);
	la_ssize_t (*bytes)(struct archive *, void *, const void **);
	uint64_t at;		/* bytes handed to libarchive */
	uint64_t header;	/* of a zip: offset of the current entry's ... */
	bool begins;		/* ... or, before the first, where to look */
	uint8_t *recent;	/* of a zip: the bytes before ${at} */
	size_t nrecent;
	uint8_t *again;		/* to be handed out once more, owned */
	struct cur behind;	/* what of it is left */
	bool over;		/* the directory was found behind damage */
	unsigned damaged;	/* entries */
	uint64_t entries;	/* met */
	struct tar_entry headers;	/* of a tar: before the current entry */
	uint64_t next;		/* offset where a runtime goes on; 0 = not known */
	uint64_t lone_end;	/* offset behind a single zero block; 0 = none */
	bool ended;		/* by two of them */
	int error;		/* of the stream below, with its diag */
	struct diag diag;
	/* content of the current entry */
	uint64_t pos, size;
	bool size_known, data_end, sparse;
	const uint8_t *block;	/* libarchive's, not handed out yet */
	size_t nblock;
	uint64_t block_at;
	char finding[160];
};

/* The stream ends within a block, behind the last byte of the last file: umoci
 * insert ends its layers so, and what runs images takes them for whole. */
static bool
only_padding_missing(const struct archive_reader *r)
{
	uint64_t rest = r->at % BLOCK;

	return (rest != 0 && r->size % BLOCK != 0 && rest >= r->size % BLOCK &&
	    !r->sparse);
}

static la_ssize_t
tar_bytes(struct archive *a, void *arg, const void **ret)
{
	struct archive_reader *r = arg;
	const uint8_t *p = NULL;
	int64_t n;

	if ((n = inflate_read(r->z, &p, &r->diag)) < 0) {
		r->error = (int)n;
		archive_set_error(a, EIO, "stream");
		return (ARCHIVE_FATAL);
	}
	if (n == 0 && only_padding_missing(r)) {
		p = zero_block;
		n = (int64_t)(BLOCK - r->at % BLOCK);
	}
	*ret = p;
	r->kept[r->turn++ % (INFLATE_KEEPS + 1)] =
	    (struct piece) { p, (size_t)n, r->at };
	r->at += (uint64_t)n;
	return ((la_ssize_t)n);
}

/* Remember what a zip's reader got: it may have to be looked at again. */
static void
keep_recent(struct archive_reader *r, const uint8_t *p, size_t n)
{
	struct cur c = cur_of(p, n);

	if (n > RECENT && !cur_skip(&c, n - RECENT))
		return;
	n = cur_left(&c);
	if (n > 2 * RECENT - r->nrecent) {
		memmove(r->recent, r->recent + r->nrecent - RECENT, RECENT);
		r->nrecent = RECENT;
	}
	memcpy(r->recent + r->nrecent, c.p, n);
	r->nrecent += n;
}

static la_ssize_t
source_bytes(struct archive *a, void *arg, const void **ret)
{
	struct archive_reader *r = arg;
	const uint8_t *p = r->behind.p;
	int64_t n = (int64_t)cur_left(&r->behind);

	r->behind = cur_of(NULL, 0);
	if (n == 0 && (n = r->src.read(r->src.arg, &p, &r->diag)) < 0) {
		r->error = (int)n;
		archive_set_error(a, EIO, "stream");
		return (ARCHIVE_FATAL);
	}
	*ret = p;
	if (r->recent != NULL)
		keep_recent(r, p, (size_t)n);
	r->at += (uint64_t)n;
	return ((la_ssize_t)n);
}

static int
no_filter(struct archive *a)
{
	return (archive_read_support_filter_none(a));
}

/* Both are libraries in Debian's build; elsewhere they would be programs, and
 * ARCHIVE_WARN says so. */
static int
file_filters(struct archive *a)
{
	int rc = archive_read_support_filter_xz(a);

	return (rc != ARCHIVE_OK ? rc : archive_read_support_filter_bzip2(a));
}

/* Opening reads the first bytes and may fail on them; archive_next tells that, as
 * libarchive keeps the error. */
static void
reader_open(struct archive_reader *r)
{
	if ((r->a = archive_read_new()) == NULL)
		exit(EXIT_NO_MEMORY);
	if (r->filter(r->a) != ARCHIVE_OK || r->format(r->a) != ARCHIVE_OK ||
	    archive_read_open2(r->a, r, NULL, r->bytes, NULL, NULL) != ARCHIVE_OK) {
		if (r->error == 0 && r->at > 0)
			r->error = diag_set(&r->diag, ERR_MALFORMED, 0,
			    "cannot be opened as an archive");
	}
}

static struct archive_reader *
reader_new(int (*format)(struct archive *), int (*filter)(struct archive *),
    la_ssize_t (*bytes)(struct archive *, void *, const void **),
    struct inflate *z, const struct source *src)
{
	struct archive_reader *r = mem_alloc(sizeof(*r));

	r->z = z;
	if (src != NULL)
		r->src = *src;
	r->format = format;
	r->filter = filter;
	r->bytes = bytes;
	r->begins = true;
	if (format == archive_read_support_format_zip_streamable)
		r->recent = mem_alloc(2 * RECENT);
	reader_open(r);
	return (r);
}

struct archive_reader *
archive_open_tar(struct inflate *z)
{
	return (reader_new(archive_read_support_format_tar, no_filter, tar_bytes,
	    z, NULL));
}

struct archive_reader *
archive_open_zip(const struct source *src)
{
	return (reader_new(archive_read_support_format_zip_streamable,
	    no_filter, source_bytes, NULL, src));
}

struct archive_reader *
archive_open_raw(const struct source *src)
{
	return (reader_new(archive_read_support_format_raw, file_filters,
	    source_bytes, NULL, src));
}

void
archive_close(struct archive_reader *r)
{
	if (r == NULL)
		return;
	archive_read_free(r->a);
	tar_entry_clear(&r->headers);
	free(r->recent);
	free(r->again);
	free(r);
}

/* Copy ${n} raw bytes of the tar from offset ${at}; false when they are no
 * longer (or not yet) in a kept window. */
static bool
raw(const struct archive_reader *r, uint64_t at, uint8_t *to, size_t n)
{
	const struct piece *k;
	struct cur c;
	size_t take, i;

	while (n > 0) {
		for (i = 0; i <= INFLATE_KEEPS; i++) {
			k = &r->kept[i];
			if (k->n > 0 && at >= k->at && at - k->at < k->n)
				break;
		}
		if (i > INFLATE_KEEPS)
			return (false);
		c = cur_of(k->p, k->n);
		if (!cur_skip(&c, (size_t)(at - k->at)))
			return (false);
		take = cur_left(&c) < n ? cur_left(&c) : n;
		memcpy(to, c.p, take);
		to += take;
		at += take;
		n -= take;
	}
	return (true);
}

/* With what fills the last block. */
static uint64_t
padded(uint64_t n)
{
	return ((n + BLOCK - 1) / BLOCK * BLOCK);
}

/* Look at the raw headers of the current entry, which libarchive took for
 * ${it}: NULL, or what is wrong with them. */
static const char *
judge_headers(struct archive_reader *r, struct archive_item *it)
{
	uint64_t at = (uint64_t)archive_read_header_position(r->a), n;
	uint64_t start = at;
	const char *why = r->next > 0 && r->next != start ?
	    "begins elsewhere than the entry before it ends" : NULL;
	uint8_t h[BLOCK];
	uint8_t *body;

	tar_entry_clear(&r->headers);
	r->next = 0;
	for (; why == NULL; at += BLOCK + padded(n)) {
		if (!raw(r, at, h, sizeof(h)))
			return ("extended headers larger than the limit");
		if (memchr("xXgLK", h[156], 5) == NULL) {
			why = tar_entry_judge(&r->headers, h, it, &n);
			if (n <= LIMIT_LAYER_TAR_BYTES)
				r->next = at + BLOCK + padded(n);
			return (why);
		}
		n = tar_entry_size(h);
		if (n > LIMIT_PAX_BYTES ||
		    at + BLOCK - start > LIMIT_PAX_BYTES)
			return ("extended headers larger than the limit");
		body = mem_alloc((size_t)n + 1);
		why = raw(r, at + BLOCK, body, (size_t)n) ?
		    tar_entry_extended(&r->headers, (char)h[156], &body, (size_t)n) :
		    "extended headers larger than the limit";
		free(body);
	}
	return (why);
}

/* The one warning that is no finding: bytes that are not UTF-8 (or cannot be
 * shown in our locale) stay as they are. */
static bool
charset_only(struct archive *a)
{
	const char *s = archive_error_string(a);

	return (s != NULL && strstr(s, " can't be converted ") != NULL);
}

static enum archive_type
type_of(struct archive_entry *e)
{
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return (ARCHIVE_FILE);
	case AE_IFDIR:
		return (ARCHIVE_DIR);
	case AE_IFLNK:
		return (ARCHIVE_SYMLINK);
	default:
		return (ARCHIVE_OTHER);
	}
}

static void
fill_item(struct archive_reader *r, struct archive_item *ret)
{
	struct archive_entry *e = r->entry;
	struct archive_item it = { .finding = NULL };
	const char *path = archive_entry_pathname(e);

	it.path = str_of(path != NULL ? path : "");
	it.type = type_of(e);
	if (it.type == ARCHIVE_SYMLINK)
		it.target = str_of(archive_entry_symlink(e));
	if (archive_entry_hardlink(e) != NULL) {
		it.type = ARCHIVE_HARDLINK;
		it.target = str_of(archive_entry_hardlink(e));
	}
	it.mode = archive_entry_mode(e);
	it.size_known = archive_entry_size_is_set(e) != 0;
	it.size = it.size_known && archive_entry_size(e) > 0 ?
	    (uint64_t)archive_entry_size(e) : 0;
	if (path == NULL)
		it.finding = "an entry without a name";
	r->pos = 0;
	r->size = it.size;
	r->size_known = it.size_known;
	r->sparse = archive_entry_sparse_count(e) > 0;
	r->data_end = it.type != ARCHIVE_FILE && it.type != ARCHIVE_HARDLINK;
	r->nblock = 0;
	*ret = it;
}

/* libarchive failed: the reason is the stream's, if that failed. */
static int
failed(struct archive_reader *r, struct diag *d)
{
	const char *s = archive_error_string(r->a);

	if (r->error == 0)
		r->error = diag_set(&r->diag, ERR_MALFORMED, r->at, "%s",
		    s != NULL ? s : "damaged archive");
	if (d != NULL)
		*d = r->diag;
	return (r->error);
}

/* libarchive takes the first zero block for the end and consumes a second one
 * when there is one, but does not say which of the two it was. */
static void
note_end(struct archive_reader *r)
{
	uint64_t start = (uint64_t)archive_read_header_position(r->a);
	uint64_t end = (uint64_t)archive_filter_bytes(r->a, 0);
	uint8_t h[BLOCK];

	/* a global header of no entry may stand in between */
	if (end - start == BLOCK || (end - start > BLOCK &&
	    raw(r, end - 2 * BLOCK, h, BLOCK) &&
	    memcmp(h, zero_block, BLOCK) != 0))
		r->lone_end = end;
	else
		r->ended = end > start;
}

/* Do runtimes find the end elsewhere than libarchive did? */
static bool
ends_early(const struct archive_reader *r)
{
	return (r->next > 0 &&
	    r->next != (uint64_t)archive_read_header_position(r->a));
}

/* Look for a header's signature in ${c} and take it, with ${last} the bytes before. */
static bool
find_mark(struct cur *c, uint32_t *last)
{
	uint8_t byte;

	while (cur_u8(c, &byte)) {
		*last = *last << 8 | byte;
		if (*last == 0x504b0304 || *last == 0x504b0102)
			return (true);
	}
	return (false);
}

/* Where the header is that gave ${path}; libarchive knows it only roughly. */
static void
note_header(struct archive_reader *r, struct str path)
{
	uint64_t from = r->header, start = r->at - r->nrecent;
	struct cur c = cur_of(r->recent, r->nrecent), h;
	uint16_t nname, nextra;
	struct str name;
	uint32_t last = 0;

	from += r->begins ? 0 : MARK;
	if (from > start && !cur_skip(&c, (size_t)(from - start)))
		return;
	while (find_mark(&c, &last)) {
		h = c;
		if (cur_skip(&h, 22) && cur_u16le(&h, &nname) &&
		    cur_u16le(&h, &nextra) && cur_take_str(&h, nname, &name) &&
		    str_eq(name, path)) {
			r->header = r->at - cur_left(&c) - MARK;
			r->begins = false;
			return;
		}
	}
}

int
archive_next(struct archive_reader *r, struct archive_item *ret, struct diag *d)
{
	const char *why, *said;
	int rc;

	if (r->error != 0)
		return (failed(r, d));
	if (r->over)
		return (0);
	rc = archive_read_next_header(r->a, &r->entry);
	if (r->at == 0 && r->error == 0)
		return (0);	/* no byte at all is an empty archive */
	if (rc == ARCHIVE_EOF) {
		if (r->z == NULL)
			return (0);
		note_end(r);
		return (ends_early(r) ? diag_set(d, ERR_MALFORMED, r->next,
		    "more behind the last entry than it has") : 0);
	}
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return (failed(r, d));
	fill_item(r, ret);
	if (r->recent != NULL)
		note_header(r, ret->path);
	r->entries++;
	if (rc == ARCHIVE_WARN && !charset_only(r->a)) {
		said = archive_error_string(r->a);
		snprintf(r->finding, sizeof(r->finding), "%s",
		    said != NULL ? said : "libarchive warns without a word");
		ret->finding = r->finding;
	}
	if (r->z != NULL && (why = judge_headers(r, ret)) != NULL)
		ret->finding = why;
	return (1);
}

/* Take libarchive's next block of content into r->block.  0 or an error. */
static int
next_block(struct archive_reader *r, struct diag *d)
{
	const void *p = NULL;
	la_int64_t off = 0;
	size_t got = 0;
	int rc;

	rc = archive_read_data_block(r->a, &p, &got, &off);
	if (rc == ARCHIVE_EOF) {
		r->data_end = true;
		return (0);
	}
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return (archive_entry_is_data_encrypted(r->entry) == 1 ?
		    diag_set(d, ERR_UNSUPPORTED, r->at, "encrypted") :
		    failed(r, d));
	/* a zip's entry has another size or checksum than it says: where it
	 * seems to end another may be in the midst of its own content */
	if (rc == ARCHIVE_WARN && r->z == NULL)
		return (failed(r, d));
	if (off < 0 || (uint64_t)off < r->pos)
		return (diag_set(d, ERR_MALFORMED, r->at,
		    "overlapping pieces of a sparse file"));
	r->block = p;
	r->nblock = got;
	r->block_at = (uint64_t)off;
	return (0);
}

/* Stand before the next header behind that of the current entry. */
static bool
find_header(struct archive_reader *r)
{
	uint64_t from = r->header + MARK, start = r->at - r->nrecent;
	struct cur c = cur_of(r->recent, r->nrecent);
	uint8_t *again;
	const uint8_t *p;
	uint32_t last = 0;
	int64_t n;

	if (from > start && !cur_skip(&c, (size_t)(from - start)))
		return (false);
	while (!find_mark(&c, &last)) {
		if (cur_left(&r->behind) > 0) {
			c = r->behind;
			r->behind = cur_of(NULL, 0);
			n = (int64_t)cur_left(&c);
		} else if ((n = r->src.read(r->src.arg, &p, NULL)) <= 0)
			return (false);
		else
			c = cur_of(p, (size_t)n);
		r->at += (uint64_t)n;
	}
	again = mem_alloc(MARK + cur_left(&c) + cur_left(&r->behind));
	for (int i = 0; i < MARK; i++)
		again[i] = (uint8_t)(last >> (24 - 8 * i));
	n = MARK + (int64_t)cur_left(&c);
	memcpy(again + MARK, c.p, cur_left(&c));
	r->at -= (uint64_t)n;
	if (cur_left(&r->behind) > 0)	/* follows what was found */
		memcpy(again + n, r->behind.p, cur_left(&r->behind));
	r->behind = cur_of(again, (size_t)n + cur_left(&r->behind));
	free(r->again);
	r->again = again;
	r->nrecent = 0;
	r->header = r->at;
	r->begins = true;
	r->over = last == 0x504b0102;
	return (true);
}

bool
archive_goes_on(struct archive_reader *r)
{
	if (r->error == 0)
		return (true);
	/* bytes that are not there are not found again */
	if (r->recent == NULL || r->error != ERR_MALFORMED ||
	    ++r->damaged > DAMAGED_MAX || !find_header(r))
		return (false);
	r->error = 0;
	archive_read_free(r->a);
	reader_open(r);
	return (r->error == 0);
}

int64_t
archive_read_piece(struct archive_reader *r, const uint8_t **ret, struct diag *d)
{
	static const uint8_t zeros[65536];
	uint64_t n, until;
	int rc;

	while (!r->data_end && r->nblock == 0)
		if ((rc = next_block(r, d)) < 0)
			return (rc);
	until = r->nblock > 0 ? r->block_at :
	    r->size_known && r->size > r->pos ? r->size : r->pos;
	if (until > r->pos) {	/* a hole */
		n = until - r->pos < sizeof(zeros) ? until - r->pos : sizeof(zeros);
		*ret = zeros;
	} else {
		n = r->nblock;
		*ret = r->block;
		r->nblock = 0;
	}
	r->pos += n;
	return ((int64_t)n);
}

int
archive_content(struct archive_reader *r, uint64_t max, struct buf *b,
    struct diag *d)
{
	const uint8_t *p = NULL;
	uint64_t total = 0;
	int64_t n;

	if (r->size_known && r->size > max)
		return (diag_set(d, ERR_LIMIT, r->at,
		    "larger than %llu bytes", (unsigned long long)max));
	while ((n = archive_read_piece(r, &p, d)) > 0) {
		total += (uint64_t)n;
		if (total > max || buf_add(b, p, (size_t)n) < 0)
			return (diag_set(d, ERR_LIMIT, r->at,
			    "larger than %llu bytes", (unsigned long long)max));
	}
	return ((int)n);
}

/* The record that ends a zip, behind its signature; a comment may follow it.  Into
 * *${before} what stands before it. */
static bool
zip_end(const struct archive_reader *r, struct str *before, struct cur *ret)
{
	struct cur c = cur_of(r->recent, r->nrecent);
	struct str all = cur_rest(&c);
	uint16_t comment;

	for (size_t n = ZIP_END; n <= all.n && n <= ZIP_END + UINT16_MAX; n++) {
		*before = str_sub(all, 0, all.n - n);
		*ret = c = cur_str(str_sub(all, all.n - n, all.n));
		if (str_starts(cur_rest(&c), "PK\5\6") && cur_skip(&c, 20) &&
		    cur_u16le(&c, &comment) && cur_left(&c) == comment)
			return (cur_skip(ret, MARK));
	}
	return (false);
}

bool
archive_has_end(const struct archive_reader *r)
{
	struct str before;
	struct cur c;

	return (zip_end(r, &before, &c));
}

uint64_t
archive_lost(const struct archive_reader *r)
{
	struct str before;
	uint64_t all = 0;
	uint16_t n = 0;
	struct cur c;

	if (!zip_end(r, &before, &c) || !cur_skip(&c, 6) || !cur_u16le(&c, &n))
		return (0);
	all = n;
	if (n == UINT16_MAX) {
		if (before.n < ZIP64_END)
			return (0);
		before = str_sub(before, before.n - ZIP64_END, before.n);
		c = cur_str(before);
		if (!str_starts(before, "PK\6\6") || !cur_skip(&c, 32) ||
		    !cur_u64le(&c, &all))
			return (0);
	}
	return (all > r->entries ? all - r->entries : 0);
}

int
archive_finish(struct archive_reader *r, struct diag *d)
{
	uint8_t tail[BLOCK];
	const void *p;
	la_ssize_t n;

	while ((n = (r->z != NULL ? tar_bytes : source_bytes)(r->a, r, &p)) > 0)
		;
	if (n < 0)
		return (failed(r, d));
	if (r->z == NULL || r->at == 0)
		return (0);
	if (r->lone_end > 0 && r->at - r->lone_end >= BLOCK)
		return (diag_set(d, ERR_MALFORMED, r->lone_end,
		    "more behind a single zero block, where two end a tar"));
	if (r->at >= BLOCK && raw(r, r->at - BLOCK, tail, BLOCK) &&
	    memcmp(tail, zero_block, BLOCK) == 0)
		return (0);
	return (r->ended ? 2 : 1);
}

void
archive_warm_up(void)
{
	static const struct inflate_limits none = { 0 };
	uint8_t tar[8192];
	size_t used = 0;
	struct archive *w = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	struct source_memory m = { tar, 0, 0 };
	struct source src = source_memory(&m);
	struct archive_reader *r;
	struct archive_item it;
	struct inflate *z;

	setlocale(LC_CTYPE, "C.UTF-8");
	/* a zip's times go through mktime, which reads the zone's file each
	 * time unless TZ names the zone */
	setenv("TZ", "UTC0", 1);
	tzset();
	if (w == NULL || e == NULL)
		exit(EXIT_NO_MEMORY);
	archive_write_set_format_pax(w);
	archive_write_set_bytes_per_block(w, 0);
	archive_write_open_memory(w, tar, sizeof(tar), &used);
	archive_entry_set_pathname(e, "caf\xc3\xa9");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, 0);
	archive_write_header(w, e);
	archive_entry_free(e);
	archive_write_free(w);
	m.left = used;
	z = inflate_new(&src, &none);
	r = archive_open_tar(z);
	while (archive_next(r, &it, NULL) > 0)
		;
	archive_close(r);
	inflate_free(z);
}
