/*
 * Allocation that exits when memory runs out: the truth is in PostgreSQL, the
 * lease expires, the job runs again.  A size that comes from input is checked
 * against its limit before it gets here.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>
#include "str.h"

/* Exit status of a process that ran out of memory; its parent calls that
 * temporary, never a verdict about the input. */
#define EXIT_NO_MEMORY 75

void *mem_alloc(size_t n);			/* zeroed */
void *mem_array(size_t count, size_t size);	/* zeroed, overflow checked */
void *mem_realloc(void *p, size_t count, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(struct str s);		/* NUL-terminated copy */
/* Freed memory back to the system: allocators keep what small pieces were in.
 * For the end of a piece of work that took far more than others do. */
void mem_give_back(void);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more in the array ${v} of ${n}, which has room for ${cap} and
 * doubles. */
#define MEM_ROOM(v, n, cap) do {					\
	if ((n) == (cap)) {						\
		(cap) = (cap) != 0 ? 2 * (cap) : 64;			\
		(v) = mem_realloc((v), (cap), sizeof(*(v)));		\
	}								\
} while (0)

/* ${one} at its end. */
#define MEM_ADD(v, n, cap, one) do {					\
	MEM_ROOM(v, n, cap);						\
	(v)[(n)++] = (one);						\
} while (0)

#endif
