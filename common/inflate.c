/*
 * One state per stream, three windows in rotation: the last INFLATE_KEEPS
 * pieces stay readable, which archive.c needs to look at raw tar headers that
 * libarchive has already passed.
 */
#include <assert.h>
#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>
#include "cur.h"
#include "inflate.h"
#include "mem.h"

/* 2^27: what zstd itself accepts without being told otherwise; --long=31
 * would let one frame ask for 2 GiB. */
#define ZSTD_WINDOW_LOG 27

struct inflate {
	struct source src;
	struct inflate_limits limits;
	enum inflate_kind kind;
	bool known;		/* kind is decided */
	bool src_end;
	bool between;		/* gzip: behind a member; zstd: behind a frame */
	int late;		/* error to tell after the bytes before it */
	int error;		/* told, repeated from now on */
	struct diag diag;
	struct cur in;		/* unread bytes of the source */
	uint8_t first[4];	/* bytes read to tell the kind, when the source
				   handed out fewer at once ... */
	struct cur held;	/* ... and what came after them */
	uint64_t total_in, total_out;
	unsigned turn;
	uint8_t *window[INFLATE_KEEPS + 1];
	struct inflate_state *gz;
	ZSTD_DStream *zs;
};

static int64_t
memory_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct source_memory *m = arg;
	size_t n = m->piece != 0 && m->piece < m->left ? m->piece : m->left;

	(void)d;
	*ret = m->p;
	m->p = n != 0 ? m->p + n : m->p;
	m->left -= n;
	return ((int64_t)n);
}

struct source
source_memory(struct source_memory *m)
{
	return ((struct source) { memory_read, m });
}

static int64_t
fd_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct source_fd *s = arg;
	ssize_t n;

	do
		n = read(s->fd, s->buf, sizeof(s->buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "read: error %d", errno));
	*ret = s->buf;
	return (n);
}

struct source
source_fd(struct source_fd *s)
{
	return ((struct source) { fd_read, s });
}

struct inflate *
inflate_new(const struct source *src, const struct inflate_limits *limits)
{
	struct inflate *z = mem_alloc(sizeof(*z));

	z->src = *src;
	z->limits = *limits;
	for (size_t i = 0; i <= INFLATE_KEEPS; i++)
		z->window[i] = mem_alloc(INFLATE_WINDOW);
	return (z);
}

void
inflate_free(struct inflate *z)
{
	if (z == NULL)
		return;
	for (size_t i = 0; i <= INFLATE_KEEPS; i++)
		free(z->window[i]);
	ZSTD_freeDStream(z->zs);
	free(z->gz);
	free(z);
}

/* More input when there is none left.  1, 0 at the source's end, or an error. */
static int
fill(struct inflate *z, struct diag *d)
{
	const uint8_t *p = NULL;
	int64_t n;

	if (cur_left(&z->in) == 0) {
		z->in = z->held;
		z->held = cur_of(NULL, 0);
	}
	if (cur_left(&z->in) > 0)
		return (1);
	if (z->src_end)
		return (0);
	if ((n = z->src.read(z->src.arg, &p, d)) < 0)
		return ((int)n);
	if (n == 0) {
		z->src_end = true;
		return (0);
	}
	z->in = cur_of(p, (size_t)n);
	z->total_in += (uint64_t)n;
	if (z->limits.in != 0 && z->total_in > z->limits.in)
		return (diag_set(d, ERR_LIMIT, z->total_in,
		    "the blob is larger than %llu bytes",
		    (unsigned long long)z->limits.in));
	return (1);
}

static void
take(struct inflate *z, size_t n)
{
	bool there = cur_skip(&z->in, n);

	assert(there);
}

static enum inflate_kind
kind_of(const uint8_t *m, size_t n)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b };
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	static const uint8_t skip[] = { 0x2a, 0x4d, 0x18 };

	if (n >= 2 && memcmp(m, gzip, 2) == 0)
		return (INFLATE_GZIP);
	if (n >= 4 && (memcmp(m, zstd, 4) == 0 ||
	    ((m[0] & 0xf0) == 0x50 && memcmp(m + 1, skip, 3) == 0)))
		return (INFLATE_ZSTD);
	return (INFLATE_PLAIN);
}

/* Decide what the stream is.  A source may hand out single bytes, so the first
 * ones are collected when need be and then stand before the others. */
