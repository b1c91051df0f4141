/*
 * Every registered importer over its samples: feed/KIND/NAME.in and what comes
 * of it in NAME.want, one line a statement, malformed documents as "bad NAME: WHY".
 * Each sample is cut at every length.  FEED_SAMPLES_WRITE=1 writes the .want files
 * instead, to be read before they are committed.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/feed.h"
#include "tests/lib/slurp.h"

#define SAMPLES "tests/coordinator/matcher/feed/"

static void
put(struct buf *b, const char *head, struct str s)
{
	if (s.n != 0)
		assert_int_equal(buf_printf(b, "%s%.*s", head, STR_ARG(s)), 0);
}

static void
put_list(struct buf *b, const char *head, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(b, head, v[i]);
}

static void
put_entry(struct buf *b, const struct advisory_affected *e)
{
	put(b, "  ", str_of(vex_status_name(e->status)));
	put(b, " ", e->ecosystem.n != 0 ? e->ecosystem : str_of("?"));
	put(b, " ", e->name.n != 0 ? e->name : str_of("?"));
	put(b, " module ", e->module);
	put(b, " source ", e->source);
	put(b, " binary ", e->binary);
	put(b, "", str_of(e->by_source ? " by source" : ""));
	put(b, "", str_of(e->by_binary ? " of the binary" : ""));
	put(b, " in ", e->channels);
	for (size_t i = 0; i < e->nranges; i++) {
		put(b, e->ranges[i].lo_exclusive ? " (" : " [",
		    e->ranges[i].lo);
		put(b, ",", e->ranges[i].hi.n != 0 ? e->ranges[i].hi :
		    str_of("oo"));
		put(b, "", str_of(e->ranges[i].hi_inclusive ? "]" : ")"));
		put(b, " fix ", e->ranges[i].fixed);
	}
	put_list(b, " version ", e->versions, e->nversions);
	if (e->nranges == 0 && e->nversions == 0)
		put(b, "", str_of(" no versions"));
	if (e->severity != SEVERITY_UNKNOWN)
		put(b, " ", str_of(severity_name(e->severity)));
	put(b, " ", e->cvss);
	put(b, " because ", e->status_reason);
	if (e->stated != 0)
		assert_int_equal(buf_printf(b, " %s %lld.%06lld",
		    e->stated < 0 ? "own at" : "at",
		    (long long)llabs(e->stated) / 1000000,
		    (long long)llabs(e->stated) % 1000000), 0);
	put(b, "", str_of("\n"));
}

static int
take(void *arg, const struct advisory *a, struct diag *d)
{
	struct buf *b = arg;

	(void)d;
	put(b, "", a->id);
	put_list(b, " alias ", a->aliases, a->naliases);
	put_list(b, " upstream ", a->upstream, a->nupstream);
	put_list(b, " related ", a->related, a->nrelated);
	put(b, " modified ", a->modified);
	put(b, " published ", a->published);
	put(b, " withdrawn ", a->withdrawn);
	if (a->severity != SEVERITY_UNKNOWN)
		put(b, " ", str_of(severity_name(a->severity)));
	put(b, " ", a->cvss);
	put(b, " # ", a->summary);
	put(b, "", str_of("\n"));
	for (size_t i = 0; i < a->naffected; i++)
		put_entry(b, &a->affected[i]);
	return (0);
}

static int
take_exploit(void *arg, const struct exploit *e, struct diag *d)
{
	struct buf *b = arg;
	char room[16];

	(void)d;
	put(b, "", e->cve);
	put(b, " known since ", e->added);
	put(b, " due ", e->due);
	put(b, "", str_of(e->ransomware ? " ransomware" : ""));
	put(b, " score ", exploit_score(room, e->score));
	put(b, " percentile ", exploit_score(room, e->percentile));
	put(b, "", str_of("\n"));
	return (0);
}

static int
take_content_set(void *arg, const struct content_set *s, struct diag *d)
{
	(void)d;
	put(arg, "", s->name);
	put(arg, " of ", s->cpes);
	put(arg, "", str_of("\n"));
	return (0);
}

static int
take_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	(void)d;
	put(arg, "bad ", name);
	put(arg, ": ", str_of(why->text));
	put(arg, "", str_of("\n"));
	return (0);
}

static void
import(const struct feed_importer *f, struct str bytes, struct buf *ret)
{
	struct source_memory m = { (const uint8_t *)bytes.p, bytes.n, 0 };
	struct source src = source_memory(&m);
	struct feed_sink sink = { ret, take, take_malformed, take_exploit,
		take_content_set };
	struct feed_count count = { 0 };
	struct diag d = { 0 };
	int rc = feed_import(f, &src, str_of("sample"), &sink, &count, &d);

	if (rc < 0)
		assert_int_equal(buf_printf(ret, "error %s\n", d.text), 0);
}

static void
check(const char *in, struct str got)
{
	char *path = mem_printf("%.*s.want", (int)(strlen(in) - 3), in);
	struct buf want;
	FILE *f;

	if (getenv("FEED_SAMPLES_WRITE") != NULL) {
		f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(got.p, 1, got.n, f), got.n);
		fclose(f);
	}
	want = slurp("%s", path);
	if (!str_eq(buf_view(&want), got))
		fail_msg("%s gives\n%.*s", in, STR_ARG(got));
	buf_done(&want);
	free(path);
}

/* Cut short a document gives nothing but a complaint that names it. */
static void
check_cuts(const struct feed_importer *f, struct str bytes)
{
	struct str whole = str_trim(bytes);
	size_t step = whole.n > 1000 ? whole.n / 1000 + 1 : 1;
	struct buf got;

	for (size_t cut = 1; cut < whole.n; cut += step) {
		uint8_t *copy = mem_alloc(cut);	/* exact, for ASan */

		memcpy(copy, whole.p, cut);
		buf_init(&got, 8 * MIB);
		import(f, str_n(copy, cut), &got);
		if (!str_starts(buf_view(&got), "bad sample: "))
			fail_msg("%s cut at %zu gives\n%.*s", f->name, cut,
			    STR_ARG(buf_view(&got)));
		buf_done(&got);
		free(copy);
	}
}

