/*
 * version_pairs: pairs of versions, for tests/common/check_versions.sh.
 *     version_pairs make SCHEME COUNT SEED	lines A<TAB>B; half of the B are A with
 *						a change, thus close or equal
 *     version_pairs check SCHEME PAIRS WANT	what the reference says of the lines of
 *						PAIRS, in WANT: < = >, ! refused, ? nothing
 * check holds the comparator to it, both ways round, the keys, and the ranges of
 * keys that B bounds.  Prints "COMPARED REFUSED LEFT_OUT DIFFER", and before that
 * the first of those that differ; exit status 1 when any does.
 */
#include <stdio.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/version.h"
#include "tests/lib/version_texts.h"

#define SHOWN 10
#define TEXT 300

struct check {
	const struct version_scheme *s;
	struct buf a, b, lo, hi;
};

static int
make(const struct version_scheme *s, long count, uint64_t seed)
{
	char a[TEXT], b[TEXT];

	/* numbers that follow each other give unrelated series */
	seed = (seed + 1) * 0x9E3779B97F4A7C15;
	seed = seed != 0 ? seed : 1;
	for (long i = 0; i < count; i++) {
		version_texts_draw(s->name, &seed, a, sizeof(a));
		if (version_texts_below(&seed, 2) == 0)
			version_texts_change(s->name, &seed, a, b, sizeof(b));
		else
			version_texts_draw(s->name, &seed, b, sizeof(b));
		printf("%s\t%s\n", a, b);
	}
	return (0);
}

static char
sign(int r)
{
	return (r < 0 ? '<' : r > 0 ? '>' : '=');
}

static char
by_cmp(const struct version_scheme *s, struct str a, struct str b)
{
	int r;

	return (version_cmp(s, a, b, &r, NULL) < 0 ? '!' : sign(r));
}

static bool
states_release(struct str v)
{
	return (str_rfind(v, '-') + 1 < v.n);
}

/* Is A by its key in the range from ${lo} to ${hi}?  -1 = no range. */
static int
in_range(struct check *c, struct str lo, struct str hi, bool inclusive)
{
	buf_clear(&c->lo);
	buf_clear(&c->hi);
	if (version_range_keys(c->s, lo, hi, inclusive, &c->lo, &c->hi,
	    NULL) < 0)
		return (-1);
	return (str_cmp(buf_view(&c->a), buf_view(&c->lo)) >= 0 &&
	    str_cmp(buf_view(&c->a), buf_view(&c->hi)) < 0);
}

/* A range of coarse keys may hold more than it means. */
static bool
holds(struct check *c, struct str lo, struct str hi, bool inclusive, bool want)
{
	int got = in_range(c, lo, hi, inclusive);

	return (got == want || (got == 1 && c->s->coarse_keys));
}

static bool
keys_agree(struct check *c, struct str a, struct str b, char want)
{
	bool local = c->s->local_parts && str_find(a, '+') < a.n;
	struct str none = str_of("");
	char got;

	buf_clear(&c->a);
	buf_clear(&c->b);
	if (version_key(c->s, a, &c->a, NULL) < 0 ||
	    version_key(c->s, b, &c->b, NULL) < 0)
		return (want == '!');
	if (want == '!')
		return (false);
	/* a package states its release; bounds need not */
	if (c->s->optional_release && !states_release(a))
		return (true);
	got = sign(str_cmp(buf_view(&c->a), buf_view(&c->b)));
	if (got != want && !(c->s->coarse_keys && got == '=') &&
	    !(c->s->optional_release && !states_release(b)))
		return (false);
	if (str_eqz(b, "0"))	/* means "from the beginning" as a bound */
		return (true);
	return (holds(c, b, none, false, want != '<') &&
	    holds(c, none, b, false, want == '<') &&
	    (local || holds(c, none, b, true, want != '>')));
}

static bool
agrees(struct check *c, struct str a, struct str b, char want)
{
	char back = want == '<' ? '>' : want == '>' ? '<' : want;

	return (by_cmp(c->s, a, b) == want && by_cmp(c->s, b, a) == back &&
	    keys_agree(c, a, b, want));
}

static int
check(const struct version_scheme *s, FILE *pairs, FILE *wants)
{
	struct check c = { .s = s };
	unsigned long compared = 0, refused = 0, left_out = 0, differ = 0;
	char line[2 * TEXT + 3], want[8];
	struct str a, b;

	buf_init(&c.a, LIMIT_VERSION_KEY);
	buf_init(&c.b, LIMIT_VERSION_KEY);
	buf_init(&c.lo, LIMIT_VERSION_KEY);
	buf_init(&c.hi, LIMIT_VERSION_KEY);
	while (fgets(line, sizeof(line), pairs) != NULL) {
		if (fgets(want, sizeof(want), wants) == NULL ||
		    want[0] == '\0' || want[1] != '\n')
			break;
		b = str_n(line, strlen(line) - 1);
		if (want[0] == '?' || !str_split(&b, '\t', &a)) {
			left_out++;
			continue;
		}
		compared += want[0] != '!';
		refused += want[0] == '!';
		if (agrees(&c, a, b, want[0]))
			continue;
		if (differ++ < SHOWN)
			printf("%s: %.*s %c %.*s, by comparing %c, by keys %s\n",
			    s->name, STR_ARG(a), want[0], STR_ARG(b),
			    by_cmp(s, a, b), keys_agree(&c, a, b, want[0]) ?
			    "the same" : "another");
	}
	if (!feof(pairs) || fgets(want, sizeof(want), wants) != NULL) {
		printf("%s: not one line for each pair\n", s->name);
		differ++;
	}
	printf("%lu %lu %lu %lu\n", compared, refused, left_out, differ);
	buf_done(&c.a);
	buf_done(&c.b);
	buf_done(&c.lo);
	buf_done(&c.hi);
	return (differ > 0);
}

int
main(int argc, char **argv)
{
	const struct version_scheme *s = NULL;
	FILE *pairs, *wants;
	uint64_t seed;

	if (argc == 5)
		s = version_scheme_find(str_of(argv[2]));
	if (s != NULL && strcmp(argv[1], "make") == 0 &&
	    version_texts_have(s->name) && str_u64(str_of(argv[4]), &seed))
		return (make(s, strtol(argv[3], NULL, 10), seed));
	if (s != NULL && strcmp(argv[1], "check") == 0 &&
	    (pairs = fopen(argv[3], "r")) != NULL &&
	    (wants = fopen(argv[4], "r")) != NULL)
		return (check(s, pairs, wants));
	fprintf(stderr, "version_pairs: make SCHEME COUNT SEED, or "
	    "check SCHEME PAIRS WANT\n");
	return (2);
}
