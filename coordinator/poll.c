/*
 * Catalog polling in its simplest correct form: repositories, their tags, and a
 * HEAD for each tag, which no registry counts as a pull.  What changed goes to
 * the inbox like any other event.  What is gone is noted only after a list was
 * read whole.
 */
#include <stdlib.h>
#include "actor.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/registry.h"
#include "common/ref.h"
#include "coordinator.h"
#include "credentials.h"
#include "leader.h"
#include "reader.h"
#include "files.h"
#include "sql.h"
#include "webhook.h"

/* Failures to say where a tag points, one after another, before the rest of its
 * repository is left for the next time. */
#define FAILURES_MAX 3
/* What a name takes in memory beside its bytes. */
#define NAME_BYTES 48

/* Names of a list that ${ok} takes for names. */
struct names {
	bool (*ok)(struct str);
	struct str *v;
	size_t n, cap, bytes;
	bool full;
};

struct poller {
	struct coordinator *co;
	struct db *db;
	struct http *http;
	int64_t registry;
	struct registry_credentials credentials;
	struct registry_conn conn;
	zsock_t *pipe;
};

static int
add_name(void *arg, struct str s)
{
	struct names *l = arg;

	if (!l->ok(s))
		return (0);
	l->bytes += s.n + NAME_BYTES;
	if ((l->full = l->bytes > LIMIT_LIST_HELD))
		return (ERR_LIMIT);
	MEM_ADD(l->v, l->n, l->cap, str_n(mem_strndup(s), s.n));
	return (0);
}

static void
names_done(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free((void *)(uintptr_t)l->v[i].p);
	free(l->v);
	*l = (struct names) { 0 };
}

static int
auth(void *arg, const char *challenge, const char *repository,
    struct registry_auth *ret, struct diag *d)
{
	struct poller *p = arg;

	return (registry_token(p->http, &p->credentials, challenge, repository,
	    reader_registry, p->co->readers, ret, d));
}

/* Told to end, or no leader any more: whoever leads next begins anew. */
static bool
ends(void *arg)
{
	const struct poller *p = arg;

	return (leader_epoch() == 0 ||
	    (zsock_events(p->pipe) & ZMQ_POLLIN) != 0);
}

/* All repositories, or all tags of one. */
static int
list(struct poller *p, const char *repository, struct names *ret,
    struct diag *d)
{
	int rc = registry_list(&p->conn, repository, reader_registry,
	    p->co->readers, add_name, ret, d);

	return (!ret->full ? rc : diag_set(d, ERR_LIMIT, 0,
	    "%s%s%s lists more names than %zu MiB hold", p->conn.url,
	    repository != NULL ? "/" : "", repository != NULL ? repository : "",
	    LIMIT_LIST_HELD / MIB));
}

/* Into the inbox; random key: a tag may well move back to where it was.  Without
 * ${digest} a worker is to find out where it points. */
static int
report(struct poller *p, struct str repository, struct str tag,
    const char *digest, struct diag *d)
{
	struct webhook_event e = { .kind = WEBHOOK_PUSH,
		.repository = repository, .tag = tag,
		.digest = str_of(digest) };
	struct str source = str_of("poll"), key, body;
	char random[65];
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_WEBHOOK_BYTES);
	if ((rc = webhook_event_write(&b, &e)) < 0)
		goto out;
	files_random_hex(random, 32);
	key = str_of(random);
	body = buf_view(&b);
	rc = DB_QUERY(p->db, sql_inbox_insert, NULL, d,
	    db_ints(&p->registry, 1), db_texts(&source, 1), db_blobs(&key, 1),
	    db_blobs(&body, 1));
	wake_up(WAKE_INGEST);
out:
	buf_done(&b);
	return (rc);
}

/* What the tag pointed to when we last looked: "sha256:..." or "".  ${r} is in the
 * order of tags. */
static void
known_digest(struct db_result *r, struct str tag, char ret[DIGEST_TEXT])
{
	size_t lo = 0, hi = db_rows(r), mid;
	struct str raw;

	ret[0] = '\0';
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(db_col(r, mid, 0), tag) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == db_rows(r) || !str_eq(db_col(r, lo, 0), tag))
		return;
	raw = db_col_bytes(r, lo, 1);
	if (raw.n == DIGEST_BYTES)
		digest_format((const uint8_t *)raw.p, ret);
}

/* When a list is asked for; what a webhook names meanwhile is not gone. */
static int
time_now(struct poller *p, char ret[64], struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(p->db, sql_time_now, &r, d)) == 0)
		snprintf(ret, 64, "%.*s", STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	return (rc);
}

/* Where one tag points now.  What the registry cannot say in short is asked for
 * at length, by a job that tries again and says why not. */
static int
one_tag(struct poller *p, const char *name, struct str tag, const char *old,
    struct diag *d)
{
	char new[72];
	struct diag why = { 0 };
	int rc, bad;

