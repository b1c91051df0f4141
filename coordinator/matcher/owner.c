/* Open addressing over path hashes; a path that two packages own is rare. */
#include <stdlib.h>
#include "common/mem.h"
#include "coordinator/matcher/owner.h"

struct entry {
	uint64_t hash;
	const struct package *p;	/* NULL = free */
	uint32_t layer;
	bool diverted;
};

struct owners {
	struct entry *v;
	size_t n, room;		/* room is a power of two, at most half full */
};

struct owners *
owners_new(void)
{
	return (mem_alloc(sizeof(struct owners)));
}

void
owners_free(struct owners *o)
{
	if (o == NULL)
		return;
	free(o->v);
	free(o);
}

static struct entry *
place(const struct owners *o, uint64_t hash)
{
	size_t i = hash & (o->room - 1);

	while (o->v[i].p != NULL && o->v[i].hash != hash)
		i = (i + 1) & (o->room - 1);
	return (&o->v[i]);
}

static void
grow(struct owners *o)
{
	struct owners bigger = { .n = o->n, .room = o->room * 2 + 1024 };

	while ((bigger.room & (bigger.room - 1)) != 0)
		bigger.room &= bigger.room - 1;	/* down to a power of two */
	bigger.v = mem_array(bigger.room, sizeof(*bigger.v));
	for (size_t i = 0; i < o->room; i++)
		if (o->v[i].p != NULL)
			*place(&bigger, o->v[i].hash) = o->v[i];
	free(o->v);
	*o = bigger;
}

void
owners_put(struct owners *o, uint64_t hash, const struct package *p,
    uint32_t layer, bool diverted)
{
	struct entry *e;

	if (o->n * 2 >= o->room)
		grow(o);
	e = place(o, hash);
	o->n += e->p == NULL;
	if (e->p == NULL || (diverted && !e->diverted) ||
	    (diverted == e->diverted && e->layer < layer))
		*e = (struct entry) { hash, p, layer, diverted };
}

void
owners_add(struct owners *o, const struct package *p, uint32_t layer,
    bool diverted)
{
	for (size_t i = 0; i < p->owns.n / 8; i++)
		owners_put(o, inventory_hash(p->owns, i), p, layer, diverted);
}

const struct package *
owners_find(const struct owners *o, uint64_t hash, uint32_t *layer)
{
	const struct entry *e = o->room > 0 ? place(o, hash) : NULL;

	if (e == NULL || e->p == NULL)
		return (NULL);
	*layer = e->layer;
	return (e->p);
}
