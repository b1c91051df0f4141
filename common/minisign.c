/*
 * minisign's files; see minisign.h.  Each is lines of text: a comment, then
 * base64 of fixed-size fields, two bytes of which name the algorithm.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>
#include "base64.h"
#include "cur.h"
#include "limits.h"
#include "mem.h"
#include "minisign.h"

/* Bytes behind base64. */
#define PUBLIC_BYTES (2 + MINISIGN_ID + 32)
#define SECRET_LOCKED (MINISIGN_ID + 64 + 32)	/* id, key, checksum */
#define SECRET_BYTES (2 + 2 + 2 + 32 + 8 + 8 + SECRET_LOCKED)
#define SIGNATURE_BYTES (2 + MINISIGN_ID + 64)

static const char comment_prefix[] = "untrusted comment: ";
static const char trusted_prefix[] = "trusted comment: ";

/* EVP fails at these only for want of memory; that ends the process as in mem.c. */
static void
must(int ok)
{
	if (ok != 1)
		exit(EXIT_NO_MEMORY);
}

/* --------------------------------------------------------------------- hashing */

struct minisign_hash {
	EVP_MD_CTX *ctx;
};

struct minisign_hash *
minisign_hash_new(void)
{
	struct minisign_hash *h = mem_alloc(sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL);
	must(EVP_DigestInit_ex(h->ctx, EVP_blake2b512(), NULL));
	return (h);
}

void
minisign_hash_free(struct minisign_hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
minisign_hash_add(struct minisign_hash *h, const void *p, size_t n)
{
	if (n != 0)
		must(EVP_DigestUpdate(h->ctx, p, n));
}

void
minisign_hash_end(struct minisign_hash *h, uint8_t ret[MINISIGN_HASH])
{
	unsigned len = MINISIGN_HASH;

	must(EVP_DigestFinal_ex(h->ctx, ret, &len));
}

int
minisign_hash_fd(int fd, uint8_t ret[MINISIGN_HASH], struct diag *d)
{
	struct minisign_hash *h = minisign_hash_new();
	uint8_t *b = mem_alloc(64 * KIB);
	off_t at = 0;
	ssize_t n;
	int rc = 0;

	while ((n = pread(fd, b, 64 * KIB, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = diag_set(d, ERR_TEMPORARY, 0, "read: %s",
			    strerror(errno));
			break;
		}
		minisign_hash_add(h, b, (size_t)n);
		at += n;
	}
	if (rc == 0)
		minisign_hash_end(h, ret);
	free(b);
	minisign_hash_free(h);
	return (rc);
}

/* ---------------------------------------------------------------------- base64 */

/* Exactly ${n} bytes from ${s}; false when it is no base64 of that many. */
static bool
bytes_of(struct str s, uint8_t *ret, size_t n)
{
	size_t got;

	return (s.n == BASE64_LEN(n) && base64_read(s, ret, n, &got) && got == n);
}

static int
base64_write(struct buf *b, const uint8_t *p, size_t n)
{
	uint8_t text[BASE64_LEN(SIGNATURE_BYTES) + 1];
	int len = EVP_EncodeBlock(text, p, (int)n);

	return (buf_add(b, text, (size_t)len));
}

/* The next line that is no untrusted comment and not empty. */
static struct str
next_line(struct cur *c)
{
	struct str s = { "", 0 };

	while (cur_line(c, &s)) {
		s = str_trim(s);
		if (s.n != 0 && !str_starts(s, comment_prefix))
			return (s);
	}
	return ((struct str) { "", 0 });
}

/* ------------------------------------------------------------------------ keys */

int
minisign_public_read(struct str text, struct minisign_public *ret,
    struct diag *d)
{
	struct cur c = cur_str(text), fields;
	uint8_t b[PUBLIC_BYTES];
	struct str alg, id, key;

	fields = cur_of(b, sizeof(b));
	if (!bytes_of(next_line(&c), b, sizeof(b)) ||
	    !cur_take_str(&fields, 2, &alg) || !str_eqz(alg, "Ed") ||
	    !cur_take_str(&fields, MINISIGN_ID, &id) ||
	    !cur_take_str(&fields, 32, &key))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "no public key of minisign"));
	memcpy(ret->id, id.p, sizeof(ret->id));
	memcpy(ret->key, key.p, sizeof(ret->key));
	return (0);
}

/* A secret key's file, taken apart. */
struct locked {
	struct str kdf, salt;
	uint64_t ops, memory;
	struct str secret;	/* SECRET_LOCKED bytes */
};

static bool
locked_read(const uint8_t b[SECRET_BYTES], struct locked *ret)
{
	struct cur c = cur_of(b, SECRET_BYTES);
	struct str alg, checksum;

	return (cur_take_str(&c, 2, &alg) && str_eqz(alg, "Ed") &&
	    cur_take_str(&c, 2, &ret->kdf) &&
	    cur_take_str(&c, 2, &checksum) && str_eqz(checksum, "B2") &&
	    cur_take_str(&c, 32, &ret->salt) && cur_u64le(&c, &ret->ops) &&
	    cur_u64le(&c, &ret->memory) &&
	    cur_take_str(&c, SECRET_LOCKED, &ret->secret));
}

