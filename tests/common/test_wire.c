/* Wire messages: every type there and back, cut at every length, lying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/pack.h"
#include "common/pool.h"
#include "common/wire.h"

static const struct wire_message samples[] = {
	{ WIRE_HELLO, { .hello = { 1, STR_LIT("host:1"), STR_LIT("0.1"), 4,
	    { { STR_LIT("dpkg"), 4, 1, true }, { STR_LIT("golang"), 2, 1,
	    false } }, 2 } } },
	{ WIRE_PART, { .part = { 7, 2, 3, WIRE_PART_TREE, true,
	    STR_LIT("bytes\0with nul") } } },
	{ WIRE_DONE, { .done = { .job = 1ull << 60, .attempt = 9,
	    .outcome = ERR_TEMPORARY, .parts = 4, .sha256 = { 1, 2, 3 },
	    .size = 5, .tar_size = 6, .entries = 7, .retry_after_s = 8,
	    .place = -1, .reasons = STR_LIT("one\ntwo") } } },
	{ WIRE_TOKEN, { .token = { 7, 1, 3, STR_LIT("Bearer realm=\"x\"") } } },
	{ WIRE_HEARTBEAT, { .heartbeat = { 2, 2, { { 7, 1 }, { 8, 2 } } } } },
	{ WIRE_WELCOME, { .welcome = { 1, { 9, 8, 7 }, 5 } } },
	{ WIRE_JOB, { .job = { 7, 1, WIRE_JOB_LAYER, STR_LIT("sha256:00"), -1,
	    { { STR_LIT("http://a"), STR_LIT("r/a"), true },
	    { STR_LIT("https://b"), STR_LIT("r/b"), false } }, 2, 1, true } } },
	{ WIRE_ACK, { .ack = { 7, 1, 5 } } },
	{ WIRE_RESEND, { .ack = { 7, 1, 5 } } },
	{ WIRE_TOKEN_REPLY, { .token_reply = { 7, 1, 0, 0, WIRE_AUTH_BEARER,
	    STR_LIT("secret"), STR_LIT("") } } },
	{ WIRE_UNKNOWN_JOB, { .ack = { 7, 1, 0 } } },
	{ WIRE_NOT_LEADER, { .ack = { 0, 0, 0 } } },
	{ WIRE_ACCEPTED, { .ack = { 7, 1, 0 } } },
};

static void
test_every_message_there_and_back_and_cut(void **state)
{
	struct wire_message m;
	struct buf one, two;
	struct diag d;

	(void)state;
	buf_init(&one, LIMIT_WIRE_MESSAGE);
	buf_init(&two, LIMIT_WIRE_MESSAGE);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		buf_clear(&one);
		buf_clear(&two);
		assert_int_equal(wire_write(&one, &samples[i]), 0);
		assert_int_equal(wire_read(buf_view(&one), &m, &d), 0);
		assert_int_equal(m.type, samples[i].type);
		/* what was read writes the same bytes */
		assert_int_equal(wire_write(&two, &m), 0);
		assert_int_equal(one.n, two.n);
		assert_memory_equal(one.p, two.p, one.n);
		for (size_t cut = 0; cut < one.n; cut++)
			assert_int_equal(wire_read(str_n(one.p, cut), &m, &d),
			    ERR_MALFORMED);
		assert_int_equal(buf_byte(&one, 0xC2), 0);
		assert_int_equal(wire_read(buf_view(&one), &m, &d),
		    ERR_MALFORMED);
	}
	buf_done(&one);
	buf_done(&two);
}

static void
test_lying_messages_are_refused(void **state)
{
	struct wire_message m = { .type = WIRE_JOB };
	struct buf b;
	struct diag d;

	(void)state;
	buf_init(&b, LIMIT_WIRE_MESSAGE);
	/* five places where four is the maximum */
	m.u.job.kind = WIRE_JOB_LAYER;
	assert_int_equal(pack_array(&b, 9), 0);
	assert_int_equal(pack_u64(&b, WIRE_JOB), 0);
	assert_int_equal(pack_u64(&b, 1), 0);
	assert_int_equal(pack_u64(&b, 1), 0);
	assert_int_equal(pack_u64(&b, WIRE_JOB_LAYER), 0);
	assert_int_equal(pack_str(&b, str_of("sha256:0")), 0);
	assert_int_equal(pack_i64(&b, 1), 0);
	assert_int_equal(pack_u64(&b, 1), 0);
	assert_int_equal(pack_bool(&b, false), 0);
	assert_int_equal(pack_array(&b, 5), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(pack_array(&b, 3), 0);
		assert_int_equal(pack_str(&b, str_of("u")), 0);
		assert_int_equal(pack_str(&b, str_of("r")), 0);
		assert_int_equal(pack_bool(&b, false), 0);
	}
	assert_int_equal(wire_read(buf_view(&b), &m, &d), ERR_MALFORMED);
	/* an array that claims four thousand million elements */
	assert_int_equal(wire_read(str_n("\xdd\xff\xff\xff\xff\x01", 6), &m,
	    &d), ERR_MALFORMED);
	assert_int_equal(wire_read(str_n("\x92\x63\x01", 3), &m, &d),
	    ERR_MALFORMED);
	buf_done(&b);
}

