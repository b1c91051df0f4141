/* An image's layers to its package sets and state, in rows. */
#ifndef APPLY_STORE_H
#define APPLY_STORE_H

#include "db.h"

/* Apply the layers of ${image} as they are stored, in the caller's transaction:
 * packages, keys, sets, image_set, image_state.  Nothing is matched here.  When
 * what they say is beyond what a row can hold, the image has failed, with the
 * reason, and 0 is returned: it must not stop the others. */
int apply_store(struct db *, int64_t image, const uint8_t sip_key[16],
    struct diag *);

/* The next images to apply, at most ${max}, in the rows of sql_images_dirty.  They are
 * held until the transaction ends. */
int apply_store_take(struct db *, int max, struct db_result **ret,
    struct diag *);

#endif
