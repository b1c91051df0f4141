/* See records.h. */
#include <assert.h>
#include <stdlib.h>
#include "common/mem.h"
#include "common/pack.h"
#include "common/path.h"
#include "records.h"

struct record {
	uint32_t at, n;		/* in bytes; n is 0 when it was dropped */
	uint64_t hash;		/* of the path */
};

void
records_init(struct records *r, size_t max_bytes)
{
	assert(max_bytes <= UINT32_MAX);
	*r = (struct records) { .n = 0 };
	buf_init(&r->bytes, max_bytes);
}

void
records_done(struct records *r)
{
	buf_done(&r->bytes);
	free(r->v);
	free(r->slot);
}

static size_t
first_slot(const struct records *r, uint64_t hash)
{
	return (hash & (r->nslot - 1));
}

/* A dropped record of the same path gives up its place, so that a path that
 * comes a million times is no longer chain to walk. */
static void
put(struct records *r, uint32_t index)
{
	const struct record *new = &r->v[index], *old;
	size_t i = first_slot(r, new->hash);

	for (; r->slot[i] != 0; i = first_slot(r, i + 1)) {
		old = &r->v[r->slot[i] - 1];
		if (old->n == 0 && old->hash == new->hash)
			break;
	}
	r->slot[i] = index + 1;
}

void
records_add(struct records *r, size_t at, uint64_t hash)
{
	if ((r->n & (r->n - 1)) == 0)	/* grows at powers of two */
		r->v = mem_realloc(r->v, r->n == 0 ? 1 : r->n * 2,
		    sizeof(*r->v));
	r->v[r->n++] = (struct record) { (uint32_t)at,
	    (uint32_t)(r->bytes.n - at), hash };
	if (r->n * 2 > r->nslot) {
		free(r->slot);
		r->nslot = r->nslot == 0 ? 64 : r->nslot * 2;
		r->slot = mem_array(r->nslot, sizeof(*r->slot));
		for (size_t i = 0; i + 1 < r->n; i++)
			if (r->v[i].n > 0)
				put(r, (uint32_t)i);
	}
	put(r, (uint32_t)(r->n - 1));
}

int
records_pair(struct records *r, struct str path, uint64_t hash, struct str other)
{
	size_t at = r->bytes.n;

	if (pack_array(&r->bytes, 2) < 0 || pack_str(&r->bytes, path) < 0 ||
	    pack_str(&r->bytes, other) < 0) {
		r->bytes.n = at;
		return (ERR_LIMIT);
	}
	records_add(r, at, hash);
	return (0);
}

/* The two texts that a record begins with; false when it was dropped. */
static bool
texts_of(const struct records *r, const struct record *rec, struct str *path,
    struct str *other)
{
	struct cur all = cur_of(r->bytes.p, r->bytes.n), c;
	uint32_t n;

	return (rec->n > 0 && cur_skip(&all, rec->at) &&
	    cur_take(&all, rec->n, &c) && unpack_array(&c, &n) &&
	    unpack_str(&c, path) && unpack_str(&c, other));
}

/* The next living record of ${path} from slot *${i} on, or NULL. */
static struct record *
next_of(const struct records *r, struct str path, uint64_t hash, size_t *i)
{
	struct record *rec;
	struct str p, other;

	for (; r->nslot > 0 && r->slot[*i] != 0; *i = first_slot(r, *i + 1)) {
		rec = &r->v[r->slot[*i] - 1];
		if (rec->hash == hash && texts_of(r, rec, &p, &other) &&
		    str_eq(p, path)) {
			*i = first_slot(r, *i + 1);
			return (rec);
		}
	}
	return (NULL);
}

bool
records_drop(struct records *r, struct str path, uint64_t hash)
{
	size_t i = first_slot(r, hash);
	struct record *rec;
	bool any = false;

	for (; (rec = next_of(r, path, hash, &i)) != NULL; any = true)
		rec->n = 0;
	return (any);
}

void
records_drop_below(struct records *r, struct str dir)
{
	struct str path, other;

	for (size_t i = 0; i < r->n; i++)
		if (texts_of(r, &r->v[i], &path, &other) &&
		    path_is_below(path, dir))
			r->v[i].n = 0;
}

bool
records_of(const struct records *r, struct str path, uint64_t hash,
    size_t *at, struct str *other)
{
	size_t i = *at == 0 ? first_slot(r, hash) : *at - 1;
	const struct record *rec = next_of(r, path, hash, &i);
	struct str p;

	*at = i + 1;
	return (rec != NULL && texts_of(r, rec, &p, other));
}

bool
records_at(const struct records *r, size_t i, struct str *ret)
{
	const struct record *rec = &r->v[i];

	*ret = str_sub(buf_view(&r->bytes), rec->at, rec->at + rec->n);
	return (rec->n > 0);
}

bool
records_texts(const struct records *r, size_t i, struct str *path,
    struct str *other)
{
	return (texts_of(r, &r->v[i], path, other));
}