static int
begin(struct inflate *z, struct diag *d)
{
	size_t have = 0;
	int rc;

	if ((rc = fill(z, d)) < 0)
		return (rc);
	if (cur_left(&z->in) < sizeof(z->first)) {
		while (have < sizeof(z->first)) {
			if ((rc = fill(z, d)) < 0)
				return (rc);
			if (rc == 0)
				break;
			z->first[have++] = *z->in.p;
			take(z, 1);
		}
		z->held = z->in;
		z->in = cur_of(z->first, have);
	}
	z->kind = kind_of(z->in.p, cur_left(&z->in));
	z->known = true;
	if (z->kind == INFLATE_GZIP) {
		z->gz = mem_alloc(sizeof(*z->gz));
		isal_inflate_init(z->gz);
		z->between = true;
	} else if (z->kind == INFLATE_ZSTD) {
		if ((z->zs = ZSTD_createDStream()) == NULL)
			exit(EXIT_NO_MEMORY);
		ZSTD_DCtx_setParameter(z->zs, ZSTD_d_windowLogMax,
		    ZSTD_WINDOW_LOG);
	}
	return (0);
}

static int
gzip_error(struct inflate *z, int rc, struct diag *d)
{
	const char *why = rc == ISAL_INCORRECT_CHECKSUM ?
	    "the gzip checksum differs" : "damaged deflate data";

	return (diag_set(d, ERR_MALFORMED, z->total_in - cur_left(&z->in), "%s", why));
}

/* One byte of a gzip header, added to the header's checksum. */
static int
gzip_byte(struct inflate *z, uint8_t *ret, uint32_t *crc, struct diag *d)
{
	int rc;

	if ((rc = fill(z, d)) < 0)
		return (rc);
	if (rc == 0)
		return (diag_set(d, ERR_MALFORMED, z->total_in,
		    "the gzip stream ends early"));
	*ret = *z->in.p;
	*crc = crc32_gzip_refl(*crc, ret, 1);
	take(z, 1);
	return (0);
}

/* A field that ends with a zero byte. */
static int
gzip_text(struct inflate *z, uint32_t *crc, struct diag *d)
{
	uint8_t c = 1;
	int rc = 0;

	while (rc == 0 && c != 0)
		rc = gzip_byte(z, &c, crc, d);
	return (rc);
}

static int
gzip_skip(struct inflate *z, size_t n, uint32_t *crc, struct diag *d)
{
	uint8_t c;
	int rc = 0;

	for (; rc == 0 && n > 0; n--)
		rc = gzip_byte(z, &c, crc, d);
	return (rc);
}

/* The header of a member (RFC 1952, 2.3).  ISA-L could read it, but takes a
 * header's checksum for wrong when it arrives in pieces. */
static int
gzip_header(struct inflate *z, struct diag *d)
{
	enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0 };
	uint8_t h[10], lo, hi;
	uint32_t crc = 0, sum;
	int rc = 0;

	for (size_t i = 0; i < sizeof(h); i++)
		if ((rc = gzip_byte(z, &h[i], &crc, d)) < 0)
			return (rc);
	if (h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 || (h[3] & RESERVED) != 0)
		return (diag_set(d, ERR_MALFORMED, z->total_in - cur_left(&z->in),
		    "no gzip header"));
	if ((h[3] & FEXTRA) != 0 &&
	    ((rc = gzip_byte(z, &lo, &crc, d)) < 0 ||
	    (rc = gzip_byte(z, &hi, &crc, d)) < 0 ||
	    (rc = gzip_skip(z, (size_t)hi << 8 | lo, &crc, d)) < 0))
		return (rc);
	if (((h[3] & FNAME) != 0 && (rc = gzip_text(z, &crc, d)) < 0) ||
	    ((h[3] & FCOMMENT) != 0 && (rc = gzip_text(z, &crc, d)) < 0))
		return (rc);
	sum = crc & 0xffff;
	if ((h[3] & FHCRC) == 0)
		return (0);
	if ((rc = gzip_byte(z, &lo, &crc, d)) < 0 ||
	    (rc = gzip_byte(z, &hi, &crc, d)) < 0)
		return (rc);
	return (sum == ((uint32_t)hi << 8 | lo) ? 0 : diag_set(d, ERR_MALFORMED,
	    z->total_in - cur_left(&z->in), "the gzip header's checksum differs"));
}

/* The first member, or behind one: skip zero padding, begin the next.  1 = go
 * on, 0 = sound end. */
static int
gzip_next_member(struct inflate *z, struct diag *d)
{
	int rc;

	while ((rc = fill(z, d)) > 0 && *z->in.p == 0)
		take(z, 1);
	if (rc <= 0)
		return (rc);
	if (*z->in.p != 0x1f)
		return (diag_set(d, ERR_MALFORMED, z->total_in - cur_left(&z->in),
		    "bytes behind the end of the gzip stream"));
	if ((rc = gzip_header(z, d)) < 0)
		return (rc);
	isal_inflate_reset(z->gz);
	z->gz->crc_flag = ISAL_GZIP_NO_HDR_VER;
	z->between = false;
	return (1);
}

