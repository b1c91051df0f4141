/*
 * scanfarm-coordinator: options, first start, actors.
 *
 * The launcher of readers is forked before anything else, then signals are
 * blocked for all threads and waited for here.  An actor that cannot go on ends
 * the process; the supervisor starts it anew and the database has the truth.
 */
#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "coordinator.h"
#include "db.h"
#include "fanout.h"
#include "files.h"
#include "inbox.h"
#include "reader.h"
#include "sql.h"
#include "wake.h"

#define DESCRIPTORS 8192	/* 2,048 HTTP connections, workers, the rest */
/* A connection string is rarely longer than a line. */
#define CONNINFO_MAX 4096

struct options {
	const char *database, *data, *http, *fanout;
	bool permissive, verbose;
};

static void
usage(FILE *f)
{
	fputs("usage: scanfarm-coordinator --data DIR [options]\n"
	    "Takes events from registries, hands layers to workers, judges images.\n"
	    "People start it by `scanfarm up`.\n\n"
	    "  --data DIR            keys and tokens; made at the first start\n"
	    "  --database CONNINFO   libpq connection string or URL (default: the line in\n"
	    "                        DIR/database, where a password is not seen by ps)\n"
	    "  --http ADDR:PORT      webhooks, API, pages (default 127.0.0.1:8080)\n"
	    "  --fanout ADDR:PORT    workers connect here (default 127.0.0.1:8081)\n"
	    "  --permissive-sandbox  run where seccomp is missing; at your own risk\n"
	    "  --verbose             log more\n"
	    "  --help                this text\n", f);
}

/* 0, or an exit status + 1. */
static int
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "database", required_argument, NULL, 'd' },
		{ "data", required_argument, NULL, 'D' },
		{ "http", required_argument, NULL, 'h' },
		{ "fanout", required_argument, NULL, 'f' },
		{ "permissive-sandbox", no_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, '?' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'd': o->database = optarg; break;
		case 'D': o->data = optarg; break;
		case 'h': o->http = optarg; break;
		case 'f': o->fanout = optarg; break;
		case 'p': o->permissive = true; break;
		case 'v': o->verbose = true; break;
		default:
			if (strcmp(argv[optind - 1], "--help") == 0) {
				usage(stdout);
				return (0 + 1);
			}
			usage(stderr);
			return (2 + 1);
		}
	if (optind != argc || o->data == NULL) {
		usage(stderr);
		return (2 + 1);
	}
	return (0);
}

/* ADDR:PORT into its parts. */
static int
split_address(const char *text, char *host, size_t size, int *port)
{
	struct str s = str_of(text);
	size_t colon = str_rfind(s, ':');
	uint64_t n;

	if (colon == s.n || colon == 0 || colon >= size ||
	    !str_u64(str_sub(s, colon + 1, s.n), &n) || n == 0 || n > 65535) {
		log_error("not an ADDR:PORT", "value", "%s", text, NULL);
		return (-1);
	}
	snprintf(host, size, "%.*s", (int)colon, text);
	*port = (int)n;
	return (0);
}

static int
make_setting(struct db *db, struct diag *d)
{
	uint8_t key[16];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return (diag_set(d, ERR_TEMPORARY, 0, "no randomness"));
	return (DB_QUERY(db, sql_setting_insert, NULL, d,
	    db_text(str_of("sip_key")), db_bytes(str_n(key, sizeof(key)))));
}

/*
 * One coordinator a directory: a second would write its addresses over those of
 * the first.  The lock stays until we end; the launcher does not share it.
 */
static int
take_directory(const char *dir, struct diag *d)
{
	char *path = mem_printf("%s/coordinator.lock", dir);
	int fd, rc = 0;

	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", dir, strerror(errno));
	else if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    errno != EWOULDBLOCK ? strerror(errno) :
		    "another coordinator serves with this directory; give this "
		    "one a --data of its own");
	free(path);
	return (rc);
}

/* Token, schema, keys. */
static int
first_start(struct coordinator *co, struct diag *d)
{
	struct db *db = NULL;
	char token[65];
	int rc = 0;

	if (!files_exists(co->data_dir, "admin.token")) {
		files_random_hex(token, 32);
		if ((rc = files_write(co->data_dir, "admin.token", 0600, token,
		    d)) < 0)
			return (rc);
	}
	for (int i = 0; (rc = db_open(co->database, "scanfarm start", &db,
	    d)) < 0; i++) {
		if (i == 60)
			return (rc);
		if (i == 0)
			log_warn("waiting for the database", "reason", "%s",
			    d->text, NULL);
		sleep(1);
	}
	if ((rc = db_migrate(db, d)) == 0 && (rc = make_setting(db, d)) == 0)
		rc = keys_prepare(co, d);
	db_close(db);
	return (rc);
}

