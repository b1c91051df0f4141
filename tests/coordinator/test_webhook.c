/*
 * Every registered event source over its samples: webhook/SOURCE/NAME.in and the
 * events that come of it in NAME.want, one a line.  Each sample is cut at every
 * length.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/webhook.h"
#include "tests/lib/slurp.h"

/* The events of ${body} as lines; "! CODE" where it is refused. */
static void
read_as(const struct webhook_source *w, struct str body, struct buf *ret)
{
	static const char *const kinds[] = { [WEBHOOK_PUSH] = "push",
		[WEBHOOK_DELETE_MANIFEST] = "delete_manifest",
		[WEBHOOK_DELETE_TAG] = "delete_tag",
		[WEBHOOK_DELETE_REPOSITORY] = "delete_repository" };
	struct webhook_event e;
	struct buf out;
	struct diag d;
	struct cur c;
	int rc;

	buf_init(ret, 64 * KIB);
	buf_init(&out, LIMIT_LIST_BYTES);
	if ((rc = webhook_read(str_of(w->name), body, &out, &d)) < 0)
		assert_int_equal(buf_printf(ret, "! %d\n", rc), 0);
	for (c = cur_of(out.p, out.n); rc == 0 && cur_left(&c) > 0; ) {
		assert_int_equal(webhook_event_read(&c, &e, &d), 0);
		assert_int_equal(buf_printf(ret, "%s\t%.*s\t%.*s\t%.*s\t%.*s\t"
		    "%.*s\n", kinds[e.kind], STR_ARG(e.repository),
		    STR_ARG(e.tag), STR_ARG(e.digest), STR_ARG(e.media_type),
		    STR_ARG(e.id)), 0);
	}
	buf_done(&out);
}

/* Nothing but a complaint. */
static void
check_cuts(const struct webhook_source *w, struct str body)
{
	struct str whole = str_trim(body);
	struct buf got;

	for (size_t cut = 0; cut < whole.n; cut++) {
		char *copy = mem_strndup(str_sub(whole, 0, cut));

		read_as(w, str_n(copy, cut), &got);
		if (!str_eqz(buf_view(&got), "! -1\n"))
			fail_msg("%s cut at %zu gives\n%.*s", w->name, cut,
			    STR_ARG(buf_view(&got)));
		buf_done(&got);
		free(copy);
	}
}

static void
check_source(const struct webhook_source *w)
{
	char *pattern = mem_printf("tests/coordinator/webhook/%s/*.in", w->name);
	struct buf body, got, want;
	glob_t g = { 0 };

	if (glob(pattern, 0, NULL, &g) != 0)
		fail_msg("%s has no samples", w->name);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		body = slurp("%s", g.gl_pathv[i]);
		want = slurp("%.*s.want", (int)strlen(g.gl_pathv[i]) - 3,
		    g.gl_pathv[i]);
		read_as(w, buf_view(&body), &got);
		if (!str_eq(buf_view(&got), buf_view(&want)))
			fail_msg("%s gives\n%.*s", g.gl_pathv[i],
			    STR_ARG(buf_view(&got)));
		check_cuts(w, buf_view(&body));
		buf_done(&got);
		buf_done(&want);
		buf_done(&body);
	}
	globfree(&g);
	free(pattern);
}

static void
test_every_source_reads_its_samples_and_refuses_their_cuts(void **state)
{
	(void)state;
#define WEBHOOK(name) check_source(&webhook_##name);
#include "coordinator/webhook_list.h"
#undef WEBHOOK
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_source_reads_its_samples_and_refuses_their_cuts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
