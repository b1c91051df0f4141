/*
 * scanfarm up: one supervisor for PostgreSQL, the coordinator and workers.
 * Starts them in order, starts anew what dies, stops them in the reverse order.
 * One thread; children die with it: PostgreSQL by a fast shutdown, the others at
 * once, for the database has all they know.  Nothing of it runs as root.
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
#include <unistd.h>
#include "child.h"
#include "cli.h"
#include "common/clock.h"
#include "common/mem.h"
#include "farm.h"
#include "identity.h"
#include "postgres.h"

#define WORKERS 64
#define READY_S 120

struct process {
	pid_t pid;
	time_t started, not_before;	/* monotonic */
	int deaths;			/* in a row, each soon after its start */
};

struct farm {
	char data[300];		/* data directory */
	char programs[40];	/* directory of our programs, opened while we
				   could: the farm's user may not get there */
	char http[80], fanout[80];
	char *database;			/* of --database, else NULL */
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
	    "  --fanout ADDR:PORT  workers connect here, encrypted (default: the address of\n"
	    "                    --http and the next free port)\n"
	    "  --workers N       worker processes on this machine (default: cores)\n"
	    "  --database URL    use this PostgreSQL instead of one of our own\n"
	    "  --permissive-sandbox  run where seccomp is missing; at your own risk\n", f);
}

