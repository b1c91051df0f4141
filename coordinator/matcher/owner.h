/*
 * Whose is this file?  Built from what the visible package databases of one
 * image say they own; asked for the files in which language packages and
 * programs were found.  Both may come from different layers.
 */
#ifndef OWNER_H
#define OWNER_H

#include "common/inventory.h"

struct owners;

struct owners *owners_new(void);
void owners_free(struct owners *);
/* ${p} (borrowed until the end) owns what p->owns says since ${layer}; of several
 * owners of one file the latest counts, of those of one layer the first.  What is
 * ${diverted} to it is nobody else's. */
void owners_add(struct owners *, const struct package *p, uint32_t layer,
    bool diverted);
/* One file, by the SipHash of its path. */
void owners_put(struct owners *, uint64_t hash, const struct package *p,
    uint32_t layer, bool diverted);
/* The owner of the file whose path has this SipHash, with *${layer} set, or NULL. */
const struct package *owners_find(const struct owners *, uint64_t hash,
    uint32_t *layer);

#endif
