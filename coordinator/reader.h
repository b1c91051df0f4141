/*
 * Sandboxed readers of hostile documents: each a pure function from bytes to
 * packed bytes, run in a child of the launcher.
 */
#ifndef READER_H
#define READER_H

#include "common/buf.h"
#include "common/limits.h"
#include "common/limits.h"
#include "common/proc.h"
#include "common/registry.h"

enum reader {
	READER_CATALOG,		/* registry_document_read */
	READER_TAGS,
	READER_TOKEN,
	READER_WEBHOOK,		/* argument: source kind; webhook.h */
	READER_FEED,		/* input: a file of advisories; frames out */
	READER_EXPORT,		/* input: an export; frames out */
	READERS
};
extern const struct launcher_task reader_tasks[READERS];

/* Run ${which} over ${in}; its packed result is in ${out} (cleared first).  The
 * reader's own error and text come back as if it had been called in place. */
int reader_call(struct launcher *, enum reader which, struct str arg,
    struct str in, struct buf *out, struct diag *);
/* Before the first fork of a reader. */
void reader_warm_up(void);

/* registry_reader for registry_list and registry_token; arg = launcher. */
int reader_registry(void *launcher, enum registry_document, struct str body,
    struct buf *out, struct diag *);

/* Frames of READER_FEED, read by feed_import.c. */
enum {
	READER_FEED_ARCHIVE = 1,	/* the first, where the input is one */
	READER_FEED_ADVISORY,		/* advisory_write() */
	READER_FEED_MALFORMED,		/* "NAME: WHY" */
	READER_FEED_EXPLOITS,		/* exploit_write(), one after the other */
	READER_FEED_CONTENT_SETS,	/* content_set_write(), the same */
	READER_FEED_VERSION,		/* of its data, in its own words */
	READER_FEED_DIAG,		/* why all of it failed */
};
/* A frame of one of the last two, and any that comes with it. */
#define READER_BESIDE_FRAME (128 * KIB)

/* Frames of READER_EXPORT, read by feed_mirror.c: export_manifest_write() and then
 * export_document_write() each; of what stands beside a byte, its place in the
 * manifest, and the document; or, instead of more, why not. */
enum { READER_EXPORT_MANIFEST = 1, READER_EXPORT_DOCUMENT = 2,
	READER_EXPORT_DIAG = 3, READER_EXPORT_BESIDE = 4 };
#define READER_EXPORT_FRAME (LIMIT_EXPORT_FILE + 1)

#endif
