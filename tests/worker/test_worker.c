/*
 * The program scanfarm-worker under a coordinator that this test plays: hello,
 * jobs, the window of parts, sending again, another leader, and its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <czmq.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/wire.h"
#include "tests/lib/cli_run.h"
#include "tests/lib/http_serve.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/analyzer.h"

#define WHITEOUTS 80000	/* more than two windows of parts */

enum content { SMALL, LARGE, CONTENTS };

static struct http_content contents[CONTENTS];
static int http_port;
static zsock_t *routers[2];
static zcert_t *cert;
static pid_t worker;
static char dir[] = "/tmp/scanfarm-test-worker-XXXXXX";

/* ------------------------------------------------------------------- messages */

static zframe_t *peer;		/* identity of the last message's sender */
static zframe_t *body;		/* what the last message's texts point into */

static bool
receive(zsock_t *router, struct wire_message *m)
{
	zframe_destroy(&peer);
	zframe_destroy(&body);
	if ((peer = zframe_recv(router)) == NULL)
		return (false);
	body = zframe_recv(router);
	assert_non_null(body);
	assert_int_equal(wire_read(str_n(zframe_data(body), zframe_size(body)),
	    m, NULL), 0);
	return (true);
}

/* The next message that is no heartbeat. */
static void
expect(zsock_t *router, enum wire_type type, struct wire_message *m)
{
	do
		assert_true(receive(router, m));
	while (m->type == WIRE_HEARTBEAT && type != WIRE_HEARTBEAT);
	assert_int_equal(m->type, type);
}

static void
send_message(zsock_t *router, const struct wire_message *m)
{
	zframe_t *to = zframe_dup(peer), *f;
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	assert_int_equal(wire_write(&b, m), 0);
	f = zframe_new(b.p, b.n);
	assert_int_equal(zframe_send(&to, router, ZFRAME_MORE), 0);
	assert_int_equal(zframe_send(&f, router, 0), 0);
	buf_done(&b);
}

static void
answer(zsock_t *router, enum wire_type type, uint64_t job, uint32_t seq)
{
	struct wire_message m = { .type = type };

	m.u.ack = (struct wire_ack) { job, 1, seq };
	send_message(router, &m);
}

static void
welcome(zsock_t *router)
{
	struct wire_message m = { .type = WIRE_WELCOME };

	m.u.welcome.protocol = WIRE_PROTOCOL;
	m.u.welcome.heartbeat_s = 5;
	send_message(router, &m);
}

static void
give_attempt(zsock_t *router, uint64_t job, uint32_t attempt, enum content c,
    const char *repository)
{
	struct wire_message m = { .type = WIRE_JOB };
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_port);
	m.u.job = (struct wire_job) { .job = job, .attempt = attempt,
		.kind = WIRE_JOB_LAYER, .reference = str_of(contents[c].digest),
		.size = (int64_t)contents[c].body.n, .nplaces = 1,
		.places = { { str_of(url), str_of(repository), true } } };
	send_message(router, &m);
}

static void
give_from(zsock_t *router, uint64_t job, enum content c, const char *repository)
{
	give_attempt(router, job, 1, c, repository);
}

static void
give(zsock_t *router, uint64_t job, enum content c)
{
	give_from(router, job, c, "ok");
}

/* Acknowledge parts until DONE; its number of parts must be right. */
static void
finish(zsock_t *router, uint64_t job, uint32_t next)
{
	struct wire_message m;

	for (;;) {
		do
			assert_true(receive(router, &m));
		while (m.type == WIRE_HEARTBEAT);
		if (m.type == WIRE_DONE)
			break;
		assert_int_equal(m.type, WIRE_PART);
		assert_int_equal(m.u.part.job, job);
		assert_int_equal(m.u.part.seq, next++);
		answer(router, WIRE_ACK, job, m.u.part.seq);
	}
	assert_int_equal(m.u.done.job, job);
	assert_int_equal(m.u.done.outcome, 0);
	assert_int_equal(m.u.done.parts, next);
	assert_int_equal(m.u.done.reasons.n, 0);
}

