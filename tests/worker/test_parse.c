/*
 * Every analyzer's samples through the parser as the worker runs it: its own
 * process, seven system calls, its ceiling of memory.  What a library does at
 * its first use (open a file, ask for the time, take a lock) shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/limits.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/analyzer.h"
#include "worker/parse.h"

#define FOLDER "tests/worker/analyzer/"

static struct launcher *launcher;

/* A header for a name that is too long for the plain one. */
static void
long_name(struct tar_build *t, const char *path)
{
	char record[1300];
	int n = (int)strlen(path) + 7, digits;	/* " path=" and the end */

	if (strlen(path) <= 100)
		return;
	for (digits = 1; snprintf(record, sizeof(record), "%d path=%s\n",
	    n + digits, path) != n + digits; digits++)
		;
	tar_pax(t, str_of(record));
}

/* A layer of this one file, and the one beside it, as an open file. */
static int
layer_of(const struct analyzer *a, struct str base)
{
	char name[] = "/tmp/scanfarm-test-XXXXXX", path[1100], side[1200];
	struct buf content = slurp("%.*s.in", STR_ARG(base));
	struct buf beside = slurp_if_there("%.*s.side", STR_ARG(base));
	struct buf where = slurp("%.*s.path", STR_ARG(base));
	struct tar_build t;
	struct str all;
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	snprintf(path, sizeof(path), "%.*s", STR_ARG(str_trim(buf_view(&where))));
	tar_begin(&t);
	long_name(&t, path);
	tar_add(&t, path, a->directories ? '5' : '0', "",
	    buf_view(&content));
	if (beside.n > 0) {
		snprintf(side, sizeof(side), "%s%s", path, a->side);
		long_name(&t, side);
		tar_add(&t, side, '0', "", buf_view(&beside));
	}
	all = tar_end(&t);
	assert_int_equal(write_all(fd, all.p, all.n, NULL), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	tar_done(&t);
	buf_done(&content);
	buf_done(&beside);
	buf_done(&where);
	return (fd);
}

/* Rows of all files in one parser's output. */
static size_t
rows_of(const struct analyzer *a, int out, bool *incomplete)
{
	struct pool *pool = pool_new(LIMIT_INVENTORY_BYTES);
	struct inventory_file f;
	struct buf b;
	struct cur c;
	uint8_t type;
	size_t n = 0;

	buf_init(&b, LIMIT_INVENTORY_BYTES);
	*incomplete = false;
	while (frame_read(out, &type, &b, NULL) > 0) {
		c = cur_of(b.p, b.n);
		*incomplete |= type == PARSE_INCOMPLETE;
		while (type == PARSE_FILE &&
		    inventory_file_read(&c, pool, &f) == 0)
			if (str_eqz(f.kind, a->name))
				n += f.n;
	}
	buf_done(&b);
	pool_free(pool);
	return (n);
}

static void
sample(const struct analyzer *a, const char *in)
{
	static const uint8_t sip_key[16] = "samples";
	struct str base = str_sub(str_of(in), 0, strlen(in) - 3), line;
	struct buf arg, want = slurp("%.*s.want", STR_ARG(base));
	struct launcher_run r;
	bool incomplete, error = false;
	size_t rows = 0, got;
	struct diag d = { 0 };
	struct cur c;
	int fd = layer_of(a, base), rc;

	for (c = cur_of(want.p, want.n); cur_line(&c, &line);)
		if (str_starts(line, "! "))
			error = true;
		else
			rows += str_find(line, '\t') < line.n;
	buf_init(&arg, 4096);
	assert_int_equal(parse_layer_arg(&arg, true, sip_key, NULL, 0), 0);
	assert_int_equal(launcher_run(launcher, PARSE_LAYER, buf_view(&arg), fd,
	    &r, &d), 0);
	got = rows_of(a, r.out, &incomplete);
	rc = launcher_wait(&r, &d);
	if (rc != 0 || got != rows || incomplete != error)
		fail_msg("%s: %d %s, %zu rows of %zu%s", in, rc, d.text, got,
		    rows, incomplete ? ", incomplete" : "");
	close(fd);
	buf_done(&arg);
	buf_done(&want);
}

static void
test_samples_are_read_in_the_sandbox(void **state)
{
	char pattern[256];
	glob_t g;

	(void)state;
	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		if (analyzer_all[i]->declared)
			continue;	/* the worker does not read lock files */
		snprintf(pattern, sizeof(pattern), FOLDER "%s/*.in",
		    analyzer_all[i]->name);
		if (glob(pattern, 0, NULL, &g) != 0)
			fail_msg("%s has no samples", analyzer_all[i]->name);
		for (size_t k = 0; k < g.gl_pathc; k++)
			sample(analyzer_all[i], g.gl_pathv[k]);
		globfree(&g);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_are_read_in_the_sandbox),
	};
	struct diag d;
	int rc;

	if (launcher_start(parse_tasks, PARSE_TASKS, false, parse_warm_up,
	    &launcher, &d) < 0) {
		fprintf(stderr, "%s\n", d.text);
		return (1);
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	launcher_stop(launcher);
	return (rc);
}
