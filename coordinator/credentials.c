/* Credentials of registries, secrets of targets. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/mem.h"
#include "credentials.h"
#include "sql.h"

#define PASSWORD_MAX 8192

/* Whom the file must be readable for. */
static const char *
our_name(void)
{
	const struct passwd *u = getpwuid(geteuid());

	return (u != NULL ? u->pw_name : "the coordinator's user");
}

int
credentials_read(const char *what, const char *path, struct str *ret,
    struct diag *d)
{
	char *p = mem_alloc(PASSWORD_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = fd >= 0 ? read(fd, p, PASSWORD_MAX) : -1;
	int error = errno;

	if (n < 0)
		rc = diag_set(d, ERR_DENIED, 0,
		    "%s %s: %s; the farm reads it as user %s", what, path,
		    strerror(error), our_name());
	else if (n == PASSWORD_MAX)
		rc = diag_set(d, ERR_DENIED, 0,
		    "%s %s is larger than any secret", what, path);
	while (rc == 0 && n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	if (rc == 0 && n == 0)
		rc = diag_set(d, ERR_DENIED, 0,
		    "%s %s is empty", what, path);
	if (fd >= 0)
		close(fd);
	if (rc < 0) {
		explicit_bzero(p, PASSWORD_MAX);
		free(p);
		return (rc);
	}
	*ret = str_n(p, (size_t)n);
	return (0);
}

void
credentials_wipe(struct str *s)
{
	if (s->p != NULL)
		explicit_bzero((void *)(uintptr_t)s->p, s->n);
	free((void *)(uintptr_t)s->p);
	*s = (struct str) { NULL, 0 };
}

int
credentials_check(const char *what, const char *path, struct diag *d)
{
	struct str s = { NULL, 0 };
	int rc = credentials_read(what, path, &s, d);

	credentials_wipe(&s);
	return (rc);
}

int
credentials_load(struct db *db, int64_t registry,
    struct registry_credentials *ret, struct diag *d)
{
	struct db_result *r = NULL;
	struct registry_credentials c = { 0 };
	char *path = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_registry_credentials, &r, d,
	    db_int(registry))) < 0)
		return (rc);
	if (db_rows(r) == 0) {
		rc = diag_set(d, ERR_NOT_FOUND, 0, "the registry was removed");
		goto out;
	}
	c.url = mem_strndup(db_col(r, 0, 0));
	c.insecure = db_col_bool(r, 0, 1);
	if (db_col(r, 0, 2).n != 0) {
		c.username = str_of(mem_strndup(db_col(r, 0, 2)));
		path = mem_strndup(db_col(r, 0, 3));
		if ((rc = credentials_read(CREDENTIALS_PASSWORD, path,
		    &c.password, d)) < 0) {
			credentials_done(&c);
			goto out;
		}
	}
	*ret = c;
out:
	free(path);
	db_free(r);
	return (rc);
}

void
credentials_done(struct registry_credentials *c)
{
	credentials_wipe(&c->password);
	free((void *)(uintptr_t)c->username.p);
	free((void *)(uintptr_t)c->url);
	*c = (struct registry_credentials) { 0 };
}
