/* Small files, replaced by rename so that a reader never sees half of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/proc.h"
#include "files.h"

bool
files_exists(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	bool yes = access(path, F_OK) == 0;

	free(path);
	return (yes);
}

int
files_write(const char *dir, const char *name, mode_t mode, const char *text,
    struct diag *d)
{
	char *path = mem_printf("%s/%s", dir, name);
	char *new = mem_printf("%s/%s.new", dir, name);
	char *line = mem_printf("%s\n", text);
	int rc = 0, fd;

	(void)unlink(new);
	if ((fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) < 0 ||
	    write_all(fd, line, strlen(line), NULL) < 0 || fsync(fd) < 0 ||
	    rename(new, path) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "cannot write %s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	explicit_bzero(line, strlen(line));
	free(line);
	free(path);
	free(new);
	return (rc);
}

int
files_read(const char *dir, const char *name, char *ret, size_t size,
    struct diag *d)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	int rc = 0;

	if (f == NULL || fgets(ret, (int)size, f) == NULL)
		rc = diag_set(d, ERR_DENIED, 0, "cannot read %s: %s", path,
		    f == NULL ? strerror(errno) : "it is empty");
	else
		ret[strcspn(ret, "\r\n")] = '\0';
	if (f != NULL)
		fclose(f);
	free(path);
	return (rc);
}

void
files_random_hex(char *ret, size_t n)
{
	unsigned char b[64];

	if (n > sizeof(b) || getrandom(b, n, 0) != (ssize_t)n)
		abort();	/* no randomness: no secret may be made */
	for (size_t i = 0; i < n; i++)
		snprintf(ret + 2 * i, 3, "%02x", b[i]);
	explicit_bzero(b, sizeof(b));
}
