/*
 * Files of feeds, fetched on condition that they changed, and on from where an
 * earlier fetch of them was interrupted, be it in this run or one before.
 */
#ifndef FEED_DOWNLOAD_H
#define FEED_DOWNLOAD_H

#include "common/http.h"

/* What a server says by which to ask again; "" where it says nothing. */
struct validators {
	char etag[256], last_modified[64];
};

struct feed_file {
	int fd;			/* at no certain offset; -1 = none */
	uint64_t n;		/* bytes */
	char *part;		/* its path while it is kept, else NULL */
	struct validators v;
};

/**
 * feed_download(http, label, url, insecure, known, ret, d):
 * Fetch ${url} into *${ret}, unless it is still what ${known} tells (NULL = in
 * any case).  What was fetched stays in the user's cache, where there is one,
 * until feed_file_done() says that it was used, so that it need not come again.
 * Return 1, 0 when it has not changed, ERR_LIMIT above LIMIT_FEED_BYTES,
 * ERR_NOT_FOUND, or what http_send() and the status tell.
 */
int feed_download(struct http *, const char *label, const char *url,
    bool insecure, const struct validators *known, struct feed_file *ret,
    struct diag *);
/* ${used}: it need not be kept. */
void feed_file_done(struct feed_file *, bool used);

/**
 * feed_lines(http, url, insecure, known, line, arg, ret, d):
 * Hand the lines of ${url} one by one to ${line} until it returns false; a line has
 * at most 4 KiB.  Return 1 with *${ret} filled, or as feed_download.
 */
int feed_lines(struct http *, const char *url, bool insecure,
    const struct validators *known, bool (*line)(void *arg, struct str),
    void *arg, struct validators *ret, struct diag *);

/* One document into ${b}, which bounds it.  1, or as feed_download. */
int feed_document(struct http *, const char *url, bool insecure, struct buf *b,
    struct diag *);

/* An unlinked file; -1 with a diag. */
int feed_temporary(struct diag *);

#endif
