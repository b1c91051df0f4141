/* Open addressing with keyed hashes: names come from hostile images. */
#include <stdlib.h>
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "coordinator/matcher/pathmap.h"

void
pathmap_init(struct pathmap *m, const uint8_t sip_key[16])
{
	*m = (struct pathmap) { .sip_key = sip_key };
}

void
pathmap_done(struct pathmap *m)
{
	free(m->item);
	*m = (struct pathmap) { .sip_key = m->sip_key };
}

/* The slot of ${key}, or the free one where it would go. */
static size_t
slot_of(const struct pathmap *m, struct str key, uint64_t hash)
{
	size_t i = hash & (m->nslot - 1);

	while (m->item[i].key.p != NULL && (m->item[i].hash != hash ||
	    !str_eq(m->item[i].key, key)))
		i = (i + 1) & (m->nslot - 1);
	return (i);
}

void *
pathmap_get_hashed(const struct pathmap *m, struct str key, uint64_t hash)
{
	return (m->n == 0 ? NULL : m->item[slot_of(m, key, hash)].value);
}

void *
pathmap_get(const struct pathmap *m, struct str key)
{
	return (m->n == 0 ? NULL :
	    pathmap_get_hashed(m, key, siphash(m->sip_key, key)));
}

static void
grow(struct pathmap *m)
{
	struct pathmap old = *m;

	m->nslot = old.nslot == 0 ? 64 : old.nslot * 2;
	m->item = mem_array(m->nslot, sizeof(*m->item));
	for (size_t i = 0; i < old.nslot; i++)
		if (old.item[i].key.p != NULL)
			m->item[slot_of(m, old.item[i].key, old.item[i].hash)] =
			    old.item[i];
	free(old.item);
}

void
pathmap_put(struct pathmap *m, struct str key, void *value)
{
	struct str k = key.p != NULL ? key : str_of("");
	uint64_t hash = siphash(m->sip_key, k);
	size_t i;

	if ((m->n + 1) * 2 > m->nslot)
		grow(m);
	i = slot_of(m, k, hash);
	if (m->item[i].key.p == NULL) {
		m->n++;
		m->item[i].key = k;	/* stays when the value is replaced */
		m->item[i].hash = hash;
	}
	m->item[i].value = value;
}

int
pathmap_resolve(const struct pathmap *links, struct str path, bool follow_last,
    struct buf *out)
{
	return (pathmap_resolve_via(links, path, follow_last, out, NULL, NULL));
}

/* The links of a table, and who hears of them. */
struct heard {
	const struct pathmap *links;
	void (*via)(void *arg, const struct str *target);
	void *arg;
};

static bool
target_of(void *arg, struct str path, uint64_t hash, struct str *ret)
{
	const struct heard *h = arg;
	const struct str *target = pathmap_get_hashed(h->links, path, hash);

	if (target == NULL)
		return (false);
	if (h->via != NULL)
		h->via(h->arg, target);
	*ret = *target;
	return (true);
}

int
pathmap_resolve_via(const struct pathmap *links, struct str path,
    bool follow_last, struct buf *out, void (*via)(void *arg,
    const struct str *target), void *arg)
{
	struct heard h = { links, via, arg };
	const struct path_links l = { target_of, &h, links->sip_key };

	return (path_follow(&l, path, follow_last, out));
}
