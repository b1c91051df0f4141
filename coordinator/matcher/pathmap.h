/* A hash table from bytes (paths) to pointers, and symbolic links resolved in
 * such a table. */
#ifndef PATHMAP_H
#define PATHMAP_H

#include "common/buf.h"

struct pathmap_item {
	struct str key;		/* the caller's memory */
	uint64_t hash;
	void *value;		/* NULL = removed */
};

struct pathmap {
	struct pathmap_item *item;	/* nslot of them, key.p NULL = free */
	size_t n, nslot;
	const uint8_t *sip_key;
};

void pathmap_init(struct pathmap *, const uint8_t sip_key[16]);
void pathmap_done(struct pathmap *);
void *pathmap_get(const struct pathmap *, struct str key);
/* As get, with the key's SipHash known. */
void *pathmap_get_hashed(const struct pathmap *, struct str key, uint64_t hash);
/* Set or replace; a key that is new to the table must stay valid. */
void pathmap_put(struct pathmap *, struct str key, void *value);

/**
 * pathmap_resolve(links, path, follow_last, out):
 * path_follow() by ${links}: key of a symbolic link → struct str * target.
 */
MUST_CHECK int pathmap_resolve(const struct pathmap *links, struct str path,
    bool follow_last, struct buf *out);
/* The same, and ${via} hears of each link that was followed. */
MUST_CHECK int pathmap_resolve_via(const struct pathmap *links, struct str path,
    bool follow_last, struct buf *out, void (*via)(void *arg,
    const struct str *target), void *arg);

#endif
