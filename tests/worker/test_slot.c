/*
 * One slot against a registry that lies: the process with the network, the
 * sandboxed parsers, and the messages it sends, as the link would see them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <isa-l/igzip_lib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pack.h"
#include "common/sandbox.h"
#include "common/wire.h"
#include "tests/lib/http_serve.h"
#include "tests/lib/tar_build.h"
#include "worker/parse.h"
#include "worker/slot.h"

#define STATUS "var/lib/dpkg/status"
#define MANY 20000		/* symbolic links: more than one part */
/* First byte of the farm's key: when the parser of this test crashes. */
#define CRASH_IN_DPKG 1
#define CRASH_ALWAYS 2
#define GIVE_UP 3		/* fail without a word */
#define FALL_SILENT 4		/* end well, having said nothing */

enum content { PLAIN, GZIP, ZSTD, CUT_GZIP, BOMB, LARGE, GARBAGE, EMPTY,
	CONFIG, IMAGE, INDEX, NO_JSON, CONTENTS };

static struct http_content contents[CONTENTS];
static int slot_fd, port;

/* ------------------------------------------------------------------ contents */

static struct str
gzip(struct str s)
{
	struct isal_zstream z;
	size_t room = s.n + s.n / 10 + 1000;
	uint8_t *to = mem_alloc(room);

	isal_deflate_stateless_init(&z);
	z.next_in = (uint8_t *)(uintptr_t)s.p;
	z.avail_in = (uint32_t)s.n;
	z.next_out = to;
	z.avail_out = (uint32_t)room;
	z.gzip_flag = IGZIP_GZIP;
	z.end_of_stream = 1;
	if (isal_deflate_stateless(&z) != COMP_OK)
		abort();
	return (str_n(to, z.total_out));
}

static struct str
zstd(struct str s)
{
	size_t room = ZSTD_compressBound(s.n);
	char *to = mem_alloc(room);

	return (str_n(to, ZSTD_compress(to, room, s.p, s.n, 3)));
}

/* 600 MiB of zeros in members of 1 MiB: deflate's own limit of expansion. */
static struct str
bomb(void)
{
	char *zeros = mem_alloc(MIB);
	struct str member = zstd(str_n(zeros, MIB));
	struct buf b;

	buf_init(&b, 64 * MIB);
	for (int i = 0; i < 600; i++)
		if (buf_str(&b, member) < 0)
			abort();
	free(zeros);
	free((void *)(uintptr_t)member.p);
	return (buf_view(&b));
}

static struct str
layer_tar(void)
{
	static struct tar_build t;

	tar_begin(&t);
	tar_file(&t, STATUS, "Package: openssl\n"
	    "Status: install ok installed\nArchitecture: amd64\n"
	    "Version: 3.0.9-1\n\n");
	tar_pax(&t, str_of("22 path=\xc3\xa4\xe2\x82\xac/g\xc3\xbc.txt\n"));
	tar_file(&t, "a", "named in UTF-8 by its pax header");
	tar_file(&t, "etc/.wh.gone", "");
	return (tar_end(&t));
}

static struct str
large_tar(void)
{
	static struct tar_build t;
	char name[100], target[100];

	tar_begin(&t);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "usr/share/some/longer/folder/link-%d", i);
		snprintf(target, sizeof(target), "../../elsewhere/target-of-%d", i);
		tar_link(&t, name, target);
	}
	return (tar_end(&t));
}

static void
put(enum content c, const char *type, struct str body)
{
	uint8_t sha[DIGEST_BYTES];

	contents[c].type = type;
	contents[c].body = body;
	digest_of(body.p, body.n, sha);
	digest_format(sha, contents[c].digest);
}

static void
make_documents(void)
{
	const char *bytes = "application/octet-stream";

	put(CONFIG, bytes, str_of("{\"architecture\":\"amd64\",\"os\":\"linux\","
	    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
	    "00000000000000000000000000000000000000000000000000000000000000aa\"]},"
	    "\"history\":[{\"created_by\":\"COPY / /\"}]}"));
	put(IMAGE, "application/vnd.oci.image.manifest.v1+json",
	    str_of(mem_printf("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
	    "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%zu},"
	    "\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\",\"size\":%zu}]}",
	    contents[CONFIG].digest, contents[CONFIG].body.n,
	    contents[GZIP].digest, contents[GZIP].body.n)));
	put(INDEX, "application/vnd.oci.image.index.v1+json",
	    str_of(mem_printf("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
	    "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu,"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}",
	    contents[IMAGE].digest, contents[IMAGE].body.n)));
	put(NO_JSON, "application/vnd.oci.image.manifest.v1+json",
	    str_of("{\"schemaVersion\":2,"));
	contents[INDEX].tag = "latest";
}

