/*
 * The order of versions: our own vectors (SCHEME.txt beside this file), the
 * team's when they are there, and properties on random pairs.  Every statement
 * is checked both ways round, by comparator and by key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/version.h"
#include "tests/lib/version_texts.h"

/* '<', '=', '>' or '!' by comparing. */
static char
by_cmp(const struct version_scheme *s, struct str a, struct str b)
{
	struct diag d;
	int r;

	if (version_cmp(s, a, b, &r, &d) < 0)
		return ('!');
	return (r < 0 ? '<' : r > 0 ? '>' : '=');
}

/* The same by keys. */
static char
by_key(const struct version_scheme *s, struct str a, struct str b)
{
	struct buf x, y;
	struct diag d;
	char ret = '!';
	int r;

	buf_init(&x, LIMIT_VERSION_KEY);
	buf_init(&y, LIMIT_VERSION_KEY);
	if (version_key(s, a, &x, &d) == 0 && version_key(s, b, &y, &d) == 0) {
		r = str_cmp(buf_view(&x), buf_view(&y));
		ret = r < 0 ? '<' : r > 0 ? '>' : '=';
		assert_true(x.n > 0 && x.p[0] != VERSION_KEY_INFINITY);
	}
	buf_done(&x);
	buf_done(&y);
	return (ret);
}

static char
turned(char op)
{
	return (op == '<' ? '>' : op == '>' ? '<' : op);
}

/* rpm: "1" and "1-" state none. */
static bool
has_release(struct str v)
{
	return (str_rfind(v, '-') + 1 < v.n);
}

/* Coarse keys may be the same where versions differ; a side without release
 * has a key for bounds only, which no single comparison tells. */
static bool
key_agrees(const struct version_scheme *s, struct str a, char op, struct str b)
{
	char got = by_key(s, a, b);

	if (s->optional_release && op != '!' &&
	    has_release(a) != has_release(b))
		return (got != '!');
	return (got == op || (s->coarse_keys && op != '!' && got == '='));
}

static bool
agrees(const struct version_scheme *s, struct str a, char op, struct str b)
{
	if (by_cmp(s, a, b) == op && by_cmp(s, b, a) == turned(op) &&
	    key_agrees(s, a, op, b) && key_agrees(s, b, turned(op), a))
		return (true);
	print_message("%s: \"%.*s\" %c \"%.*s\": comparator says %c, key %c\n",
	    s->name, STR_ARG(a), op, STR_ARG(b), by_cmp(s, a, b),
	    by_key(s, a, b));
	return (false);
}

/* "a op b", fields between one ${sep}. False for a comment. */
static bool
take_line(char *line, char sep, bool named, struct str *a, char *op,
    struct str *b)
{
	struct str s = str_of(line), o;

	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n == 0 || s.p[0] == '#')
		return (false);
	if (named)
		assert_true(str_split(&s, sep, &o));
	/* the operator is the last field but one: versions may hold blanks */
	assert_true(str_split(&s, sep, a));
	assert_true(str_split(&s, sep, &o));
	assert_int_equal(o.n, 1);
	*op = o.p[0];
	*b = s;
	return (true);
}

/* Count of lines that hold, -1 when there is no such file. */
static int
check_file(const struct version_scheme *s, const char *path, char sep,
    bool named, int *wrong)
{
	char line[4096], op;
	struct str a, b;
	FILE *f = fopen(path, "r");
	int n = 0;

	*wrong = 0;
	if (f == NULL)
		return (-1);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (!take_line(line, sep, named, &a, &op, &b))
			continue;
		if (agrees(s, a, op, b))
			n++;
		else
			(*wrong)++;
	}
	fclose(f);
	return (n);
}

static void
test_every_scheme_agrees_with_its_own_vectors(void **state)
{
	const struct version_scheme *s;
	char path[128];
	int n, wrong;

	(void)state;
	for (size_t i = 0; (s = version_scheme_at(i)) != NULL; i++) {
		assert_ptr_equal(version_scheme_find(str_of(s->name)), s);
		snprintf(path, sizeof(path), "tests/common/version/%s.txt",
		    s->name);
		n = check_file(s, path, ' ', false, &wrong);
		assert_true(n > 20);	/* no scheme without samples */
		assert_int_equal(wrong, 0);
	}
}

