/* Compressed files: gzip and zstd by inflate.c, which checks their checksums; xz
 * and bzip2 by libarchive. */
#include <stdlib.h>
#include "common/archive.h"
#include "mem.h"
#include "unpack.h"

struct unpack {
	struct source_peek head;
	struct inflate *z;		/* gzip, zstd, plain */
	struct archive_reader *raw;	/* xz, bzip2 */
	struct inflate_limits limits;
	bool begun;
	int error;			/* told, repeated from now on */
	struct diag why;
	uint64_t in, out;		/* of raw */
};

/* ---------------------------------------------------------------------- peeking */

int
source_peek(struct source_peek *k, const struct source *src, struct diag *d)
{
	const uint8_t *p = NULL;
	int64_t n;

	*k = (struct source_peek) { .src = *src };
	while (k->n < SOURCE_HEAD) {
		size_t room = SOURCE_HEAD - k->n, take;

		if ((n = src->read(src->arg, &p, d)) < 0)
			return ((int)n);
		if (n == 0)
			break;
		take = (size_t)n < room ? (size_t)n : room;
		memcpy(k->head + k->n, p, take);
		k->n += take;
		k->rest = cur_of(p, (size_t)n);
		if (!cur_skip(&k->rest, take))
			break;
	}
	return (0);
}

static int64_t
peeked_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct source_peek *k = arg;

	if (k->given == 0 && k->n > 0) {
		k->given = 1;
		*ret = k->head;
		return ((int64_t)k->n);
	}
	if (k->given <= 1 && cur_left(&k->rest) > 0) {
		k->given = 2;
		*ret = k->rest.p;
		return ((int64_t)cur_left(&k->rest));
	}
	k->given = 2;
	return (k->src.read(k->src.arg, ret, d));
}

struct source
source_peeked(struct source_peek *k)
{
	return ((struct source) { peeked_read, k });
}

/* -------------------------------------------------------------------- unpacking */

static bool
is_xz_or_bzip2(const struct source_peek *k)
{
	static const uint8_t xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	return ((k->n >= sizeof(xz) && memcmp(k->head, xz, sizeof(xz)) == 0) ||
	    (k->n >= 4 && memcmp(k->head, "BZh", 3) == 0 &&
	    k->head[3] >= '1' && k->head[3] <= '9'));
}

/* Counts what libarchive takes. */
static int64_t
counted_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct unpack *u = arg;
	int64_t n = peeked_read(&u->head, ret, d);

	u->in += n > 0 ? (uint64_t)n : 0;
	return (n);
}

int
unpack_new(const struct source *src, const struct inflate_limits *limits,
    struct unpack **ret, struct diag *d)
{
	struct unpack *u = mem_alloc(sizeof(*u));
	struct source s;
	int rc;

	if ((rc = source_peek(&u->head, src, d)) < 0) {
		free(u);
		return (rc);
	}
	u->limits = *limits;
	if (is_xz_or_bzip2(&u->head)) {
		s = (struct source) { counted_read, u };
		u->raw = archive_open_raw(&s);
	} else {
		s = source_peeked(&u->head);
		u->z = inflate_new(&s, limits);
	}
	*ret = u;
	return (0);
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	inflate_free(u->z);
	archive_close(u->raw);
	free(u);
}

static int64_t
raw_read(struct unpack *u, const uint8_t **ret, struct diag *d)
{
	const struct inflate_limits *l = &u->limits;
	struct archive_item item;
	int64_t n;

	if (!u->begun && (n = archive_next(u->raw, &item, d)) <= 0)
		return (n);
	u->begun = true;
	if ((n = archive_read_piece(u->raw, ret, d)) <= 0)
		return (n);
	u->out += (uint64_t)n;
	if (l->in != 0 && u->in > l->in)
		return (diag_set(d, ERR_LIMIT, u->in,
		    "the file is larger than %llu bytes",
		    (unsigned long long)l->in));
	if (l->out != 0 && u->out > l->out)
		return (diag_set(d, ERR_LIMIT, u->out,
		    "the file holds more than %llu bytes",
		    (unsigned long long)l->out));
	if (l->ratio != 0 && u->out > l->ratio_free &&
	    u->out / l->ratio > u->in)
		return (diag_set(d, ERR_LIMIT, u->out,
		    "the file holds more than %llu times its own size",
		    (unsigned long long)l->ratio));
	return (n);
}

int64_t
unpack_read(struct unpack *u, const uint8_t **ret, struct diag *d)
{
	int64_t n;

	if (u->z != NULL)
		return (inflate_read(u->z, ret, d));
	if (u->error == 0) {
		if ((n = raw_read(u, ret, &u->why)) >= 0)
			return (n);
		u->error = (int)n;
	}
	if (d != NULL)
		*d = u->why;
	return (u->error);
}

static int64_t
source_read(void *arg, const uint8_t **ret, struct diag *d)
{
	return (unpack_read(arg, ret, d));
}

struct source
unpack_source(struct unpack *u)
{
	return ((struct source) { source_read, u });
}

struct str
unpack_name(struct str name)
{
	static const char *const endings[] = { ".gz", ".zst", ".xz", ".bz2" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(name, endings[i]))
			return (str_sub(name, 0, name.n - strlen(endings[i])));
	return (name);
}
