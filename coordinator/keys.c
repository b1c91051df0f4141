/* CURVE keys, and who may connect with them. */
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "actor.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "fanout.h"
#include "files.h"
#include "sql.h"

static int
make_pair(const char *dir, const char *who, struct diag *d)
{
	char public[41], secret[41], name[64];
	int rc;

	snprintf(name, sizeof(name), "%s.public", who);
	if (files_exists(dir, name))
		return (0);
	if (zmq_curve_keypair(public, secret) != 0)
		return (diag_set(d, ERR_UNSUPPORTED, 0,
		    "this libzmq was built without CURVE"));
	snprintf(name, sizeof(name), "%s.secret", who);
	if ((rc = files_write(dir, name, 0600, secret, d)) < 0)
		return (rc);
	snprintf(name, sizeof(name), "%s.public", who);
	rc = files_write(dir, name, 0644, public, d);
	explicit_bzero(secret, sizeof(secret));
	return (rc);
}

int
keys_prepare(struct coordinator *co, struct diag *d)
{
	char *dir = mem_printf("%s/curve", co->data_dir);
	char public[41];
	struct db *db = NULL;
	int rc;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", dir, strerror(errno));
		goto out;
	}
	if ((rc = make_pair(dir, "coordinator", d)) < 0 ||
	    (rc = make_pair(dir, "worker", d)) < 0 ||
	    (rc = files_read(dir, "worker.public", public, sizeof(public),
	    d)) < 0 ||
	    (rc = db_open(co->database, "scanfarm keys", &db, d)) < 0)
		goto out;
	rc = DB_QUERY(db, sql_worker_key_insert, NULL, d,
	    db_text(str_of(public)), db_text(str_of("worker")));
out:
	db_close(db);
	free(dir);
	return (rc);
}

zsock_t *
fanout_bind(struct coordinator *co, struct diag *d)
{
	char *dir = mem_printf("%s/curve", co->data_dir);
	char public[41], secret[41];
	zsock_t *s = NULL;
	uint8_t p[32], k[32];
	zcert_t *cert;

	if (files_read(dir, "coordinator.public", public, sizeof(public),
	    d) < 0 || files_read(dir, "coordinator.secret", secret,
	    sizeof(secret), d) < 0)
		goto out;
	if (zmq_z85_decode(p, public) == NULL ||
	    zmq_z85_decode(k, secret) == NULL) {
		diag_set(d, ERR_MALFORMED, 0, "%s holds no CURVE keys", dir);
		goto out;
	}
	s = zsock_new(ZMQ_ROUTER);
	cert = zcert_new_from(p, k);
	zcert_apply(cert, s);
	zcert_destroy(&cert);
	explicit_bzero(k, sizeof(k));
	zsock_set_zap_domain(s, "scanfarm");
	zsock_set_curve_server(s, 1);
	zsock_set_router_mandatory(s, 1);
	zsock_set_maxmsgsize(s, (int)LIMIT_WIRE_MESSAGE);
	zsock_set_sndhwm(s, 10000);
	zsock_set_rcvhwm(s, LIMIT_WIRE_WAITING);
	zsock_set_linger(s, 100);
	if (zsock_bind(s, "%s", co->fanout_endpoint) < 0) {
		diag_set(d, ERR_TEMPORARY, 0, "cannot listen on %s: %s",
		    co->fanout_endpoint, strerror(errno));
		zsock_destroy(&s);
	}
out:
	explicit_bzero(secret, sizeof(secret));
	free(dir);
	return (s);
}

/* Is the client's key admitted?  A status of RFC 27: 200, 400, or 300, upon which
 * it comes again by itself: the database is away. */
static const char *
admission(struct db *db, zframe_t *key)
{
	struct db_result *r = NULL;
	const char *status = "400";
	char text[41];

	if (key == NULL || zframe_size(key) != 32 ||
	    zmq_z85_encode(text, zframe_data(key), 32) == NULL)
		return (status);
	if (!db_alive(db) || db_query0(db, sql_worker_keys, &r, NULL) < 0)
		return ("300");
	for (size_t i = 0; i < db_rows(r); i++)
		if (str_eqz(db_col(r, i, 0), text))
			status = "200";
	db_free(r);
	return (status);
}

/* RFC 27: version, id, domain, address, identity, mechanism, credentials. */
static void
answer_zap(zsock_t *handler, struct db *db)
{
	zmsg_t *m = zmsg_recv(handler);
	char *version, *id, *rest;
	char user[41] = "";
	const char *status;
	zframe_t *key;

	if (m == NULL)
		return;
	version = zmsg_popstr(m);
	id = zmsg_popstr(m);
	for (int i = 0; i < 3; i++) {
		rest = zmsg_popstr(m);
		zstr_free(&rest);
	}
	rest = zmsg_popstr(m);
	key = zmsg_pop(m);
	status = rest != NULL && strcmp(rest, "CURVE") == 0 ?
	    admission(db, key) : "400";
	if (strcmp(status, "200") == 0)
		zmq_z85_encode(user, zframe_data(key), 32);
	else if (strcmp(status, "400") == 0)
		log_warn("a worker with an unknown key was refused", NULL);
	zstr_sendx(handler, version != NULL ? version : "1.0",
	    id != NULL ? id : "", status, status[0] == '2' ? "OK" :
	    status[0] == '3' ? "later" : "unknown key", user, "", NULL);
	zstr_free(&version);
	zstr_free(&id);
	zstr_free(&rest);
	zframe_destroy(&key);
	zmsg_destroy(&m);
}

void
zap_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	zsock_t *handler = zsock_new(ZMQ_REP);
	zmq_pollitem_t items[2];
	struct db *db = NULL;

	if (zsock_bind(handler, "inproc://zeromq.zap.01") < 0)
		log_error("cannot answer ZeroMQ's authentication", NULL);
	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm zap", &db))
		goto out;
	items[0] = (zmq_pollitem_t) { zsock_resolve(pipe), 0, ZMQ_POLLIN, 0 };
	items[1] = (zmq_pollitem_t) { zsock_resolve(handler), 0, ZMQ_POLLIN, 0 };
	while (zmq_poll(items, 2, 1000) >= 0) {
		if (items[1].revents & ZMQ_POLLIN)
			answer_zap(handler, db);
		if ((items[0].revents & ZMQ_POLLIN) != 0 &&
		    actor_told_to_end(pipe))
			break;
	}
out:
	db_close(db);
	zsock_destroy(&handler);
}