	rc = registry_head_manifest(&p->conn, name, tag.p, old, new, &why);
	if (rc == 0)
		return (report(p, str_of(name), tag, new, d));
	if (rc > 0)
		return (0);
	if (ends(p)) {
		*d = why;
		return (rc);
	}
	log_warn("tag unclear", "repository", "%s", name, "tag", "%s", tag.p,
	    "reason", "%s", why.text, NULL);
	if (rc == ERR_NOT_FOUND)
		return (0);
	if ((bad = report(p, str_of(name), tag, "", d)) < 0)
		return (bad);
	if (rc == ERR_TEMPORARY || rc == ERR_DENIED) {
		*d = why;
		return (rc);
	}
	return (0);
}

static int
repository(struct poller *p, const char *name, struct diag *d)
{
	struct names tags = { .ok = ref_tag_ok };
	struct db_result *known = NULL;
	char old[DIGEST_TEXT], now[64];
	int rc, failed = 0;

	if ((rc = time_now(p, now, d)) < 0 ||
	    (rc = list(p, name, &tags, d)) < 0)
		goto out;
	if ((rc = DB_QUERY(p->db, sql_tags_known, &known, d,
	    db_int(p->registry), db_text(str_of(name)))) < 0)
		goto out;
	for (size_t i = 0; i < tags.n; i++) {
		known_digest(known, tags.v[i], old);
		/* one tag must not hide the others: its job tries again */
		rc = one_tag(p, name, tags.v[i], old, d);
		failed = rc < 0 ? failed + 1 : 0;
		if (failed == FAILURES_MAX ||
		    (rc < 0 && (p->conn.retry_after_s > 0 || ends(p))))
			goto out;
	}
	rc = DB_QUERY(p->db, sql_tags_gone, NULL, d, db_int(p->registry),
	    db_text(str_of(name)), db_texts(tags.v, tags.n),
	    db_text(str_of(now)));
out:
	db_free(known);
	names_done(&tags);
	return (rc);
}

static int
pass(struct poller *p, struct diag *d)
{
	struct names repositories = { .ok = ref_name_ok };
	char now[64];
	int rc, first = 0;

	if ((rc = time_now(p, now, d)) < 0 ||
	    (rc = list(p, NULL, &repositories, d)) < 0)
		goto out;
	for (size_t i = 0; i < repositories.n; i++) {
		struct diag one = { 0 };

		rc = repository(p, repositories.v[i].p, &one);
		/* one broken repository must not hide the others */
		if (rc < 0 && rc != ERR_NOT_FOUND && first == 0) {
			first = rc;
			*d = one;
		}
		if (rc == ERR_TEMPORARY && p->conn.retry_after_s > 0)
			break;
		if (ends(p)) {
			rc = diag_set(d, ERR_TEMPORARY, 0, "it was stopped");
			goto out;
		}
	}
	if ((rc = first) == 0)
		rc = DB_QUERY(p->db, sql_repositories_gone, NULL, d,
		    db_int(p->registry), db_texts(repositories.v,
		    repositories.n), db_text(str_of(now)));
out:
	names_done(&repositories);
	return (rc);
}

/* Poll the registry that is due first, if any. */
static int
due(struct poller *p, struct diag *d)
{
	struct db_result *r = NULL;
	struct diag why = { 0 };
	int rc;

	if ((rc = db_query0(p->db, sql_registries_due, &r, d)) < 0)
		return (rc);
	if (db_rows(r) == 0) {
		db_free(r);
		return (0);
	}
	p->registry = db_col_int(r, 0, 0);
	db_free(r);
	p->conn = (struct registry_conn) { .http = p->http };
	if ((rc = credentials_load(p->db, p->registry, &p->credentials,
	    &why)) == 0) {
		p->conn = (struct registry_conn) { .http = p->http,
			.url = p->credentials.url,
			.insecure = p->credentials.insecure, .auth = auth,
			.auth_arg = p };
		rc = pass(p, &why);
	}
	if (rc < 0)
		log_warn("poll", "registry", "%lld", (long long)p->registry,
		    "reason", "%s", why.text, NULL);
	/* one that was stopped is due still */
	rc = ends(p) ? 0 : DB_QUERY(p->db, sql_registry_polled, NULL, d,
	    db_int(p->registry), db_text(str_of(rc < 0 ? why.text : "")),
	    db_int(rc < 0 ? p->conn.retry_after_s : 0));
	registry_conn_done(&p->conn);
	credentials_done(&p->credentials);
	return (rc < 0 ? rc : 1);
}

void
poll_actor(zsock_t *pipe, void *arg)
{
	struct poller p = { .co = arg, .pipe = pipe, .http = http_new() };
	struct diag d;
	int rc = 0;

	zsock_signal(pipe, 0);
	http_set_stop(p.http, ends, &p);
	if (!actor_connect(pipe, p.co->database, "scanfarm poll", &p.db))
		goto out;
	do {
		rc = 0;
		if (leader_epoch() != 0 && db_alive(p.db) &&
		    (rc = due(&p, &d)) < 0)
			log_warn("poll", "reason", "%s", d.text, NULL);
	} while (actor_wait(pipe, WAKE_POLL, rc > 0 ? 0 : 1000));
out:
	db_close(p.db);
	http_free(p.http);
}
