/* Whole files in tests; see slurp.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/slurp.h"

/* More than any sample or layer of a benchmark. */
#define SLURP_MAX ((size_t)4 << 30)
#define PIECE 65536

static struct buf
slurp_path(const char *path, bool may_lack)
{
	struct buf b;
	FILE *f = fopen(path, "r");
	uint8_t *p;
	size_t n;

	buf_init(&b, SLURP_MAX);
	if (f == NULL && may_lack && errno == ENOENT)
		return (b);
	if (f != NULL) {
		do {
			if ((p = buf_room(&b, PIECE)) == NULL)
				break;
			n = fread(p, 1, PIECE, f);
			b.n += n;
		} while (n > 0);
		if (feof(f) && fclose(f) == 0)
			return (b);
	}
	fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
	abort();
}

struct buf
slurp(const char *fmt, ...)
{
	char path[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return (slurp_path(path, false));
}

struct buf
slurp_if_there(const char *fmt, ...)
{
	char path[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return (slurp_path(path, true));
}