static int
write_addresses(struct coordinator *co, struct diag *d)
{
	char *text = mem_printf("http=http://%s:%d\nfanout=%s",
	    co->http_address, co->http_port, co->fanout_endpoint);
	int rc = files_write(co->data_dir, "farm.conf", 0644, text, d);

	free(text);
	return (rc < 0 ? rc : files_write(co->data_dir, "ready", 0644, "ready",
	    d));
}

static void
remove_ready(const struct coordinator *co)
{
	char *path = mem_printf("%s/ready", co->data_dir);

	(void)unlink(path);
	free(path);
}

/* A ceiling of memory, and enough descriptors for all who may wait. */
static void
set_ceilings(void)
{
	struct rlimit r;

	if (!sandbox_is_relaxed() && getrlimit(RLIMIT_DATA, &r) == 0 &&
	    r.rlim_cur > LIMIT_COORDINATOR_BYTES) {
		r.rlim_cur = LIMIT_COORDINATOR_BYTES;
		(void)setrlimit(RLIMIT_DATA, &r);
	}
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < DESCRIPTORS) {
		r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max :
		    DESCRIPTORS;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* Serve until a signal.  Exit status. */
static int
serve(struct coordinator *co, const sigset_t *signals)
{
	static zactor_fn *const fns[] = { zap_actor, inbox_actor, leader_actor,
		fanout_actor, ingest_actor, poll_actor, matcher_actor,
		audit_actor, notify_actor };
	enum { ACTORS = sizeof(fns) / sizeof(fns[0]) };
	zactor_t *actors[ACTORS];
	struct http_server *server;
	char err[300];
	struct diag d;
	int sig, status = 0;

	for (size_t i = 0; i < ACTORS; i++)
		actors[i] = zactor_new(fns[i], co);
	if ((server = http_server_start(co, err, sizeof(err))) == NULL) {
		log_error("cannot serve", "reason", "%s", err, NULL);
		status = 1;
	} else if (write_addresses(co, &d) < 0) {
		log_error("cannot serve", "reason", "%s", d.text, NULL);
		status = 1;
	} else {
		log_info("serving", "http", "%s", co->http_address, "port",
		    "%d", co->http_port, "fanout", "%s", co->fanout_endpoint,
		    NULL);
		sigwait(signals, &sig);
		log_info("stopping", "signal", "%d", sig, NULL);
	}
	remove_ready(co);
	http_server_stop(server);
	for (size_t i = ACTORS; i > 0; i--)
		zactor_destroy(&actors[i - 1]);
	return (status);
}

int
main(int argc, char **argv)
{
	struct options o = { .http = "127.0.0.1:8080",
		.fanout = "127.0.0.1:8081" };
	struct coordinator co = { 0 };
	char host[256], endpoint[300], fhost[256], conninfo[CONNINFO_MAX];
	sigset_t signals;
	struct diag d = { 0 };
	int rc, fport;

	if ((rc = parse_options(argc, argv, &o)) != 0)
		return (rc - 1);
	/* registries' passwords pass through here: no core keeps one */
	setrlimit(RLIMIT_CORE, &(struct rlimit) { 0, 0 });
	log_init("coordinator", o.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (split_address(o.http, host, sizeof(host), &co.http_port) < 0 ||
	    split_address(o.fanout, fhost, sizeof(fhost), &fport) < 0)
		return (2);
	snprintf(endpoint, sizeof(endpoint), "tcp://%s:%d", fhost, fport);
	if (o.database == NULL && files_read(o.data, "database", conninfo,
	    sizeof(conninfo), &d) < 0) {
		log_error("cannot start", "reason", "%s", d.text, NULL);
		return (1);
	}
	co.database = o.database != NULL ? o.database : conninfo;
	co.data_dir = o.data;
	co.http_address = host;
	co.fanout_endpoint = endpoint;
	co.results_bytes = LIMIT_RESULTS_BYTES;
	if (launcher_start(reader_tasks, READERS, o.permissive, reader_warm_up,
	    &co.readers, &d) < 0) {
		log_error("cannot start", "reason", "%s", d.text, NULL);
		return (1);
	}
	if (take_directory(co.data_dir, &d) < 0) {
		log_error("cannot start", "reason", "%s", d.text, NULL);
		launcher_stop(co.readers);
		return (1);
	}
	set_ceilings();	/* the readers have their own */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	wake_init();
	zsys_handler_set(NULL);
	zsys_init();
	remove_ready(&co);
	if (first_start(&co, &d) < 0) {
		log_error("cannot start", "reason", "%s", d.text, NULL);
		rc = 1;
	} else
		rc = serve(&co, &signals);
	zsys_shutdown();
	launcher_stop(co.readers);
	return (rc);
}