static void
make_contents(void)
{
	const char *bytes = "application/octet-stream";
	struct str tar = layer_tar();

	put(PLAIN, bytes, tar);
	put(GZIP, bytes, gzip(tar));
	put(ZSTD, bytes, zstd(tar));
	put(CUT_GZIP, bytes, str_sub(contents[GZIP].body, 0,
	    contents[GZIP].body.n * 2 / 3));
	put(BOMB, bytes, bomb());
	put(LARGE, bytes, gzip(large_tar()));
	put(GARBAGE, bytes, str_of("this is no layer at all, just words"));
	put(EMPTY, bytes, str_of(""));
	make_documents();
}

/* ----------------------------------------------- a parser that crashes if told */

static bool
skipped(struct cur c, uint32_t n, const char *name)
{
	struct str s;

	for (; n > 0 && unpack_str(&c, &s); n--)
		if (str_eqz(s, name))
			return (true);
	return (false);
}

static int
run_layer(int in, int out, struct str arg)
{
	struct cur c = cur_str(arg);
	struct str key = { 0 };
	uint32_t n = 0;
	bool hashes;

	if (unpack_array(&c, &n) && unpack_bool(&c, &hashes) &&
	    unpack_str(&c, &key) && key.n == 16 && (key.p[0] == CRASH_ALWAYS ||
	    (key.p[0] == CRASH_IN_DPKG && !skipped(c, n - 2, "dpkg")))) {
		launcher_note(str_of("dpkg, path " STATUS));
		if (sandbox_is_relaxed()) {	/* a sanitizer would catch it */
			signal(SIGSEGV, SIG_DFL);
			raise(SIGSEGV);
		}
		*(volatile int *)NULL = 1;
	}
	if (key.n == 16 && key.p[0] == GIVE_UP)
		return (ERR_LIMIT);
	if (key.n == 16 && key.p[0] == FALL_SILENT)
		return (0);
	return (parse_tasks[PARSE_LAYER].run(in, out, arg));
}

/* -------------------------------------------------------------- asking a slot */

struct result {
	struct buf bytes[WIRE_PART_DOCUMENT + 1];	/* by kind */
	uint32_t parts, tokens;
	struct wire_done done;
	char reasons[4096];
};

static void
to_slot(const struct wire_message *m)
{
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	assert_int_equal(wire_write(&b, m), 0);
	assert_int_equal(frame_write(slot_fd, SLOT_FRAME, buf_view(&b), NULL),
	    0);
	buf_done(&b);
}

/* Does the first answer come late, so that it is about the place before? */
static bool late;

static void
on_token(struct result *r, const struct wire_token *t)
{
	struct wire_message m = { .type = WIRE_TOKEN_REPLY };
	bool other = late && r->tokens == 0;

	r->tokens++;
	assert_true(str_starts(t->challenge, "Bearer realm="));
	m.u.token_reply = (struct wire_token_reply) { .job = t->job,
		.attempt = t->attempt, .place = t->place - other,
		.kind = WIRE_AUTH_BEARER,
		.value = str_of(other ? "another's" : "letmein") };
	to_slot(&m);
}

/* Everything up to DONE; its parts must add up. */
static void
collect(struct result *r)
{
	struct pollfd p = { .fd = slot_fd, .events = POLLIN };
	struct digest *digest = digest_new();
	struct wire_message m = { 0 };
	uint8_t sha[DIGEST_BYTES], type;
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	while (m.type != WIRE_DONE) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		assert_int_equal(frame_read(slot_fd, &type, &b, NULL), 1);
		assert_int_equal(wire_read(buf_view(&b), &m, NULL), 0);
		if (m.type == WIRE_TOKEN)
			on_token(r, &m.u.token);
		if (m.type != WIRE_PART)
			continue;
		if (m.u.part.seq == 0) {	/* a first part, or over again */
			digest_reset(digest);
			for (size_t i = 0; i <= WIRE_PART_DOCUMENT; i++)
				buf_clear(&r->bytes[i]);
			r->parts = 0;
		}
		assert_int_equal(m.u.part.seq, r->parts++);
		digest_add(digest, m.u.part.bytes.p, m.u.part.bytes.n);
		assert_int_equal(buf_str(&r->bytes[m.u.part.kind],
		    m.u.part.bytes), 0);
	}
	r->done = m.u.done;
	snprintf(r->reasons, sizeof(r->reasons), "%.*s",
	    STR_ARG(m.u.done.reasons));
	digest_end(digest, sha);
	if (r->done.outcome == 0 && r->done.parts > 0) {
		assert_int_equal(r->parts, r->done.parts);
		assert_memory_equal(sha, r->done.sha256, sizeof(sha));
	}
	digest_free(digest);
	buf_done(&b);
}

