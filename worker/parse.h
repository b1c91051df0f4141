/*
 * What runs in the sandbox: bytes in, inventory or document out.  The tasks of
 * the worker's launcher, and the frames they write.
 */
#ifndef PARSE_H
#define PARSE_H

#include "common/proc.h"

enum parse_task { PARSE_LAYER, PARSE_DOCUMENT, PARSE_TASKS };
extern const struct launcher_task parse_tasks[PARSE_TASKS];

enum parse_frame {
	PARSE_FILE = 1,		/* one inventory_file record */
	PARSE_TREE = 2,		/* tree_entry records */
	PARSE_INCOMPLETE = 3,	/* reason */
	PARSE_SUMMARY = 5,	/* packed [tar_size, entries] */
	PARSE_DIAG = 6,		/* why run() fails: text */
	PARSE_RESULT = 7,	/* wire_document record */
};

/* Argument of PARSE_LAYER: packed [want_hashes, sip_key, skip...]. */
int parse_layer_arg(struct buf *, bool hashes, const uint8_t sip_key[16],
    const struct str *skip, size_t nskip);
/* Input of PARSE_DOCUMENT: frames content type, manifest and, once it is known
 * to be an image, its config. */
void parse_warm_up(void);

#endif
