/*
 * Pages are visited in file order, not bucket by bucket: freed pages have
 * another type, and so a damaged table of buckets loses nothing.
 */
#include <stdlib.h>
#include "bdb.h"
#include "common/mem.h"

#define HASH_MAGIC 0x00061561
#define BTREE_MAGIC 0x00053162
#define META 512	/* bytes of page 0 that mean something */
#define PAGE_HEADER 26
#define META_CHECKSUM 1	/* pages have longer headers then */

enum page_type { PAGE_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASHMETA = 8,
	PAGE_HASH = 13 };
enum item_type { ITEM_INLINE = 1, ITEM_OFFPAGE = 3 };

struct page {
	struct cur all;		/* the whole page */
	uint32_t number, next;
	uint16_t n, high;	/* items; on overflow pages high is the bytes */
	uint8_t type;
};

static bool
u16(const struct bdb *b, struct cur *c, uint16_t *ret)
{
	return (b->big ? cur_u16be(c, ret) : cur_u16le(c, ret));
}

static bool
u32(const struct bdb *b, struct cur *c, uint32_t *ret)
{
	return (b->big ? cur_u32be(c, ret) : cur_u32le(c, ret));
}

/* The byte order that makes ${magic} appear at its place, or false. */
static bool
has_magic(struct str head, uint32_t magic, bool *big)
{
	struct cur c = cur_str(head), again;
	uint32_t le, be;

	if (!cur_skip(&c, 12))
		return (false);
	again = c;
	if (!cur_u32le(&c, &le) || !cur_u32be(&again, &be))
		return (false);
	*big = be == magic;
	return (le == magic || be == magic);
}

bool
bdb_looks(struct str head)
{
	bool big;

	return (has_magic(head, HASH_MAGIC, &big));
}

int
bdb_open(struct str file, struct bdb *ret, struct diag *d)
{
	struct cur c = cur_str(file);
	uint32_t version, free_list, partitions;
	uint8_t encryption, type, flags;

	*ret = (struct bdb) { .file = file };
	buf_init(&ret->value, file.n + 1);
	if (has_magic(file, BTREE_MAGIC, &ret->big))
		return (diag_set(d, ERR_UNSUPPORTED, 12,
		    "Berkeley DB: a tree where rpm keeps a hash"));
	if (!has_magic(file, HASH_MAGIC, &ret->big))
		return (diag_set(d, ERR_MALFORMED, 12,
		    "Berkeley DB: no magic number"));
	if (file.n < META || !cur_skip(&c, 16) || !u32(ret, &c, &version) ||
	    !u32(ret, &c, &ret->page_bytes) || !cur_u8(&c, &encryption) ||
	    !cur_u8(&c, &type) || !cur_u8(&c, &flags) || !cur_skip(&c, 1) ||
	    !u32(ret, &c, &free_list) || !u32(ret, &c, &ret->last) ||
	    !u32(ret, &c, &partitions))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "Berkeley DB: cut within its first page"));
	if (version < 8 || version > 10)
		return (diag_set(d, ERR_UNSUPPORTED, 16,
		    "Berkeley DB: hash version %u", version));
	if (encryption != 0 || (flags & META_CHECKSUM) != 0 || partitions != 0)
		return (diag_set(d, ERR_UNSUPPORTED, 24,
		    "Berkeley DB: encrypted, with checksums or partitioned"));
	if (type != PAGE_HASHMETA || ret->page_bytes < 512 ||
	    ret->page_bytes > 65536 ||
	    (ret->page_bytes & (ret->page_bytes - 1)) != 0)
		return (diag_set(d, ERR_MALFORMED, 20,
		    "Berkeley DB: type %u, pages of %u bytes", type,
		    ret->page_bytes));
	ret->seen = mem_alloc(file.n / ret->page_bytes / 8 + 1);
	return (0);
}

void
bdb_close(struct bdb *b)
{
	free(b->seen);
	b->seen = NULL;
	buf_done(&b->value);
}

/* False when ${number} is outside of the file. */
static bool
page_read(const struct bdb *b, uint32_t number, struct page *ret)
{
	struct cur c = cur_str(b->file), all;
	uint8_t level;

	if (!cur_skip(&c, (size_t)number * b->page_bytes) ||
	    !cur_take(&c, b->page_bytes, &all))
		return (false);
	ret->all = all;
	return (cur_skip(&all, 8) && u32(b, &all, &ret->number) &&
	    cur_skip(&all, 4) && u32(b, &all, &ret->next) &&
	    u16(b, &all, &ret->n) && u16(b, &all, &ret->high) &&
	    cur_u8(&all, &level) && cur_u8(&all, &ret->type));
}