/* --------------------------------------------------------------------- tests */

/* Each analyzer that a layer job runs, and no lock file's. */
static void
hello_names_what_reads_layers(const struct wire_hello *h)
{
	uint32_t n = 0;

	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		const struct analyzer *a = analyzer_all[i];
		const struct wire_analyzer *w = &h->analyzers[n];

		if (a->declared)
			continue;
		assert_true(n++ < h->nanalyzers);
		assert_true(str_eqz(w->kind, a->name));
		assert_int_equal(w->revision, a->revision);
		assert_int_equal(w->wants_revision, a->wants_revision);
		assert_int_equal(w->recorded, a->stream == NULL &&
		    !a->owners_only);
	}
	assert_int_equal(n, h->nanalyzers);
	assert_true(n > 0);
}

static void
test_hello_then_heartbeats(void **state)
{
	struct wire_message m;

	(void)state;
	expect(routers[0], WIRE_HELLO, &m);
	assert_int_equal(m.u.hello.protocol, WIRE_PROTOCOL);
	assert_true(str_eqz(m.u.hello.name, "tester"));
	assert_int_equal(m.u.hello.slots, 1);
	hello_names_what_reads_layers(&m.u.hello);
	welcome(routers[0]);
	expect(routers[0], WIRE_HEARTBEAT, &m);
	assert_int_equal(m.u.heartbeat.njobs, 0);
}

static void
test_a_job_is_done_once_accepted_and_two_queue_up(void **state)
{
	(void)state;
	give(routers[0], 1, SMALL);
	give(routers[0], 2, SMALL);
	finish(routers[0], 1, 0);
	answer(routers[0], WIRE_ACCEPTED, 1, 0);
	finish(routers[0], 2, 0);
	answer(routers[0], WIRE_ACCEPTED, 2, 0);
}

/* Eight parts and no more without an acknowledgement; the same on demand. */
static void
test_the_window_stops_and_repeats(void **state)
{
	struct digest *sums[2] = { digest_new(), digest_new() };
	uint8_t sha[2][DIGEST_BYTES];
	struct wire_message m;

	(void)state;
	give(routers[0], 3, LARGE);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < LIMIT_WIRE_WINDOW; i++) {
			expect(routers[0], WIRE_PART, &m);
			assert_int_equal(m.u.part.seq, i);
			digest_add(sums[round], m.u.part.bytes.p,
			    m.u.part.bytes.n);
		}
		/* the next word is a heartbeat, and it names the job */
		expect(routers[0], WIRE_HEARTBEAT, &m);
		assert_int_equal(m.u.heartbeat.njobs, 1);
		assert_int_equal(m.u.heartbeat.jobs[0].job, 3);
		digest_end(sums[round], sha[round]);
		if (round == 0)
			answer(routers[0], WIRE_RESEND, 3, 0);
	}
	assert_memory_equal(sha[0], sha[1], DIGEST_BYTES);
	answer(routers[0], WIRE_ACK, 3, LIMIT_WIRE_WINDOW - 1);
	finish(routers[0], 3, LIMIT_WIRE_WINDOW);
	answer(routers[0], WIRE_ACCEPTED, 3, 0);
	digest_free(sums[0]);
	digest_free(sums[1]);
}

/* Each HELLO of those that were said in vain is answered in the end; the first part
 * once more would begin the results anew. */
static void
test_a_second_welcome_repeats_nothing(void **state)
{
	struct wire_message m;

	(void)state;
	give(routers[0], 11, LARGE);
	for (int i = 0; i < LIMIT_WIRE_WINDOW; i++)
		expect(routers[0], WIRE_PART, &m);
	welcome(routers[0]);
	expect(routers[0], WIRE_HEARTBEAT, &m);
	expect(routers[0], WIRE_HEARTBEAT, &m);
	answer(routers[0], WIRE_ACK, 11, LIMIT_WIRE_WINDOW - 1);
	finish(routers[0], 11, LIMIT_WIRE_WINDOW);
	answer(routers[0], WIRE_ACCEPTED, 11, 0);
}

