/* rpm's ndb.  All integers are little endian. */
#include "ndb.h"

#define MAGIC "RpmP"
#define SLOT_MAGIC "Slot"
#define BLOB_MAGIC "BlbS"
#define TAIL_MAGIC "BlbE"
#define PAGE 4096
#define BLOCK 16	/* unit of offsets and lengths */
#define HEADER 32	/* takes the place of two slots */
#define SLOT 16
#define TAIL 12
/* Pages of slots: rpm itself refuses more. */
#define PAGES_MAX 2048

bool
ndb_looks(struct str head)
{
	return (str_starts(head, MAGIC));
}

static bool
magic(struct cur *c, const char *want)
{
	struct str s;

	return (cur_take_str(c, 4, &s) && str_eqz(s, want));
}

int
ndb_open(struct str file, struct ndb *ret, struct diag *d)
{
	struct ndb n = { .file = file, .left = file.n };
	struct cur c = cur_str(file);
	uint32_t version, generation, pages;

	if (!magic(&c, MAGIC) || !cur_u32le(&c, &version) ||
	    !cur_u32le(&c, &generation) || !cur_u32le(&c, &pages))
		return (diag_set(d, ERR_MALFORMED, 0, "ndb: no header"));
	if (version != 0)
		return (diag_set(d, ERR_UNSUPPORTED, 4, "ndb: version %u",
		    version));
	c = cur_str(file);
	if (pages == 0 || pages > PAGES_MAX ||
	    !cur_take(&c, (size_t)pages * PAGE, &n.slots) ||
	    !cur_skip(&n.slots, HEADER))
		return (diag_set(d, ERR_MALFORMED, 12,
		    "ndb: %u pages of slots in %zu bytes", pages, file.n));
	*ret = n;
	return (0);
}

/* RFC 1950.  Sums stay below 2^32 for 5552 bytes. */
static uint32_t
adler32(struct str s)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < s.n;) {
		size_t end = s.n - i < 5552 ? s.n : i + 5552;

		for (; i < end; i++) {
			a += (unsigned char)s.p[i];
			b += a;
		}
		a %= 65521;
		b %= 65521;
	}
	return (b << 16 | a);
}

static const char *
blob_read(struct ndb *n, uint32_t index, uint32_t at, uint32_t blocks,
    struct str *ret)
{
	uint32_t own, generation, bytes, sum, again;
	size_t span = (size_t)blocks * BLOCK;
	struct cur c = cur_str(n->file), tail;
	struct str all;

	if (!cur_skip(&c, (size_t)at * BLOCK) || !cur_take_str(&c, span, &all))
		return ("lies outside of the file");
	if (span > n->left)
		return ("overlaps others");
	n->left -= span;
	c = cur_str(all);
	if (!magic(&c, BLOB_MAGIC) || !cur_u32le(&c, &own) || own != index ||
	    !cur_u32le(&c, &generation) || !cur_u32le(&c, &bytes))
		return ("has another header");
	if (!cur_take_str(&c, bytes, ret) || cur_left(&c) < TAIL ||
	    cur_left(&c) >= TAIL + BLOCK)
		return ("has another length");
	tail = cur_str(str_sub(all, all.n - TAIL, all.n));
	if (!cur_u32le(&tail, &sum) || !cur_u32le(&tail, &again) ||
	    again != bytes || !magic(&tail, TAIL_MAGIC))
		return ("has another end");
	if (adler32(str_sub(all, 0, all.n - TAIL)) != sum)
		return ("has another checksum");
	return (NULL);
}

int
ndb_next(struct ndb *n, struct str *ret, struct diag *d)
{
	uint32_t index, at, blocks;
	const char *wrong;
	struct cur slot;

	while (cur_take(&n->slots, SLOT, &slot)) {
		if (!magic(&slot, SLOT_MAGIC) || !cur_u32le(&slot, &index) ||
		    !cur_u32le(&slot, &at) || !cur_u32le(&slot, &blocks))
			return (diag_set(d, ERR_MALFORMED,
			    n->file.n, "ndb: a slot that is none"));
		if (index == 0 || at == 0)
			continue;	/* free */
		if ((wrong = blob_read(n, index, at, blocks, ret)) == NULL)
			return (1);
		return (diag_set(d, ERR_MALFORMED, (uint64_t)at * BLOCK,
		    "ndb: package %u %s", index, wrong));
	}
	return (0);
}
