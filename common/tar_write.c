/* tar and zstd, written; see tar_write.h. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include "mem.h"
#include "proc.h"
#include "tar_write.h"

#define BLOCK 512

struct tar_writer {
	ZSTD_CCtx *z;
	int fd;
	uint8_t *out;
	size_t cap;
};

/* The fields of a header that are not zero, at their offsets. */
struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8];
	char type, link[100], magic[6], version[2], rest[BLOCK - 265];
};
_Static_assert(sizeof(struct ustar) == BLOCK, "a header is one block");

struct tar_writer *
tar_writer_new(int fd)
{
	struct tar_writer *w = mem_alloc(sizeof(*w));

	w->fd = fd;
	w->cap = ZSTD_CStreamOutSize();
	w->out = mem_array(w->cap, 1);
	if ((w->z = ZSTD_createCCtx()) == NULL)
		exit(EXIT_NO_MEMORY);
	ZSTD_CCtx_setParameter(w->z, ZSTD_c_checksumFlag, 1);
	return (w);
}

void
tar_writer_free(struct tar_writer *w)
{
	if (w == NULL)
		return;
	ZSTD_freeCCtx(w->z);
	free(w->out);
	free(w);
}

static int
put(struct tar_writer *w, const void *p, size_t n, ZSTD_EndDirective how,
    struct diag *d)
{
	ZSTD_inBuffer in = { p, n, 0 };
	size_t left;
	int rc;

	do {
		ZSTD_outBuffer out = { w->out, w->cap, 0 };

		left = ZSTD_compressStream2(w->z, &out, &in, how);
		if (ZSTD_isError(left))
			return (diag_set(d, ERR_TEMPORARY, 0, "zstd: %s",
			    ZSTD_getErrorName(left)));
		if (out.pos > 0 &&
		    (rc = write_all(w->fd, w->out, out.pos, d)) < 0)
			return (rc);
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return (0);
}

/* ${v} as octal digits and NUL into a field of ${n} bytes. */
static void
octal(char *field, size_t n, uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*llo", (int)n - 1,
	    (unsigned long long)v);
	assert(strlen(text) == n - 1);
	memcpy(field, text, n);
}

static void
header(struct ustar *h, const char *name, size_t size, int64_t mtime)
{
	const unsigned char *b = (const unsigned char *)h;
	unsigned sum = 0;

	assert(strlen(name) <= sizeof(h->name));
	*h = (struct ustar) { .type = '0', .magic = "ustar",
		.version = { '0', '0' } };
	memcpy(h->name, name, strlen(name));
	octal(h->mode, sizeof(h->mode), 0644);
	octal(h->uid, sizeof(h->uid), 0);
	octal(h->gid, sizeof(h->gid), 0);
	octal(h->size, sizeof(h->size), size);
	octal(h->mtime, sizeof(h->mtime), mtime > 0 ? (uint64_t)mtime : 0);
	/* the sum is made as if its own field held blanks */
	memset(h->sum, ' ', sizeof(h->sum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += b[i];
	octal(h->sum, 7, sum);
}

int
tar_writer_add(struct tar_writer *w, const char *name, struct str content,
    int64_t mtime, struct diag *d)
{
	static const uint8_t zeros[BLOCK];
	struct ustar h;
	int rc;

	header(&h, name, content.n, mtime);
	if ((rc = put(w, &h, sizeof(h), ZSTD_e_continue, d)) < 0 ||
	    (rc = put(w, content.p, content.n, ZSTD_e_continue, d)) < 0)
		return (rc);
	return (put(w, zeros, (BLOCK - content.n % BLOCK) % BLOCK,
	    ZSTD_e_continue, d));
}

int
tar_writer_end(struct tar_writer *w, struct diag *d)
{
	static const uint8_t zeros[2 * BLOCK];

	return (put(w, zeros, sizeof(zeros), ZSTD_e_end, d));
}
