/*
 * What reads one kind of package database.  A plug-in is one file with one
 * `const struct analyzer analyzer_NAME`, one line in analyzer_list.h and a
 * folder of samples (tests/worker/analyzer/NAME/).  It is pure: no clock,
 * network, globals or knowledge of other files and layers; walking, limits,
 * links and the sandbox belong to layer.c.
 *
 * There are three ways to read, by what the format allows:
 *   whole   wants, analyze: chosen by name, handed over in memory
 *   side    the same, and a second file beside it (a database and its log),
 *           both handed over at the end of the layer
 *   stream  chosen by name and first bytes, handed over piece by piece
 */
#ifndef ANALYZER_H
#define ANALYZER_H

#include "common/buf.h"
#include "common/cur.h"
#include "common/inventory.h"
#include "sums.h"

/* First bytes of a file that a choice is made by; fewer if it is shorter. */
#define ANALYZER_HEAD 512

struct analyzer_file {
	struct str path;	/* normalised key, see path.h */
	uint64_t size;		/* 0 when asked for a hard link's name */
	uint32_t mode;
	struct str lies;	/* not empty: where, if links lead there */
};

/* Collects what one analyzer finds in one file. */
struct analyzer_out;

struct analyzer_stream {
	size_t state;	/* bytes of its state, zeroed for each file */
	/* Asked of every regular file that is not empty. */
	bool (*wants)(const struct analyzer_file *, struct str head);
	/* The next bytes of the file, from its first (the head among them); rows
	 * may be handed over.  After the last one once more with ${last} and no
	 * bytes, but when the file was cut short. */
	void (*feed)(void *state, const struct analyzer_file *, struct cur piece,
	    bool last, struct analyzer_out *);
	/* After ${last}: hand over the rest. */
	int (*end)(void *state, struct analyzer_out *, struct diag *);
	/* Free what the state points to; NULL when it points to nothing. */
	void (*done)(void *state);
};

struct analyzer {
	const char *name;	/* stored with results: never renamed */
	uint32_t revision;	/* raise when the same bytes would give other
				   rows: layers that hold the kind run again,
				   all if a file without rows leaves no record */
	uint32_t wants_revision;	/* raise when other files would be wanted:
				   all layers run again */
	uint64_t max;		/* bytes of one file, 0 = LIMIT_FILE_WHOLE */
	bool declared;		/* lock files: says what was asked for, not what
				   is installed; off unless asked for */
	bool owners_only;	/* its rows tell who owns what and are no packages;
				   those that own nothing are dropped, and then
				   the file leaves no record */
	bool directories;	/* wants() is asked about directories, not files:
				   their names are the find, analyze() gets no
				   content */
	bool names;		/* the same of regular files: whatever is in them
				   is left to others, as if nobody wanted it */
	/* Does it want the whole of this regular file?  Called for every entry
	 * of every layer, so the cheap test comes first.  NULL = never. */
	bool (*wants)(const struct analyzer_file *);
	/* Could a file that begins with these (up to ANALYZER_HEAD) bytes be one
	 * of its, whatever its name?  Asked of files nobody wanted: those that
	 * look so are kept for a while, in case a hard link gives them a wanted
	 * name.  Guesses may be wrong either way; NULL = never. */
	bool (*looks)(struct str head);
	const char *empty;	/* the same of files without a byte: called so */
	bool in_folder;		/* those are a language's, in case of a link to their
				   folder: they leave room for databases */
	bool anywhere;		/* those are read under their own names, too: links
				   of other layers may lead there, and who applies
				   layers looks at no others */
	/**
	 * analyze(f, c, out, d):
	 * Read the content ${c} of ${f} and hand every row to ${out}.  0, or
	 * ERR_MALFORMED, ERR_UNSUPPORTED, ERR_LIMIT with ${d} filled: rows
	 * handed over before stay, and the layer is incomplete.
	 */
	int (*analyze)(const struct analyzer_file *f, struct cur c,
	    struct analyzer_out *out, struct diag *d);
	/* Its rows end at empty lines and need nothing of other rows: a file above
	 * its ceiling is handed to analyze() in portions of whole rows. */
	bool paragraphs;
	/* Suffix of the file beside it ("-wal"), or NULL.  wants() says yes to
	 * both names, and analyze_side() is called instead of analyze(): ${f}
	 * is the one without suffix.  A layer without the side file gives an
	 * empty one; with nothing but a side file that is not empty it is
	 * incomplete. */
	const char *side;
	int (*analyze_side)(const struct analyzer_file *f, struct cur c,
	    struct cur side, struct analyzer_out *out, struct diag *d);
	const struct analyzer_stream *stream;	/* or NULL */
};

