/*
 * sha256 digests, streaming, and their OCI text form "sha256:<64 hex>"; MD5 and
 * SHA-1, by which package databases tell one content from another.  The door to
 * OpenSSL's EVP for hashing.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "err.h"

#define DIGEST_BYTES 32
#define DIGEST_TEXT (7 + 64 + 1)

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5, DIGEST_KINDS };

struct digest;

struct digest *digest_new(void);	/* of sha256, ready for digest_add */
struct digest *digest_new_of(enum digest_kind);
void digest_free(struct digest *);
void digest_reset(struct digest *);
void digest_add(struct digest *, const void *p, size_t n);
/* The digest of everything added, with zeros behind one that is shorter;
 * digest_reset before the next use. */
void digest_end(struct digest *, uint8_t ret[DIGEST_BYTES]);

/* All at once. */
void digest_of(const void *p, size_t n, uint8_t ret[DIGEST_BYTES]);

/* HMAC-SHA256 of ${p}[0..n-1] by ${key}, RFC 2104. */
void digest_hmac(struct str key, const void *p, size_t n,
    uint8_t ret[DIGEST_BYTES]);

/* "sha256:..." in lower case, NUL-terminated. */
void digest_format(const uint8_t sha256[DIGEST_BYTES], char ret[DIGEST_TEXT]);
/* ${n} bytes from twice as many lower-case hex digits; others are refused. */
MUST_CHECK bool digest_hex(struct str, uint8_t *ret, size_t n);
/* Only "sha256:" and 64 lower-case hex digits; others are refused. */
MUST_CHECK bool digest_parse(struct str, uint8_t ret[DIGEST_BYTES]);

#endif
