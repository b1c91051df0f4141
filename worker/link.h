/* The link: ZeroMQ to one coordinator at a time, sockets to the slots. */
#ifndef LINK_H
#define LINK_H

#include <stddef.h>

struct link_options {
	const char *const *coordinators;	/* endpoints, tried in turn */
	size_t ncoordinators;
	const char *keys;	/* directory: coordinator.public worker.public
				   worker.secret, Z85 text, a line each */
	const char *name;
	const int *slots;	/* sockets to the slot processes */
	size_t nslots;
	const volatile int *stop;	/* set by a signal: leave at once */
};

/* Returns 0 when told to stop, 1 when it cannot go on (said in the log). */
int link_run(const struct link_options *);

#endif
