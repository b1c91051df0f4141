/*
 * scanfarm up: one supervisor for PostgreSQL, the coordinator and workers.
 * Starts them in order, starts anew what dies, stops them in the reverse order.
 * One thread; children die with it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"
#include "cli.h"
#include "common/mem.h"
#include "postgres.h"

#define WORKERS 64
#define READY_S 120

struct process {
	pid_t pid;
	time_t started, not_before;	/* monotonic */
	int deaths;			/* in a row, each soon after its start */
};

struct farm {
	char data[300], dir[300];	/* data directory, our programs */
	char http[80], fanout[80];
	const char *database;		/* of --database, else NULL */
	bool permissive;
	int nworkers;
	struct postgres pg;
	struct process server, coordinator, workers[WORKERS];
};

static void
usage(FILE *f)
{
	fputs("usage: scanfarm up [--data DIR] [--http ADDR:PORT] [--workers N] [--database URL]\n"
	    "Start a whole farm on this machine and keep it running until Ctrl-C.\n\n"
	    "  --data DIR        state (default: /var/lib/scanfarm for root, else\n"
	    "                    $XDG_STATE_HOME/scanfarm or ~/.local/state/scanfarm)\n"
	    "  --http ADDR:PORT  webhooks, API and pages (default 127.0.0.1:8080, or the\n"
	    "                    next free port)\n"
	    "  --workers N       worker processes (default: cores)\n"
	    "  --database URL    use this PostgreSQL instead of one of our own\n"
	    "  --permissive-sandbox  run where seccomp is missing; at your own risk\n", f);
}

static time_t
monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

/* Is the port free on that address? */
static bool
port_free(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	bool ok;

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return (false);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ok = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return (ok);
}

/* Choose the two ports.  0, or an exit status. */
static int
choose_ports(struct farm *f, const char *http)
{
	const char *text = http != NULL ? http : "127.0.0.1:8080";
	const char *colon = strrchr(text, ':');
	char host[64], *end = NULL;
	long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0, fan;

	if (colon == NULL || *end != '\0' || port < 1 || port > 65534 ||
	    (size_t)(colon - text) >= sizeof(host)) {
		fprintf(stderr, "scanfarm up: --http wants ADDR:PORT, for example 127.0.0.1:8080\n");
		return (CLI_USAGE);
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (http != NULL && !port_free(host, (int)port)) {
		fprintf(stderr, "scanfarm up: %s is in use or no address of this machine; choose another with --http\n", text);
		return (CLI_USAGE);
	}
	while (http == NULL && port < 8180 && !port_free(host, (int)port))
		port++;
	if (http == NULL && port != 8080)
		fprintf(stderr, "scanfarm: port 8080 is in use, taking %ld\n",
		    port);
	for (fan = port + 1; fan < 65535 && !port_free(host, (int)fan); fan++)
		;
	snprintf(f->http, sizeof(f->http), "%s:%ld", host, port);
	snprintf(f->fanout, sizeof(f->fanout), "%s:%ld", host, fan);
	return (0);
}

static int
make_dirs(const char *path)
{
	char *p = mem_strdup(path);
	int rc = 0;

	for (char *c = p + 1; rc == 0; c++)
		if (*c == '/' || *c == '\0') {
			bool end = *c == '\0';

			*c = '\0';
			if (mkdir(p, 0755) < 0 && errno != EEXIST)
				rc = -1;
			if (end)
				break;
			*c = '/';
		}
	free(p);
	return (rc);
}

/* Where the state lives, absolute, made and locked.  0, or an exit status. */
static int
open_data(struct farm *f, const char *data)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char lock[320], *real;
	int fd;

	if (data != NULL)
		snprintf(f->data, sizeof(f->data), "%s", data);
	else if (getuid() == 0)
		snprintf(f->data, sizeof(f->data), "/var/lib/scanfarm");
	else if (state != NULL && state[0] == '/')
		snprintf(f->data, sizeof(f->data), "%s/scanfarm", state);
	else
		snprintf(f->data, sizeof(f->data), "%s/.local/state/scanfarm",
		    home != NULL ? home : "");
	if (make_dirs(f->data) < 0 || (real = realpath(f->data, NULL)) == NULL) {
		fprintf(stderr, "scanfarm up: %s: %s; choose another with --data\n",
		    f->data, strerror(errno));
		return (CLI_USAGE);
	}
	snprintf(f->data, sizeof(f->data), "%s", real);
	free(real);
	snprintf(lock, sizeof(lock), "%s/lock", f->data);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		fprintf(stderr, "scanfarm up: %s: %s\n", f->data, fd < 0 ?
		    strerror(errno) : "a farm runs there already; scanfarm status shows it");
		return (CLI_USAGE);
	}
	return (0);	/* the lock stays until we end */
}

