/*
 * A piece of text or bytes that somebody else owns.  What it points into is
 * named where it is declared.  Never NUL-terminated by promise; may hold any
 * byte.  { NULL, 0 } is the empty string.
 */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* Printf a str: printf("%.*s", STR_ARG(s)).  Only for text known to be ours. */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""
/* A str of a string literal, usable in initializers. */
#define STR_LIT(s) { "" s, sizeof(s) - 1 }

static inline struct str
str_of(const char *s)
{
	return ((struct str) { s, s != NULL ? strlen(s) : 0 });
}

static inline struct str
str_n(const void *p, size_t n)
{
	return ((struct str) { p, n });
}

/* These are asked of every file by every analyzer, mostly about literals, whose
 * length the compiler knows when it sees them here. */
static inline bool
str_eq(struct str a, struct str b)
{
	return (a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
}

static inline bool
str_eqz(struct str a, const char *z)
{
	return (str_eq(a, str_of(z)));
}

static inline bool
str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return (s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0));
}

static inline bool
str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return (s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0));
}

/* Bytes [from, to) of ${s}, both clamped to s.n. */
static inline struct str
str_sub(struct str s, size_t from, size_t to)
{
	to = to < s.n ? to : s.n;
	from = from < to ? from : to;
	return ((struct str) { s.p != NULL ? s.p + from : NULL, to - from });
}

/* Bytewise order, shorter first: < 0, 0 or > 0. */
int str_cmp(struct str, struct str);
/* ASCII case folded equality. */
bool str_caseeqz(struct str, const char *);
/* Without leading and trailing space, tab, CR, LF. */
struct str str_trim(struct str);
/* Offset of ${c} in ${s}, or s.n when absent. */
size_t str_find(struct str s, char c);
/* Offset of the last ${c} in ${s}, or s.n when absent. */
size_t str_rfind(struct str s, char c);
/* The part before the first ${sep}, which *${s} then loses together with it.
 * False when *${s} was at its end ({ NULL, 0 } after the last part). */
bool str_split(struct str *s, char sep, struct str *ret);
/* Decimal digits only, no sign, no space; false on overflow or other bytes. */
bool str_u64(struct str, uint64_t *ret);

#endif