/**
 * analyzer_package(out, p, d):
 * One row, copied.  Texts longer than LIMIT_PACKAGE_TEXT make it ERR_LIMIT.
 */
MUST_CHECK int analyzer_package(struct analyzer_out *, const struct package *,
    struct diag *);
/**
 * analyzer_skip(out, lacks):
 * A record of a database stands for a package on the disk and gives no row: it
 * ${lacks} ("no version") what makes one.  The others are read, and the file
 * ends as ERR_MALFORMED, which says how many were skipped.  The same is done of
 * rows of dpkg, apk and rpm whose version their order does not know.
 */
void analyzer_skip(struct analyzer_out *, const char *lacks);
/**
 * analyzer_whole_lines(all, d):
 * 0, or ERR_MALFORMED when the last line of the text ${all} lacks its end, as
 * in a file that was cut: whoever writes these databases ends every line.  A
 * rest of nothing but blanks says nothing.
 */
MUST_CHECK int analyzer_whole_lines(struct str all, struct diag *);
/**
 * analyzer_owns(out, path, digest, d):
 * The package handed over last owns the file of this name (absolute, "./" or
 * as in a tar), which it brought with this digest (see listed_add), "" where its
 * database has none.  Names that no analyzer would look at are dropped.  0 or
 * ERR_LIMIT.
 */
MUST_CHECK int analyzer_owns(struct analyzer_out *, struct str path,
    struct str digest, struct diag *);
/* The same of a digest that stands apart from who owns the file. */
void analyzer_lists(struct analyzer_out *, struct str path, struct str digest);
/* A fact about the file itself, "KEY=VALUE"; control bytes in the value end
 * it.  The last one of a key counts. */
MUST_CHECK int analyzer_attribute(struct analyzer_out *, const char *key,
    struct str value, struct diag *);
/* All of analyzer_list.h, ended by NULL. */
extern const struct analyzer *const analyzer_all[];
/* NULL when none is called so. */
const struct analyzer *analyzer_named(struct str name);

/* One file given to an analyzer that reads it whole. */
struct analyzer_input {
	const struct analyzer_file *file;
	struct str content;
	struct str side;	/* of analyzers that have one */
	const uint8_t *sip_key;	/* 16 bytes, for what packages own */
	struct listed_sums *listed;	/* gets the digests of that; or NULL */
};

/**
 * analyzer_run(a, in, write_to, npackages, d):
 * Run ${a} over one whole file and append the inventory_file record to
 * ${write_to}.  Return the analyzer's result, which is in the record too, or
 * ERR_LIMIT with nothing appended when the record does not fit.
 */
int analyzer_run(const struct analyzer *a, const struct analyzer_input *in,
    struct buf *write_to, uint64_t *npackages, struct diag *d);

/**
 * analyzer_open(a, f, head, sip_key) / analyzer_feed(r, piece) /
 * analyzer_close(r, cut, write_to, npackages, d):
 * The same for a stream analyzer, or one of paragraphs: open, feed every piece, close.  ${f}'s path
 * is copied.  What it lists with digests is not kept.  A record is appended only if there are packages, attributes or an
 * error; ${cut} < 0 says that the file ended early and why (${d} then holds the
 * reason).  Closing frees the reading; its result is analyzer_run's.
 */
struct analyzer_reading;
struct analyzer_reading *analyzer_open(const struct analyzer *a,
    const struct analyzer_file *f, struct str head, const uint8_t *sip_key);
void analyzer_feed(struct analyzer_reading *, struct cur piece);
int analyzer_close(struct analyzer_reading *, int cut, struct buf *write_to,
    uint64_t *npackages, struct diag *d);

/* Does it want this file by name?  Those of lock files only if asked for. */
static inline bool
analyzer_wants(const struct analyzer *a, const struct analyzer_file *f,
    bool lock_files)
{
	return (a->wants != NULL && !a->directories && !a->names &&
	    (!a->declared || lock_files) && a->wants(f));
}
/* Does nothing but the name of this directory or regular file matter to it? */
bool analyzer_wants_directory(const struct analyzer *a,
    const struct analyzer_file *f);
bool analyzer_wants_name(const struct analyzer *a,
    const struct analyzer_file *f);
/* Does any analyzer want a file of this name? */
bool analyzer_any_wants(struct str path, bool lock_files);

#endif