/* A HELLO that claims ${n} analyzers and holds one of this revision. */
static int
hello_with(uint32_t n, uint64_t revision, struct wire_message *ret)
{
	struct diag d;
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	assert_int_equal(pack_array(&b, n > 0 ? 6 : 5), 0);
	assert_int_equal(pack_u64(&b, WIRE_HELLO), 0);
	assert_int_equal(pack_u64(&b, WIRE_PROTOCOL), 0);
	assert_int_equal(pack_str(&b, str_of("host:1")), 0);
	assert_int_equal(pack_str(&b, str_of("0.1")), 0);
	assert_int_equal(pack_u64(&b, 2), 0);
	if (n > 0)
		assert_int_equal(pack_array(&b, n), 0);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(pack_array(&b, 4), 0);
		assert_int_equal(pack_str(&b, str_of("k")), 0);
		assert_int_equal(pack_u64(&b, revision), 0);
		assert_int_equal(pack_u64(&b, 1), 0);
		assert_int_equal(pack_bool(&b, true), 0);
	}
	rc = wire_read(buf_view(&b), ret, &d);
	buf_done(&b);
	return (rc);
}

static void
test_hello_of_a_worker_that_does_not_say_how_it_reads(void **state)
{
	struct wire_message m;

	(void)state;
	assert_int_equal(hello_with(0, 0, &m), 0);
	assert_int_equal(m.u.hello.slots, 2);
	assert_int_equal(m.u.hello.nanalyzers, 0);
}

static void
test_hello_with_too_many_analyzers_or_too_high_is_refused(void **state)
{
	struct wire_message m;

	(void)state;
	assert_int_equal(hello_with(WIRE_ANALYZERS, INT32_MAX, &m), 0);
	assert_int_equal(m.u.hello.nanalyzers, WIRE_ANALYZERS);
	assert_int_equal(hello_with(WIRE_ANALYZERS + 1, 1, &m), ERR_MALFORMED);
	assert_int_equal(hello_with(1, (uint64_t)INT32_MAX + 1, &m),
	    ERR_MALFORMED);
}

static void
test_document_there_and_back_and_cut(void **state)
{
	struct wire_child children[] = { { STR_LIT("sha256:a"), STR_LIT("t"),
	    STR_LIT("linux"), STR_LIT("arm64"), STR_LIT("v8"), 12, true } };
	struct wire_layer layers[] = { { STR_LIT("sha256:l"), STR_LIT("t"),
	    STR_LIT("sha256:d"), STR_LIT("RUN x"), 99, STR_LIT("") } };
	struct wire_document m = { .kind = STR_LIT("image"),
		.digest = STR_LIT("sha256:m"), .size = 3, .children = children,
		.nchildren = 1, .layers = layers, .nlayers = 1 }, got;
	struct pool *pool = pool_new(100000);
	struct buf b;
	struct cur c;
	struct diag d;

	(void)state;
	buf_init(&b, 10000);
	assert_int_equal(wire_document_write(&b, &m), 0);
	c = cur_of(b.p, b.n);
	assert_int_equal(wire_document_read(&c, pool, &got, &d), 0);
	assert_int_equal(got.nchildren, 1);
	assert_true(got.children[0].attestation);
	assert_true(str_eqz(got.layers[0].created_by, "RUN x"));
	assert_int_equal(got.layers[0].size, 99);
	for (size_t cut = 0; cut < b.n; cut++) {
		c = cur_of(b.p, cut);
		assert_int_equal(wire_document_read(&c, pool, &got, &d),
		    ERR_MALFORMED);
	}
	buf_done(&b);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message_there_and_back_and_cut),
		cmocka_unit_test(test_lying_messages_are_refused),
		cmocka_unit_test(test_hello_of_a_worker_that_does_not_say_how_it_reads),
		cmocka_unit_test(test_hello_with_too_many_analyzers_or_too_high_is_refused),
		cmocka_unit_test(test_document_there_and_back_and_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
