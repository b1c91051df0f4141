/*
 * The stored inventories of an image's layers in memory, as apply_layers() takes
 * them.  The records come from sandboxed parsers that may have been taken over by
 * their layer: they are decoded within bounds and can falsify only that layer's
 * own rows.
 */
#ifndef IMAGE_LAYERS_H
#define IMAGE_LAYERS_H

#include "coordinator/matcher/apply.h"
#include "db.h"

struct image_layers {
	struct layer_inventory **v;	/* lowest first; NULL = not readable */
	struct str *digests, *created_by;	/* of each, "sha256:..." */
	size_t n;
	struct str os;			/* what the image is for, as its config says */
	struct str *reasons;		/* what is known against them, for people */
	size_t nreasons;
	struct pool *pool;		/* of these texts */
	bool *owned;			/* false = the same as an earlier one */
	int64_t *ids;
	size_t used, max;
};

/* Above that many reasons nobody reads on. */
#define IMAGE_LAYERS_REASONS 200

/**
 * image_layers_load(db, image, max, ret, d):
 * Load the layers of ${image} into at most ${max} bytes; what does not fit or
 * cannot be decoded is a reason.  *${ret} is for image_layers_done() whatever comes
 * back.  Return 0 or ERR_TEMPORARY.
 */
int image_layers_load(struct db *, int64_t image, size_t max,
    struct image_layers *ret, struct diag *);
/**
 * image_layers_apply(db, x, sip_key, ret, d):
 * What the image has, its channels by what is known of its repositories; inside a
 * transaction, which nobody changes these before the end of.  Texts are those of
 * the layers.  Return 0 with *${ret} for apply_result_free(), ERR_LIMIT or
 * ERR_TEMPORARY.
 */
int image_layers_apply(struct db *, struct image_layers *x,
    const uint8_t sip_key[16], struct apply_result **ret, struct diag *);
void image_layers_done(struct image_layers *);

#endif
