/* See hash_set.h. */
#include <stdlib.h>
#include "common/mem.h"
#include "hash_set.h"

void
hash_set_done(struct hash_set *s)
{
	free(s->slot);
	*s = (struct hash_set) { .n = 0 };
}

/* Where ${hash} is or would go. */
static size_t
place(const struct hash_set *s, uint64_t hash)
{
	size_t i = hash & (s->nslot - 1);

	while (s->slot[i] != 0 && s->slot[i] != hash)
		i = (i + 1) & (s->nslot - 1);
	return (i);
}

static void
grow(struct hash_set *s)
{
	struct hash_set old = *s;

	s->nslot = old.nslot == 0 ? 256 : old.nslot * 2;
	s->slot = mem_array(s->nslot, sizeof(*s->slot));
	for (size_t i = 0; i < old.nslot; i++)
		if (old.slot[i] != 0)
			s->slot[place(s, old.slot[i])] = old.slot[i];
	free(old.slot);
}

bool
hash_set_add(struct hash_set *s, uint64_t hash)
{
	size_t i;

	hash = hash == 0 ? 1 : hash;
	if ((s->n + 1) * 2 > s->nslot)
		grow(s);
	if (s->slot[i = place(s, hash)] != 0)
		return (false);
	s->slot[i] = hash;
	s->n++;
	return (true);
}

bool
hash_set_has(const struct hash_set *s, uint64_t hash)
{
	hash = hash == 0 ? 1 : hash;
	return (s->n > 0 && s->slot[place(s, hash)] != 0);
}
