/*
 * msgpack through msgpack-c: its packer writes into our buffer; its unpacker's
 * type bytes are read by hand from a cursor, because msgpack-c's own unpacker
 * builds a tree and allocates by counts that the sender chose.
 */
#include <msgpack.h>
#include "pack.h"

static int
sink(void *data, const char *p, size_t n)
{
	return (buf_add(data, p, n));
}

static msgpack_packer
packer(struct buf *b)
{
	return ((msgpack_packer) { b, sink });
}

int
pack_array(struct buf *b, uint32_t n)
{
	msgpack_packer pk = packer(b);

	return (msgpack_pack_array(&pk, n) == 0 ? 0 : ERR_LIMIT);
}

int
pack_u64(struct buf *b, uint64_t v)
{
	msgpack_packer pk = packer(b);

	return (msgpack_pack_uint64(&pk, v) == 0 ? 0 : ERR_LIMIT);
}

int
pack_i64(struct buf *b, int64_t v)
{
	msgpack_packer pk = packer(b);

	return (msgpack_pack_int64(&pk, v) == 0 ? 0 : ERR_LIMIT);
}

int
pack_bool(struct buf *b, bool v)
{
	msgpack_packer pk = packer(b);

	return ((v ? msgpack_pack_true(&pk) : msgpack_pack_false(&pk)) == 0 ?
	    0 : ERR_LIMIT);
}

int
pack_str(struct buf *b, struct str s)
{
	return (pack_bin(b, s.p, s.n));
}

int
pack_bin(struct buf *b, const void *p, size_t n)
{
	msgpack_packer pk = packer(b);

	if (n > UINT32_MAX || msgpack_pack_bin(&pk, n) != 0)
		return (ERR_LIMIT);
	return (buf_add(b, p, n));
}

/* ${n} big-endian bytes. */
static bool
be(struct cur *c, size_t n, uint64_t *ret)
{
	uint64_t v = 0;
	uint8_t x;

	while (n-- > 0) {
		if (!cur_u8(c, &x))
			return (false);
		v = v << 8 | x;
	}
	*ret = v;
	return (true);
}

bool
unpack_array(struct cur *c, uint32_t *ret)
{
	struct cur t = *c;
	uint64_t n;
	uint8_t k;

	if (!cur_u8(&t, &k))
		return (false);
	if ((k & 0xF0) == 0x90)
		n = k & 0x0F;
	else if (k == 0xDC || k == 0xDD) {
		if (!be(&t, k == 0xDC ? 2 : 4, &n))
			return (false);
	} else
		return (false);
	/* an element takes at least a byte: no count can lie far */
	if (n > cur_left(&t))
		return (false);
	*c = t;
	*ret = (uint32_t)n;
	return (true);
}

bool
unpack_u64(struct cur *c, uint64_t *ret)
{
	struct cur t = *c;
	uint64_t v;
	uint8_t k;

	if (!cur_u8(&t, &k))
		return (false);
	if (k < 0x80)
		v = k;
	else if (k >= 0xCC && k <= 0xCF) {
		if (!be(&t, (size_t)1 << (k - 0xCC), &v))
			return (false);
	} else
		return (false);
	*c = t;
	*ret = v;
	return (true);
}

bool
unpack_i64(struct cur *c, int64_t *ret)
{
	struct cur t = *c;
	uint64_t v;
	uint8_t k;

	if (unpack_u64(&t, &v)) {
		if (v > INT64_MAX)
			return (false);
		*c = t;
		*ret = (int64_t)v;
		return (true);
	}
	if (!cur_u8(&t, &k))
		return (false);
	if (k >= 0xE0) {
		*ret = (int8_t)k;
		*c = t;
		return (true);
	}
	if (k < 0xD0 || k > 0xD3 || !be(&t, (size_t)1 << (k - 0xD0), &v))
		return (false);
	*ret = k == 0xD0 ? (int8_t)v : k == 0xD1 ? (int16_t)v :
	    k == 0xD2 ? (int32_t)v : (int64_t)v;
	*c = t;
	return (true);
}

bool
unpack_bool(struct cur *c, bool *ret)
{
	struct cur t = *c;
	uint8_t k;

	if (!cur_u8(&t, &k) || (k != 0xC2 && k != 0xC3))
		return (false);
	*c = t;
	*ret = k == 0xC3;
	return (true);
}

bool
unpack_str(struct cur *c, struct str *ret)
{
	struct cur t = *c;
	uint64_t n;
	uint8_t k;

	if (!cur_u8(&t, &k))
		return (false);
	if ((k & 0xE0) == 0xA0)
		n = k & 0x1F;
	else if (k >= 0xC4 && k <= 0xC6) {
		if (!be(&t, (size_t)1 << (k - 0xC4), &n))
			return (false);
	} else if (k >= 0xD9 && k <= 0xDB) {
		if (!be(&t, (size_t)1 << (k - 0xD9), &n))
			return (false);
	} else
		return (false);
	if (n > cur_left(&t) || !cur_take_str(&t, (size_t)n, ret))
		return (false);
	*c = t;
	return (true);
}

bool
unpack_skip(struct cur *c, uint32_t n)
{
	struct cur t = *c;
	uint32_t left[16], len;
	size_t depth = 0;
	struct str s;
	uint64_t u;
	int64_t i;
	bool b;

	left[0] = n;
	for (;;) {
		while (left[depth] == 0) {
			if (depth-- == 0) {
				*c = t;
				return (true);
			}
		}
		left[depth]--;
		if (unpack_u64(&t, &u) || unpack_i64(&t, &i) ||
		    unpack_bool(&t, &b) || unpack_str(&t, &s))
			continue;
		if (!unpack_array(&t, &len) || ++depth == 16)
			return (false);
		left[depth] = len;
	}
}
