/* By OpenSSL, which uses SHA-NI where the processor has it. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include "digest.h"
#include "mem.h"

struct digest {
	EVP_MD_CTX *ctx;
	const EVP_MD *kind;
};

/* EVP fails here only for want of memory; that ends the process as in mem.c. */
static void
must(int ok)
{
	if (ok != 1)
		exit(EXIT_NO_MEMORY);
}

struct digest *
digest_new(void)
{
	return (digest_new_of(DIGEST_SHA256));
}

struct digest *
digest_new_of(enum digest_kind kind)
{
	struct digest *g = mem_alloc(sizeof(*g));

	g->kind = kind == DIGEST_MD5 ? EVP_md5() :
	    kind == DIGEST_SHA1 ? EVP_sha1() : EVP_sha256();
	g->ctx = EVP_MD_CTX_new();
	must(g->ctx != NULL);
	digest_reset(g);
	return (g);
}

void
digest_free(struct digest *g)
{
	if (g == NULL)
		return;
	EVP_MD_CTX_free(g->ctx);
	free(g);
}

void
digest_reset(struct digest *g)
{
	must(EVP_DigestInit_ex(g->ctx, g->kind, NULL));
}

void
digest_add(struct digest *g, const void *p, size_t n)
{
	if (n != 0)
		must(EVP_DigestUpdate(g->ctx, p, n));
}

void
digest_end(struct digest *g, uint8_t ret[DIGEST_BYTES])
{
	unsigned len = DIGEST_BYTES;

	memset(ret, 0, DIGEST_BYTES);
	must(EVP_DigestFinal_ex(g->ctx, ret, &len));
}

void
digest_of(const void *p, size_t n, uint8_t ret[DIGEST_BYTES])
{
	struct digest *g = digest_new();

	digest_add(g, p, n);
	digest_end(g, ret);
	digest_free(g);
}

void
digest_hmac(struct str key, const void *p, size_t n, uint8_t ret[DIGEST_BYTES])
{
	unsigned len = DIGEST_BYTES;

	must(HMAC(EVP_sha256(), key.p, (int)key.n, p, n, ret, &len) != NULL);
}

void
digest_format(const uint8_t sha256[DIGEST_BYTES], char ret[DIGEST_TEXT])
{
	static const char hex[] = "0123456789abcdef";

	memcpy(ret, "sha256:", 7);
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		ret[7 + 2 * i] = hex[sha256[i] >> 4];
		ret[8 + 2 * i] = hex[sha256[i] & 15];
	}
	ret[DIGEST_TEXT - 1] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

bool
digest_hex(struct str s, uint8_t *ret, size_t n)
{
	int hi, lo;

	if (s.n != 2 * n)
		return (false);
	for (size_t i = 0; i < n; i++) {
		hi = nibble(s.p[2 * i]);
		lo = nibble(s.p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return (false);
		ret[i] = (uint8_t)(hi << 4 | lo);
	}
	return (true);
}

bool
digest_parse(struct str s, uint8_t ret[DIGEST_BYTES])
{
	uint8_t out[DIGEST_BYTES];

	if (!str_starts(s, "sha256:") ||
	    !digest_hex(str_sub(s, 7, s.n), out, sizeof(out)))
		return (false);
	memcpy(ret, out, sizeof(out));
	return (true);
}
