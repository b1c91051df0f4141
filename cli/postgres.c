/*
 * What PostgreSQL asks of its surroundings: it refuses root (identity.h has
 * dealt with that); a socket path is at most 107 bytes; peer authentication
 * needs a map for root, who may look into the database.  The server is our
 * child, with the same pid from fork to end, and gets SIGINT (fast shutdown)
 * when we die.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "child.h"
#include "common/mem.h"
#include "identity.h"
#include "postgres.h"

#define SOCKET_NAME "/.s.PGSQL.5432"

/* The programs of the cluster's version, or of the newest when there is none. */
static int
find_programs(struct postgres *p, struct diag *d)
{
	char *path = mem_printf("%s/PG_VERSION", p->data), *pattern;
	char version[16] = "*";
	FILE *f = fopen(path, "re");
	glob_t g = { 0 };
	int rc = 0;

	p->is_new = f == NULL;
	if (f != NULL) {
		if (fgets(version, sizeof(version), f) == NULL)
			version[0] = '\0';
		version[strcspn(version, "\n")] = '\0';
		fclose(f);
	}
	pattern = mem_printf("/usr/lib/postgresql/%s/bin/postgres", version);
	/* sorted: the last one is the newest of those with two digits */
	if (glob(pattern, 0, NULL, &g) == 0 && g.gl_pathc > 0) {
		snprintf(p->bin, sizeof(p->bin), "%s",
		    g.gl_pathv[g.gl_pathc - 1]);
		*strrchr(p->bin, '/') = '\0';
	} else if (p->is_new)
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "no PostgreSQL server is installed: apt-get install postgresql-15, or name one with --database");
	else
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "%s was made by PostgreSQL %s, which is not installed", p->data,
		    version);
	globfree(&g);
	free(pattern);
	free(path);
	return (rc);
}

static int
make_dir(const char *path, struct diag *d)
{
	if ((mkdir(path, 0700) < 0 && errno != EEXIST) ||
	    chmod(path, 0700) < 0)
		return (diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    strerror(errno)));
	return (0);
}

static int
write_text(const char *dir, const char *name, const char *text, struct diag *d)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return (rc);
}

/* Who may connect: we and root, as the farm or as the administrator.  Written at
 * each start, for the data directory may have changed hands. */
static int
write_access(const char *dir, struct diag *d)
{
	char *ident = mem_printf("farm root scanfarm\nfarm root postgres\n"
	    "farm \"%s\" scanfarm\nfarm \"%s\" postgres\n", identity_name(),
	    identity_name());
	int rc = write_text(dir, "pg_hba.conf", "local all all peer map=farm\n",
	    d);

	if (rc == 0)
		rc = write_text(dir, "pg_ident.conf", ident, d);
	free(ident);
	return (rc);
}

/* What went wrong, as the programs said it. */
static void
show(int fd)
{
	char text[4096];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) == 0 &&
	    (n = read(fd, text, sizeof(text))) > 0)
		(void)fwrite(text, 1, (size_t)n, stderr);
}

/* initdb, the role and the database.  The farm's role owns its database and is
 * no administrator of the server. */
static int
run_initdb(const struct postgres *p, const char *dir, int out)
{
	/* by their full paths: they look for their kin beside themselves */
	char *initdb = mem_printf("%s/initdb", p->bin);
	char *postgres = mem_printf("%s/postgres", p->bin);
	const char *init[] = { initdb, "-D", dir, "-U", "postgres", "-E",
		"UTF8", "--locale=C.UTF-8", "--auth-local=peer",
		"--auth-host=reject", NULL };
	const char *single[] = { postgres, "--single", "-D", dir, "postgres",
		NULL };
	int rc = child_run(initdb, init, NULL, out);

	if (rc == 0)
		rc = child_run(postgres, single,
		    "CREATE ROLE scanfarm LOGIN CREATEROLE;\n"
		    "CREATE DATABASE scanfarm OWNER scanfarm;\n", out);
	free(initdb);
	free(postgres);
	return (rc);
}

/* A new cluster beside its place, moved there when it is whole. */
static int
make_cluster(const struct postgres *p, const char *data_dir, struct diag *d)
{
	char *new = mem_printf("%s/pg.new", data_dir);
	char *log = mem_printf("%s/initdb.log", data_dir);
	const char *rm[] = { "rm", "-rf", "--one-file-system", new, NULL };
	int out, rc;

	fprintf(stderr, "scanfarm: making the database in %s\n", p->data);
	if ((out = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600)) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", log, strerror(errno));
	else if (child_run("/bin/rm", rm, NULL, out) != 0 ||
	    run_initdb(p, new, out) != 0) {
		if (!child_asked_to_stop())
			show(out);
		rc = diag_set(d, ERR_DENIED, 0,
		    "initdb failed in %s; the lines above say why", new);
	} else if (rename(new, p->data) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", p->data,
		    strerror(errno));
	else
		rc = 0;
	if (out >= 0)
		close(out);
	free(new);
	free(log);
	return (rc);
}

