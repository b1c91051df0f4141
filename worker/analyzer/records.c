/* See records.h. */
#include <stdlib.h>
#include "common/mem.h"
#include "common/pack.h"
#include "records.h"

struct record {
	size_t at, n;		/* in bytes */
	uint64_t hash;		/* of the path */
	bool dead;		/* a later entry replaced it */
};

void
records_init(struct records *r, size_t max_bytes)
{
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
		if (old->dead && old->hash == new->hash)
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
	r->v[r->n++] = (struct record) { at, r->bytes.n - at, hash, false };
	if (r->n * 2 > r->nslot) {
		free(r->slot);
		r->nslot = r->nslot == 0 ? 64 : r->nslot * 2;
		r->slot = mem_array(r->nslot, sizeof(*r->slot));
		for (size_t i = 0; i + 1 < r->n; i++)
			if (!r->v[i].dead)
				put(r, (uint32_t)i);
	}
	put(r, (uint32_t)(r->n - 1));
}

/* Path and analyzer of a record. */
static bool
names_of(const struct records *r, const struct record *rec, struct str *path,
    struct str *kind)
{
	struct cur all = cur_of(r->bytes.p, r->bytes.n), c;
	uint32_t n;

	return (cur_skip(&all, rec->at) && cur_take(&all, rec->n, &c) &&
	    unpack_array(&c, &n) && unpack_str(&c, path) &&
	    unpack_str(&c, kind));
}

/* The next living record of ${path} from slot *${i} on, or NULL. */
static struct record *
next_of(const struct records *r, struct str path, uint64_t hash, size_t *i)
{
	struct record *rec;
	struct str p, kind;

	for (; r->nslot > 0 && r->slot[*i] != 0; *i = first_slot(r, *i + 1)) {
		rec = &r->v[r->slot[*i] - 1];
		if (!rec->dead && rec->hash == hash &&
		    names_of(r, rec, &p, &kind) && str_eq(p, path)) {
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
		rec->dead = true;
	return (any);
}

bool
records_of(const struct records *r, struct str path, uint64_t hash,
    size_t *at, struct str *kind)
{
	size_t i = *at == 0 ? first_slot(r, hash) : *at - 1;
	const struct record *rec = next_of(r, path, hash, &i);
	struct str p;

	*at = i + 1;
	return (rec != NULL && names_of(r, rec, &p, kind));
}

bool
records_at(const struct records *r, size_t i, struct str *ret)
{
	const struct record *rec = &r->v[i];

	*ret = str_sub(buf_view(&r->bytes), rec->at, rec->at + rec->n);
	return (!rec->dead);
}