static int
find_programs(struct farm *f)
{
	char path[340];
	ssize_t n = readlink("/proc/self/exe", f->dir, sizeof(f->dir) - 1);

	if (n <= 0)
		return (CLI_USAGE);
	f->dir[n] = '\0';
	*strrchr(f->dir, '/') = '\0';
	snprintf(path, sizeof(path), "%s/scanfarm-coordinator", f->dir);
	if (access(path, X_OK) == 0)
		return (0);
	fprintf(stderr, "scanfarm up: %s is missing: build or install all three programs\n", path);
	return (CLI_USAGE);
}

/* -------------------------------------------------------------------- starting */

static void
started(struct process *p, pid_t pid)
{
	p->pid = pid;
	p->started = monotonic();
}

static void
start_coordinator(struct farm *f)
{
	char *program = mem_printf("%s/scanfarm-coordinator", f->dir);
	const char *db = f->database != NULL ? f->database : f->pg.conninfo;
	const char *argv[] = { program, "--database", db, "--data",
		f->data, "--http", f->http, "--fanout", f->fanout,
		f->permissive ? "--permissive-sandbox" : NULL, NULL };

	started(&f->coordinator, child_start(argv, NULL, SIGTERM));
	free(program);
}

static void
start_worker(struct farm *f, int i)
{
	char *program = mem_printf("%s/scanfarm-worker", f->dir);
	char *endpoint = mem_printf("tcp://%s", f->fanout);
	char *keys = mem_printf("%s/curve", f->data);
	char *name = mem_printf("local-%d", i + 1);
	const char *argv[] = { program, "--coordinator", endpoint, "--keys", keys,
		"--slots", "1", "--name", name,
		f->permissive ? "--permissive-sandbox" : NULL, NULL };

	started(&f->workers[i], child_start(argv, NULL, SIGTERM));
	free(program);
	free(endpoint);
	free(keys);
	free(name);
}

static bool
ready(const struct farm *f)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/ready", f->data);
	return (access(path, F_OK) == 0);
}

static void
write_database(const struct farm *f)
{
	char path[320];
	FILE *out;

	snprintf(path, sizeof(path), "%s/database", f->data);
	if ((out = fopen(path, "we")) == NULL)
		return;
	(void)fchmod(fileno(out), 0600);	/* may hold a password */
	fprintf(out, "%s\n", f->database != NULL ? f->database :
	    f->pg.conninfo);
	fclose(out);
}

static void
announce(const struct farm *f)
{
	fprintf(stderr,
	    "scanfarm: ready\n"
	    "  status page   http://%s/\n"
	    "  webhooks      http://%s/webhooks/... (scanfarm registry add NAME --url URL prints yours)\n"
	    "  data          %s\n"
	    "  token         %s/admin.token\n"
	    "Stop with Ctrl-C.\n", f->http, f->http, f->data, f->data);
}

/* ----------------------------------------------------------------- supervision */

/* A child ended: when to start it again. */
static void
died(struct process *p, const char *what, int status)
{
	time_t now = monotonic();
	int wait;

	p->deaths = now - p->started > 60 ? 1 : p->deaths + 1;
	wait = p->deaths == 1 ? 0 : p->deaths > 6 ? 30 : 1 << (p->deaths - 2);
	p->not_before = now + wait;
	p->pid = 0;
	fprintf(stderr, "scanfarm: the %s ended (%s %d), starting it again%s\n",
	    what, WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    wait > 0 ? " soon" : "");
}

static void
reap(struct farm *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == f->pg.pid) {
			f->pg.pid = 0;
			died(&f->server, "database server", status);
		} else if (pid == f->coordinator.pid)
			died(&f->coordinator, "coordinator", status);
		for (int i = 0; i < f->nworkers; i++)
			if (pid == f->workers[i].pid)
				died(&f->workers[i], "worker", status);
	}
}