static void
test_every_scheme_agrees_with_the_published_vectors(void **state)
{
	const struct version_scheme *s;
	char path[128];
	int n, wrong, files = 0;

	(void)state;
	for (size_t i = 0; (s = version_scheme_at(i)) != NULL; i++) {
		snprintf(path, sizeof(path), "../shared/data/versions/%s.tsv",
		    s->name);
		n = check_file(s, path, '\t', true, &wrong);
		if (n < 0)
			continue;
		files++;
		assert_int_equal(wrong, 0);
		assert_true(n >= 25);
	}
	if (files == 0)
		skip();
}

/* The same texts on every machine. */
static uint64_t seed = 88172645463325252;

static void
test_random_triples_are_ordered_alike_by_comparator_and_key(void **state)
{
	const struct version_scheme *s;
	char t[3][160];
	struct str v[3];
	unsigned usable = 0;

	(void)state;
	for (size_t w = 0; (s = version_scheme_at(w)) != NULL; w++) {
		assert_true(version_texts_have(s->name));
		usable = 0;
		for (unsigned i = 0; i < 100000; i++) {
			char ab, bc, ac;

			version_texts_draw(s->name, &seed, t[0], sizeof(t[0]));
			version_texts_draw(s->name, &seed, t[1], sizeof(t[1]));
			version_texts_change(s->name, &seed, t[i % 2], t[2],
			    sizeof(t[2]));
			for (size_t k = 0; k < 3; k++)
				v[k] = str_of(t[k]);
			ab = by_cmp(s, v[0], v[1]);
			bc = by_cmp(s, v[1], v[2]);
			ac = by_cmp(s, v[0], v[2]);
			assert_true(agrees(s, v[0], ab, v[1]));
			if (ab == '!' || bc == '!' || ac == '!')
				continue;
			usable++;
			/* a missing release equals all, and Maven's rule for what
			 * is missing is none: no order */
			if (s->coarse_keys)
				continue;
			if (s->optional_release &&
			    !(has_release(v[0]) && has_release(v[1]) &&
			    has_release(v[2])))
				continue;
			if ((ab == '<' || ab == '=') && (bc == '<' || bc == '='))
				if (ac != (ab == '=' && bc == '=' ? '=' : '<'))
					fail_msg("%s: %s %c %s %c %s, but %c",
					    s->name, t[0], ab, t[1], bc, t[2],
					    ac);
		}
		assert_true(usable > 5000);
	}
}

static void
test_hostile_texts_are_refused_or_ordered_never_worse(void **state)
{
	const struct version_scheme *s;
	char *big = malloc(LIMIT_VERSION + 1);
	struct str odd[] = {
		STR_LIT(""), STR_LIT(" "), STR_LIT("1\0002"), STR_LIT("\xff"),
		STR_LIT("1.0\xc3\xa9"), STR_LIT("\n"), { NULL, 0 },
	};

	(void)state;
	assert_non_null(big);
	for (size_t i = 0; (s = version_scheme_at(i)) != NULL; i++) {
		for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++)
			assert_true(agrees(s, odd[k],
			    by_cmp(s, odd[k], str_of("1")), str_of("1")));
		char op;

		memset(big, '9', LIMIT_VERSION + 1);
		op = by_cmp(s, str_n(big, LIMIT_VERSION), str_of("1"));
		assert_true(op == '>' || op == '!');
		assert_true(agrees(s, str_n(big, LIMIT_VERSION), op, str_of("1")));
		assert_int_equal(by_cmp(s, str_n(big, LIMIT_VERSION + 1),
		    str_of("1")), '!');
		/* the form with the longest key for its text */
		for (size_t k = 0; k < LIMIT_VERSION; k++)
			big[k] = k % 2 == 0 ? '1' : '.';
		op = by_cmp(s, str_n(big, LIMIT_VERSION - 1), str_of("1"));
		assert_true(op == '>' || op == '!');
		assert_true(agrees(s, str_n(big, LIMIT_VERSION - 1), op,
		    str_of("1")));
	}
	free(big);
}

