/*
 * Bounded msgpack: the only door to msgpack-c.  Writing goes to a struct buf;
 * reading walks a struct cur without building a tree: each getter takes one
 * object of the asked type or fails and leaves the cursor where it was.
 * Records are arrays, not maps; a reader skips trailing elements it does not
 * know, so records may grow at their end.
 */
#ifndef PACK_H
#define PACK_H

#include "buf.h"
#include "cur.h"

MUST_CHECK int pack_array(struct buf *, uint32_t n);
MUST_CHECK int pack_u64(struct buf *, uint64_t);
MUST_CHECK int pack_i64(struct buf *, int64_t);
MUST_CHECK int pack_bool(struct buf *, bool);
MUST_CHECK int pack_str(struct buf *, struct str);	/* any bytes */
MUST_CHECK int pack_bin(struct buf *, const void *, size_t n);

MUST_CHECK bool unpack_array(struct cur *, uint32_t *ret_n);
MUST_CHECK bool unpack_u64(struct cur *, uint64_t *ret);
MUST_CHECK bool unpack_i64(struct cur *, int64_t *ret);
MUST_CHECK bool unpack_bool(struct cur *, bool *ret);
/* Points into the cursor's memory; str and bin are both accepted. */
MUST_CHECK bool unpack_str(struct cur *, struct str *ret);
/* Skip ${n} whole objects of any type, nested at most 16 deep. */
MUST_CHECK bool unpack_skip(struct cur *, uint32_t n);

#endif