static void
check_kind(const struct feed_importer *f)
{
	char *pattern = mem_printf(SAMPLES "%s/*.in", f->name);
	glob_t g = { 0 };
	struct buf content, got;
	struct str bytes;

	if (glob(pattern, 0, NULL, &g) != 0)
		fail_msg("%s has no samples", f->name);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		content = slurp("%s", g.gl_pathv[i]);
		bytes = buf_view(&content);
		buf_init(&got, 8 * MIB);
		import(f, bytes, &got);
		check(g.gl_pathv[i], buf_view(&got));
		if (!str_starts(buf_view(&got), "bad ")) {
			assert_ptr_equal(feed_of_document(bytes), f);
			if (f != &feed_epss)	/* lines have no end */
				check_cuts(f, bytes);
		}
		buf_done(&got);
		buf_done(&content);
	}
	globfree(&g);
	free(pattern);
}

static void
test_every_importer_reads_its_samples_and_survives_their_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; feed_at(i) != NULL; i++) {
		assert_ptr_equal(feed_find(str_of(feed_at(i)->name)),
		    feed_at(i));
		check_kind(feed_at(i));
	}
}

static int
ignore_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	(void)arg; (void)a; (void)d;
	return (0);
}

/* One advisory for each branch, repository and id; counted by other means. */
static void
test_a_published_folder_gives_its_figures(void **state)
{
	static const char folder[] = "../shared/data/feeds/native/alpine-secdb";
	struct feed_sink sink = { .advisory = ignore_advisory };
	struct feed_count count = { 0 };
	struct buf bad;
	struct diag d = { 0 };

	(void)state;
	if (access(folder, F_OK) != 0)
		skip();
	buf_init(&bad, 64 * KIB);
	sink.arg = &bad;
	sink.malformed = take_malformed;
	assert_int_equal(feed_import_path(NULL, folder, &sink, &count, &d), 0);
	if (bad.n != 0)
		fail_msg("%.*s", STR_ARG(buf_view(&bad)));
	assert_int_equal(count.documents, 11456);
	assert_int_equal(count.malformed, 0);
	buf_done(&bad);
}

/* Nobody writes into it, and it is not waited for. */
static void
test_a_pipe_among_documents_is_refused(void **state)
{
	char folder[] = "/tmp/scanfarm-test-XXXXXX", pipe[sizeof(folder) + 10];
	struct feed_sink sink = { .advisory = ignore_advisory };
	struct feed_count count = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(pipe, sizeof(pipe), "%s/a.json", folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(feed_import_path(feed_at(0), folder,
	    &sink, &count, &d), ERR_DENIED);
	assert_non_null(strstr(d.text, "a.json is no regular file"));
	assert_int_equal(unlink(pipe), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_importer_reads_its_samples_and_survives_their_cuts),
		cmocka_unit_test(test_a_pipe_among_documents_is_refused),
		cmocka_unit_test(test_a_published_folder_gives_its_figures),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
