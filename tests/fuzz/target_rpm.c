/* rpm's databases with their checksums made right again after each change, so
 * that what stands behind them is reached. */
#include "tests/fuzz/targets.h"

static uint32_t
le32(const uint8_t *p)
{
	return (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24);
}

static uint32_t
be32(const uint8_t *p)
{
	return (p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[0] << 24);
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Adler-32 of every blob that lies in the file. */
static void
mend_ndb(uint8_t *p, size_t n)
{
	for (size_t slot = 32; slot + 16 <= 4096 && slot + 16 <= n; slot += 16) {
		uint64_t at = (uint64_t)le32(p + slot + 8) * 16;
		uint64_t bytes = (uint64_t)le32(p + slot + 12) * 16;
		uint32_t a = 1, b = 0;

		if (at < 4096 || bytes < 32 || at + bytes > n)
			continue;
		for (uint64_t i = at; i < at + bytes - 12; i++) {
			a = (a + p[i]) % 65521;
			b = (b + a) % 65521;
		}
		for (int i = 0; i < 4; i++)
			p[at + bytes - 12 + i] =
			    (uint8_t)((b << 16 | a) >> (8 * i));
	}
}

static void
add(const uint8_t *p, size_t n, bool big, uint32_t sum[2])
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		sum[0] += (big ? be32(p + i) : le32(p + i)) + sum[1];
		sum[1] += (big ? be32(p + i + 4) : le32(p + i + 4)) + sum[0];
	}
}

/* Head, salts and running checksums of a write-ahead log. */
static void
mend_wal(uint8_t *p, size_t n)
{
	uint32_t page, sum[2] = { 0, 0 };
	bool big;

	if (n < 32)
		return;
	put_be32(p, 0x377f0682 | (p[3] & 1));
	put_be32(p + 4, 3007000);
	big = (p[3] & 1) != 0;
	page = be32(p + 8);
	add(p, 24, big, sum);
	put_be32(p + 24, sum[0]);
	put_be32(p + 28, sum[1]);
	if (page < 512 || page > 65536 || page % 8 != 0)
		return;
	for (size_t at = 32; at + 24 + page <= n; at += 24 + page) {
		memcpy(p + at + 8, p + 16, 8);
		add(p + at, 8, big, sum);
		add(p + at + 24, page, big, sum);
		put_be32(p + at + 16, sum[0]);
		put_be32(p + at + 20, sum[1]);
	}
}

/* As run_analyzer takes it: path, length, database, log. */
void
mend_rpm(uint8_t *p, size_t n)
{
	struct str all = str_n(p, n), path, length;
	uint64_t bytes;
	uint8_t *content;

	if (!str_split(&all, '\n', &path) || !str_split(&all, '\n', &length) ||
	    !str_u64(length, &bytes))
		return;
	content = p + (n - all.n);
	bytes = bytes < all.n ? bytes : all.n;
	if (str_starts(str_sub(all, 0, (size_t)bytes), "RpmP"))
		mend_ndb(content, (size_t)bytes);
	mend_wal(content + bytes, all.n - (size_t)bytes);
}
