/* All integers are big endian; the magic's last bit says in which order the
 * checksums take the words. */
#include <stdlib.h>
#include "sqlite_wal.h"
#include "common/cur.h"
#include "common/mem.h"

#define MAGIC 0x377f0682	/* or with the last bit set */
#define VERSION 3007000
#define HEADER 32
#define FRAME 24
#define DB_HEADER 100

struct wal {
	struct cur frames;
	bool big;		/* words of checksums */
	uint32_t page_bytes, salt[2], sum[2];
};

struct frame {
	uint32_t page, pages;	/* pages: size of the database at a commit */
	struct str data;
};

bool
sqlite_wal_looks(struct str head)
{
	struct cur c = cur_str(head);
	uint32_t magic;

	return (cur_u32be(&c, &magic) && (magic & ~1u) == MAGIC);
}

/* Add ${s}, a multiple of 8 bytes, to a running checksum. */
static void
checksum(const struct wal *w, struct str s, uint32_t sum[2])
{
	struct cur c = cur_str(s);
	uint32_t x, y;

	while (w->big ? cur_u32be(&c, &x) && cur_u32be(&c, &y) :
	    cur_u32le(&c, &x) && cur_u32le(&c, &y)) {
		sum[0] += x + sum[1];
		sum[1] += y + sum[0];
	}
}

/* False when SQLite would take no notice of it. */
static bool
wal_open(struct str file, struct wal *ret)
{
	struct wal w = { .big = false };
	uint32_t magic, version, checkpoint, sum[2] = { 0, 0 };
	struct cur c = cur_str(file);

	if (!cur_u32be(&c, &magic) || (magic & ~1u) != MAGIC ||
	    !cur_u32be(&c, &version) || version != VERSION ||
	    !cur_u32be(&c, &w.page_bytes) || !cur_u32be(&c, &checkpoint) ||
	    !cur_u32be(&c, &w.salt[0]) || !cur_u32be(&c, &w.salt[1]) ||
	    !cur_u32be(&c, &w.sum[0]) || !cur_u32be(&c, &w.sum[1]))
		return (false);
	if (w.page_bytes < 512 || w.page_bytes > 65536 ||
	    (w.page_bytes & (w.page_bytes - 1)) != 0)
		return (false);
	w.big = (magic & 1) != 0;
	checksum(&w, str_sub(file, 0, HEADER - 8), sum);
	if (sum[0] != w.sum[0] || sum[1] != w.sum[1])
		return (false);
	w.frames = c;
	*ret = w;
	return (true);
}

/* The next valid frame. */
static bool
frame_next(struct wal *w, struct frame *ret)
{
	uint32_t salt[2], sum[2];
	struct str head;
	struct cur c;

	if (!cur_take(&w->frames, FRAME, &c))
		return (false);
	head = str_sub(cur_rest(&c), 0, 8);
	if (!cur_u32be(&c, &ret->page) || !cur_u32be(&c, &ret->pages) ||
	    !cur_u32be(&c, &salt[0]) || !cur_u32be(&c, &salt[1]) ||
	    !cur_u32be(&c, &sum[0]) || !cur_u32be(&c, &sum[1]) ||
	    !cur_take_str(&w->frames, w->page_bytes, &ret->data))
		return (false);
	checksum(w, head, w->sum);
	checksum(w, ret->data, w->sum);
	return (ret->page != 0 && salt[0] == w->salt[0] &&
	    salt[1] == w->salt[1] && sum[0] == w->sum[0] && sum[1] == w->sum[1]);
}

/* The page size that the database itself states, 0 when it states none. */
static uint32_t
page_bytes_of(const struct buf *image)
{
	struct cur c = cur_of(image->p, image->n);
	uint16_t n;

	if (image->n < DB_HEADER || !cur_skip(&c, 16) || !cur_u16be(&c, &n))
		return (0);
	return (n == 1 ? 65536 : n);
}

/*
 * Whether every page from ${have} + 1 to ${pages} is in one of the frames before
 * the commit.  What the file lost must not read as zeros.
 */
static bool
pages_are_there(struct wal w, size_t committed, size_t have, uint32_t pages)
{
	struct frame f;
	size_t missing;
	bool *there;

	if (pages <= have)
		return (true);
	missing = pages - have;
	if (missing > committed)
		return (false);
	there = mem_array(missing, sizeof(*there));
	for (; committed > 0 && frame_next(&w, &f); committed--)
		if (f.page > have && f.page <= pages &&
		    !there[f.page - have - 1]) {
			there[f.page - have - 1] = true;
			missing--;
		}
	free(there);
	return (missing == 0);
}

int
sqlite_wal_apply(struct str file, struct buf *image, struct diag *d)
{
	size_t frames = 0, committed = 0, bytes;
	uint32_t pages = 0, stated = page_bytes_of(image);
	struct wal w, first;
	struct frame f;
	uint8_t *to;

	if (!wal_open(file, &w))
		return (0);
	first = w;
	while (frame_next(&w, &f)) {
		frames++;
		if (f.pages != 0) {
			committed = frames;
			pages = f.pages;
		}
	}
	if (committed == 0)
		return (0);
	bytes = (size_t)pages * w.page_bytes;
	if (stated != 0 && stated != w.page_bytes)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "write-ahead log: pages of %u bytes beside a database of %u",
		    w.page_bytes, stated));
	if (!pages_are_there(first, committed, image->n / w.page_bytes, pages))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "write-ahead log: of %u pages some are nowhere", pages));
	if (bytes > image->n) {
		if ((to = buf_room(image, bytes - image->n)) == NULL)
			return (diag_set(d, ERR_LIMIT, 0,
			    "write-ahead log: the database grows to %zu bytes",
			    bytes));
		memset(to, 0, bytes - image->n);
	}
	image->n = bytes;
	for (w = first; committed > 0 && frame_next(&w, &f); committed--)
		if (f.page <= pages)
			memcpy(image->p + (size_t)(f.page - 1) * w.page_bytes,
			    f.data.p, w.page_bytes);
	return (0);
}
