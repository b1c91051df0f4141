/* See orphans.h. */
#include <stdlib.h>
#include "common/mem.h"
#include "common/path.h"
#include "orphans.h"

/* A store of pnpm has a package.json for each package, then linked to where it
 * is used: monorepos have some thousands. */
#define ORPHANS 16384
#define SLOTS ((size_t)2 * ORPHANS)	/* a power of two */

/* One name of a kept content. */
struct orphan {
	uint64_t hash;		/* of the path */
	size_t path_at, path_n;	/* in kept */
	size_t at, n;		/* the content, in kept */
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

static void
add(struct orphans *o, const struct orphan *new)
{
	size_t i;

	if (o->v == NULL) {
		o->v = mem_array(ORPHANS, sizeof(*o->v));
		o->slot = mem_array(SLOTS, sizeof(*o->slot));
	}
	o->v[o->n++] = *new;
	for (i = first_slot(new->hash); o->slot[i] != 0; )
		i = first_slot(i + 1);
	o->slot[i] = (uint32_t)o->n;
}

void
orphans_keep(struct orphans *o, struct str path, uint64_t hash,
    struct str first, uint64_t size, struct archive_reader *r)
{
	size_t before = o->kept.n, at = before + path.n;

	if (buf_str(&o->kept, path) < 0 || buf_str(&o->kept, first) < 0 ||
	    (first.n < size && archive_content(r, size, &o->kept, NULL) < 0)) {
		o->kept.n = before;	/* archive_next tells what is wrong */
		return;
	}
	add(o, &(struct orphan) { hash, before, path.n, at, o->kept.n - at,
	    false });
}

void
orphans_drop(struct orphans *o, uint64_t hash)
{
	for (size_t i = first_slot(hash); o->n > 0 && o->slot[i] != 0;
	    i = first_slot(i + 1))
		if (o->v[o->slot[i] - 1].hash == hash)
			o->v[o->slot[i] - 1].dead = true;
}

static struct str
path_of(const struct orphans *o, const struct orphan *f)
{
	return (str_sub(buf_view(&o->kept), f->path_at, f->path_at + f->path_n));
}

void
orphans_drop_below(struct orphans *o, struct str dir)
{
	for (size_t i = 0; i < o->n; i++)
		if (path_is_below(path_of(o, &o->v[i]), dir))
			o->v[i].dead = true;
}

static const struct orphan *
find(const struct orphans *o, struct str path, uint64_t hash)
{
	const struct orphan *f;

	for (size_t i = first_slot(hash); o->n > 0 && o->slot[i] != 0;
	    i = first_slot(i + 1)) {
		f = &o->v[o->slot[i] - 1];
		if (!f->dead && f->hash == hash && str_eq(path_of(o, f), path))
			return (f);
	}
	return (NULL);
}

bool
orphans_link(struct orphans *o, struct str path, uint64_t hash,
    struct str to, uint64_t to_hash)
{
	const struct orphan *f = find(o, to, to_hash);
	struct orphan new;

	if (f == NULL)
		return (true);
	new = (struct orphan) { hash, o->kept.n, path.n, f->at, f->n, false };
	if (!orphans_room(o, path, 0) || buf_str(&o->kept, path) < 0)
		return (false);
	add(o, &new);
	return (true);
}

bool
orphans_find(const struct orphans *o, struct str path, uint64_t hash,
    struct str *ret)
{
	const struct orphan *f = find(o, path, hash);

	if (f != NULL)
		*ret = str_sub(buf_view(&o->kept), f->at, f->at + f->n);
	return (f != NULL);
}

bool
orphans_below(const struct orphans *o, struct str dir, size_t *at,
    struct str *name, struct str *content)
{
	struct str all = buf_view(&o->kept), path;
	const struct orphan *f;

	while (*at < o->n) {
		f = &o->v[(*at)++];
		path = path_of(o, f);
		if (f->dead || (dir.n > 0 && !path_is_below(path, dir)))
			continue;
		*name = str_sub(path, dir.n > 0 ? dir.n + 1 : 0, path.n);
		*content = str_sub(all, f->at, f->at + f->n);
		return (true);
	}
	return (false);
}
