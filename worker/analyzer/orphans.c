/* See orphans.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "orphans.h"

/* A store of pnpm has a package.json for each package, then linked to where it
 * is used: monorepos have some thousands. */
#define ORPHANS 16384
#define SLOTS ((size_t)2 * ORPHANS)	/* a power of two */
#define ORPHAN_BYTES (64 * MIB)

struct orphan {
	uint64_t hash;		/* of the path */
	size_t at, path_n, n;	/* in kept */
	bool dead;
};

void
orphans_init(struct orphans *o)
{
	*o = (struct orphans) { .n = 0 };
	buf_init(&o->kept, ORPHAN_BYTES);
}

void
orphans_done(struct orphans *o)
{
	buf_done(&o->kept);
	free(o->v);
	free(o->slot);
}

static size_t
first_slot(uint64_t hash)
{
	return (hash & (SLOTS - 1));
}

bool
orphans_room(const struct orphans *o, struct str path, uint64_t size)
{
	return (o->n < ORPHANS && size + path.n <= o->kept.max - o->kept.n);
}

void
orphans_keep(struct orphans *o, struct str path, uint64_t hash,
    struct str first, uint64_t size, struct archive_reader *r)
{
	size_t before = o->kept.n, i;

	if (buf_str(&o->kept, path) < 0 || buf_str(&o->kept, first) < 0 ||
	    archive_content(r, size, &o->kept, NULL) < 0) {
		o->kept.n = before;	/* archive_next tells what is wrong */
		return;
	}
	if (o->v == NULL) {
		o->v = mem_array(ORPHANS, sizeof(*o->v));
		o->slot = mem_array(SLOTS, sizeof(*o->slot));
	}
	o->v[o->n++] = (struct orphan) { hash, before, path.n,
	    o->kept.n - before - path.n, false };
	for (i = first_slot(hash); o->slot[i] != 0; )
		i = first_slot(i + 1);
	o->slot[i] = (uint32_t)o->n;
}

void
orphans_drop(struct orphans *o, uint64_t hash)
{
	for (size_t i = first_slot(hash); o->n > 0 && o->slot[i] != 0;
	    i = first_slot(i + 1))
		if (o->v[o->slot[i] - 1].hash == hash)
			o->v[o->slot[i] - 1].dead = true;
}

bool
orphans_find(const struct orphans *o, struct str path, uint64_t hash,
    struct str *ret)
{
	struct str all = buf_view(&o->kept);
	const struct orphan *f;

	for (size_t i = first_slot(hash); o->n > 0 && o->slot[i] != 0;
	    i = first_slot(i + 1)) {
		f = &o->v[o->slot[i] - 1];
		if (f->dead || f->hash != hash ||
		    !str_eq(str_sub(all, f->at, f->at + f->path_n), path))
			continue;
		*ret = str_sub(all, f->at + f->path_n,
		    f->at + f->path_n + f->n);
		return (true);
	}
	return (false);
}