/* Whether ${number} was asked about before. */
static bool
seen_before(struct bdb *b, uint32_t number)
{
	uint8_t bit = (uint8_t)(1 << number % 8);
	bool was = (b->seen[number / 8] & bit) != 0;

	b->seen[number / 8] |= bit;
	return (was);
}

/* A value on pages of its own, put together in b->value. */
static const char *
chain_read(struct bdb *b, uint32_t number, uint32_t bytes)
{
	struct page p;
	struct str piece;

	buf_clear(&b->value);
	while (b->value.n < bytes) {
		if (number == 0 || number > b->last ||
		    !page_read(b, number, &p))
			return ("its chain leaves the file");
		if (p.type != PAGE_OVERFLOW || p.number != number)
			return ("its chain leads to another page");
		if (seen_before(b, number))
			return ("its chain meets another one");
		if (!cur_skip(&p.all, PAGE_HEADER) || p.high == 0 ||
		    !cur_take_str(&p.all, p.high, &piece))
			return ("a piece has no possible length");
		/* never more than the file: no page comes twice */
		if (buf_str(&b->value,
		    str_sub(piece, 0, bytes - b->value.n)) < 0)
			return ("is longer than the file");
		number = p.next;
	}
	return (NULL);
}

/* Item ${i} of page ${p}: from its offset to where the one before it begins. */
static bool
item_read(const struct bdb *b, const struct page *p, uint32_t i,
    struct cur *ret)
{
	struct cur table = p->all, c = p->all;
	uint16_t from, to16;
	uint32_t to = b->page_bytes;

	if (!cur_skip(&table, PAGE_HEADER + 2 * (size_t)(i > 0 ? i - 1 : 0)))
		return (false);
	if (i > 0) {
		if (!u16(b, &table, &to16))
			return (false);
		to = to16;
	}
	return (u16(b, &table, &from) && from < to &&
	    from >= PAGE_HEADER + 2 * (uint32_t)p->n &&
	    cur_skip(&c, from) && cur_take(&c, to - from, ret));
}

/* The pair at b->item of page ${p}; what is wrong with it, or NULL. */
static const char *
pair_read(struct bdb *b, const struct page *p, struct str *key,
    struct str *value, int *code)
{
	const char *wrong;
	uint32_t first, bytes;
	struct cur k, v;
	uint8_t type;

	*code = ERR_MALFORMED;
	if (!item_read(b, p, b->item, &k) || !item_read(b, p, b->item + 1, &v))
		return ("lies outside of its page");
	if (!cur_u8(&k, &type) || type != ITEM_INLINE) {
		*code = ERR_UNSUPPORTED;
		return ("has a key that rpm does not write");
	}
	*key = cur_rest(&k);
	if (!cur_u8(&v, &type))
		return ("lies outside of its page");
	if (type == ITEM_INLINE) {
		*value = cur_rest(&v);
		return (NULL);
	}
	if (type != ITEM_OFFPAGE) {
		*code = ERR_UNSUPPORTED;
		return ("has a value that rpm does not write");
	}
	if (!cur_skip(&v, 3) || !u32(b, &v, &first) || !u32(b, &v, &bytes))
		return ("has a short reference");
	wrong = chain_read(b, first, bytes);
	*value = buf_view(&b->value);
	return (wrong);
}

int
bdb_next(struct bdb *b, struct str *key, struct str *value, struct diag *d)
{
	struct page p;
	const char *wrong;
	int code;

	for (;;) {
		while (b->item >= b->nitems) {
			if (b->at >= b->last || b->cut)
				return (0);
			b->at++;
			b->item = b->nitems = 0;
			if (!page_read(b, b->at, &p)) {
				b->cut = true;
				return (diag_set(d, ERR_MALFORMED, b->file.n,
				    "Berkeley DB: cut at page %u of %u", b->at,
				    b->last));
			}
			if (p.type != PAGE_HASH && p.type != PAGE_UNSORTED)
				continue;
			/* an item has an offset and at least its type */
			if (p.number != b->at || p.n % 2 != 0 ||
			    p.n > (b->page_bytes - PAGE_HEADER) / 3)
				return (diag_set(d, ERR_MALFORMED,
				    (uint64_t)b->at * b->page_bytes,
				    "Berkeley DB: page %u says it is %u, with "
				    "%u items", b->at, p.number, p.n));
			b->nitems = p.n;
		}
		if (!page_read(b, b->at, &p))
			return (0);	/* it was there above */
		wrong = pair_read(b, &p, key, value, &code);
		b->item += 2;
		if (wrong == NULL)
			return (1);
		return (diag_set(d, code, (uint64_t)b->at * b->page_bytes,
		    "Berkeley DB: a pair of page %u: %s", b->at, wrong));
	}
}