/* A worker has more jobs than one heartbeat names; of those that none names the
 * coordinator believes that they are lost. */
static void
test_heartbeats_name_all_jobs(void **state)
{
	bool named[WIRE_HEARTBEAT_JOBS + 1] = { false };
	size_t n = 0, rounds = 0;
	struct wire_message m;

	(void)state;
	give(routers[0], 100, LARGE);
	for (int i = 0; i < LIMIT_WIRE_WINDOW; i++)
		expect(routers[0], WIRE_PART, &m);
	for (uint64_t i = 1; i <= WIRE_HEARTBEAT_JOBS; i++)
		give(routers[0], 100 + i, SMALL);
	for (; n <= WIRE_HEARTBEAT_JOBS && rounds < 4; rounds++) {
		expect(routers[0], WIRE_HEARTBEAT, &m);
		for (size_t i = 0; i < m.u.heartbeat.njobs; i++) {
			size_t k = (size_t)m.u.heartbeat.jobs[i].job - 100;

			assert_in_range(k, 0, WIRE_HEARTBEAT_JOBS);
			n += !named[k];
			named[k] = true;
		}
	}
	assert_int_equal(n, WIRE_HEARTBEAT_JOBS + 1);
	for (uint64_t i = 1; i <= WIRE_HEARTBEAT_JOBS; i++)
		answer(routers[0], WIRE_UNKNOWN_JOB, 100 + i, 0);
	answer(routers[0], WIRE_UNKNOWN_JOB, 100, 0);
	give(routers[0], 200, SMALL);
	finish(routers[0], 200, 0);
	answer(routers[0], WIRE_ACCEPTED, 200, 0);
}

static void
test_done_repeats_until_it_is_unknown(void **state)
{
	struct wire_message m;

	(void)state;
	give(routers[0], 4, SMALL);
	finish(routers[0], 4, 0);
	answer(routers[0], WIRE_RESEND, 4, 9);
	expect(routers[0], WIRE_DONE, &m);
	assert_int_equal(m.u.done.job, 4);
	answer(routers[0], WIRE_UNKNOWN_JOB, 4, 0);
	/* the slot is free again */
	give(routers[0], 5, SMALL);
	finish(routers[0], 5, 0);
	answer(routers[0], WIRE_ACCEPTED, 5, 0);
}

/* A job nobody wants any more ends quietly, and the next one starts. */
static void
test_an_unknown_job_is_dropped_in_the_middle(void **state)
{
	struct wire_message m;

	(void)state;
	give(routers[0], 6, LARGE);
	for (int i = 0; i < LIMIT_WIRE_WINDOW; i++)
		expect(routers[0], WIRE_PART, &m);
	answer(routers[0], WIRE_UNKNOWN_JOB, 6, 0);
	give(routers[0], 7, SMALL);
	finish(routers[0], 7, 0);
	answer(routers[0], WIRE_ACCEPTED, 7, 0);
}

/* The next attempt may arrive before the word that the last one is unknown. */
static void
test_a_word_about_the_last_attempt_leaves_the_next(void **state)
{
	struct wire_message m;

	(void)state;
	give(routers[0], 26, LARGE);
	expect(routers[0], WIRE_PART, &m);
	give_attempt(routers[0], 26, 2, SMALL, "ok");
	answer(routers[0], WIRE_UNKNOWN_JOB, 26, 0);
	do
		assert_true(receive(routers[0], &m));
	while (m.type != WIRE_DONE);
	assert_int_equal(m.u.done.job, 26);
	assert_int_equal(m.u.done.attempt, 2);
	m.u.ack = (struct wire_ack) { 26, 2, 0 };
	m.type = WIRE_ACCEPTED;
	send_message(routers[0], &m);
}

