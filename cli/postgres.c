/*
 * What PostgreSQL asks of its surroundings: initdb and postgres refuse root, so
 * both run as the package's system user; nothing below a directory that user
 * cannot enter works; a socket path is at most 107 bytes; peer authentication
 * needs a map for root.  The server is our child, with the same pid from fork to
 * end, and gets SIGINT (fast shutdown) when we die.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "child.h"
#include "common/mem.h"
#include "postgres.h"

/* Whom the server runs as: us, or for root the package's user. */
static const struct passwd *
server_user(const struct postgres *p)
{
	return (p->user[0] != '\0' ? getpwnam(p->user) : NULL);
}

static int
find_programs(struct postgres *p, struct diag *d)
{
	glob_t g = { 0 };
	int rc = 0;

	/* sorted: the last one is the newest of those with two digits */
	if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &g) != 0 ||
	    g.gl_pathc == 0)
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "no PostgreSQL server is installed: apt-get install postgresql-15, or name one with --database");
	else {
		snprintf(p->bin, sizeof(p->bin), "%s",
		    g.gl_pathv[g.gl_pathc - 1]);
		*strrchr(p->bin, '/') = '\0';
	}
	globfree(&g);
	if (rc == 0 && getuid() == 0) {
		snprintf(p->user, sizeof(p->user), "postgres");
		if (getpwnam(p->user) == NULL)
			rc = diag_set(d, ERR_UNSUPPORTED, 0,
			    "there is no system user postgres for the server to run as");
	}
	return (rc);
}

static int
own(const struct postgres *p, const char *path, mode_t mode, struct diag *d)
{
	const struct passwd *u = server_user(p);

	if ((mkdir(path, mode) < 0 && errno != EEXIST) ||
	    chmod(path, mode) < 0 ||
	    (u != NULL && chown(path, u->pw_uid, u->pw_gid) < 0))
		return (diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    strerror(errno)));
	return (0);
}

static int
write_text(const struct postgres *p, const char *dir, const char *name,
    const char *text, struct diag *d)
{
	const struct passwd *u = server_user(p);
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    (u != NULL && fchown(fd, u->pw_uid, u->pw_gid) < 0))
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return (rc);
}

/* A new cluster beside its place, moved there when it is whole. */
static int
make_cluster(struct postgres *p, const char *data_dir, struct diag *d)
{
	const struct passwd *u = server_user(p), *me = getpwuid(getuid());
	char *new = mem_printf("%s/pg.new", data_dir);
	char *initdb = mem_printf("%s/initdb", p->bin);
	char *postgres = mem_printf("%s/postgres", p->bin);
	char *ident = mem_printf("farm root scanfarm\nfarm postgres scanfarm\n%s%s%s",
	    me != NULL ? "farm " : "", me != NULL ? me->pw_name : "",
	    me != NULL ? " scanfarm\n" : "");
	const char *rm[] = { "/bin/rm", "-rf", "--one-file-system", new, NULL };
	const char *init[] = { initdb, "-D", new, "-U", "scanfarm", "-E", "UTF8",
		"--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject",
		NULL };
	const char *single[] = { postgres, "--single", "-D", new, "postgres", NULL };
	int rc;

	fprintf(stderr, "scanfarm: making the database in %s\n", p->data);
	if (child_run(rm, NULL, NULL) != 0 || (rc = own(p, new, 0700, d)) < 0) {
		rc = diag_set(d, ERR_DENIED, 0, "cannot write in %s: %s",
		    data_dir, strerror(errno));
		goto out;
	}
	if (child_run(init, u, NULL) != 0 ||
	    child_run(single, u, "CREATE DATABASE scanfarm;\n") != 0) {
		rc = diag_set(d, ERR_DENIED, 0,
		    "initdb failed in %s (is every directory above it open to user %s?)",
		    new, u != NULL ? u->pw_name : "yours");
		goto out;
	}
	if ((rc = write_text(p, new, "pg_hba.conf",
	    "local all all peer map=farm\n", d)) < 0 ||
	    (rc = write_text(p, new, "pg_ident.conf", ident, d)) < 0)
		goto out;
	if (rename(new, p->data) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", p->data,
		    strerror(errno));
out:
	free(new);
	free(initdb);
	free(postgres);
	free(ident);
	return (rc);
}

/* The server that postmaster.pid names, if it is alive and one; else 0. */
static pid_t
left_behind(const struct postgres *p)
{
	char *path = mem_printf("%s/postmaster.pid", p->data), comm[64], name[32];
	FILE *f = fopen(path, "re");
	long pid = 0;

	free(path);
	if (f != NULL) {
		if (fscanf(f, "%ld", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	if (pid <= 1 || kill((pid_t)pid, 0) < 0)
		return (0);
	snprintf(comm, sizeof(comm), "/proc/%ld/comm", pid);
	name[0] = '\0';
	if ((f = fopen(comm, "re")) != NULL) {
		if (fgets(name, sizeof(name), f) == NULL)
			name[0] = '\0';
		fclose(f);
	}
	return (strncmp(name, "postgres", 8) == 0 ? (pid_t)pid : 0);
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

/* A short directory for the socket. */
static int
make_socket_dir(struct postgres *p, struct diag *d)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (getuid() == 0)
		run = "/run";
	if (run == NULL || strlen(run) > 60 || access(run, W_OK) < 0)
		run = "/tmp";
	snprintf(p->socket, sizeof(p->socket), "%s/scanfarm-XXXXXX", run);
	if (mkdtemp(p->socket) == NULL)
		return (diag_set(d, ERR_DENIED, 0, "%s: %s", p->socket,
		    strerror(errno)));
	return (own(p, p->socket, 0700, d));
}

int
postgres_prepare(struct postgres *p, const char *data_dir, struct diag *d)
{
	char *version = NULL;
	int rc;

	memset(p, 0, sizeof(*p));
	snprintf(p->data, sizeof(p->data), "%s/pg", data_dir);
	if ((rc = find_programs(p, d)) < 0)
		return (rc);
	version = mem_printf("%s/PG_VERSION", p->data);
	if (access(version, F_OK) < 0)
		rc = make_cluster(p, data_dir, d);
	free(version);
	if (rc < 0 || (rc = end_left_behind(p, d)) < 0 ||
	    (rc = make_socket_dir(p, d)) < 0)
		return (rc);
	snprintf(p->conninfo, sizeof(p->conninfo),
	    "host=%s dbname=scanfarm user=scanfarm", p->socket);
	return (0);
}

int
postgres_start(struct postgres *p, struct diag *d)
{
	char *program = mem_printf("%s/postgres", p->bin);
	const char *argv[] = { program, "-D", p->data, "-k", p->socket,
		"-c", "listen_addresses=", "-c", "max_connections=60",
		"-c", "unix_socket_permissions=0700",
		"-c", "autovacuum_naptime=10s", "-c", "log_min_messages=error",
		NULL };

	p->pid = child_start(argv, server_user(p), SIGINT);
	free(program);
	return (p->pid > 0 ? 0 : diag_set(d, ERR_TEMPORARY, 0, "fork: %s",
	    strerror(errno)));
}

void
postgres_stop(struct postgres *p)
{
	child_stop(p->pid, SIGINT, 60);
	p->pid = 0;
	if (p->socket[0] != '\0')
		(void)rmdir(p->socket);
}