/* Have ${c} read from the repositories in ${where}, separated by blanks. */
static struct result *
ask(enum wire_job_kind kind, const char *reference, int64_t size,
    const char *where, uint8_t crash)
{
	static uint64_t job;
	struct wire_message w = { .type = WIRE_WELCOME }, m = { .type = WIRE_JOB };
	struct result *r = mem_alloc(sizeof(*r));
	struct str rest = str_of(where), one;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
	for (size_t i = 0; i <= WIRE_PART_DOCUMENT; i++)
		buf_init(&r->bytes[i], LIMIT_TREE_BYTES);
	w.u.welcome = (struct wire_welcome) { WIRE_PROTOCOL, { crash }, 5 };
	m.u.job = (struct wire_job) { .job = ++job, .attempt = 1, .kind = kind,
		.reference = str_of(reference), .size = size };
	while (str_split(&rest, ' ', &one))
		m.u.job.places[m.u.job.nplaces++] = (struct wire_place) {
			str_of(url), one, true };
	to_slot(&w);
	to_slot(&m);
	collect(r);
	assert_int_equal(r->done.job, job);
	return (r);
}

static struct result *
layer(enum content c, const char *where, uint8_t crash)
{
	return (ask(WIRE_JOB_LAYER, contents[c].digest,
	    (int64_t)contents[c].body.n, where, crash));
}

static void
result_free(struct result *r)
{
	for (size_t i = 0; i <= WIRE_PART_DOCUMENT; i++)
		buf_done(&r->bytes[i]);
	free(r);
}

/* Rows of the file ${path}; -1 when the result has no such file. */
static int
rows_of(struct result *r, const char *path)
{
	struct cur c = cur_str(buf_view(&r->bytes[WIRE_PART_FILE]));
	struct pool *pool = pool_new(16 * MIB);
	struct inventory_file f;
	int n = -1;

	while (cur_left(&c) > 0) {
		assert_int_equal(inventory_file_read(&c, pool, &f), 0);
		if (str_eqz(f.path, path))
			n = (int)f.n;
	}
	pool_free(pool);
	return (n);
}

static size_t
tree_entries(struct result *r, enum tree_kind kind)
{
	struct cur c = cur_str(buf_view(&r->bytes[WIRE_PART_TREE]));
	struct pool *pool = pool_new(64 * MIB);
	struct tree_entry e;
	size_t n = 0;

	while (cur_left(&c) > 0) {
		assert_int_equal(tree_entry_read(&c, pool, &e), 0);
		n += e.kind == kind;
	}
	pool_free(pool);
	return (n);
}

/* --------------------------------------------------------------------- layers */

static void
test_a_layer_is_read_whatever_its_compression(void **state)
{
	static const enum content same[] = { PLAIN, GZIP, ZSTD };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct result *r = layer(same[i], "ok", 0);

		assert_int_equal(r->done.outcome, 0);
		assert_string_equal(r->reasons, "");
		assert_int_equal(rows_of(r, STATUS), 1);
		assert_int_equal(tree_entries(r, TREE_WHITEOUT), 1);
		assert_int_equal(r->done.entries, 3);
		assert_int_equal(r->done.tar_size, contents[PLAIN].body.n);
		assert_int_equal(r->done.size, contents[same[i]].body.n);
		assert_int_equal(r->done.place, 0);
		result_free(r);
	}
}

static void
test_a_large_result_comes_in_parts(void **state)
{
	struct result *r = layer(LARGE, "ok", 0);

	(void)state;
	assert_int_equal(r->done.outcome, 0);
	assert_string_equal(r->reasons, "");
	assert_true(r->done.parts > 1);
	assert_int_equal(tree_entries(r, TREE_SYMLINK), MANY);
	result_free(r);
}