/* Its fetch ends with it: this one would go on for ever. */
static void
test_an_unknown_job_is_not_fetched_to_its_end(void **state)
{
	struct wire_message m;

	(void)state;
	give_from(routers[0], 16, LARGE, "endless");
	expect(routers[0], WIRE_PART, &m);
	answer(routers[0], WIRE_UNKNOWN_JOB, 16, 0);
	give(routers[0], 17, SMALL);
	for (;;) {	/* parts that were under way */
		assert_true(receive(routers[0], &m));
		if (m.type == WIRE_PART && m.u.part.job == 17)
			break;
		assert_true(m.type == WIRE_HEARTBEAT ||
		    (m.type == WIRE_PART && m.u.part.job == 16));
	}
	answer(routers[0], WIRE_ACK, 17, 0);
	finish(routers[0], 17, 1);
	answer(routers[0], WIRE_ACCEPTED, 17, 0);
}

static void
test_garbage_changes_nothing(void **state)
{
	zframe_t *to = zframe_dup(peer), *f = zframe_new("\x93garbage", 8);

	(void)state;
	assert_int_equal(zframe_send(&to, routers[0], ZFRAME_MORE), 0);
	assert_int_equal(zframe_send(&f, routers[0], 0), 0);
	answer(routers[0], WIRE_ACCEPTED, 12345, 0);
	answer(routers[0], WIRE_ACK, 12345, 3);
	give(routers[0], 8, SMALL);
	finish(routers[0], 8, 0);
	answer(routers[0], WIRE_ACCEPTED, 8, 0);
}

/* What was not accepted by one coordinator goes to the next. */
static void
test_not_leader_leads_to_the_next_coordinator(void **state)
{
	struct wire_message m;

	(void)state;
	give(routers[0], 9, SMALL);
	finish(routers[0], 9, 0);
	answer(routers[0], WIRE_NOT_LEADER, 0, 0);
	expect(routers[1], WIRE_HELLO, &m);
	welcome(routers[1]);
	expect(routers[1], WIRE_HEARTBEAT, &m);
	assert_int_equal(m.u.heartbeat.njobs, 1);
	assert_int_equal(m.u.heartbeat.jobs[0].job, 9);
	expect(routers[1], WIRE_DONE, &m);
	assert_int_equal(m.u.done.job, 9);
	answer(routers[1], WIRE_ACCEPTED, 9, 0);
	give(routers[1], 10, SMALL);
	finish(routers[1], 10, 0);
	answer(routers[1], WIRE_ACCEPTED, 10, 0);
}

/* Gone, or a zombie that its new parent has not collected yet. */
static bool
is_dead(pid_t pid)
{
	char *path = mem_printf("/proc/%d/stat", (int)pid), state = 'Z';
	FILE *f = fopen(path, "r");

	if (f != NULL) {
		if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 'Z';
		fclose(f);
	}
	free(path);
	return (state == 'Z');
}

static void
test_killed_it_leaves_no_process(void **state)
{
	char *path = mem_printf("/proc/%d/task/%d/children", (int)worker,
	    (int)worker);
	FILE *f = fopen(path, "r");
	pid_t children[8];
	int n = 0, tries;

	(void)state;
	free(path);
	if (f == NULL)		/* a kernel without that file */
		skip();
	while (n < 8 && fscanf(f, "%d", &children[n]) == 1)
		n++;
	fclose(f);
	assert_int_equal(n, 2);	/* launcher and slot */
	assert_int_equal(kill(worker, SIGKILL), 0);
	assert_int_equal(waitpid(worker, NULL, 0), worker);
	worker = 0;
	for (int i = 0; i < n; i++) {
		for (tries = 0; tries < 500 && !is_dead(children[i]); tries++)
			zclock_sleep(10);
		assert_true(is_dead(children[i]));
	}
}