static bool
in_keys(const struct version_scheme *s, const char *v, const char *lo,
    const char *hi, bool inclusive)
{
	struct buf k, l, h;
	struct diag d;
	bool in, in_cmp;

	buf_init(&k, LIMIT_VERSION_KEY);
	buf_init(&l, LIMIT_VERSION_KEY);
	buf_init(&h, LIMIT_VERSION_KEY);
	assert_int_equal(version_key(s, str_of(v), &k, &d), 0);
	assert_int_equal(version_range_keys(s, str_of(lo), str_of(hi), inclusive,
	    &l, &h, &d), 0);
	in = str_cmp(buf_view(&k), buf_view(&l)) >= 0 &&
	    str_cmp(buf_view(&k), buf_view(&h)) < 0;
	assert_int_equal(version_in_range(s, str_of(v), str_of(lo), str_of(hi),
	    inclusive, &in_cmp, &d), 0);
	if (in != in_cmp && !(s->coarse_keys && in))
		fail_msg("%s: %s in [%s, %s%c: keys say %d", s->name, v, lo, hi,
		    inclusive ? ']' : ')', in);
	buf_done(&k);
	buf_done(&l);
	buf_done(&h);
	return (in_cmp);
}

/* What a comparison finds in a range, keys find, too. */
static void
test_random_ranges_hold_the_same_versions_by_key(void **state)
{
	const struct version_scheme *s;
	char t[3][160];
	int c;

	(void)state;
	for (size_t w = 0; (s = version_scheme_at(w)) != NULL; w++) {
		for (unsigned i = 0; i < 20000; i++) {
			bool ordered = true;

			for (size_t k = 0; k < 3; k++) {
				version_texts_draw(s->name, &seed, t[k],
				    sizeof(t[k]));
				ordered = ordered && version_cmp(s, str_of(t[k]),
				    str_of(t[k]), &c, NULL) == 0;
			}
			/* without a release a package meets no range by key */
			if (ordered && (!s->optional_release ||
			    has_release(str_of(t[0]))))
				in_keys(s, t[0], t[1], t[2], i % 2 == 0);
		}
	}
}

static void
test_ranges_are_half_open_and_zero_is_below_everything(void **state)
{
	const struct version_scheme *deb = &version_deb, *py = &version_pep440;

	(void)state;
	assert_true(in_keys(deb, "0~a", "0", "1.0", false));
	assert_true(in_keys(deb, "0~a", "", "", false));
	assert_true(in_keys(deb, "999:9", "0", "", false));
	assert_false(in_keys(deb, "1.0", "0", "1.0", false));
	assert_true(in_keys(deb, "1.0", "1.0", "1.0", true));
	assert_true(in_keys(deb, "1.00", "1.0", "1.0-0", true));
	assert_false(in_keys(deb, "1.0", "1.0", "1.0", false));
	assert_false(in_keys(deb, "1.0-1", "0", "1.0", true));
	assert_false(in_keys(deb, "0.9", "1.0", "", false));
	assert_true(in_keys(&version_apk, "1.2_alpha", "0", "1.2", false));
	/* rpm: a bound without release stands for all of them */
	assert_true(in_keys(&version_rpm, "1.2-5", "1.2", "", false));
	assert_false(in_keys(&version_rpm, "1.2-5", "0", "1.2", false));
	assert_true(in_keys(&version_rpm, "1.2-5", "0", "1.2", true));
	assert_true(in_keys(&version_rpm, "1.2-5", "0", "1.2-6", false));
	assert_false(in_keys(&version_rpm, "1.2.1-5", "0", "1.2", true));
	/* PEP 440: local parts do not count against a bound that names none */
	assert_true(in_keys(py, "1.0+ubuntu1", "0", "1.0", true));
	assert_true(in_keys(py, "1.0+ubuntu1", "1.0", "1.0", true));
	assert_false(in_keys(py, "1.0.post1", "0", "1.0", true));
	assert_false(in_keys(py, "1.0+ubuntu1", "0", "1.0", false));
	assert_true(in_keys(py, "1.0+b", "1.0+a", "1.0+b", true));
	assert_false(in_keys(py, "1.0+c", "1.0+a", "1.0+b", true));
}

