/* Advisories from an upload into the database. */
#ifndef FEED_IMPORT_H
#define FEED_IMPORT_H

#include "coordinator.h"
#include "coordinator/matcher/feed.h"
#include "db.h"

#define FEED_NAMES 100

struct feed_result {
	bool whole;		/* the file is all of the feed: an archive, or a
				   document of a kind that puts all in one */
	uint64_t documents, changed, unmatched, malformed;
	uint64_t unknown_products;	/* that VEX statements of changed documents
					   name and no package is looked up as */
	uint64_t gone;		/* known, not in the file: withdrawn by that */
	uint64_t missing;	/* the same, but so many that it was held back */
	char version[4 * FEED_VERSION_MAX + 1];	/* of its data, escaped */
	char *names[FEED_NAMES];	/* of malformed ones, with the reason */
	size_t nnames;
};
void feed_result_done(struct feed_result *);
/* One more that is malformed, "NAME: WHY" as the reader says it. */
void feed_result_malformed(struct feed_result *, struct str text);

/* Where a file came from, as whoever brought it says; texts of the caller's. */
struct feed_origin {
	struct str url;			/* empty = brought by hand */
	struct str etag, last_modified;	/* of it */
	struct str watermark;		/* all that is older is here now; empty =
					   the youngest document's time */
};

struct feed_options {
	bool accept_missing;
	bool partial;			/* changes: even an archive is no whole feed */
	struct feed_origin origin;
};

/**
 * feed_import_fd(db, co, feed, fd, options, ret, d):
 * Import ${fd} as feed ${feed} ("osv/Debian"): read it in a sandboxed reader,
 * store what changed with its ranges, note the feed.  An archive is the whole feed:
 * documents that it lacks, readable or not, are withdrawn, unless more than
 * setting feed_missing_percent are lacking, not accepted, and all of the feed came
 * before; a single document
 * is an addition, unless its kind puts a whole feed into one.  Where documents are
 * not named after their advisories nothing is withdrawn when one was not readable:
 * we cannot know what it held.  One transaction: all of it or nothing; memory does not grow
 * with the feed.  Malformed documents are counted and named, and stay as they
 * were.  Of documents with one id in a file the one modified last counts, of those
 * the last.  ERR_MALFORMED or ERR_LIMIT when the file as a whole is broken; why an
 * import failed is noted with a feed that is there.
 */
int feed_import_fd(struct db *, struct coordinator *, const char *feed, int fd,
    const struct feed_options *, struct feed_result *ret, struct diag *);

/* The documents of files that their source has deleted say nothing any more:
 * ${names} are the files', without .json.  One transaction; ret->gone. */
int feed_files_gone(struct db *, const char *feed, const struct str *names,
    size_t n, struct feed_result *ret, struct diag *);

/* Take a feed out: all that it said is withdrawn, and it speaks for no namespace.  One
 * transaction; ret->gone.  ERR_NOT_FOUND where there is none of that name. */
int feed_remove(struct db *, const char *feed, struct feed_result *ret,
    struct diag *);

/* In an import's transaction, before its feed is noted; ${revision} is the
 * importer's. */
int feed_origin_set(struct db *, const char *feed, const struct feed_result *,
    const struct feed_origin *, uint32_t revision, struct diag *);

/*
 * One feed's records into rows, for who brings them from elsewhere, within a
 * transaction of the caller's.
 */
struct feed_store;

/* The feed's row is there, and held until the transaction ends. */
int feed_store_begin(struct db *, const char *feed, struct diag *);
/* ${ret} says by its member whole whether all of the feed comes; it is counted
 * there what came of it.  Both are borrowed. */
struct feed_store *feed_store_new(struct db *, const char *feed,
    struct feed_result *ret);
void feed_store_free(struct feed_store *);
/* One record, as advisory_write() wrote it; one that no row can hold is counted as
 * malformed.  Some are kept until the next call. */
int feed_store_add(struct feed_store *, struct str record, struct diag *);
int feed_store_flush(struct feed_store *, struct diag *);
/* As at the end of feed_import_fd(): what a whole feed lacks, and the feed's row. */
int feed_store_end(struct feed_store *, bool accept_missing, struct diag *);

/* A feed rarely loses a document, it marks it withdrawn: a file that lacks more
 * than this share of what is known is rather a broken one.  Setting
 * feed_missing_percent, 100 = never held back. */
#define FEED_MISSING_PERCENT 10
/* ${missing} of the ${known} entries are not in a file that is all of ${feed}.  1
 * when they are to go: they are ret->gone; 0 when there are none, or more than
 * that share, not accepted: they are ret->missing, and stay. */
int feed_missing_go(struct db *, const char *feed, uint64_t missing,
    uint64_t known, bool accept, struct feed_result *ret, struct diag *);

#endif
