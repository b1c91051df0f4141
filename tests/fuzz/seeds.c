/* Samples from files, and what is common to all seeds. */
#include <assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "common/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/slurp.h"

void
fuzz_seed(struct fuzz_seeds *s, struct str bytes)
{
	if (bytes.n > FUZZ_INPUT)
		return;
	s->v = mem_realloc(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = str_n(mem_strndup(bytes), bytes.n);
}

void
fuzz_seeds_done(struct fuzz_seeds *s)
{
	for (size_t i = 0; i < s->n; i++)
		free((void *)(uintptr_t)s->v[i].p);
	free(s->v);
	*s = (struct fuzz_seeds) { NULL, 0 };
}

void
fuzz_each_file(const char *pattern, void (*f)(void *arg, const char *path),
    void *arg)
{
	glob_t g;

	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		f(arg, g.gl_pathv[i]);
	globfree(&g);
}

const uint8_t *
fuzz_guarded(const uint8_t *p, size_t n)
{
	static uint8_t *end;	/* the first byte that cannot be read */

	if (end == NULL) {
		end = mmap(NULL, 2 * FUZZ_INPUT, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert(end != MAP_FAILED);
		end += FUZZ_INPUT;
		assert(mprotect(end, FUZZ_INPUT, PROT_NONE) == 0);
	}
	assert(n <= FUZZ_INPUT);
	if (n != 0)
		memcpy(end - n, p, n);
	return (end - n);
}

static void
add_file(void *arg, const char *path)
{
	struct buf b = slurp("%s", path);

	fuzz_seed(arg, buf_view(&b));
	buf_done(&b);
}

void
fuzz_seeds_of(const struct fuzz_target *t, struct fuzz_seeds *ret)
{
	char pattern[256];

	*ret = (struct fuzz_seeds) { NULL, 0 };
	if (t->seeds != NULL)
		t->seeds(t, ret);
	snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%s/*", t->name);
	fuzz_each_file(pattern, add_file, ret);
	if (ret->n == 0)
		fuzz_seed(ret, str_of(""));
}
