/* Root's rights end here; see identity.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "identity.h"

static bool
is_empty(int fd)
{
	int copy = dup(fd);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;
	bool empty = dir != NULL;

	while (empty && (e = readdir(dir)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0;
	if (dir != NULL)
		closedir(dir);
	else if (copy >= 0)
		close(copy);
	return (empty);
}

/* The user that the directory belongs to, or shall. */
static int
choose(int fd, const char *dir, const struct passwd **ret, struct diag *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return (diag_set(d, ERR_DENIED, 0, "%s: %s", dir,
		    strerror(errno)));
	if (st.st_uid != 0) {
		if ((*ret = getpwuid(st.st_uid)) == NULL)
			return (diag_set(d, ERR_DENIED, 0,
			    "%s belongs to uid %u, which is no user of this machine",
			    dir, (unsigned)st.st_uid));
		return (0);
	}
	if ((*ret = getpwnam("scanfarm")) == NULL &&
	    (*ret = getpwnam("postgres")) == NULL)
		return (diag_set(d, ERR_DENIED, 0,
		    "a farm does not run as root, and there is no system user scanfarm or postgres: useradd --system scanfarm, or give %s to another user",
		    dir));
	if (!is_empty(fd))
		return (diag_set(d, ERR_DENIED, 0,
		    "%s belongs to root, as whom no farm runs, and is not empty: if a farm is in it, chown -R %s: %s",
		    dir, (*ret)->pw_name, dir));
	return (fchown(fd, (*ret)->pw_uid, (*ret)->pw_gid) == 0 ? 0 :
	    diag_set(d, ERR_DENIED, 0, "cannot give %s to %s: %s", dir,
	    (*ret)->pw_name, strerror(errno)));
}

static int
become(const struct passwd *u, struct diag *d)
{
	if (initgroups(u->pw_name, u->pw_gid) < 0 || setgid(u->pw_gid) < 0 ||
	    setuid(u->pw_uid) < 0)
		return (diag_set(d, ERR_DENIED, 0,
		    "cannot become user %s: %s; start the farm as that user",
		    u->pw_name, strerror(errno)));
	if (setuid(0) == 0 || geteuid() == 0)
		abort();	/* root's rights must be gone */
	setenv("HOME", u->pw_dir, 1);
	setenv("USER", u->pw_name, 1);
	setenv("LOGNAME", u->pw_name, 1);
	unsetenv("XDG_RUNTIME_DIR");
	return (0);
}

int
identity_take(const char *dir, struct diag *d)
{
	const struct passwd *u = NULL;
	int fd, rc = 0;

	if (geteuid() == 0) {
		/* no name is followed twice: what is looked at is given away */
		if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		    O_CLOEXEC)) < 0)
			return (diag_set(d, ERR_DENIED, 0, "%s: %s", dir,
			    strerror(errno)));
		if ((rc = choose(fd, dir, &u, d)) == 0)
			rc = become(u, d);
		close(fd);
	}
	if (rc == 0 && access(dir, R_OK | W_OK | X_OK) < 0)
		rc = diag_set(d, ERR_DENIED, 0,
		    u == NULL ? "%s: %s%s" :
		    "%s: %s for user %s (every directory above must be open to it)",
		    dir, strerror(errno), u == NULL ? "" : u->pw_name);
	return (rc);
}

const char *
identity_name(void)
{
	const struct passwd *u = getpwuid(geteuid());

	return (u != NULL ? u->pw_name : "this user");
}
