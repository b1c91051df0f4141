/*
 * scanfarm-worker: options and processes.
 *
 *	main (link) -- launcher -- parse, one a layer
 *	     \------- slot 1..N (fetch)
 *
 * Launcher and slots are forked before the first czmq call: a ZeroMQ context
 * must not cross a fork.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/proc.h"
#include "link.h"
#include "parse.h"
#include "slot.h"

#define COORDINATORS 16
#define SLOTS 64

static volatile int stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
usage(FILE *f)
{
	fputs("usage: scanfarm-worker --coordinator tcp://HOST:PORT --keys DIR [options]\n"
	    "Reads layers for a scanfarm coordinator; keeps no state.\n\n"
	    "  --coordinator ENDPOINT  where the fan-out listens; repeat for several\n"
	    "  --keys DIR              coordinator.public, worker.public, worker.secret\n"
	    "                          (from the coordinator's data directory, curve/)\n"
	    "  --slots N               layers read at the same time (default: cores)\n"
	    "  --name NAME             shown in status (default: host:pid)\n"
	    "  --permissive-sandbox    run where seccomp is missing; at your own risk\n"
	    "  --verbose               log more\n"
	    "  --help                  this text\n", f);
}

struct options {
	const char *coordinators[COORDINATORS];
	size_t ncoordinators;
	const char *keys;
	char name[256];
	long slots;
	bool permissive, verbose;
};

/* 0, or an exit status + 1. */
static int
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "coordinator", required_argument, NULL, 'c' },
		{ "keys", required_argument, NULL, 'k' },
		{ "slots", required_argument, NULL, 's' },
		{ "name", required_argument, NULL, 'n' },
		{ "permissive-sandbox", no_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	char host[128] = "worker", *end;
	int c;

	gethostname(host, sizeof(host) - 1);
	snprintf(o->name, sizeof(o->name), "%s:%d", host, (int)getpid());
	o->slots = sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'c':
			if (o->ncoordinators == COORDINATORS)
				return (2 + 1);
			o->coordinators[o->ncoordinators++] = optarg;
			break;
		case 'k':
			o->keys = optarg;
			break;
		case 's':
			o->slots = strtol(optarg, &end, 10);
			if (*end != '\0' || o->slots < 1 || o->slots > SLOTS) {
				fprintf(stderr, "scanfarm-worker: --slots wants a number from 1 to %d\n",
				    SLOTS);
				return (2 + 1);
			}
			break;
		case 'n':
			snprintf(o->name, sizeof(o->name), "%s", optarg);
			break;
		case 'p':
			o->permissive = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			usage(stdout);
			return (0 + 1);
		default:
			usage(stderr);
			return (2 + 1);
		}
	if (o->slots < 1)
		o->slots = 1;
	if (o->slots > SLOTS)
		o->slots = SLOTS;
	if (optind != argc || o->ncoordinators == 0 || o->keys == NULL) {
		usage(stderr);
		return (2 + 1);
	}
	return (0);
}

static int
fork_slots(int *fds, size_t n, struct launcher *launcher, bool permissive)
{
	pid_t parent = getpid(), pid;
	int sv[2];

	for (size_t i = 0; i < n; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0 ||
		    (pid = fork()) < 0) {
			log_error("cannot start a slot", "reason", "%s",
			    strerror(errno), NULL);
			return (-1);
		}
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
			if (getppid() != parent)
				_exit(0);
			close(sv[0]);
			for (size_t k = 0; k < i; k++)
				close(fds[k]);
			slot_main(sv[1], launcher, permissive);
		}
		close(sv[1]);
		fds[i] = sv[0];
	}
	return (0);
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct options o = { 0 };
	struct launcher *launcher = NULL;
	struct link_options lo;
	int fds[SLOTS], rc;
	struct diag d;

	if ((rc = parse_options(argc, argv, &o)) != 0)
		return (rc - 1);
	log_init("worker", o.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (o.permissive)
		log_warn("running without a sandbox, as asked for", NULL);
	if (launcher_start(parse_tasks, PARSE_TASKS, o.permissive,
	    parse_warm_up, &launcher, &d) < 0) {
		log_error("worker cannot start", "reason", "%s", d.text, NULL);
		return (1);
	}
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (fork_slots(fds, (size_t)o.slots, launcher, o.permissive) < 0)
		return (1);
	lo = (struct link_options) { o.coordinators, o.ncoordinators, o.keys,
		o.name, fds, (size_t)o.slots, &stop };
	rc = link_run(&lo);
	launcher_stop(launcher);
	return (rc);
}