/* What the registry does wrong wins over whatever the parser saw. */
static void
test_lies_of_the_registry_are_told(void **state)
{
	static const struct {
		const char *where;
		int outcome;
		const char *reason;
	} t[] = {
		{ "cut", ERR_TEMPORARY, "" },
		{ "wrong", ERR_MALFORMED, "digest" },
		{ "longer", ERR_MALFORMED, "larger" },
		{ "gone", ERR_NOT_FOUND, "" },
		{ "broken", ERR_TEMPORARY, "500" },
		{ "busy", ERR_TEMPORARY, "429" },
		/* of several failures the one that another try may cure */
		{ "gone wrong broken", ERR_TEMPORARY, "500" },
		{ "wrong gone", ERR_MALFORMED, "digest" },
	};
	struct result *r;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		r = layer(GZIP, t[i].where, 0);
		assert_int_equal(r->done.outcome, t[i].outcome);
		assert_non_null(strstr(r->reasons, t[i].reason));
		assert_string_not_equal(r->reasons, "");
		assert_int_equal(r->done.retry_after_s,
		    strcmp(t[i].where, "busy") == 0 ? 7 : 0);
		assert_int_equal(r->done.place, -1);
		result_free(r);
	}
	/* shorter than the manifest says, though digest and length are right */
	r = ask(WIRE_JOB_LAYER, contents[GZIP].digest,
	    (int64_t)contents[GZIP].body.n + 5, "ok", 0);
	assert_int_equal(r->done.outcome, ERR_MALFORMED);
	assert_non_null(strstr(r->reasons, "size"));
	result_free(r);
}

static void
test_the_next_place_is_tried(void **state)
{
	struct result *r = layer(GZIP, "gone wrong ok", 0);

	(void)state;
	assert_int_equal(r->done.outcome, 0);
	assert_int_equal(r->done.place, 2);
	assert_int_equal(rows_of(r, STATUS), 1);
	result_free(r);
}

static void
test_a_token_is_asked_for_and_used(void **state)
{
	struct result *r = layer(GZIP, "token", 0);

	(void)state;
	assert_int_equal(r->done.outcome, 0);
	assert_int_equal(r->tokens, 1);
	result_free(r);
}

/* A registry is not shown the token of another. */
static void
test_a_token_of_another_place_is_not_used(void **state)
{
	struct result *r;

	(void)state;
	late = true;
	r = layer(GZIP, "gone token", 0);
	late = false;
	assert_int_equal(r->done.outcome, 0);
	assert_int_equal(r->done.place, 1);
	assert_int_equal(r->tokens, 2);
	result_free(r);
}

/* Bytes that are what their digest says, and still no whole layer. */
static void
test_what_cannot_be_read_is_incomplete(void **state)
{
	static const enum content bad[] = { CUT_GZIP, BOMB, GARBAGE };
	struct result *r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = layer(bad[i], "ok", 0);
		assert_int_equal(r->done.outcome, 0);
		assert_string_not_equal(r->reasons, "");
		result_free(r);
	}
	r = layer(EMPTY, "ok", 0);
	assert_int_equal(r->done.outcome, 0);
	assert_string_equal(r->reasons, "");
	result_free(r);
}

static void
test_a_crash_costs_one_analyzer(void **state)
{
	struct result *r = layer(GZIP, "ok", CRASH_IN_DPKG);

	(void)state;
	assert_int_equal(r->done.outcome, 0);
	assert_non_null(strstr(r->reasons,
	    "signal 11 in dpkg, path " STATUS));
	/* the rest of the layer was read */
	assert_int_equal(tree_entries(r, TREE_WHITEOUT), 1);
	assert_true(rows_of(r, STATUS) <= 0);
	result_free(r);
}

static void
test_a_second_crash_is_incomplete_and_the_slot_lives(void **state)
{
	struct result *r = layer(GZIP, "ok", CRASH_ALWAYS);

	(void)state;
	assert_int_equal(r->done.outcome, 0);
	assert_non_null(strstr(r->reasons, "signal 11"));
	result_free(r);
	r = layer(GZIP, "ok", 0);
	assert_int_equal(r->done.outcome, 0);
	assert_string_equal(r->reasons, "");
	assert_int_equal(rows_of(r, STATUS), 1);
	result_free(r);
}

/* A layer without reasons counts as whole: silence must never look like that. */
static void
test_a_reader_that_says_nothing_is_never_whole(void **state)
{
	static const uint8_t how[] = { GIVE_UP, FALL_SILENT };

	(void)state;
	for (size_t i = 0; i < sizeof(how); i++) {
		struct result *r = layer(GZIP, "ok", how[i]);

		assert_int_equal(r->done.outcome, 0);
		assert_string_not_equal(r->reasons, "");
		result_free(r);
	}
}

/* ------------------------------------------------------------------ documents */

static struct wire_document
document_of(struct result *r, struct pool *pool)
{
	struct cur c = cur_str(buf_view(&r->bytes[WIRE_PART_DOCUMENT]));
	struct wire_document w = { 0 };
	struct diag d;

	assert_int_equal(r->done.outcome, 0);
	assert_int_equal(wire_document_read(&c, pool, &w, &d), 0);
	assert_int_equal(cur_left(&c), 0);
	return (w);
}

