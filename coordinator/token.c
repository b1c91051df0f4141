/*
 * Tokens for workers: the only place where a registry's long-lived credentials
 * are read, from their file, for the time of one request.
 */
#include <czmq.h>
#include <time.h>
#include "actor.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/registry.h"
#include "common/wire.h"
#include "credentials.h"
#include "fanout.h"
#include "reader.h"
#include "sql.h"
#include "token_cache.h"

/* Tokens are made one after another, and a worker waits a minute for its own. */
#define TOKEN_MS 15000

struct request {
	zframe_t *id;
	uint64_t job;
	uint32_t attempt, place;
	int64_t registry, job_row;
	char *challenge;
};

static bool
pop_u64(zmsg_t *m, uint64_t *ret)
{
	char *s = zmsg_popstr(m);
	bool ok = s != NULL && str_u64(str_of(s), ret);

	zstr_free(&s);
	return (ok);
}

static bool
read_request(zmsg_t *m, struct request *q)
{
	uint64_t v[5];

	q->id = zmsg_pop(m);
	for (size_t i = 0; i < 5; i++)
		if (!pop_u64(m, &v[i]))
			return (false);
	q->job = v[0];
	q->attempt = (uint32_t)v[1];
	q->place = (uint32_t)v[2];
	q->registry = (int64_t)v[3];
	q->job_row = (int64_t)v[4];
	q->challenge = zmsg_popstr(m);
	return (q->challenge != NULL);
}

/* The repository a job reads from at this registry: the token's scope. */
static int
repository_of(struct db *db, const struct request *q, char *ret, size_t size,
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_job_repository, &r, d, db_int(q->job_row),
	    db_int(q->registry))) < 0)
		return (rc);
	if (db_rows(r) == 0)
		rc = diag_set(d, ERR_NOT_FOUND, 0, "the job is gone");
	else
		snprintf(ret, size, "%.*s", STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	return (rc);
}

static bool
too_long(void *deadline)
{
	return (clock_ms() > *(const int64_t *)deadline);
}

/* Ask the registry, for so long. */
static int
ask(struct coordinator *co, struct http *http,
    const struct registry_credentials *c, const char *repository,
    struct registry_auth *ret, struct diag *d)
{
	int64_t deadline = clock_ms() + TOKEN_MS;
	int rc;

	http_set_stop(http, too_long, &deadline);
	/* not the challenge that the worker sent: it names the realm that gets
	 * the credentials, and a worker may lie */
	rc = registry_token(http, c, NULL, repository, reader_registry,
	    co->readers, ret, d);
	http_set_stop(http, NULL, NULL);
	if (rc == ERR_TEMPORARY && too_long(&deadline))
		diag_set(d, rc, 0, "%s gives no token within %d s", c->url,
		    TOKEN_MS / 1000);
	return (rc);
}

static int
make_token(struct coordinator *co, struct db *db, struct http *http,
    struct token_cache *cache, const struct request *q,
    struct registry_auth *ret, struct diag *d)
{
	struct registry_credentials c = { 0 };
	int64_t now = (int64_t)time(NULL);
	char repository[300];
	int rc;

	if (!db_alive(db))
		return (diag_set(d, ERR_TEMPORARY, 0, "the database is away"));
	if ((rc = repository_of(db, q, repository, sizeof(repository), d)) < 0)
		return (rc);
	/* error="invalid_token": the registry did not take the one it got */
	if (strcasestr(q->challenge, "error=") != NULL)
		token_cache_drop(cache, q->registry, repository);
	else if (token_cache_get(cache, q->registry, repository, now, ret))
		return (0);
	if ((rc = token_cache_get_failure(cache, q->registry, clock_s(), d)) < 0 ||
	    (rc = credentials_load(db, q->registry, &c, d)) < 0)
		return (rc);
	rc = ask(co, http, &c, repository, ret, d);
	credentials_done(&c);
	if (rc == 0)
		token_cache_put(cache, q->registry, repository, now, ret);
	else if (rc == ERR_TEMPORARY)
		token_cache_put_failure(cache, q->registry, clock_s(), d);
	return (rc);
}

static void
reply(zsock_t *pipe, struct request *q, int rc, struct registry_auth *a,
    const struct diag *d)
{
	struct wire_message m = { .type = WIRE_TOKEN_REPLY };
	zmsg_t *out = zmsg_new();
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	m.u.token_reply = (struct wire_token_reply) { .job = q->job,
		.attempt = q->attempt, .place = q->place, .error = rc,
		.kind = a->kind == REGISTRY_BASIC ? WIRE_AUTH_BASIC :
		    a->kind == REGISTRY_BEARER ? WIRE_AUTH_BEARER :
		    WIRE_AUTH_NONE,
		.value = str_of(a->value != NULL ? a->value : ""),
		.reason = str_of(rc < 0 ? d->text : "") };
	if (wire_write(&b, &m) == 0) {
		zmsg_append(out, &q->id);
		zmsg_addmem(out, b.p, b.n);
		zmsg_send(&out, pipe);
	}
	zmsg_destroy(&out);
	if (b.p != NULL)
		explicit_bzero(b.p, b.n);
	buf_done(&b);
}

void
token_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	struct token_cache *cache = token_cache_new();
	struct http *http = http_new();
	struct registry_auth a;
	struct request q;
	struct db *db = NULL;
	struct diag d;
	zframe_t *first;
	zmsg_t *m;
	int rc;

	zsock_signal(pipe, 0);
	while ((m = zmsg_recv(pipe)) != NULL) {
		first = zmsg_first(m);
		if (zframe_streq(first, "$TERM"))
			break;
		q = (struct request) { 0 };
		a = (struct registry_auth) { 0 };
		d = (struct diag) { 0 };
		if (read_request(m, &q)) {
			rc = db == NULL ? db_open(co->database,
			    "scanfarm token", &db, &d) : 0;
			if (rc == 0)
				rc = make_token(co, db, http, cache, &q, &a, &d);
			reply(pipe, &q, rc, &a, &d);
		}
		registry_auth_done(&a);
		zframe_destroy(&q.id);
		zstr_free(&q.challenge);
		zmsg_destroy(&m);
	}
	zmsg_destroy(&m);
	db_close(db);
	http_free(http);
	token_cache_free(cache);
}
