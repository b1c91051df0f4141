/*
 * Event sources: from the bytes of one webhook to events of one shape.  Pure,
 * run in a sandboxed reader.
 */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include "common/cur.h"
#include "common/json.h"

enum webhook_kind {
	WEBHOOK_PUSH = 1,	/* digest or tag, mostly both */
	WEBHOOK_DELETE_MANIFEST = 2,	/* digest */
	WEBHOOK_DELETE_TAG = 3,		/* tag */
	WEBHOOK_DELETE_REPOSITORY = 4,
};

struct webhook_event {
	enum webhook_kind kind;
	struct str repository, tag, digest, media_type;
	struct str id;		/* the source's own, "" = it gives none */
};

/* Append one event to the packed result. */
int webhook_event_write(struct buf *, const struct webhook_event *);
int webhook_event_read(struct cur *, struct webhook_event *ret, struct diag *);

struct webhook_source {
	const char *name;	/* stored with inbox rows: never renamed */
	/* Append the events that matter; pulls and blobs are none. */
	int (*read)(const struct json *body, struct buf *out, struct diag *);
};

#define WEBHOOK(name) extern const struct webhook_source webhook_##name;
#include "webhook_list.h"
#undef WEBHOOK

/* READER_WEBHOOK: ${source} is the source's name, ${out} gets packed events. */
int webhook_read(struct str source, struct str body, struct buf *out, struct diag *);

#endif