static void
test_bounds_that_are_no_versions_are_refused_and_leave_nothing(void **state)
{
	struct buf l, h;
	struct diag d;

	(void)state;
	buf_init(&l, LIMIT_VERSION_KEY);
	buf_init(&h, LIMIT_VERSION_KEY);
	assert_int_equal(version_range_keys(&version_deb, str_of("1.0"),
	    str_of("1.0-"), false, &l, &h, &d), ERR_MALFORMED);
	assert_int_equal(version_range_keys(&version_pep440, str_of("x"),
	    str_of("1.0"), false, &l, &h, &d), ERR_MALFORMED);
	assert_int_equal(l.n + h.n, 0);
	buf_done(&l);
	buf_done(&h);
}

static void
test_ecosystems_name_their_scheme_or_none(void **state)
{
	static const struct {
		const char *ecosystem;
		const struct version_scheme *want;
	} t[] = {
		{ "Debian:12", &version_deb }, { "Ubuntu:22.04:LTS", &version_deb },
		{ "Echo", &version_deb }, { "Alpine:v3.20", &version_apk },
		{ "Wolfi", &version_apk }, { "Chainguard", &version_apk },
		{ "Alpaquita:23", &version_apk }, { "PyPI", &version_pep440 },
		{ "BellSoft Hardened Containers:23", &version_apk },
		{ "MinimOS", &version_apk }, { "npm", &version_semver },
		{ "Rocky Linux:9", &version_rpm }, { "Maven", &version_maven },
		{ "Red Hat:enterprise_linux:9::baseos", &version_rpm },
		{ "Packagist:https://packages.drupal.org/8", &version_composer },
		{ "", NULL }, { "Debianoid:12", NULL }, { "GIT", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_ptr_equal(version_scheme_of_ecosystem(
		    str_of(t[i].ecosystem)), t[i].want);
}

static void
test_names_fold_only_where_their_index_folds_them(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	assert_int_equal(version_name_key(str_of("PyPI"),
	    str_of("Zope.__Interface--X"), &b), 0);
	assert_true(str_eqz(buf_view(&b), "zope-interface-x"));
	buf_clear(&b);
	assert_int_equal(version_name_key(str_of("Debian:12"), str_of("libX.11_a"),
	    &b), 0);
	assert_true(str_eqz(buf_view(&b), "libX.11_a"));
	buf_clear(&b);
	assert_int_equal(version_name_key(str_of("NuGet"),
	    str_of("Snowflake.Data_X"), &b), 0);
	assert_true(str_eqz(buf_view(&b), "snowflake.data_x"));
	buf_clear(&b);
	assert_int_equal(version_name_key(str_of("npm"), str_of("@A/b.C"), &b), 0);
	assert_true(str_eqz(buf_view(&b), "@A/b.C"));
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_scheme_agrees_with_its_own_vectors),
		cmocka_unit_test(test_every_scheme_agrees_with_the_published_vectors),
		cmocka_unit_test(test_random_triples_are_ordered_alike_by_comparator_and_key),
		cmocka_unit_test(test_hostile_texts_are_refused_or_ordered_never_worse),
		cmocka_unit_test(test_random_ranges_hold_the_same_versions_by_key),
		cmocka_unit_test(test_ranges_are_half_open_and_zero_is_below_everything),
		cmocka_unit_test(test_bounds_that_are_no_versions_are_refused_and_leave_nothing),
		cmocka_unit_test(test_ecosystems_name_their_scheme_or_none),
		cmocka_unit_test(test_names_fold_only_where_their_index_folds_them),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
