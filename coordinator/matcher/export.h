/*
 * What `scanfarm feed export` writes: a tar compressed by zstd, so that tar(1)
 * shows it.
 *
 *   scanfarm-export.json     the manifest: which farm, which revision, since which;
 *                            its feeds
 *   advisories/NNNNNN.msgpack    one [feed, name, record] after the other: feed is
 *                            a place in the manifest's feeds, record what
 *                            advisory_write() wrote, empty where the document
 *                            is gone; ordered by feed and name
 *   beside/NAME              what stands beside advisories, each as a document
 *                            of its feed's kind (KEV, EPSS), whole in a delta too
 *
 * Records travel as they are stored, so that both farms hold the same bytes.  Of
 * each feed the manifest says how many documents there are and what digest all of
 * their names and digests have: a delta that does not lead there is none for this
 * farm.  A later kind of content is another folder; who does not know it refuses
 * the file.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "common/advisory.h"
#include "common/digest.h"
#include "common/inflate.h"

#define EXPORT_VERSION 1
#define EXPORT_MANIFEST "scanfarm-export.json"
#define EXPORT_ADVISORIES "advisories/"
#define EXPORT_BESIDE "beside/"
#define EXPORT_UUID 36		/* characters of a farm's */

struct export_feed {
	struct str name;		/* osv/Debian */
	struct str imported_at;		/* RFC 3339; "" = never as a whole */
	uint64_t documents;		/* that the farm has of it now */
	uint8_t digest[DIGEST_BYTES];	/* sha256 of their names and digests */
	struct str *namespaces;
	size_t nnamespaces;
	uint64_t malformed;		/* of its last import */
	struct str *malformed_names;
	size_t nmalformed_names;
};

/* A feed that stands beside. */
struct export_beside {
	struct str name;		/* kev */
	struct str imported_at;
};

struct export_manifest {
	struct str farm;		/* uuid */
	uint64_t revision;
	bool delta;
	uint64_t since;			/* of a delta: what it stands on */
	struct str created;		/* RFC 3339 */
	uint64_t documents, gone;	/* in this file */
	struct export_feed *feeds;
	size_t nfeeds;
	struct export_beside *beside;
	size_t nbeside;
};

struct export_document {
	uint64_t feed;		/* place in the manifest */
	struct str name;
	struct str record;	/* "" = gone */
};

/* Is that an export, by what its first bytes are, unpacked? */
bool export_is(struct str head);

/* One document into a file of EXPORT_ADVISORIES, and out of it; the latter points
 * into the cursor's memory and may grow at its end. */
MUST_CHECK int export_document_write(struct buf *,
    const struct export_document *);
MUST_CHECK bool export_document_read(struct cur *, struct export_document *ret);

/* The manifest on its way from the sandboxed reader, with pack.h. */
MUST_CHECK int export_manifest_write(struct buf *,
    const struct export_manifest *);
int export_manifest_read(struct cur *, struct pool *,
    struct export_manifest *ret, struct diag *);

/* A negative result of either ends the reading. */
struct export_sink {
	void *arg;
	/* First, once. */
	int (*manifest)(void *arg, const struct export_manifest *,
	    struct diag *);
	/* Checked: a record is an advisory of that name. */
	int (*document)(void *arg, const struct export_document *,
	    struct diag *);
	/* Number ${i} of the manifest's, once each; not looked at but for its
	 * size. */
	int (*beside)(void *arg, size_t i, struct str bytes, struct diag *);
};

/**
 * export_read(src, sink, d):
 * Read an export to its end; nothing but its bytes is trusted, and what the
 * sink got counts only when all of it was read.  Return 0, ERR_MALFORMED (no
 * export, damaged, cut, other than its manifest says), ERR_UNSUPPORTED (of a
 * later version), ERR_LIMIT, or what source or sink returned.
 */
int export_read(const struct source *, const struct export_sink *,
    struct diag *);

#endif
