/*
 * The messages between coordinator and worker.  One message = one ZeroMQ frame
 * of at most LIMIT_WIRE_MESSAGE bytes = one msgpack array whose first element
 * is the type; see common/README.md for every field with unit and maximum.
 * Readers check every bound before they believe a length; a record may grow at
 * its end.  WIRE_PROTOCOL rises when an old peer could misread a message.
 */
#ifndef WIRE_H
#define WIRE_H

#include "buf.h"
#include "cur.h"

#define WIRE_PROTOCOL 1
#define WIRE_PLACES 4		/* places a digest may be read from */
#define WIRE_TEXT 1024		/* urls, names, reasons */
#define WIRE_ANALYZERS 256
#define WIRE_KIND 64		/* name of an analyzer */

enum wire_type {
	/* worker to coordinator */
	WIRE_HELLO = 1,
	WIRE_PART = 2,
	WIRE_DONE = 3,
	WIRE_TOKEN = 4,
	WIRE_HEARTBEAT = 5,
	/* coordinator to worker */
	WIRE_WELCOME = 101,
	WIRE_JOB = 102,
	WIRE_ACK = 103,
	WIRE_RESEND = 104,
	WIRE_TOKEN_REPLY = 105,
	WIRE_UNKNOWN_JOB = 106,
	WIRE_NOT_LEADER = 107,
	WIRE_ACCEPTED = 108,
};

/* How a worker reads one kind of file; see analyzer.h. */
struct wire_analyzer {
	struct str kind;
	uint32_t revision, wants_revision;	/* at most INT32_MAX */
	bool recorded;		/* each file that it reads leaves a record */
};

struct wire_hello {
	uint32_t protocol;
	struct str name;	/* host:pid or as configured, unique */
	struct str version;
	uint32_t slots;
	/* what layers are read by, each kind once; none = an old worker that
	 * does not say */
	struct wire_analyzer analyzers[WIRE_ANALYZERS];
	uint32_t nanalyzers;
};

struct wire_welcome {
	uint32_t protocol;
	uint8_t sip_key[16];	/* of the farm, for path hashes */
	uint32_t heartbeat_s;
};

enum wire_job_kind { WIRE_JOB_RESOLVE = 1, WIRE_JOB_LAYER = 2 };

struct wire_place {
	struct str url;		/* scheme://host[:port] of the registry */
	struct str repository;
	bool insecure;		/* http, or TLS unverified */
};

struct wire_job {
	uint64_t job;
	uint32_t attempt;
	enum wire_job_kind kind;
	struct str reference;	/* digest "sha256:..", or a tag (resolve only) */
	int64_t size;		/* as the manifest claims, -1 = unknown */
	struct wire_place places[WIRE_PLACES];
	uint32_t nplaces;
	uint32_t limits_revision;
	bool hashes;		/* send TREE_DIR and TREE_NONDIR */
};

enum wire_part_kind {
	WIRE_PART_FILE = 1,	/* inventory_file records, one or more */
	WIRE_PART_TREE = 2,	/* tree_entry records, one or more */
	WIRE_PART_DOCUMENT = 3,	/* one wire_document */
};

/* A record longer than a part is cut: more = the next part continues it. */
struct wire_part {
	uint64_t job;
	uint32_t attempt;
	uint32_t seq;		/* from 0 */
	enum wire_part_kind kind;
	bool more;
	struct str bytes;	/* <= LIMIT_WIRE_PART */
};

struct wire_done {
	uint64_t job;
	uint32_t attempt;
	int outcome;		/* 0, or enum err: with 0 and reasons the layer is
				   incomplete; parts count only with outcome 0 */
	uint32_t parts;
	uint8_t sha256[32];	/* over the bytes of all parts in order */
	uint64_t size;		/* bytes fetched */
	uint64_t tar_size;	/* uncompressed, layer jobs */
	uint64_t entries;
	uint32_t retry_after_s;	/* with ERR_TEMPORARY: what the registry asked for */
	int32_t place;		/* index of the place that answered, -1 = none */
	struct str reasons;	/* one a line; why incomplete or why not */
};

struct wire_token {		/* "give me a token for this job" */
	uint64_t job;
	uint32_t attempt;
	uint32_t place;
	struct str challenge;	/* WWW-Authenticate as received, all lines joined by ", " */
};

enum wire_auth { WIRE_AUTH_NONE = 0, WIRE_AUTH_BASIC = 1, WIRE_AUTH_BEARER = 2 };

struct wire_token_reply {
	uint64_t job;
	uint32_t attempt;
	uint32_t place;
	int error;		/* 0 or enum err */
	enum wire_auth kind;
	struct str value;	/* "user:password" or the token */
	struct str reason;
};

#define WIRE_HEARTBEAT_JOBS 64
struct wire_heartbeat {
	uint32_t busy;		/* slots at work */
	uint32_t njobs;
	/* still mine; of more than these another heartbeat tells */
	struct { uint64_t job; uint32_t attempt; } jobs[WIRE_HEARTBEAT_JOBS];
};

struct wire_ack {		/* ACK, RESEND (from seq), UNKNOWN_JOB, ACCEPTED */
	uint64_t job;
	uint32_t attempt;
	uint32_t seq;
};

struct wire_message {
	enum wire_type type;
	union {
		struct wire_hello hello;
		struct wire_welcome welcome;
		struct wire_job job;
		struct wire_part part;
		struct wire_done done;
		struct wire_token token;
		struct wire_token_reply token_reply;
		struct wire_heartbeat heartbeat;
		struct wire_ack ack;
	} u;
};

/**
 * wire_write(b, m) / wire_read(in, ret, d):
 * Encode a message, or decode one whose texts then point into ${in}.  Return 0,
 * ERR_LIMIT (it would not fit) or ERR_MALFORMED.
 */
int wire_write(struct buf *b, const struct wire_message *m);
int wire_read(struct str in, struct wire_message *ret, struct diag *d);

/* What a resolve job yields; sent as one record of WIRE_PART_DOCUMENT parts. */
struct wire_child {
	struct str digest, media_type, os, architecture, variant;
	int64_t size;
	bool attestation;
};
struct wire_layer {
	struct str digest, media_type, diff_id, created_by;	/* "" where unknown */
	int64_t size;
	struct str skip;	/* "" or why it cannot be read: encrypted, foreign */
};
struct wire_document {
	struct str kind;	/* index image artifact unsupported */
	struct str digest;	/* of the manifest bytes, computed */
	struct str media_type;
	struct str reason;	/* of artifact and unsupported */
	int64_t size;
	struct str os, architecture, variant, config_digest;
	struct wire_child *children;
	size_t nchildren;
	struct wire_layer *layers;
	size_t nlayers;
};
struct pool;
int wire_document_write(struct buf *, const struct wire_document *);
int wire_document_read(struct cur *, struct pool *, struct wire_document *ret,
    struct diag *);

#endif
