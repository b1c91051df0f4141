/*
 * gzip (RFC 1952), zstd (RFC 8878) and plain bytes as one pull stream, told
 * apart by their first bytes.  The only door to ISA-L, and to libzstd beside
 * tar_write.c.
 *
 * Several gzip members or zstd frames in a row are one stream; zero bytes
 * behind the last gzip member are tolerated, skippable frames are skipped.  A
 * stream that ends early, or fails its checksum, is ERR_MALFORMED: what came
 * before was handed out, but the end is never reported as a clean one.
 */
#ifndef INFLATE_H
#define INFLATE_H

#include "buf.h"
#include "cur.h"

/* Where bytes come from: files, pipes, memory. */
struct source {
	/* Point *${ret} to the next bytes, valid until the next call, and return
	 * how many (> 0), 0 at the end, or a negative enum err with ${d} filled. */
	int64_t (*read)(void *arg, const uint8_t **ret, struct diag *d);
	void *arg;
};

/* A source over memory; ${piece} bytes a call, 0 = all at once. */
struct source_memory {
	const uint8_t *p;
	size_t left;
	size_t piece;
};
struct source source_memory(struct source_memory *);
/* A source over a file descriptor; errors of read(2) are ERR_TEMPORARY. */
struct source_fd {
	int fd;
	uint8_t buf[65536];
};
struct source source_fd(struct source_fd *);

enum inflate_kind { INFLATE_PLAIN, INFLATE_GZIP, INFLATE_ZSTD };

struct inflate_limits {
	uint64_t in;		/* bytes read from the source, 0 = no ceiling */
	uint64_t out;		/* bytes handed out, 0 = no ceiling */
	uint64_t ratio;		/* out / in, judged once out > ratio_free; 0 = none */
	uint64_t ratio_free;
};

/* What one call hands out at most. */
#define INFLATE_WINDOW ((size_t)256 << 10)
/* A piece stays valid during this many further calls. */
#define INFLATE_KEEPS 2

struct inflate;

/* ${src} is copied, its arg stays the caller's. */
struct inflate *inflate_new(const struct source *src, const struct inflate_limits *);
void inflate_free(struct inflate *);

/**
 * inflate_read(z, ret, d):
 * Point *${ret} to the next uncompressed bytes and return how many (1 to
 * INFLATE_WINDOW), 0 at a sound end, ERR_MALFORMED (truncated or damaged),
 * ERR_LIMIT (${limits}), ERR_UNSUPPORTED (zstd window above 128 MiB) or what
 * the source returned.  After an error every further call repeats it.
 */
int64_t inflate_read(struct inflate *z, const uint8_t **ret, struct diag *d);
/* Known after the first read. */
enum inflate_kind inflate_kind(const struct inflate *);
uint64_t inflate_out(const struct inflate *);	/* bytes handed out */

/*
 * One deflate stream inside a file, given piece by piece: bare as in zip files
 * (RFC 1951), with zlib's header and checksum (RFC 1950) or gzip's (RFC 1952).
 */
enum inflate_wrap { INFLATE_BARE, INFLATE_ZLIB, INFLATE_MEMBER };

struct inflate_one;

struct inflate_one *inflate_one_new(enum inflate_wrap);
void inflate_one_free(struct inflate_one *);
void inflate_one_reset(struct inflate_one *);	/* ready for the next stream */

/**
 * inflate_one_push(z, in, out, d):
 * Inflate ${in}, which moves (a few bytes behind the stream's end may be taken,
 * too), and append to ${out}.  Return 1 when the stream has ended soundly, 0
 * when it wants more, ERR_MALFORMED, or ERR_LIMIT (more than ${out} may hold).
 */
int inflate_one_push(struct inflate_one *z, struct cur *in, struct buf *out,
    struct diag *d);

/* The first bytes, ${n} at most, that a stream beginning with ${in} gives, to
 * *${ret}; how many.  Resets ${z}. */
size_t inflate_one_peek(struct inflate_one *z, struct cur in, uint8_t *ret,
    size_t n);

/* Everything that must run before a seccomp filter allows only memory calls. */
void inflate_warm_up(void);

#endif
