/* The API's exports of advisories: made, and taken in; see feed_export.h. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "common/json.h"
#include "feed_export.h"
#include "http_request.h"
#include "wake.h"

/* ?since=REVISION: what changed since then; else all. */
void
api_feeds_export(const struct http_request_in *q, struct http_answer *a)
{
	const char *since = q->query(q, "since");
	struct diag d = { 0 };
	uint64_t n = 0;
	int fd = -1, rc = 0;

	if (since[0] != '\0' &&
	    (!str_u64(str_of(since), &n) || n > INT64_MAX))
		rc = diag_set(&d, ERR_USAGE, 0, "since is no revision");
	else if ((fd = open(q->co->data_dir, O_TMPFILE | O_RDWR | O_CLOEXEC,
	    0600)) < 0)
		rc = diag_set(&d, ERR_TEMPORARY, 0, "no room in %s: %s",
		    q->co->data_dir, strerror(errno));
	else
		rc = feed_export_fd(q->db, since[0] != '\0' ? (int64_t)n : -1,
		    fd, &d);
	if (rc < 0) {
		http_error_diag(a, rc, &d);
		if (fd >= 0)
			close(fd);
		return;
	}
	a->status = 200;
	a->type = "application/zstd";
	a->fd = fd;
}

static void
write_feed(struct json_writer *w, const char *name, const struct feed_result *f)
{
	json_w_object(w);
	json_w_kstr(w, "feed", str_of(name));
	json_w_kint(w, "documents", (int64_t)f->documents);
	json_w_kint(w, "changed", (int64_t)f->changed);
	json_w_kint(w, "unmatched", (int64_t)f->unmatched);
	json_w_kint(w, "malformed", (int64_t)f->malformed);
	json_w_kint(w, "gone", (int64_t)f->gone);
	json_w_kint(w, "missing", (int64_t)f->missing);
	json_w_end_object(w);
}

static void
write_result(struct buf *b, const struct feed_mirror_result *r)
{
	struct json_writer w;

	json_w_init(&w, b);
	json_w_object(&w);
	json_w_kstr(&w, "farm", str_of(r->farm));
	json_w_kint(&w, "revision", (int64_t)r->revision);
	if (r->delta)
		json_w_kint(&w, "since", (int64_t)r->since);
	json_w_kbool(&w, "same", r->same);
	json_w_kstr(&w, "key", str_of(r->key));
	json_w_kstr(&w, "trusted_comment", str_of(r->trusted));
	json_w_key(&w, "feeds");
	json_w_array(&w);
	for (size_t i = 0; i < r->n; i++)
		write_feed(&w, r->names[i], &r->feeds[i]);
	json_w_end_array(&w);
	json_w_end_object(&w);
}

static bool
is_one(const struct http_request_in *q, const char *key)
{
	return (strcmp(q->query(q, key), "1") == 0);
}

/* The export is the body; ?signature=TEXT of its .minisig, &trust=TEXT of the key
 * file, &unsigned=1, &accept_missing=1, &accept_older=1. */
void
api_feeds_mirror(const struct http_request_in *q, struct http_answer *a)
{
	struct feed_mirror_options o = {
		.signature = str_of(q->query(q, "signature")),
		.trust = str_of(q->query(q, "trust")),
		.unsigned_ok = is_one(q, "unsigned"),
		.accept_missing = is_one(q, "accept_missing"),
		.accept_older = is_one(q, "accept_older") };
	struct feed_mirror_result r = { 0 };
	struct diag d = { 0 };
	int rc;

	if ((rc = feed_mirror_fd(q->db, q->co, q->fd, &o, &r, &d)) < 0)
		http_error_diag(a, rc, &d);
	else {
		a->status = 200;
		a->type = "application/json";
		write_result(&a->body, &r);
		wake_up(WAKE_MATCHER);
	}
	feed_mirror_result_done(&r);
}