/* scrypt's parameters from the two limits in the file, as libsodium's
 * crypto_pwhash_scryptsalsa208sha256() picks them; r is 8. */
static void
scrypt_parameters(uint64_t ops, uint64_t memory, uint64_t *n, uint64_t *p)
{
	uint64_t max_n, max_rp;

	if (ops < 32768)
		ops = 32768;
	max_n = ops < memory / 32 ? ops / (8 * 4) : memory / (8 * 128);
	for (*n = 2; *n <= max_n / 2 && *n < (uint64_t)1 << 62; )
		*n *= 2;
	*p = 1;
	if (ops >= memory / 32) {
		max_rp = ops / 4 / *n;
		*p = (max_rp < 0x3fffffff ? max_rp : 0x3fffffff) / 8;
	}
}

/* The key stream that locks a secret key, for one password. */
static int
scrypt_stream(const struct locked *k, const char *password,
    uint8_t ret[SECRET_LOCKED], struct diag *d)
{
	uint64_t n, p;

	scrypt_parameters(k->ops, k->memory, &n, &p);
	if (n > 2 * GIB / (8 * 128) || p == 0 || p > 16)
		return (diag_set(d, ERR_LIMIT, 0, "the secret key's file wants "
		    "more than 2 GiB of memory, or too much time, for its "
		    "password"));
	/* and as much again for what is beside its large table */
	if (EVP_PBE_scrypt(password, strlen(password),
	    (const unsigned char *)k->salt.p, k->salt.n, n, 8, p, 4 * GIB, ret,
	    SECRET_LOCKED) != 1)
		return (diag_set(d, ERR_TEMPORARY, 0, "no memory for scrypt: "
		    "the key's password wants %llu MiB",
		    (unsigned long long)(n * 8 * 128 / MIB)));
	return (0);
}

static int
unlock(const struct locked *k, minisign_password *ask, void *arg,
    uint8_t plain[SECRET_LOCKED], struct diag *d)
{
	uint8_t stream[SECRET_LOCKED];
	char password[MINISIGN_PASSWORD];
	int rc;

	memcpy(plain, k->secret.p, SECRET_LOCKED);
	if (k->kdf.p[0] == '\0' && k->kdf.p[1] == '\0')
		return (0);
	if (!str_eqz(k->kdf, "Sc"))
		return (diag_set(d, ERR_UNSUPPORTED, 0, "the secret key is "
		    "locked in a way that is not known here"));
	if ((rc = ask(arg, password, sizeof(password), d)) == 0 &&
	    (rc = scrypt_stream(k, password, stream, d)) == 0)
		for (size_t i = 0; i < SECRET_LOCKED; i++)
			plain[i] ^= stream[i];
	explicit_bzero(password, sizeof(password));
	explicit_bzero(stream, sizeof(stream));
	return (rc);
}

/* A key stands in the file as seed and public key: do they belong together?
 * With a wrong password they do not. */
static bool
is_pair(const uint8_t seed[32], const uint8_t public[32])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    32);
	uint8_t got[32];
	size_t n = sizeof(got);
	bool ret;

	must(k != NULL);
	ret = EVP_PKEY_get_raw_public_key(k, got, &n) == 1 &&
	    memcmp(got, public, sizeof(got)) == 0;
	EVP_PKEY_free(k);
	return (ret);
}

int
minisign_secret_read(struct str text, minisign_password *ask, void *arg,
    struct minisign_secret *ret, struct diag *d)
{
	struct cur c = cur_str(text), fields;
	uint8_t b[SECRET_BYTES], plain[SECRET_LOCKED];
	struct str id, seed, public;
	struct locked k;
	int rc;

	if (!bytes_of(next_line(&c), b, sizeof(b)) || !locked_read(b, &k)) {
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "no secret key of minisign");
		goto out;
	}
	if ((rc = unlock(&k, ask, arg, plain, d)) < 0)
		goto out;
	fields = cur_of(plain, sizeof(plain));
	if (!cur_take_str(&fields, MINISIGN_ID, &id) ||
	    !cur_take_str(&fields, 32, &seed) ||
	    !cur_take_str(&fields, 32, &public) ||
	    !is_pair((const uint8_t *)seed.p, (const uint8_t *)public.p)) {
		rc = diag_set(d, ERR_DENIED, 0, k.kdf.p[0] != '\0' ?
		    "wrong password for the secret key" :
		    "the secret key is damaged");
		goto out;
	}
	memcpy(ret->id, id.p, sizeof(ret->id));
	memcpy(ret->key, seed.p, sizeof(ret->key));
out:
	explicit_bzero(b, sizeof(b));
	explicit_bzero(plain, sizeof(plain));
	return (rc);
}