/* ---------------------------------------------------------------------- set-up */

static void
make_contents(void)
{
	static struct tar_build small, large;
	char name[100];

	tar_begin(&small);
	tar_file(&small, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	tar_begin(&large);
	for (int i = 0; i < WHITEOUTS; i++) {	/* told as they come */
		snprintf(name, sizeof(name), "usr/share/a/rather/long/folder/name/"
		    "and/some/more/of/it/until/the/end/.wh.gone-%d", i);
		tar_file(&large, name, "");
	}
	contents[SMALL] = (struct http_content) { .type = "text/plain",
		.body = tar_end(&small) };
	contents[LARGE] = (struct http_content) { .type = "text/plain",
		.body = tar_end(&large) };
}

static void
make_keys(void)
{
	zcert_t *mine = zcert_new();

	cert = zcert_new();
	cli_put(dir, "coordinator.public", zcert_public_txt(cert));
	cli_put(dir, "worker.public", zcert_public_txt(mine));
	cli_put(dir, "worker.secret", zcert_secret_txt(mine));
	zcert_destroy(&mine);
}

static void
start_worker(const char *self)
{
	char *program = mem_printf("%.*s/../../scanfarm-worker",
	    (int)str_rfind(str_of(self), '/'), self);
	char *a = zsock_last_endpoint(routers[0]);
	char *b = zsock_last_endpoint(routers[1]);

	if ((worker = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		execl(program, "scanfarm-worker", "--coordinator", a,
		    "--coordinator", b, "--keys", dir, "--slots", "1",
		    "--name", "tester", (char *)NULL);
		_exit(127);
	}
	free(program);
	free(a);
	free(b);
}

static int
set_up(const char *self)
{
	zsys_handler_set(NULL);
	if (mkdtemp(dir) == NULL)
		return (-1);
	make_keys();
	for (int i = 0; i < 2; i++) {
		routers[i] = zsock_new(ZMQ_ROUTER);
		zsock_set_curve_server(routers[i], 1);
		zcert_apply(cert, routers[i]);
		zsock_set_rcvtimeo(routers[i], 30000);
		zsock_set_linger(routers[i], 0);
		if (zsock_bind(routers[i], "tcp://127.0.0.1:*") < 0)
			return (-1);
	}
	start_worker(self);
	return (0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello_then_heartbeats),
		cmocka_unit_test(test_a_job_is_done_once_accepted_and_two_queue_up),
		cmocka_unit_test(test_the_window_stops_and_repeats),
		cmocka_unit_test(test_a_second_welcome_repeats_nothing),
		cmocka_unit_test(test_heartbeats_name_all_jobs),
		cmocka_unit_test(test_done_repeats_until_it_is_unknown),
		cmocka_unit_test(test_an_unknown_job_is_dropped_in_the_middle),
		cmocka_unit_test(test_an_unknown_job_is_not_fetched_to_its_end),
		cmocka_unit_test(test_a_word_about_the_last_attempt_leaves_the_next),
		cmocka_unit_test(test_garbage_changes_nothing),
		cmocka_unit_test(test_not_leader_leads_to_the_next_coordinator),
		cmocka_unit_test(test_killed_it_leaves_no_process),
	};
	pid_t server;
	int rc = 1;

	(void)argc;
	make_contents();
	server = http_serve(contents, CONTENTS, &http_port);
	if (set_up(argv[0]) == 0)
		rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (worker > 0)
		kill(worker, SIGKILL);
	kill(server, SIGKILL);
	while (wait(NULL) > 0)
		;
	zframe_destroy(&peer);
	zframe_destroy(&body);
	zsock_destroy(&routers[0]);
	zsock_destroy(&routers[1]);
	zcert_destroy(&cert);
	cli_remove(dir);
	return (rc);
}