static void
test_an_image_brings_its_config(void **state)
{
	struct result *r = ask(WIRE_JOB_RESOLVE, contents[IMAGE].digest, -1,
	    "ok", 0);
	struct pool *pool = pool_new(16 * MIB);
	struct wire_document w = document_of(r, pool);

	(void)state;
	assert_true(str_eqz(w.kind, "image"));
	assert_true(str_eqz(w.digest, contents[IMAGE].digest));
	assert_true(str_eqz(w.config_digest, contents[CONFIG].digest));
	assert_true(str_eqz(w.os, "linux"));
	assert_int_equal(w.nlayers, 1);
	assert_true(str_eqz(w.layers[0].digest, contents[GZIP].digest));
	assert_true(str_eqz(w.layers[0].created_by, "COPY / /"));
	assert_true(str_ends(w.layers[0].diff_id, "00aa"));
	assert_int_equal(w.layers[0].size, contents[GZIP].body.n);
	pool_free(pool);
	result_free(r);
}

static void
test_a_tag_leads_to_an_index(void **state)
{
	struct result *r = ask(WIRE_JOB_RESOLVE, "latest", -1, "ok", 0);
	struct pool *pool = pool_new(16 * MIB);
	struct wire_document w = document_of(r, pool);

	(void)state;
	assert_true(str_eqz(w.kind, "index"));
	assert_true(str_eqz(w.digest, contents[INDEX].digest));
	assert_int_equal(w.nchildren, 1);
	assert_true(str_eqz(w.children[0].architecture, "amd64"));
	pool_free(pool);
	result_free(r);
}

static void
test_documents_that_are_none(void **state)
{
	struct result *r = ask(WIRE_JOB_RESOLVE, contents[NO_JSON].digest, -1,
	    "ok", 0);

	(void)state;
	assert_int_equal(r->done.outcome, ERR_MALFORMED);
	result_free(r);
	for (int i = 0; i < 2; i++) {
		r = ask(WIRE_JOB_RESOLVE, contents[IMAGE].digest, -1,
		    i == 0 ? "wrong" : "disguised", 0);
		assert_int_equal(r->done.outcome, ERR_MALFORMED);
		assert_non_null(strstr(r->reasons, "digest"));
		result_free(r);
	}
	r = ask(WIRE_JOB_RESOLVE, "nosuchtag", -1, "ok", 0);
	assert_int_equal(r->done.outcome, ERR_NOT_FOUND);
	result_free(r);
}

/* ---------------------------------------------------------------------- set-up */

static pid_t
start_slot(struct launcher *launcher)
{
	int sv[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		abort();
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		close(sv[0]);
		slot_main(sv[1], launcher, false);
	}
	close(sv[1]);
	slot_fd = sv[0];
	return (pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_layer_is_read_whatever_its_compression),
		cmocka_unit_test(test_a_large_result_comes_in_parts),
		cmocka_unit_test(test_lies_of_the_registry_are_told),
		cmocka_unit_test(test_the_next_place_is_tried),
		cmocka_unit_test(test_a_token_is_asked_for_and_used),
		cmocka_unit_test(test_a_token_of_another_place_is_not_used),
		cmocka_unit_test(test_what_cannot_be_read_is_incomplete),
		cmocka_unit_test(test_a_crash_costs_one_analyzer),
		cmocka_unit_test(test_a_second_crash_is_incomplete_and_the_slot_lives),
		cmocka_unit_test(test_a_reader_that_says_nothing_is_never_whole),
		cmocka_unit_test(test_an_image_brings_its_config),
		cmocka_unit_test(test_a_tag_leads_to_an_index),
		cmocka_unit_test(test_documents_that_are_none),
	};
	struct launcher_task tasks[PARSE_TASKS];
	struct launcher *launcher;
	struct diag d;
	pid_t server, slot;
	int rc;

	/* all of it before cmocka's signal handlers, which children inherit */
	make_contents();
	server = http_serve(contents, CONTENTS, &port);
	memcpy(tasks, parse_tasks, sizeof(tasks));
	tasks[PARSE_LAYER].run = run_layer;
	if (launcher_start(tasks, PARSE_TASKS, false, parse_warm_up, &launcher,
	    &d) < 0) {
		fprintf(stderr, "%s\n", d.text);
		kill(server, SIGKILL);
		return (1);
	}
	slot = start_slot(launcher);
	signal(SIGPIPE, SIG_IGN);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	kill(slot, SIGKILL);
	kill(server, SIGKILL);
	launcher_stop(launcher);
	while (wait(NULL) > 0)
		;
	return (rc);
}
