/*
 * Error codes graded by consequence, and the diagnosis that travels with them.
 * A function that can fail returns 0 or a negative enum err; the place that
 * detects a failure fills the diag and nobody above rewrites it.
 */
#ifndef ERR_H
#define ERR_H

#include <stdint.h>
#include "str.h"

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
	ERR_OK = 0,
	ERR_MALFORMED = -1,	/* the bytes break their own format: this file is
				   skipped, the scan is incomplete */
	ERR_LIMIT = -2,		/* a budget ran out: the layer stops, incomplete */
	ERR_UNSUPPORTED = -3,	/* valid, but we cannot read it: as malformed */
	ERR_TEMPORARY = -4,	/* network, 5xx, database away: try again later */
	ERR_DENIED = -5,	/* credentials or policy: an operator must act */
	ERR_NOT_FOUND = -6,	/* 404: gone, another place may have it */
	ERR_USAGE = -7,		/* the caller's arguments are off */
};

/* Text is cut at this size; long enough for a reason, a path and an offset. */
#define DIAG_TEXT 480

struct diag {
	enum err code;
	uint64_t at;		/* byte offset in what was read, or 0 */
	char text[DIAG_TEXT];	/* printable UTF-8, NUL-terminated */
};

/**
 * diag_set(d, code, at, fmt, ...):
 * Fill ${d} (which may be NULL) and return ${code}.  Bytes that are no
 * printable UTF-8 are written as \xHH, so text from images may be passed.
 */
int diag_set(struct diag *d, enum err code, uint64_t at, const char *fmt, ...)
    PRINTF(4, 5);
/* "malformed", "limit", ... : the word stored in the database. Never NULL. */
const char *err_name(int code);

#endif