/* The readers fill a window as far as they can and return how much; what
 * stopped them is left in z->late, after the bytes before it. */
static size_t
gzip_read(struct inflate *z, uint8_t *out)
{
	struct inflate_state *s = z->gz;
	struct diag *d = &z->diag;
	uint32_t gave, room;
	size_t left;
	int rc;

	s->next_out = out;
	s->avail_out = INFLATE_WINDOW;
	while (s->avail_out > 0) {
		if ((z->between && (rc = gzip_next_member(z, d)) <= 0) ||
		    (rc = fill(z, d)) < 0) {
			z->late = rc;
			break;
		}
		left = cur_left(&z->in);
		gave = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
		room = s->avail_out;
		/* ISA-L only reads there; its field lacks the const. */
		s->next_in = (uint8_t *)(uintptr_t)z->in.p;
		s->avail_in = gave;
		rc = isal_inflate(s);
		if (rc >= 0)	/* after an error its field may be off */
			take(z, gave - s->avail_in);
		if (rc < 0) {
			z->late = gzip_error(z, rc, d);
			break;
		}
		if (s->block_state == ISAL_BLOCK_FINISH) {
			z->between = true;
		} else if (gave == 0 && room == s->avail_out) {
			z->late = diag_set(d, ERR_MALFORMED, z->total_in,
			    "the gzip stream ends early");
			break;
		}
	}
	return (INFLATE_WINDOW - s->avail_out);
}

static size_t
zstd_read(struct inflate *z, uint8_t *out)
{
	ZSTD_outBuffer o = { out, INFLATE_WINDOW, 0 };
	ZSTD_inBuffer i;
	struct diag *d = &z->diag;
	size_t hint, had;
	int rc;

	while (o.pos < o.size) {
		if ((rc = fill(z, d)) < 0) {
			z->late = rc;
			break;
		}
		/* A finished frame and no more input is the sound end.  With
		 * input used up in the middle, libzstd may still hold output. */
		if (rc == 0 && z->between)
			break;
		i = (ZSTD_inBuffer) { z->in.p, cur_left(&z->in), 0 };
		had = o.pos;
		hint = ZSTD_decompressStream(z->zs, &o, &i);
		take(z, i.pos);
		if (ZSTD_isError(hint)) {
			z->late = diag_set(d, ZSTD_getErrorCode(hint) ==
			    ZSTD_error_frameParameter_windowTooLarge ?
			    ERR_UNSUPPORTED : ERR_MALFORMED,
			    z->total_in - cur_left(&z->in), "zstd: %s",
			    ZSTD_getErrorName(hint));
			break;
		}
		z->between = hint == 0;
		if (rc == 0 && !z->between && o.pos == had) {
			z->late = diag_set(d, ERR_MALFORMED, z->total_in,
			    "the zstd stream ends early");
			break;
		}
	}
	return (o.pos);
}

/* Plain bytes are copied too, so that they stay for INFLATE_KEEPS calls. */
static size_t
plain_read(struct inflate *z, uint8_t *out)
{
	size_t n = 0, piece;
	int rc = 1;

	while (n < INFLATE_WINDOW && (rc = fill(z, &z->diag)) > 0) {
		piece = cur_left(&z->in);
		piece = INFLATE_WINDOW - n < piece ? INFLATE_WINDOW - n : piece;
		memcpy(out + n, z->in.p, piece);
		take(z, piece);
		n += piece;
	}
	z->late = rc < 0 ? rc : 0;
	return (n);
}

static int
check_limits(struct inflate *z)
{
	const struct inflate_limits *l = &z->limits;

	if (l->out != 0 && z->total_out > l->out)
		return (diag_set(&z->diag, ERR_LIMIT, z->total_out,
		    "more than %llu bytes uncompressed",
		    (unsigned long long)l->out));
	if (l->ratio != 0 && z->total_out > l->ratio_free &&
	    z->total_out / l->ratio > z->total_in)
		return (diag_set(&z->diag, ERR_LIMIT, z->total_out,
		    "expands more than %llu times",
		    (unsigned long long)l->ratio));
	return (0);
}

static int64_t
step(struct inflate *z, uint8_t *out)
{
	size_t n;
	int rc;

	if (z->late < 0 || (!z->known && (z->late = begin(z, &z->diag)) < 0))
		return (z->late);
	if (z->kind == INFLATE_GZIP)
		n = gzip_read(z, out);
	else if (z->kind == INFLATE_ZSTD)
		n = zstd_read(z, out);
	else
		n = plain_read(z, out);
	z->total_out += n;
	if ((rc = check_limits(z)) < 0) {
		z->total_out -= n;	/* these are not handed out */
		return (rc);
	}
	return (n > 0 ? (int64_t)n : z->late);
}

