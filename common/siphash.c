/* SipHash-2-4, from its paper's definition. */
#include "siphash.h"

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
rounds(struct siphash *s, int n)
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

static void
word(struct siphash *s, uint64_t m)
{
	s->v3 ^= m;
	rounds(s, 2);
	s->v0 ^= m;
}

void
siphash_begin(struct siphash *s, const uint8_t key[SIPHASH_KEY])
{
	const uint64_t k0 = le(key, 8), k1 = le(key + 8, 8);

	*s = (struct siphash) {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573, 0, 0,
	};
}

void
siphash_add(struct siphash *s, struct str in)
{
	const uint8_t *p = (const uint8_t *)in.p;
	size_t i = 0;

	for (; i < in.n && s->n % 8 != 0; i++) {
		s->tail |= (uint64_t)p[i] << (8 * (s->n % 8));
		if (++s->n % 8 == 0) {
			word(s, s->tail);
			s->tail = 0;
		}
	}
	for (; in.n - i >= 8; i += 8, s->n += 8)
		word(s, le(p + i, 8));
	if (i < in.n) {
		s->tail = le(p + i, in.n - i);
		s->n += in.n - i;
	}
}

uint64_t
siphash_end(const struct siphash *begun)
{
	struct siphash s = *begun;

	word(&s, (uint64_t)s.n << 56 | s.tail);
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return (s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY], struct str in)
{
	struct siphash s;

	siphash_begin(&s, key);
	siphash_add(&s, in);
	return (siphash_end(&s));
}
