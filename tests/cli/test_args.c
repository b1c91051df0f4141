/* The arguments of commands: shared and own options, words, and mistakes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <unistd.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/lines.h"
#include "common/mem.h"

static int helped;

static void
usage(FILE *f)
{
	(void)f;
	helped++;
}

static bool
take(void *arg, int c, const char *value)
{
	uint64_t n;

	if (c == 'n')
		return (args_number("test", "--number", value, 10, &n));
	*(int *)arg += 1;
	return (true);
}

static const struct option own[] = {
	{ "number", required_argument, NULL, 'n' },
	{ "flag", no_argument, NULL, 'f' },
	{ 0 },
};

/* Read ${words} into ${a}, which takes the rest as the caller left it. */
static bool
read_words(struct args *a, const char *const *words)
{
	static char *argv[16];
	static int flags;
	int n = 0, err;
	bool ok;

	for (; words[n] != NULL; n++)
		argv[n] = (char *)(uintptr_t)words[n];
	argv[n] = NULL;
	a->command = "test";
	a->usage = usage;
	a->options = own;
	a->take = take;
	a->arg = &flags;
	a->wants = "something";
	/* what it tells is for the shell's test */
	fflush(stderr);
	err = dup(STDERR_FILENO);
	assert_non_null(freopen("/dev/null", "w", stderr));
	ok = args_read(a, n, argv);
	fflush(stderr);
	dup2(err, STDERR_FILENO);
	close(err);
	return (ok);
}
#define READ(a, ...) read_words(a, (const char *const[]) { "test", __VA_ARGS__, NULL })

static void
test_options_and_words_in_any_order(void **state)
{
	struct args a = { .takes = ARGS_FARM | ARGS_RESULT, .min = 1, .max = 2 };

	(void)state;
	assert_true(READ(&a, "one", "--format", "tsv", "--farm=u", "two", "--flag",
	    "--number", "10"));
	assert_int_equal(a.n, 2);
	assert_string_equal(a.words[0], "one");
	assert_string_equal(a.words[1], "two");
	assert_int_equal(a.format, OUTPUT_TSV);
	assert_string_equal(a.farm.farm, "u");
	assert_ptr_equal(a.out, stdout);
	/* behind -- everything is a word */
	a = (struct args) { .min = 1, .max = 2 };
	assert_true(READ(&a, "--", "--flag"));
	assert_string_equal(a.words[0], "--flag");
	/* or behind the first word, where a command wants that */
	a = (struct args) { .takes = ARGS_FIRST, .min = 1, .max = 3 };
	assert_true(READ(&a, "deb", "-1", "--help"));
	assert_int_equal(a.n, 3);
}

static void
test_mistakes_are_usage(void **state)
{
	static const char *const bad[][4] = { { "test", "--nope", "w" },
		{ "test", "--flag=1", "w" }, { "test", "w", "--number" },
		{ "test", "w", "--number", "11" }, { "test", "w", "--number", "x" },
		{ "test", "w", "--format", "xml" }, { "test", "w", "--output", "" },
		{ "test", "w", "--output", "/" }, { "test", "w", "-z" }, { "test" },
		{ "test", "a", "b" } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct args a = { .takes = ARGS_RESULT, .min = 1, .max = 1 };
		const char *words[5] = { bad[i][0], bad[i][1], bad[i][2],
			bad[i][3], NULL };

		assert_false(read_words(&a, words));
		assert_int_equal(a.status, CLI_USAGE);
	}
	/* an option that this command does not share */
	struct args a = { .min = 0, .max = 1 };
	assert_false(READ(&a, "--farm", "x"));
	assert_int_equal(a.status, CLI_USAGE);
	helped = 0;
	assert_false(READ(&a, "--help"));
	assert_int_equal(a.status, CLI_OK);
	assert_int_equal(helped, 1);
}

static void
test_output_is_whole_or_absent(void **state)
{
	char dir[] = "/tmp/sf-args.XXXXXX", *path, line[20];
	struct args a = { .takes = ARGS_RESULT, .max = 0 };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = mem_printf("%s/out", dir);
	assert_true(READ(&a, "--output", path));
	assert_int_equal(args_end(&a, CLI_UNKNOWN), CLI_UNKNOWN);
	assert_int_equal(access(path, F_OK), -1);
	a = (struct args) { .takes = ARGS_RESULT };
	assert_true(READ(&a, "--output", path));
	fputs("result\n", a.out);
	assert_int_equal(access(path, F_OK), -1);	/* not before it is whole */
	assert_int_equal(args_end(&a, CLI_FAILED), CLI_FAILED);
	assert_non_null(f = fopen(path, "r"));
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, "result\n");
	fclose(f);
	/* the folder goes away meanwhile */
	a = (struct args) { .takes = ARGS_RESULT };
	assert_true(READ(&a, "--output", path));
	fputs("more\n", a.out);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(args_end(&a, CLI_OK), CLI_TEMPORARY);
	free(path);
}

static void
test_lines_have_a_ceiling(void **state)
{
	char text[] = "one\n\nthree\r\n0123456789abcdef\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	struct diag d;
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(line_read(f, &b, &d), 1);
	assert_true(str_eqz(buf_view(&b), "one"));
	assert_int_equal(line_read(f, &b, &d), 1);
	assert_int_equal(b.n, 0);
	assert_int_equal(line_read(f, &b, &d), 1);
	assert_true(str_eqz(buf_view(&b), "three\r"));
	assert_int_equal(line_read(f, &b, &d), ERR_LIMIT);
	fclose(f);
	f = fmemopen(text, 3, "r");	/* the last line without its newline */
	assert_int_equal(line_read(f, &b, &d), 1);
	assert_int_equal(line_read(f, &b, &d), 0);
	fclose(f);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_and_words_in_any_order),
		cmocka_unit_test(test_mistakes_are_usage),
		cmocka_unit_test(test_output_is_whole_or_absent),
		cmocka_unit_test(test_lines_have_a_ceiling),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
