/* See zipped.h. */
#include "common/format/zip.h"
#include "common/limits.h"
#include "zipped.h"

int
zipped_read(struct str content, const struct zipped *z, struct diag *d)
{
	struct inflate_one *inf = inflate_one_new(INFLATE_BARE);
	uint64_t bytes = 0;
	struct zip_entry e;
	struct buf room;
	struct zip zip;
	struct str s;
	int rc;

	buf_init(&room, z->max);
	if ((rc = zip_open(cur_str(content), &zip, d)) <= 0)
		goto out;
	while ((rc = zip_next(&zip, &e, d)) > 0) {
		if (zip_is_dir(&e) || !z->wants(e.name))
			continue;
		if ((rc = zip_content(&zip, &e, inf, &room, &s, d)) < 0)
			break;
		if (s.n > z->max) {	/* one that is stored */
			rc = diag_set(d, ERR_LIMIT, 0, "a member of %zu bytes",
			    s.n);
			break;
		}
		if ((bytes += s.n) > LIMIT_ZIPPED_BYTES) {
			rc = diag_set(d, ERR_LIMIT, 0, "more than %zu bytes of "
			    "members to read", LIMIT_ZIPPED_BYTES);
			break;
		}
		if ((rc = z->member(z->arg, e.name, s, d)) < 0)
			break;
	}
out:
	inflate_one_free(inf);
	buf_done(&room);
	return (rc);
}