/* The server that postmaster.pid names, if it is alive and ours; else 0. */
static pid_t
left_behind(const struct postgres *p)
{
	char *path = mem_printf("%s/postmaster.pid", p->data);
	char proc[64], cwd[sizeof(p->data)];
	FILE *f = fopen(path, "re");
	long pid = 0;
	ssize_t n;

	free(path);
	if (f != NULL) {
		if (fscanf(f, "%ld", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	/* a number says nothing after a reboot: another cluster's server may
	 * have it now.  Ours works in our directory. */
	snprintf(proc, sizeof(proc), "/proc/%ld/cwd", pid);
	n = readlink(proc, cwd, sizeof(cwd));
	return (n == (ssize_t)strlen(p->data) &&
	    memcmp(cwd, p->data, (size_t)n) == 0 ? (pid_t)pid : 0);
}

/* End it: it serves a supervisor that is gone (we hold the lock). */
static int
end_left_behind(const struct postgres *p, struct diag *d)
{
	struct timespec tick = { 0, 100000000 };
	pid_t pid = left_behind(p);

	if (pid == 0)
		return (0);
	fprintf(stderr, "scanfarm: ending the database server that was left behind\n");
	kill(pid, SIGINT);
	for (int i = 0; i < 600 && left_behind(p) == pid; i++) {
		if (i == 300)
			kill(pid, SIGQUIT);
		nanosleep(&tick, NULL);
	}
	return (left_behind(p) == 0 ? 0 : diag_set(d, ERR_TEMPORARY, 0,
	    "a database server (pid %d) still runs on %s", (int)pid, p->data));
}

/* No server of ours runs: what an old one has left would stop a new one if its
 * pid belongs to somebody else by now.  Its own checks hold for everything else. */
static void
clear_stale(const struct postgres *p)
{
	char *lock = mem_printf("%s/postmaster.pid", p->data);
	char *socket = mem_printf("%s" SOCKET_NAME, p->socket);
	char *socket_lock = mem_printf("%s" SOCKET_NAME ".lock", p->socket);
	FILE *f = fopen(lock, "re");
	long pid = 0;

	if (f != NULL && fscanf(f, "%ld", &pid) == 1 && pid > 0 &&
	    kill((pid_t)pid, 0) == 0)
		(void)unlink(lock);
	if (f != NULL)
		fclose(f);
	(void)unlink(socket);
	(void)unlink(socket_lock);
	free(lock);
	free(socket);
	free(socket_lock);
}

/* A directory for the socket: ours, or a short one where ours is too long. */
static int
make_socket_dir(struct postgres *p, const char *data_dir, struct diag *d)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	size_t room = sizeof(((struct sockaddr_un *)0)->sun_path) -
	    sizeof(SOCKET_NAME);

	if (strlen(data_dir) + strlen("/run") <= room) {
		snprintf(p->socket, sizeof(p->socket), "%s/run", data_dir);
		return (make_dir(p->socket, d));
	}
	if (run == NULL || strlen(run) > 60 || access(run, W_OK) < 0)
		run = "/tmp";
	snprintf(p->socket, sizeof(p->socket), "%s/scanfarm-XXXXXX", run);
	return (mkdtemp(p->socket) != NULL ? 0 : diag_set(d, ERR_DENIED, 0,
	    "%s: %s", p->socket, strerror(errno)));
}

int
postgres_prepare(struct postgres *p, const char *data_dir, struct diag *d)
{
	int rc;

	memset(p, 0, sizeof(*p));
	snprintf(p->data, sizeof(p->data), "%s/pg", data_dir);
	if ((rc = find_programs(p, d)) < 0 ||
	    (p->is_new && (rc = make_cluster(p, data_dir, d)) < 0) ||
	    (rc = write_access(p->data, d)) < 0 ||
	    (rc = end_left_behind(p, d)) < 0 ||
	    (rc = make_socket_dir(p, data_dir, d)) < 0)
		return (rc);
	clear_stale(p);
	snprintf(p->conninfo, sizeof(p->conninfo),
	    "host=%s dbname=scanfarm user=scanfarm", p->socket);
	return (0);
}

int
postgres_start(struct postgres *p, struct diag *d)
{
	char *program = mem_printf("%s/postgres", p->bin);
	const char *argv[] = { program, "-D", p->data, "-k", p->socket,
		"-c", "listen_addresses=", "-c", "port=5432",
		"-c", "max_connections=60",
		"-c", "unix_socket_permissions=0700",
		"-c", "autovacuum_naptime=10s", "-c", "jit=off",
		"-c", "log_checkpoints=off",
		"-c", "log_line_prefix=%m postgres[%p] ", NULL };

	p->pid = child_start(program, argv, SIGINT);
	free(program);
	if (p->pid > 0)
		return (0);
	p->pid = 0;
	return (diag_set(d, ERR_TEMPORARY, 0, "fork: %s", strerror(errno)));
}

bool
postgres_listens(const struct postgres *p)
{
	char *path = mem_printf("%s" SOCKET_NAME, p->socket);
	bool yes = p->pid > 0 && access(path, F_OK) == 0;

	free(path);
	return (yes);
}

void
postgres_stop(struct postgres *p)
{
	child_stop(p->pid, SIGINT, 60);
	p->pid = 0;
	if (p->socket[0] != '\0')
		(void)rmdir(p->socket);
}