/* Can we listen there?  0, or why not as an errno. */
static int
try_port(const char *host, long port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd, one = 1, rc = 0;

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return (EADDRNOTAVAIL);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return (errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		rc = errno;
	close(fd);
	return (rc);
}

/* ADDR:PORT as somebody wrote it, checked.  0, or an exit status. */
static int
take_address(const char *option, const char *text, char *host, size_t size,
    long *port)
{
	const char *colon = strrchr(text, ':');
	struct timespec tick = { 0, 100000000 };
	char *end = NULL;
	int why = 0;

	*port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
	if (colon == NULL || *end != '\0' || *port < 1 || *port > 65534 ||
	    (size_t)(colon - text) >= size) {
		fprintf(stderr, "scanfarm up: %s wants ADDR:PORT, for example 127.0.0.1:8080\n",
		    option);
		return (CLI_USAGE);
	}
	snprintf(host, size, "%.*s", (int)(colon - text), text);
	/* a farm that was killed just now is about to let it go */
	for (int i = 0; i < 20 && (why = try_port(host, *port)) == EADDRINUSE;
	    i++)
		nanosleep(&tick, NULL);
	if (why == 0)
		return (0);
	fprintf(stderr, "scanfarm up: cannot listen on %s: %s; choose another with %s\n",
	    text, why == EADDRNOTAVAIL ? "it is no IPv4 address of this machine" :
	    why == EACCES ? "ports below 1024 are for root, as whom no farm runs" :
	    strerror(why), option);
	return (CLI_USAGE);
}

/* Choose the two ports.  0, or an exit status. */
static int
choose_ports(struct farm *f, const char *http, const char *fanout)
{
	char host[64] = "127.0.0.1", fan_host[64];
	long port = 8080, fan;
	int rc;

	if (http != NULL && (rc = take_address("--http", http, host,
	    sizeof(host), &port)) != 0)
		return (rc);
	while (http == NULL && port < 8180 && try_port(host, port) != 0)
		port++;
	if (port != 8080 && http == NULL)
		fprintf(stderr, "scanfarm: port 8080 is in use, taking %ld\n",
		    port);
	snprintf(fan_host, sizeof(fan_host), "%s", host);
	fan = port + 1;
	if (fanout != NULL) {
		if ((rc = take_address("--fanout", fanout, fan_host,
		    sizeof(fan_host), &fan)) != 0)
			return (rc);
	} else
		while (fan < 65535 && try_port(fan_host, fan) != 0)
			fan++;
	snprintf(f->http, sizeof(f->http), "%s:%ld", host, port);
	snprintf(f->fanout, sizeof(f->fanout), "%s:%ld", fan_host, fan);
	return (0);
}

/* Make the directory and those above it; what holds secrets is for us alone. */
static int
make_dirs(const char *path)
{
	char *p = mem_strdup(path);
	int rc = 0;

	for (char *c = p + 1; rc == 0; c++)
		if (*c == '/' || *c == '\0') {
			bool end = *c == '\0';

			*c = '\0';
			if (mkdir(p, end ? 0700 : 0755) < 0 && errno != EEXIST)
				rc = -1;
			if (end)
				break;
			*c = '/';
		}
	free(p);
	return (rc);
}

/* One farm a directory.  0, or an exit status; the lock stays until we end. */
static int
lock_data(const struct farm *f)
{
	char *path = mem_printf("%s/lock", f->data);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ? CLI_USAGE : 0;

	if (rc != 0)
		fprintf(stderr, "scanfarm up: %s: %s\n",
		    fd < 0 ? path : f->data,
		    fd < 0 || errno != EWOULDBLOCK ? strerror(errno) :
		    "a farm runs there already; `scanfarm status` shows it, --data DIR starts another");
	free(path);
	return (rc);
}

/* Where the state lives: absolute, made, ours and locked.  0, or an exit status. */
static int
open_data(struct farm *f, const char *data)
{
	char dir[300], *real;
	struct diag d;

	if (data != NULL ? strlen(data) >= sizeof(dir) :
	    !farm_data_default(dir, sizeof(dir))) {
		fprintf(stderr, data != NULL ? "scanfarm up: the path of --data is too long\n" :
		    "scanfarm up: there is no home directory for the state; name one with --data\n");
		return (CLI_USAGE);
	}
	if (data != NULL)
		snprintf(dir, sizeof(dir), "%s", data);
	if (make_dirs(dir) < 0 || (real = realpath(dir, NULL)) == NULL) {
		fprintf(stderr, "scanfarm up: %s: %s; choose another with --data\n",
		    dir, strerror(errno));
		return (CLI_USAGE);
	}
	snprintf(f->data, sizeof(f->data), "%s", real);
	free(real);
	if (identity_take(f->data, &d) < 0) {
		fprintf(stderr, "scanfarm up: %s\n", d.text);
		return (CLI_USAGE);
	}
	return (lock_data(f));
}

static int
find_programs(struct farm *f)
{
	char dir[300];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	int fd;

	if (n <= 0) {
		fprintf(stderr, "scanfarm up: /proc is not mounted\n");
		return (CLI_USAGE);
	}
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	if ((fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0 &&
	    faccessat(fd, "scanfarm-coordinator", X_OK, 0) == 0 &&
	    faccessat(fd, "scanfarm-worker", X_OK, 0) == 0) {
		snprintf(f->programs, sizeof(f->programs), "/proc/self/fd/%d",
		    fd);
		return (0);
	}
	fprintf(stderr, "scanfarm up: scanfarm-coordinator and scanfarm-worker are not beside scanfarm in %s: build or install all three\n",
	    dir);
	return (CLI_USAGE);
}

/* The farm's user need not get to our directory, but must be let in there. */
static int
check_programs(const struct farm *f)
{
	char *path = mem_printf("%s/scanfarm-coordinator", f->programs);
	int rc = access(path, X_OK) == 0 ? 0 : CLI_USAGE;

	if (rc != 0)
		fprintf(stderr, "scanfarm up: user %s may not run our programs: make install, or chmod go+rx their directory and them\n",
		    identity_name());
	free(path);
	return (rc);
}

/* -------------------------------------------------------------------- starting */

/* One that could not be forked is tried again soon. */
static void
started(struct process *p, pid_t pid)
{
	p->pid = pid > 0 ? pid : 0;
	p->started = clock_s();
	p->not_before = pid > 0 ? 0 : p->started + 1;
}

static void
start_coordinator(struct farm *f)
{
	char *program = mem_printf("%s/scanfarm-coordinator", f->programs);
	const char *argv[] = { "scanfarm-coordinator", "--data", f->data,
		"--http", f->http, "--fanout", f->fanout,
		f->permissive ? "--permissive-sandbox" : NULL, NULL };

	started(&f->coordinator, child_start(program, argv, SIGKILL));
	free(program);
}

/* Workers of this machine reach the fan-out where it listens. */
static char *
local_endpoint(const struct farm *f)
{
	const char *port = strrchr(f->fanout, ':');

	return (strncmp(f->fanout, "0.0.0.0:", 8) == 0 ?
	    mem_printf("tcp://127.0.0.1%s", port) :
	    mem_printf("tcp://%s", f->fanout));
}

static void
start_worker(struct farm *f, int i)
{
	char *program = mem_printf("%s/scanfarm-worker", f->programs);
	char *endpoint = local_endpoint(f);
	char *keys = mem_printf("%s/curve", f->data);
	char *name = mem_printf("local-%d", i + 1);
	const char *argv[] = { "scanfarm-worker", "--coordinator", endpoint,
		"--keys", keys, "--slots", "1", "--name", name,
		f->permissive ? "--permissive-sandbox" : NULL, NULL };

	started(&f->workers[i], child_start(program, argv, SIGKILL));
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

/* The coordinator reads it there, not from its arguments: it may hold a password. */
static int
write_database(const struct farm *f)
{
	char *path = mem_printf("%s/database", f->data);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd >= 0 && dprintf(fd, "%s\n", f->database != NULL ?
	    f->database : f->pg.conninfo) > 0 ? 0 : CLI_TEMPORARY;

	if (rc != 0)
		fprintf(stderr, "scanfarm up: cannot write %s: %s\n", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return (rc);
}

static void
announce(const struct farm *f)
{
	fprintf(stderr,
	    "scanfarm: ready\n"
	    "  status page   http://%s/\n"
	    "  webhooks      http://%s/webhooks/... (scanfarm registry add NAME --url URL prints yours)\n"
	    "  workers       tcp://%s (the keys for other machines: %s/curve)\n"
	    "  data          %s, as user %s\n"
	    "  token         %s/admin.token\n"
	    "Stop with Ctrl-C.\n", f->http, f->http, f->fanout, f->data,
	    f->data, identity_name(), f->data);
}

/* ----------------------------------------------------------------- supervision */

/* A child ended: when to start it again. */
static void
died(struct process *p, const char *what, int status)
{
	time_t now = clock_s();
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
	time_t now = clock_s();
	struct diag d;

	if (f->database == NULL && f->pg.pid == 0 &&
	    now >= f->server.not_before) {
		if (postgres_start(&f->pg, &d) < 0)
			fprintf(stderr, "scanfarm: %s\n", d.text);
		started(&f->server, f->pg.pid);
	}
	if (f->coordinator.pid == 0 && now >= f->coordinator.not_before &&
	    (f->database != NULL || postgres_listens(&f->pg)))
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
	time_t begin = clock_s();
	bool told = false;

	/* first: who ends all of us at once does not see us start them again */
	while (!asked_to_stop(signals)) {
		reap(f);
		revive(f);
		if (!told && ready(f)) {
			told = true;
			announce(f);
		}
		if (!told && (clock_s() - begin > READY_S ||
		    f->coordinator.deaths > 5 || f->server.deaths > 5)) {
			fprintf(stderr, "scanfarm up: the farm does not become ready; the lines above say why\n");
			return (CLI_TEMPORARY);
		}
	}
	return (CLI_OK);
}

/* A copy of what may hold a password, which then is gone from our arguments. */
static char *
take_secret(char *argument)
{
	char *copy = mem_strdup(argument);

	memset(argument, '*', strlen(argument));
	return (copy);
}

/* 0, or an exit status + 1. */
static int
parse_options(int argc, char **argv, struct farm *f, const char **data,
    const char **http, const char **fanout)
{
	static const struct option longs[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "http", required_argument, NULL, 'h' },
		{ "fanout", required_argument, NULL, 'f' },
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
		case 'f': *fanout = optarg; break;
		case 'D':
			free(f->database);
			f->database = take_secret(optarg);
			break;
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
	const char *data = NULL, *http = NULL, *fanout = NULL;
	sigset_t signals;
	char path[320];
	struct diag d;
	int rc;

	f->nworkers = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (f->nworkers < 1 || f->nworkers > WORKERS)
		f->nworkers = 1;
	if ((rc = parse_options(argc, argv, f, &data, &http, &fanout)) != 0) {
		rc--;
		goto out;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	if ((rc = find_programs(f)) != 0 || (rc = open_data(f, data)) != 0 ||
	    (rc = check_programs(f)) != 0 ||
	    (rc = choose_ports(f, http, fanout)) != 0)
		goto out;
	snprintf(path, sizeof(path), "%s/ready", f->data);
	(void)unlink(path);
	if (f->database == NULL && (postgres_prepare(&f->pg, f->data, &d) < 0 ||
	    postgres_start(&f->pg, &d) < 0)) {
		if (!child_asked_to_stop()) {
			fprintf(stderr, "scanfarm up: %s\n", d.text);
			rc = CLI_USAGE;
		}
		goto out;
	}
	started(&f->server, f->pg.pid);
	if ((rc = write_database(f)) == 0)
		rc = supervise(f, &signals);
	stop_all(f);
out:
	free(f->database);
	free(f);
	return (rc);
}
