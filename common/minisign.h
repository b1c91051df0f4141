/*
 * Signatures of files as the program minisign makes and verifies them: Ed25519
 * over the file's BLAKE2b-512 ("ED"), and over that signature and its trusted
 * comment.  Keys and signatures are minisign's own text files.  Followed:
 * minisign's README ("Signature format", "Secret key format") and minisign(1);
 * the cryptography is OpenSSL's.  Signatures of the older kind, over the file
 * itself, are refused: they want all of it in memory.
 */
#ifndef MINISIGN_H
#define MINISIGN_H

#include "buf.h"

#define MINISIGN_ID 8
#define MINISIGN_ID_TEXT (2 * MINISIGN_ID + 1)
#define MINISIGN_HASH 64
/* A file of a key or a signature: its comments have no more than that. */
#define MINISIGN_TEXT 4096
#define MINISIGN_PASSWORD 1024

struct minisign_public {
	uint8_t id[MINISIGN_ID];
	uint8_t key[32];
};

struct minisign_secret {
	uint8_t id[MINISIGN_ID];
	uint8_t key[32];	/* the seed; explicit_bzero it when done */
};

struct minisign_signature {
	uint8_t id[MINISIGN_ID];	/* of the key: a hint, nothing proves it */
	uint8_t file[64];
	uint8_t comment[64];		/* over ${file} and ${trusted} */
	struct str trusted;		/* comment, in the text it was read from */
};

/* BLAKE2b-512 of what is signed. */
struct minisign_hash;
struct minisign_hash *minisign_hash_new(void);
void minisign_hash_free(struct minisign_hash *);
void minisign_hash_add(struct minisign_hash *, const void *p, size_t n);
void minisign_hash_end(struct minisign_hash *, uint8_t ret[MINISIGN_HASH]);
/* Of a file from its beginning to its end; ERR_TEMPORARY when it cannot be read. */
int minisign_hash_fd(int fd, uint8_t ret[MINISIGN_HASH], struct diag *);

/**
 * minisign_public_read(text, ret, d):
 * The key in a file KEY.pub, or its second line alone.  ERR_MALFORMED.
 */
int minisign_public_read(struct str text, struct minisign_public *ret,
    struct diag *);

/* Write a password and NUL into ${ret}; a negative enum err ends the reading. */
typedef int minisign_password(void *arg, char *ret, size_t size, struct diag *);

/**
 * minisign_secret_read(text, ask, arg, ret, d):
 * The key in a secret key file.  One with a password asks for it; scrypt then
 * takes as much memory as the file says, minisign's own files 1 GiB.  Return 0,
 * ERR_MALFORMED, ERR_DENIED for a wrong password, ERR_LIMIT for a file that wants
 * more than 2 GiB, or what ${ask} returned.
 */
int minisign_secret_read(struct str text, minisign_password *ask, void *arg,
    struct minisign_secret *ret, struct diag *);

/**
 * minisign_sign(key, hash, trusted, ret, d):
 * Append the text of a file .minisig to ${ret}; ${trusted} is one line.
 * ERR_LIMIT when it does not fit.
 */
int minisign_sign(const struct minisign_secret *,
    const uint8_t hash[MINISIGN_HASH], struct str trusted, struct buf *ret,
    struct diag *);

/* A file .minisig; ERR_MALFORMED, or ERR_UNSUPPORTED for the older kind. */
int minisign_signature_read(struct str text, struct minisign_signature *ret,
    struct diag *);
/* Is it that key's signature of the file, and is the trusted comment too?
 * Return 0 or ERR_DENIED. */
int minisign_verify(const struct minisign_signature *,
    const struct minisign_public *, const uint8_t hash[MINISIGN_HASH],
    struct diag *);

/* A key's id as minisign shows it: 16 upper-case hex digits. */
void minisign_id_format(const uint8_t id[MINISIGN_ID],
    char ret[MINISIGN_ID_TEXT]);

#endif
