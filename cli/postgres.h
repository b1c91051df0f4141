/*
 * The embedded PostgreSQL of `scanfarm up`: a server of our own below the data
 * directory, on a Unix socket only.
 */
#ifndef POSTGRES_H
#define POSTGRES_H

#include <sys/types.h>
#include "common/err.h"

struct postgres {
	char bin[200];		/* directory of initdb and postgres */
	char data[400];		/* DATA/pg */
	char socket[108];	/* directory of the socket */
	char conninfo[300];	/* for the coordinator */
	bool is_new;		/* there was no cluster yet */
	pid_t pid;
};

/* Find the programs, make the cluster at the first start, end a server that an
 * earlier supervisor left behind.  ERR_UNSUPPORTED says what to install. */
int postgres_prepare(struct postgres *, const char *data_dir, struct diag *);
/* Start the server; it may still be recovering when this returns. */
int postgres_start(struct postgres *, struct diag *);
/* Does it take connections, or will it in a moment? */
bool postgres_listens(const struct postgres *);
/* Fast shutdown, and the socket directory is removed. */
void postgres_stop(struct postgres *);

#endif
