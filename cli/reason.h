/* The vendor's own word on a finding, for people and programs. */
#ifndef REASON_H
#define REASON_H

#include "common/json.h"

/* Columns of listings, behind those of exploited.h. */
#define REASON_COLUMNS 3
#define REASON_NAMES "reason", "fix_state", "severity_upstream"

struct reason {
	struct str status;		/* VEX's word */
	struct str text;		/* the vendor's */
	struct str fix_state;		/* finding_fix_state() */
	struct str severity_upstream;	/* the worst that anybody gives */
};

/* What the farm says of ${finding}, one object of its answers. */
struct reason reason_of(const struct json *finding);
void reason_cells(const struct reason *, struct str cells[REASON_COLUMNS]);
void reason_json(struct json_writer *, const struct reason *);
/* A table's cell: what becomes of a fix, or else the status, with the vendor's word
 * where it says more: "affected (no-dsa)", "will_not_fix (ignored)". */
struct str reason_status(const struct reason *, char room[96]);

#endif