int64_t
inflate_read(struct inflate *z, const uint8_t **ret, struct diag *d)
{
	uint8_t *out = z->window[z->turn % (INFLATE_KEEPS + 1)];
	int64_t n;

	if (z->error == 0) {
		if ((n = step(z, out)) >= 0) {
			*ret = out;
			z->turn++;
			return (n);
		}
		z->error = (int)n;
	}
	if (d != NULL)
		*d = z->diag;
	return (z->error);
}

enum inflate_kind
inflate_kind(const struct inflate *z)
{
	return (z->kind);
}

uint64_t
inflate_out(const struct inflate *z)
{
	return (z->total_out);
}

/* ------------------------------------------------------ one stream -- */

/* Room asked of the output at a time. */
#define ONE_ROOM ((size_t)64 << 10)

struct inflate_one {
	enum inflate_wrap wrap;
	struct inflate_state s;
};

struct inflate_one *
inflate_one_new(enum inflate_wrap wrap)
{
	struct inflate_one *z = mem_alloc(sizeof(*z));

	z->wrap = wrap;
	inflate_one_reset(z);
	return (z);
}

void
inflate_one_free(struct inflate_one *z)
{
	free(z);
}

void
inflate_one_reset(struct inflate_one *z)
{
	static const uint32_t flag[] = { [INFLATE_BARE] = ISAL_DEFLATE,
	    [INFLATE_ZLIB] = ISAL_ZLIB, [INFLATE_MEMBER] = ISAL_GZIP };

	isal_inflate_init(&z->s);
	z->s.crc_flag = flag[z->wrap];
}

/* One call of ISA-L; its result, and the bytes written in *${wrote}. */
static int
one_step(struct inflate_one *z, struct cur *in, uint8_t *out, size_t room,
    size_t *wrote)
{
	uint32_t gave = cur_left(in) < UINT32_MAX ? (uint32_t)cur_left(in) :
	    UINT32_MAX;
	bool there = true;
	int rc;

	z->s.next_in = (uint8_t *)(uintptr_t)in->p;
	z->s.avail_in = gave;
	z->s.next_out = out;
	z->s.avail_out = (uint32_t)room;
	rc = isal_inflate(&z->s);
	if (rc >= 0)	/* after an error its field may be off */
		there = cur_skip(in, gave - z->s.avail_in);
	assert(there);
	*wrote = room - z->s.avail_out;
	return (rc);
}

int
inflate_one_push(struct inflate_one *z, struct cur *in, struct buf *out,
    struct diag *d)
{
	uint8_t over, *to;
	size_t room, left, wrote;
	int rc;

	for (;;) {
		room = out->max - out->n < ONE_ROOM ? out->max - out->n : ONE_ROOM;
		to = room > 0 ? buf_room(out, room) : &over;
		left = cur_left(in);
		rc = one_step(z, in, to, room > 0 ? room : 1, &wrote);
		if (room == 0 && wrote > 0)
			return (diag_set(d, ERR_LIMIT, out->n,
			    "more than %zu bytes uncompressed", out->max));
		out->n += wrote;
		if (rc < 0)
			return (diag_set(d, ERR_MALFORMED, out->n, rc ==
			    ISAL_INCORRECT_CHECKSUM ? "a checksum differs" :
			    "damaged deflate data"));
		if (z->s.block_state == ISAL_BLOCK_FINISH)
			return (1);
		if (wrote == 0 && cur_left(in) == left)
			return (0);
	}
}

size_t
inflate_one_peek(struct inflate_one *z, struct cur in, uint8_t *ret, size_t n)
{
	size_t have = 0, wrote, left;

	inflate_one_reset(z);
	do {
		left = cur_left(&in);
		if (one_step(z, &in, ret + have, n - have, &wrote) < 0)
			break;
		have += wrote;
	} while (have < n && z->s.block_state != ISAL_BLOCK_FINISH &&
	    (wrote > 0 || cur_left(&in) < left));
	return (have);
}

/* ISA-L and libzstd choose their code paths at the first use; a byte through
 * each settles that. */
void
inflate_warm_up(void)
{
	static const uint8_t gz[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b,
	    4, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0 };
	static const uint8_t zs[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 9, 0, 0,
	    'a' };
	const struct { const uint8_t *p; size_t n; } one[] = {
		{ gz, sizeof(gz) }, { zs, sizeof(zs) },
	};
	const struct inflate_limits none = { 0 };
	const uint8_t *p;

	for (size_t i = 0; i < 2; i++) {
		struct source_memory m = { one[i].p, one[i].n, 0 };
		struct source src = source_memory(&m);
		struct inflate *z = inflate_new(&src, &none);

		while (inflate_read(z, &p, NULL) > 0)
			;
		inflate_free(z);
	}
}
