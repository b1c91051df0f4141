/* Allocation, exiting on failure. */
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "mem.h"

static void *
check(void *p)
{
	static const char msg[] = "level=error msg=\"out of memory\"\n";

	if (p == NULL) {
		if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
			_exit(EXIT_NO_MEMORY);
		_exit(EXIT_NO_MEMORY);
	}
	return (p);
}

void *
mem_alloc(size_t n)
{
	return (check(calloc(1, n != 0 ? n : 1)));
}

void *
mem_array(size_t count, size_t size)
{
	return (check(calloc(count != 0 ? count : 1, size)));
}

void *
mem_realloc(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return (check(NULL));
	return (check(realloc(p, count * size != 0 ? count * size : 1)));
}

char *
mem_strdup(const char *s)
{
	return (mem_strndup(str_of(s)));
}

char *
mem_strndup(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return (p);
}

void
mem_give_back(void)
{
	(void)malloc_trim(0);
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *p = NULL;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		p = NULL;
	va_end(ap);
	return (check(p));
}
