/*
 * What a vendor's document states, one row a statement, collected in any order
 * and handed on as advisories.  For importers of documents that speak of many
 * vulnerabilities at once.
 */
#ifndef FEED_ROWS_H
#define FEED_ROWS_H

#include "feed.h"
#include "common/pool.h"

struct feed_rows {
	const char *kind;	/* for messages: "secdb" */
	struct pool *pool;	/* texts that the document does not hold */
	struct feed_row *v;
	size_t n, cap;
	struct diag *d;
};

/* ${d} takes what goes wrong until feed_rows_done(). */
void feed_rows_init(struct feed_rows *, const char *kind, struct diag *d);
void feed_rows_done(struct feed_rows *);

/* Fill the diag with "KIND document: WHAT"; ERR_MALFORMED. */
int feed_rows_malformed(struct feed_rows *, const char *what);

/* A text of the pool; ERR_LIMIT. */
MUST_CHECK int feed_rows_print(struct feed_rows *, struct str *ret,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * feed_rows_head(r, id, vulnerability, ret):
 * Memory for the fields that rows of one advisory share: ${id} and, as its only
 * upstream, ${vulnerability}; the caller may fill in others.  ERR_LIMIT, or
 * ERR_MALFORMED when ${id} is empty or longer than LIMIT_ADVISORY_ID.
 */
MUST_CHECK int feed_rows_head(struct feed_rows *, struct str id,
    struct str vulnerability, struct advisory **ret);

/* Several upstreams instead of one; ${v} is copied.  ERR_LIMIT. */
MUST_CHECK int feed_rows_upstream(struct feed_rows *, struct advisory *head,
    const struct str *v, size_t n);

/**
 * feed_rows_add(r, head, e, range):
 * Add the statement ${e} about the versions in ${range}, NULL = of no version
 * that can be compared: it is counted and matches nothing.  Of ${e} all but
 * ranges and versions is taken; texts must live until feed_rows_give().  ERR_LIMIT.
 */
MUST_CHECK int feed_rows_add(struct feed_rows *, const struct advisory *head,
    const struct advisory_affected *e, const struct advisory_range *range);

/* The same of the versions that ${vers} tells (vers.h), one row a range, of a product
 * of purl type ${type}; of none where it cannot be read. */
MUST_CHECK int feed_rows_add_vers(struct feed_rows *,
    const struct advisory *head, const struct advisory_affected *e,
    struct str vers, struct str type);

/**
 * feed_rows_give(r, sink, count):
 * Hand on one advisory for each id, in bytewise order of ids, its entries sorted
 * and each once; of one id the head that was added first counts.  Return 0, ERR_LIMIT or the sink's.
 */
int feed_rows_give(struct feed_rows *, const struct feed_sink *,
    struct feed_count *);

/* RFC 3339, or a date of it as Canonical writes them, in microseconds since 1970; 1,
 * older than all others, for anything else. */
int64_t feed_time(struct str);
/* ${s} cut to what a summary may have, between characters. */
struct str feed_summary(struct str s);

/* Every version, exactly one, all below. */
struct advisory_range feed_range_all(void);
struct advisory_range feed_range_exact(struct str version);
struct advisory_range feed_range_below(struct str fixed);

#endif
