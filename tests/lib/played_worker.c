#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/fanout.h"
#include "coordinator/wake.h"
#include "tests/lib/database.h"
#include "tests/lib/played_worker.h"

#define PATIENCE_MS 30000
#define SIGN_MS 2000

static struct coordinator *co;
static char dir[] = "/tmp/scanfarm-test-XXXXXX", endpoint[64];
static struct db *db;
static zactor_t *zap, *leader;
static zframe_t *body;		/* what the last message's texts point into */

struct db *
played_init(struct coordinator *c, const char *name)
{
	struct diag d;

	co = c;
	wake_init();
	db = database_new(name, true);
	database_run(db, "INSERT INTO setting VALUES ('sip_key', '0123456789abcdef')");
	zsys_handler_set(NULL);
	zsys_init();
	assert_non_null(mkdtemp(dir));
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/fanout", dir);
	co->database = database_conninfo;
	co->data_dir = dir;
	co->fanout_endpoint = endpoint;
	if (keys_prepare(co, &d) < 0)
		fail_msg("%s", d.text);
	zap = zactor_new(zap_actor, co);
	leader = zactor_new(leader_actor, co);
	return (db);
}

void
played_done(void)
{
	char *rm = mem_printf("rm -rf %s", dir);

	zframe_destroy(&body);
	zactor_destroy(&leader);
	zactor_destroy(&zap);
	zsys_shutdown();
	db_close(db);
	assert_int_equal(system(rm), 0);
	free(rm);
}

static void
key(const char *name, char text[64])
{
	char *path = mem_printf("%s/curve/%s", dir, name);
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_non_null(fgets(text, 64, f));
	text[strcspn(text, "\n")] = '\0';
	fclose(f);
	free(path);
}

static void
send_message(zsock_t *s, const struct wire_message *m)
{
	zframe_t *f;
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	assert_int_equal(wire_write(&b, m), 0);
	f = zframe_new(b.p, b.n);
	assert_int_equal(zframe_send(&f, s, 0), 0);
	buf_done(&b);
}

static void
say(zsock_t *s, enum wire_type type)
{
	const struct wire_message m = { .type = type };

	send_message(s, &m);
}

/* The next message into ${ret}; false when there is none for ${ms}. */
static bool
receive(zsock_t *s, int ms, struct wire_message *ret)
{
	zframe_destroy(&body);
	zsock_set_rcvtimeo(s, ms);
	if ((body = zframe_recv(s)) == NULL)
		return (false);
	assert_int_equal(wire_read(str_n(zframe_data(body), zframe_size(body)),
	    ret, NULL), 0);
	return (true);
}

static bool
sign_of_life(const struct wire_message *m)
{
	return (m->type == WIRE_ACK && m->u.ack.job == 0);
}

struct wire_ack
played_expect(zsock_t *s, enum wire_type type)
{
	struct wire_message m;

	/* it may be long in coming, and who says nothing gets no job */
	for (int i = 0; i < PATIENCE_MS / SIGN_MS; i++) {
		while (receive(s, SIGN_MS, &m))
			/* who had to say hello twice is welcome twice */
			if (!sign_of_life(&m) && m.type != WIRE_WELCOME) {
				assert_int_equal(m.type, type);
				return (m.u.ack);
			}
		say(s, WIRE_HEARTBEAT);
	}
	fail_msg("no message of type %d from the coordinator", (int)type);
	return (m.u.ack);
}

void
played_silent(zsock_t *s)
{
	struct wire_message m;

	say(s, WIRE_HEARTBEAT);
	assert_true(receive(s, PATIENCE_MS, &m));
	assert_true(sign_of_life(&m));
}

zsock_t *
played_dial(void)
{
	char public[64], secret[64], server[64];
	zsock_t *s = zsock_new(ZMQ_DEALER);
	uint8_t p[32], k[32];
	zcert_t *cert;

	key("worker.public", public);
	key("worker.secret", secret);
	key("coordinator.public", server);
	zmq_z85_decode(p, public);
	zmq_z85_decode(k, secret);
	cert = zcert_new_from(p, k);
	zcert_apply(cert, s);
	zcert_destroy(&cert);
	zsock_set_curve_serverkey(s, server);
	zsock_set_linger(s, 0);
	assert_int_equal(zsock_connect(s, "%s", endpoint), 0);
	return (s);
}

zsock_t *
played_worker(uint32_t slots, const struct wire_analyzer *analyzers, uint32_t n)
{
	struct wire_message m = { .type = WIRE_HELLO };
	zsock_t *s = played_dial();

	m.u.hello = (struct wire_hello) { .protocol = WIRE_PROTOCOL,
		.name = STR_LIT("played"), .version = STR_LIT("1"),
		.slots = slots, .nanalyzers = n };
	for (uint32_t i = 0; i < n; i++)
		m.u.hello.analyzers[i] = analyzers[i];
	for (int i = 0; i < PATIENCE_MS / 50; i++) {	/* until there is a leader */
		struct wire_message got;

		send_message(s, &m);
		if (receive(s, SIGN_MS, &got) && got.type == WIRE_WELCOME)
			return (s);
		usleep(50000);
	}
	fail_msg("a worker is not welcome");
	return (NULL);
}

void
played_part(zsock_t *s, struct wire_ack lease, uint32_t seq,
    enum wire_part_kind kind, struct str bytes)
{
	struct wire_message m = { .type = WIRE_PART };

	m.u.part = (struct wire_part) { lease.job, lease.attempt, seq, kind,
		false, bytes };
	send_message(s, &m);
}

void
played_ask_token(zsock_t *s, struct wire_ack lease)
{
	struct wire_message m = { .type = WIRE_TOKEN };

	m.u.token = (struct wire_token) { lease.job, lease.attempt, 0,
		STR_LIT("Basic") };
	send_message(s, &m);
}

void
played_end(zsock_t *s, struct wire_ack lease, int outcome, uint32_t n,
    struct str bytes)
{
	struct wire_message m = { .type = WIRE_DONE };
	struct digest *h = digest_new();

	m.u.done = (struct wire_done) { .job = lease.job,
		.attempt = lease.attempt, .outcome = outcome, .parts = n,
		.size = 1, .tar_size = 1, .entries = 1,
		.reasons = outcome < 0 ? str_of("it says no") : str_of("") };
	for (uint32_t i = 0; i < n; i++)
		digest_add(h, bytes.p, bytes.n);
	digest_end(h, m.u.done.sha256);
	digest_free(h);
	send_message(s, &m);
}
