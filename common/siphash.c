/* SipHash-2-4, from its paper's definition. */
#include "siphash.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotl(uint64_t x, unsigned b)
{
	return (x << b | x >> (64 - b));
}

/* Little endian, ${n} <= 8 bytes. */
static uint64_t
le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return (v);
}

static void
rounds(struct sip *s, int n)
{
	while (n-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotl(s->v1, 13) ^ s->v0;
		s->v0 = rotl(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotl(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotl(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotl(s->v1, 17) ^ s->v2;
		s->v2 = rotl(s->v2, 32);
	}
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY], struct str in)
{
	const uint64_t k0 = le(key, 8), k1 = le(key + 8, 8);
	struct sip s = {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
	const uint8_t *p = (const uint8_t *)in.p;
	size_t i;
	uint64_t m;

	for (i = 0; in.n - i >= 8; i += 8) {
		m = le(p + i, 8);
		s.v3 ^= m;
		rounds(&s, 2);
		s.v0 ^= m;
	}
	m = (uint64_t)in.n << 56;
	if (in.n > i)
		m |= le(p + i, in.n - i);
	s.v3 ^= m;
	rounds(&s, 2);
	s.v0 ^= m;
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return (s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}
