/*
 * Explanations of the farm's images: the layers' stored inventories, applied again,
 * say where each package was found; the stored documents say the rest.  See
 * matcher/explain.h.  Reads only.
 */
#ifndef EXPLAIN_IMAGE_H
#define EXPLAIN_IMAGE_H

#include "common/buf.h"
#include "db.h"

/**
 * explain_image_write(db, digest, id, json, out, d):
 * Append to ${out} the explanation of vulnerability ${id} ("" = of all findings) in
 * the image ${digest} (32 bytes), as text or JSON.  Return 0, ERR_NOT_FOUND (no such
 * image, or its packages are not known yet), ERR_LIMIT or ERR_TEMPORARY.
 */
int explain_image_write(struct db *, struct str digest, struct str id, bool json,
    struct buf *out, struct diag *);

#endif