void
minisign_id_format(const uint8_t id[MINISIGN_ID], char ret[MINISIGN_ID_TEXT])
{
	/* a number, least significant byte first */
	for (size_t i = 0; i < MINISIGN_ID; i++)
		snprintf(&ret[2 * i], 3, "%02X", id[MINISIGN_ID - 1 - i]);
}

/* ------------------------------------------------------------------ signatures */

/* What the second signature is of. */
static int
signed_comment(const uint8_t file[64], struct str trusted, struct buf *ret)
{
	int rc;

	buf_init(ret, MINISIGN_TEXT + 64);
	if ((rc = buf_add(ret, file, 64)) < 0)
		return (rc);
	return (buf_str(ret, trusted));
}

static void
sign(EVP_PKEY *k, struct str s, uint8_t ret[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 64;

	must(ctx != NULL);
	must(EVP_DigestSignInit(ctx, NULL, NULL, NULL, k));
	must(EVP_DigestSign(ctx, ret, &n, (const unsigned char *)s.p, s.n));
	EVP_MD_CTX_free(ctx);
}

int
minisign_sign(const struct minisign_secret *key,
    const uint8_t hash[MINISIGN_HASH], struct str trusted, struct buf *ret,
    struct diag *d)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	    key->key, sizeof(key->key));
	uint8_t b[SIGNATURE_BYTES] = "ED", file[64], comment[64];
	struct buf second;
	int rc;

	must(k != NULL);
	sign(k, str_n(hash, MINISIGN_HASH), file);
	if ((rc = signed_comment(file, trusted, &second)) < 0)
		goto out;
	sign(k, buf_view(&second), comment);
	memcpy(&b[2], key->id, MINISIGN_ID);
	memcpy(&b[2 + MINISIGN_ID], file, sizeof(file));
	if ((rc = buf_printf(ret, "%ssignature from scanfarm's secret key\n",
	    comment_prefix)) < 0 ||
	    (rc = base64_write(ret, b, sizeof(b))) < 0 ||
	    (rc = buf_printf(ret, "\n%s%.*s\n", trusted_prefix,
	    STR_ARG(trusted))) < 0 ||
	    (rc = base64_write(ret, comment, sizeof(comment))) < 0)
		goto out;
	rc = buf_byte(ret, '\n');
out:
	if (rc < 0)
		diag_set(d, rc, 0, "the trusted comment is too long");
	buf_done(&second);
	EVP_PKEY_free(k);
	return (rc);
}

int
minisign_signature_read(struct str text, struct minisign_signature *ret,
    struct diag *d)
{
	struct cur c = cur_str(text), fields;
	uint8_t b[SIGNATURE_BYTES];
	struct str alg, id, file, trusted;

	fields = cur_of(b, sizeof(b));
	if (text.n > MINISIGN_TEXT ||
	    !bytes_of(next_line(&c), b, sizeof(b)) ||
	    !cur_take_str(&fields, 2, &alg) ||
	    !cur_take_str(&fields, MINISIGN_ID, &id) ||
	    !cur_take_str(&fields, 64, &file) ||
	    !cur_line(&c, &trusted) || !str_starts(trusted, trusted_prefix))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "no signature of minisign"));
	if (str_eqz(alg, "Ed"))
		return (diag_set(d, ERR_UNSUPPORTED, 0, "a signature of "
		    "minisign's older kind, over the file itself: sign it "
		    "again without -l"));
	if (!str_eqz(alg, "ED") ||
	    !bytes_of(next_line(&c), ret->comment, sizeof(ret->comment)))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "no signature of minisign"));
	memcpy(ret->id, id.p, sizeof(ret->id));
	memcpy(ret->file, file.p, sizeof(ret->file));
	ret->trusted = str_sub(trusted, strlen(trusted_prefix), trusted.n);
	return (0);
}

static bool
verify(EVP_PKEY *k, struct str s, const uint8_t signature[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ret;

	must(ctx != NULL);
	ret = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestVerify(ctx, signature, 64, (const unsigned char *)s.p,
	    s.n) == 1;
	EVP_MD_CTX_free(ctx);
	return (ret);
}

int
minisign_verify(const struct minisign_signature *s,
    const struct minisign_public *key, const uint8_t hash[MINISIGN_HASH],
    struct diag *d)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    key->key, sizeof(key->key));
	char id[MINISIGN_ID_TEXT];
	struct buf second = { 0 };
	int rc = 0;

	minisign_id_format(key->id, id);
	if (k == NULL || memcmp(s->id, key->id, MINISIGN_ID) != 0 ||
	    !verify(k, str_n(hash, MINISIGN_HASH), s->file))
		rc = diag_set(d, ERR_DENIED, 0, "the signature is not one of "
		    "this file by key %s: the file or the signature was "
		    "changed", id);
	else if ((rc = signed_comment(s->file, s->trusted, &second)) < 0 ||
	    !verify(k, buf_view(&second), s->comment))
		rc = diag_set(d, ERR_DENIED, 0, "the signature's trusted comment "
		    "is not by key %s: it was changed", id);
	buf_done(&second);
	EVP_PKEY_free(k);
	return (rc);
}
