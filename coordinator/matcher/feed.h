/*
 * Advisory sources.  An importer turns one document into advisories; the core
 * here takes a stream that is a zip or tar of documents, or one document, apart;
 * the stream may be compressed as a whole by gzip, zstd, xz or bzip2.  Pure
 * streaming: nothing is opened, so it runs in a child that may only read,
 * write and allocate (call archive_warm_up before the filter).
 */
#ifndef FEED_H
#define FEED_H

#include "common/advisory.h"
#include "common/inflate.h"
#include "content_set.h"
#include "exploit.h"

#define FEED_NAME_MAX 127	/* bytes of a feed's name */
#define FEED_VERSION_MAX 119	/* ... and of its version; what is longer is cut */

struct feed_importer;

/* What an import found; the figures an operator checks a feed by. */
struct feed_count {
	const struct feed_importer *kind;	/* of the document at hand */
	uint64_t documents;	/* read, withdrawn ones included */
	uint64_t malformed;	/* not read; each was reported */
	uint64_t malformed_scores;	/* of them EPSS's: no verdict rests on one */
	uint64_t withdrawn;
	uint64_t without_affected;
	uint64_t with_severity;	/* of the document or of an entry */
	uint64_t affected;	/* entries */
	uint64_t ranges;
	uint64_t versions;	/* enumerated */
	uint64_t ranges_ecosystem, ranges_semver, ranges_git;
	uint64_t exploits;	/* entries of KEV and EPSS; no documents */
	uint64_t content_sets;	/* repositories; no documents either */
	char version[FEED_VERSION_MAX + 1];	/* of its data, in a document's own
				   words; "" = none says one */
	bool archive;		/* a zip or tar, known before its first document */
};

/* Who takes the results.  A negative result of either ends the import. */
struct feed_sink {
	void *arg;
	/* ${a} and all its texts live until the call returns. */
	int (*advisory)(void *arg, const struct advisory *a, struct diag *);
	/* Document ${name} could not be read, ${why}; the import goes on.  An
	 * empty name stands for one or several whose names are not known. */
	int (*malformed)(void *arg, struct str name, const struct diag *why,
	    struct diag *);
	/* NULL = not wanted.  Texts of ${e} live until the call returns. */
	int (*exploit)(void *arg, const struct exploit *e, struct diag *);
	int (*content_set)(void *arg, const struct content_set *, struct diag *);
};

struct feed_importer {
	const char *name;	/* stored with feeds: never renamed */
	uint32_t revision;	/* raise when the same bytes would give other
				   advisories: unchanged documents are re-read */
	/* How a document of this kind is known: JSON by a member that no other kind
	 * has where it stands, as keys from the top, "data.*.cpes", where "*" is any
	 * (with blanks between several such); "<NAME" XML by its root element;
	 * "\nTEXT" others by how a line begins. */
	const char *mark;
	/* A document is a whole feed: what it lacks is gone. */
	bool whole;
	/* It gives no advisories but what stands beside them (exploitation,
	 * content sets): one feed of the kind, called as the kind. */
	bool beside;
	size_t max;		/* bytes of a document; 0 = LIMIT_ADVISORY_BYTES */
	/* Give each advisory of one document to the sink and add to ${count};
	 * 0, ERR_MALFORMED or ERR_LIMIT (about this document), or the sink's.
	 * A part that cannot be read is told the sink by its name, the others
	 * count; what was cut short gives nothing. */
	int (*document)(struct str bytes, const struct feed_sink *,
	    struct feed_count *, struct diag *);
};

#define FEED(name) extern const struct feed_importer feed_##name;
#include "feed_list.h"
#undef FEED

/* KIND/NAME, a kind of ours: what a feed may be called.  Of OSV's the name is an
 * ecosystem, as they write them: "Rocky Linux", "Debian:12", "crates.io".  What
 * stands beside advisories (KEV, EPSS, repositories) is one feed each. */
bool feed_name_ok(struct str);
/* What advisories may be stored under: such a name, or "frozen/FEED NAMESPACE", what
 * a farm keeps of a release that left FEED. */
#define FEED_FROZEN "frozen/"
bool feed_stored_ok(struct str);
/* The importer called ${name}, or NULL. */
const struct feed_importer *feed_find(struct str name);
/* The ${i}th importer, NULL behind the last. */
const struct feed_importer *feed_at(size_t i);
/* Whose document is that, by its mark?  At least its beginning is given; what carries
 * no mark is for OSV's importer to refuse. */
const struct feed_importer *feed_of_document(struct str bytes);

/**
 * feed_covers(kind, id, namespace):
 * Does advisory ${id}, read by ${kind}, come from whoever tells all that is known of
 * ${namespace}, so that a package which no such advisory names is clean?  Statements
 * (OpenVEX, CSAF) are about what they name and nothing else, but for a distribution's
 * own about its releases.  Of Alpine it is "main": whoever has only "community"
 * knows nothing of the packages that every image has.  ${kind} NULL = it is known
 * that they do.
 */
bool feed_covers(const struct feed_importer *kind, struct str id,
    struct str namespace);

/* The same of a file, by its first ${max} bytes, uncompressed; NULL for what cannot
 * be read, and for archives, which do not tell. */
const struct feed_importer *feed_of_file(const struct source *src, size_t max);

/**
 * feed_import(f, src, name, sink, count, d):
 * Read ${src}, called ${name} in messages, to its end; add to *${count}.  With
 * ${f} NULL each document goes to the importer whose mark it carries.  A
 * malformed document, or one whose entry is damaged, is counted, reported and
 * skipped.  Return 0, ERR_MALFORMED or ERR_LIMIT when the file as a whole is
 * broken (what was read before has
 * been handed on), or what the source or the sink returned.
 */
int feed_import(const struct feed_importer *, const struct source *src,
    struct str name, const struct feed_sink *, struct feed_count *,
    struct diag *);

/**
 * feed_import_path(f, path, sink, count, d):
 * For local files: ${path} is a file, or a folder; of a folder every *.json, *.xml,
 * *.csv, *.zip and *.tar, each also with .gz, .zst, .xz or .bz2 behind it, in it and in its
 * folders one level down (DIR/<ECOSYSTEM>/all.zip, DIR/<BRANCH>/main.json), in
 * bytewise order.  Return as feed_import, or ERR_NOT_FOUND when
 * there is nothing to read.
 */
int feed_import_path(const struct feed_importer *, const char *path,
    const struct feed_sink *, struct feed_count *, struct diag *);

/**
 * feed_import_marked(f, path, sink, count, d):
 * As feed_import_path, but of what is there only documents (no archive) that carry
 * ${f}'s mark; what cannot be read is passed over, and there may be none.
 */
int feed_import_marked(const struct feed_importer *f, const char *path,
    const struct feed_sink *, struct feed_count *, struct diag *);

#endif
