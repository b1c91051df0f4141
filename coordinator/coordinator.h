/*
 * What the coordinator's actors share: the configuration, read-only after
 * start, and their names.  Actors share no other memory; each owns one database
 * connection and talks to the others through the database, plus wake-ups that
 * carry no data (wake.h): a lost wake-up costs one polling interval, never work.
 */
#ifndef COORDINATOR_H
#define COORDINATOR_H

#include <czmq.h>
#include <stdbool.h>

struct launcher;

struct coordinator {
	const char *database;		/* libpq connection string */
	const char *data_dir;
	const char *http_address;	/* 127.0.0.1 */
	int http_port;
	const char *fanout_endpoint;	/* tcp://127.0.0.1:PORT, bound by fanout.c */
	struct launcher *readers;	/* sandboxed readers of hostile documents;
					   usable from every thread */
	size_t results_bytes;		/* parts of unfinished jobs in memory */
};

/* Actors: zactor functions, argument struct coordinator *.  Each runs until
 * "$TERM", survives the loss of its database connection (reconnects with
 * back-off) and does leader-only work only while leader_is_me() of its own
 * connection says so. */
void leader_actor(zsock_t *pipe, void *coordinator);	/* leader.c: lock, epoch, heartbeat */
void fanout_actor(zsock_t *pipe, void *coordinator);	/* fanout.c, dispatch.c: jobs, results, tokens */
void ingest_actor(zsock_t *pipe, void *coordinator);	/* ingest.c: inbox to images and jobs */
void poll_actor(zsock_t *pipe, void *coordinator);	/* poll.c: catalogs */
void matcher_actor(zsock_t *pipe, void *coordinator);	/* matcher.c: apply, match, verdicts */
void notify_actor(zsock_t *pipe, void *coordinator);	/* notify.c: changed verdicts to whom they concern */
void audit_actor(zsock_t *pipe, void *coordinator);	/* audit.c: derived rows against a rebuild */

/* http_server.c: libmicrohttpd's own threads; start after the fork of readers. */
struct http_server;
struct http_server *http_server_start(struct coordinator *, char *err, size_t errsize);
void http_server_stop(struct http_server *);	/* refuses new, finishes waiting */

#endif
