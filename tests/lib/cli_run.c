/* Commands in tests; see cli_run.h. */
#include <assert.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/mem.h"
#include "tests/lib/cli_run.h"

void
cli_put(const char *dir, const char *name, const char *content)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f;

	for (char *p = path + strlen(dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
	f = fopen(path, "w");
	assert(f != NULL);
	fputs(content, f);
	fclose(f);
	free(path);
}

/* Standard stream ${fd} becomes the file ${name}. */
static void
redirect(FILE *stream, const char *dir, const char *name, const char *mode)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = freopen(path, mode, stream);

	assert(f != NULL);
	free(path);
}

static char *
content_of(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	char *ret = mem_alloc(65536);
	FILE *f = fopen(path, "r");

	assert(f != NULL);
	ret[fread(ret, 1, 65535, f)] = '\0';
	fclose(f);
	free(path);
	return (ret);
}

char *
cli_run(const char *dir, int (*f)(int, char **), const char *const *words,
    const char *input, int *status)
{
	char *argv[32];
	int n = 0, saved[3];

	for (; words[n] != NULL; n++) {
		assert(n < 31);
		argv[n] = mem_strdup(words[n]);
	}
	argv[n] = NULL;
	cli_put(dir, "in", input);
	fflush(stdout);
	for (int i = 0; i < 3; i++)
		saved[i] = dup(i);
	redirect(stdin, dir, "in", "r");
	redirect(stdout, dir, "out", "w");
	redirect(stderr, dir, "err", "w");
	*status = f(n, argv);
	fflush(stdout);
	fflush(stderr);
	for (int i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	for (int i = 0; i < n; i++)
		free(argv[i]);
	return (content_of(dir, "out"));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st; (void)type; (void)ftw;
	return (remove(path));
}

void
cli_remove(const char *dir)
{
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