static void
revive(struct farm *f)
{
	time_t now = monotonic();
	struct diag d;

	if (f->database == NULL && f->pg.pid == 0 &&
	    now >= f->server.not_before) {
		if (postgres_start(&f->pg, &d) < 0)
			fprintf(stderr, "scanfarm: %s\n", d.text);
		started(&f->server, f->pg.pid);
	}
	if (f->coordinator.pid == 0 && now >= f->coordinator.not_before)
		start_coordinator(f);
	for (int i = 0; i < f->nworkers; i++)
		if (f->workers[i].pid == 0 && now >= f->workers[i].not_before &&
		    ready(f))
			start_worker(f, i);
}

static void
stop_all(struct farm *f)
{
	fprintf(stderr, "scanfarm: stopping\n");
	for (int i = 0; i < f->nworkers; i++)
		if (f->workers[i].pid > 0)
			kill(f->workers[i].pid, SIGTERM);
	for (int i = 0; i < f->nworkers; i++)
		child_stop(f->workers[i].pid, SIGTERM, 5);
	child_stop(f->coordinator.pid, SIGTERM, 40);
	if (f->database == NULL)
		postgres_stop(&f->pg);
	fprintf(stderr, "scanfarm: stopped\n");
}

/* True when a signal asks us to stop. */
static bool
asked_to_stop(const sigset_t *signals)
{
	struct timespec none = { 0, 200000000 };
	int sig = sigtimedwait(signals, NULL, &none);

	return (sig == SIGTERM || sig == SIGINT || sig == SIGHUP);
}

static int
supervise(struct farm *f, const sigset_t *signals)
{
	time_t begin = monotonic();
	bool told = false;

	for (;;) {
		reap(f);
		revive(f);
		if (!told && ready(f)) {
			told = true;
			announce(f);
		}
		if (asked_to_stop(signals))
			return (CLI_OK);
		if (!told && (monotonic() - begin > READY_S ||
		    f->coordinator.deaths > 5)) {
			fprintf(stderr, "scanfarm up: the farm does not become ready; the lines above say why\n");
			return (CLI_TEMPORARY);
		}
	}
}

/* 0, or an exit status + 1. */
static int
parse_options(int argc, char **argv, struct farm *f, const char **data,
    const char **http)
{
	static const struct option longs[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "http", required_argument, NULL, 'h' },
		{ "workers", required_argument, NULL, 'w' },
		{ "database", required_argument, NULL, 'D' },
		{ "permissive-sandbox", no_argument, NULL, 'p' },
		{ "help", no_argument, NULL, '?' + 128 },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	long n;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'd': *data = optarg; break;
		case 'h': *http = optarg; break;
		case 'D': f->database = optarg; break;
		case 'p': f->permissive = true; break;
		case 'w':
			n = strtol(optarg, &end, 10);
			if (*end != '\0' || n < 0 || n > WORKERS) {
				fprintf(stderr, "scanfarm up: --workers wants a number from 0 to %d\n", WORKERS);
				return (CLI_USAGE + 1);
			}
			f->nworkers = (int)n;
			break;
		case '?' + 128:
			usage(stdout);
			return (CLI_OK + 1);
		default:
			usage(stderr);
			return (CLI_USAGE + 1);
		}
	if (optind != argc) {
		usage(stderr);
		return (CLI_USAGE + 1);
	}
	return (0);
}

int
cmd_up(int argc, char **argv)
{
	struct farm *f = mem_alloc(sizeof(*f));
	const char *data = NULL, *http = NULL;
	sigset_t signals;
	char path[320];
	struct diag d;
	int rc;

	f->nworkers = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (f->nworkers < 1 || f->nworkers > WORKERS)
		f->nworkers = 1;
	if ((rc = parse_options(argc, argv, f, &data, &http)) != 0) {
		free(f);
		return (rc - 1);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if ((rc = find_programs(f)) != 0 || (rc = open_data(f, data)) != 0 ||
	    (rc = choose_ports(f, http)) != 0)
		goto out;
	snprintf(path, sizeof(path), "%s/ready", f->data);
	(void)unlink(path);
	if (f->database == NULL && (postgres_prepare(&f->pg, f->data, &d) < 0 ||
	    postgres_start(&f->pg, &d) < 0)) {
		fprintf(stderr, "scanfarm up: %s\n", d.text);
		rc = CLI_USAGE;
		goto out;
	}
	started(&f->server, f->pg.pid);
	write_database(f);
	rc = supervise(f, &signals);
	stop_all(f);
out:
	free(f);
	return (rc);
}
