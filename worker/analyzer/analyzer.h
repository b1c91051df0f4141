/*
 * What reads one kind of package database.  A plug-in is one file with one
 * `const struct analyzer analyzer_NAME`, one line in analyzer_list.h and a
 * folder of samples (tests/worker/analyzer/NAME/).  It is pure: no clock,
 * network, globals or knowledge of other files and layers; walking, limits,
 * links and the sandbox belong to layer.c.
 */
#ifndef ANALYZER_H
#define ANALYZER_H

#include "common/buf.h"
#include "common/cur.h"
#include "common/inventory.h"

#define ANALYZER_HEAD 64

struct analyzer_file {
	struct str path;	/* normalised key, see path.h */
	uint64_t size;		/* 0 when asked for a hard link's name */
	uint32_t mode;
};

/* Collects what one analyzer finds in one file. */
struct analyzer_out;

struct analyzer {
	const char *name;	/* stored with results: never renamed */
	uint32_t revision;	/* raise when the same bytes would give other
				   rows: layers that hold the kind run again */
	uint32_t wants_revision;	/* raise when other files would be wanted:
				   all layers run again */
	uint64_t max;		/* bytes of one file, 0 = LIMIT_FILE_WHOLE */
	/* Does it want the whole of this regular file?  Called for every entry
	 * of every layer, so the cheap test comes first. */
	bool (*wants)(const struct analyzer_file *);
	/* Could a file that begins with these (up to ANALYZER_HEAD) bytes be one
	 * of its, whatever its name?  Asked of files nobody wanted: those that
	 * look so are kept for a while, in case a hard link gives them a wanted
	 * name.  Guesses may be wrong either way; NULL = never. */
	bool (*looks)(struct str head);
	/**
	 * analyze(f, c, out, d):
	 * Read the content ${c} of ${f} and hand every row to ${out}.  0, or
	 * ERR_MALFORMED, ERR_UNSUPPORTED, ERR_LIMIT with ${d} filled: rows
	 * handed over before stay, and the layer is incomplete.
	 */
	int (*analyze)(const struct analyzer_file *f, struct cur c,
	    struct analyzer_out *out, struct diag *d);
};

/**
 * analyzer_package(out, p):
 * One row, copied.  Texts longer than LIMIT_PACKAGE_TEXT make it ERR_LIMIT.
 */
MUST_CHECK int analyzer_package(struct analyzer_out *, const struct package *,
    struct diag *);
/* A fact about the file itself, "KEY=VALUE"; control bytes in the value end
 * it.  The last one of a key counts. */
MUST_CHECK int analyzer_attribute(struct analyzer_out *, const char *key,
    struct str value, struct diag *);
/* All of analyzer_list.h, ended by NULL. */
extern const struct analyzer *const analyzer_all[];

/**
 * analyzer_run(a, f, content, sha256, write_to, npackages, d):
 * Run ${a} over one whole file and append the inventory_file record to
 * ${write_to}.  Return the analyzer's result, which is in the record too, or
 * ERR_LIMIT with nothing appended when the record does not fit.
 */
int analyzer_run(const struct analyzer *a, const struct analyzer_file *f,
    struct str content, struct buf *write_to, uint64_t *npackages,
    struct diag *d);

#endif
