/*
 * The API: small handlers around statements whose one column is the answer's
 * JSON, so that its shape stands in sql/queries/api_*.sql.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "common/advisory.h"
#include "common/digest.h"
#include "common/http.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/ref.h"
#include "credentials.h"
#include "common/text.h"
#include "explain_image.h"
#include "farm_counts.h"
#include "feed_import.h"
#include "files.h"
#include "http_request.h"
#include "registry_check.h"
#include "sql.h"
#include "verdict.h"
#include "wake.h"

/* Rows of a page when nobody says, and at most. */
#define AFFECTED_ROWS 1000
#define AFFECTED_ROWS_MAX 5000

#define CHANGES_ROWS 1000

static void
answer_rows(struct http_answer *a, int rc, struct db_result *r,
    const struct diag *d)
{
	if (rc < 0)
		http_error_diag(a, rc, d);
	else if (db_rows(r) == 0 || db_is_null(r, 0, 0))
		http_error(a, 404, "not found", "scanfarm status shows what the farm knows");
	else {
		a->status = 200;
		a->type = "application/json";
		if (buf_str(&a->body, db_col(r, 0, 0)) < 0)
			http_error(a, 500, "answer too large", "");
	}
	db_free(r);
}

static void
answer_sql(const struct http_request_in *q, struct http_answer *a,
    const char *sql)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc = db_query0(q->db, sql, &r, &d);

	answer_rows(a, rc, r, &d);
}

void
api_registries_list(const struct http_request_in *q, struct http_answer *a)
{
	answer_sql(q, a, sql_api_registries);
}

/* A statement that takes the farm's counts. */
static void
answer_counts(const struct http_request_in *q, struct http_answer *a,
    const char *sql)
{
	struct db_result *r = NULL;
	char *counts = NULL;
	struct diag d;
	int rc;

	if ((rc = farm_counts(q->db, &counts, &d)) == 0)
		rc = DB_QUERY(q->db, sql, &r, &d, db_text(str_of(counts)));
	free(counts);
	answer_rows(a, rc, r, &d);
}

void
api_status(const struct http_request_in *q, struct http_answer *a)
{
	answer_counts(q, a, sql_api_status);
}

void
api_feeds(const struct http_request_in *q, struct http_answer *a)
{
	answer_sql(q, a, sql_api_feeds);
}

/* ?feed=&origin=&etag=&last_modified=: asked for, and still the same. */
void
api_feeds_unchanged(const struct http_request_in *q, struct http_answer *a)
{
	static const char *const keys[] = { "feed", "origin", "etag",
		"last_modified" };
	struct db_result *r = NULL;
	struct str v[4];
	struct diag d;
	int rc;

	for (size_t i = 0; i < 4; i++) {
		v[i] = str_of(q->query(q, keys[i]));
		if (!text_is_utf8(v[i])) {
			http_error(a, 400, "that is no text", "");
			return;
		}
	}
	rc = DB_QUERY(q->db, sql_feed_unchanged, &r, &d, db_text(v[0]),
	    db_text(v[1]), db_text(v[2]), db_text(v[3]));
	if (rc == 0 && db_rows(r) == 0) {
		http_error(a, 409, "something else was imported meanwhile",
		    "update the feed again");
		db_free(r);
	} else
		answer_rows(a, rc, r, &d);
}

/* How many documents went. */
static void
answer_gone(struct http_answer *a, int rc, const struct feed_result *r,
    const struct diag *d)
{
	struct json_writer w;

	if (rc < 0) {
		http_error_diag(a, rc, d);
		return;
	}
	a->status = 200;
	a->type = "application/json";
	json_w_init(&w, &a->body);
	json_w_object(&w);
	json_w_kint(&w, "gone", (int64_t)r->gone);
	json_w_end_object(&w);
	wake_up(WAKE_MATCHER);
}

/* ?feed=; the body names files that the source deleted, one a line, without .json. */
void
api_feeds_gone(const struct http_request_in *q, struct http_answer *a)
{
	struct str body = q->body, line, *names = NULL;
	size_t n = 0, cap = 0;
	struct feed_result r = { 0 };
	struct diag d;
	int rc;

	if (!text_is_utf8(body)) {
		http_error(a, 400, "that is no text", "");
		return;
	}
	while (str_split(&body, '\n', &line))
		if (line.n > 0)
			MEM_ADD(names, n, cap, line);
	rc = n == 0 ? 0 : feed_files_gone(q->db, q->query(q, "feed"), names, n,
	    &r, &d);
	free(names);
	answer_gone(a, rc, &r, &d);
}

/* ?feed= */
void
api_feeds_remove(const struct http_request_in *q, struct http_answer *a)
{
	const char *feed = q->query(q, "feed");
	struct feed_result r = { 0 };
	struct diag d;
	int rc = text_is_utf8(str_of(feed)) ? feed_remove(q->db, feed, &r, &d) :
	    diag_set(&d, ERR_USAGE, 0, "that is no text");

	answer_gone(a, rc, &r, &d);
}

/* ?id=N: that audit; else the last one that ended. */
void
api_audit(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	uint64_t id = 0;
	bool named = str_u64(str_of(q->query(q, "id")), &id) && id < INT32_MAX;
	int rc = DB_QUERY(q->db, sql_api_audit, &r, &d, named ?
	    db_int((int64_t)id) : db_null());

	if (rc == 0 && db_rows(r) == 0) {
		http_error(a, 404, "no audit was made yet", "scanfarm audit");
		db_free(r);
	} else
		answer_rows(a, rc, r, &d);
}

void
api_audit_request(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc = DB_QUERY(q->db, sql_audit_request, &r, &d,
	    db_text(str_of("admin")));

	answer_rows(a, rc, r, &d);
	if (a->status == 200)
		a->status = 202;
	wake_up(WAKE_AUDIT);
}

void
api_health(const struct http_request_in *q, struct http_answer *a)
{
	(void)q;
	a->status = 200;
	a->type = "text/plain";
	if (buf_str(&a->body, str_of("ok\n")) < 0)
		a->status = 500;
}

void
api_ready(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc = db_query0(q->db, sql_api_ready, &r, &d);

	db_free(r);
	if (rc < 0)
		http_error_diag(a, rc, &d);
	else
		api_health(q, a);
}

void
api_metrics(const struct http_request_in *q, struct http_answer *a)
{
	answer_counts(q, a, sql_api_metrics);
	a->type = "text/plain; version=0.0.4";
}

/* ---------------------------------------------------------------------- policy */

void
api_policy(const struct http_request_in *q, struct http_answer *a)
{
	answer_sql(q, a, sql_api_policy);
}

static struct db_param
bool_or_null(const struct json *v)
{
	return (v != NULL ? db_bool(json_bool(v)) : db_null());
}

/* {"fail_on": SEVERITY, "only_fixed": BOOL, "fail_on_kev": BOOL, "max_feed_age_s": N};
 * what is not named stays. */
static int
set_policy(struct db *db, const struct json *j, struct diag *d)
{
	struct str word = json_get_str(j, "fail_on");
	enum severity s = severity_of_word(word);
	const struct json *age = json_get(j, "max_feed_age_s");
	int64_t age_s = json_int(age, -1);

	if (word.n != 0 && s == SEVERITY_UNKNOWN && !str_eqz(word, "unknown"))
		return (diag_set(d, ERR_USAGE, 0, "\"%.*s\" is no severity; they "
		    "are critical, high, medium, low, negligible, unknown",
		    (int)(word.n < 60 ? word.n : 60), word.p));
	if (age != NULL && (age_s < 0 || age_s > INT32_MAX))
		return (diag_set(d, ERR_USAGE, 0, "max_feed_age_s is a number of "
		    "seconds"));
	return (DB_QUERY(db, sql_policy_set, NULL, d,
	    word.n != 0 ? db_int(s) : db_null(),
	    bool_or_null(json_get(j, "only_fixed")),
	    bool_or_null(json_get(j, "fail_on_kev")),
	    age != NULL ? db_int(age_s) : db_null()));
}

void
api_policy_set(const struct http_request_in *q, struct http_answer *a)
{
	struct json *j = NULL;
	struct diag d = { 0 };
	int rc;

	if ((rc = json_parse(q->body, 64 * KIB, &j, &d)) == 0)
		rc = set_policy(q->db, j, &d);
	json_free(j);
	if (rc < 0) {
		http_error_diag(a, rc, &d);
		return;
	}
	wake_up(WAKE_MATCHER);
	api_policy(q, a);
}

/* ------------------------------------------------------------------ registries */

/* The port of an origin: none, or a number that can be one. */
static bool
port_ok(struct str url)
{
	size_t colon = str_rfind(url, ':');
	uint64_t port;

	if (colon < strlen("https:") || str_rfind(url, ']') + 1 == url.n)
		return (true);	/* the scheme's, or of an address in brackets */
	return (str_u64(str_sub(url, colon + 1, url.n), &port) && port > 0 &&
	    port <= 65535);
}

/* What a registry needs, checked. */
static int
check_registry(const struct json *j, struct diag *d)
{
	struct str name = json_get_str(j, "name"), url = json_get_str(j, "url");
	struct str password_file = json_get_str(j, "password_file");
	bool insecure = json_bool(json_get(j, "insecure"));
	char origin[300], *path;
	int rc;

	if (name.n == 0 || name.n > 63)
		return (diag_set(d, ERR_USAGE, 0,
		    "a registry's name has 1 to 63 characters of a-z 0-9 . _ -"));
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') ||
		    (name.p[i] >= '0' && name.p[i] <= '9') ||
		    (i > 0 && strchr("._-", name.p[i]) != NULL)))
			return (diag_set(d, ERR_USAGE, 0,
			    "a registry's name has 1 to 63 characters of a-z 0-9 . _ -"));
	if (!http_origin(url, origin, sizeof(origin)) ||
	    strlen(origin) != url.n || !port_ok(url))
		return (diag_set(d, ERR_USAGE, 0,
		    "\"%.*s\" is no registry URL; one looks like https://registry.example:5000",
		    (int)(url.n < 200 ? url.n : 200), url.p));
	if (!insecure && str_starts(url, "http://"))
		return (diag_set(d, ERR_USAGE, 0,
		    "%s is plain http: add --insecure if that is meant", origin));
	if (json_get_str(j, "username").n == 0)
		return (0);
	if (password_file.n == 0)
		return (diag_set(d, ERR_USAGE, 0,
		    "a username needs a password file"));
	/* now, and not in the middle of the night */
	path = mem_strndup(password_file);
	rc = credentials_check(CREDENTIALS_PASSWORD, path, d);
	free(path);
	return (rc < 0 ? ERR_USAGE : 0);
}

static int
insert_registry(const struct http_request_in *q, const struct json *j,
    const char *id, const char *secret, struct db_result **r, struct diag *d)
{
	uint8_t sha[DIGEST_BYTES];

	digest_of(secret, strlen(secret), sha);
	return (DB_QUERY(q->db, sql_registry_insert, r, d,
	    db_text(json_get_str(j, "name")), db_text(json_get_str(j, "url")),
	    db_bool(json_bool(json_get(j, "insecure"))),
	    db_text(json_get_str(j, "username")),
	    db_text(json_get_str(j, "password_file")), db_text(str_of(id)),
	    db_bytes(str_n(sha, sizeof(sha))),
	    db_int(json_get_int(j, "poll_interval_s", 3600))));
}

void
api_registries_add(const struct http_request_in *q, struct http_answer *a)
{
	char *dir = mem_printf("%s/webhook", q->co->data_dir);
	char id[33], secret[65], file[100];
	struct db_result *r = NULL;
	struct json *j = NULL;
	struct json_writer w;
	struct diag d = { 0 };
	struct str name;
	int rc;

	if ((rc = json_parse(q->body, 64 * KIB, &j, &d)) < 0 ||
	    (rc = check_registry(j, &d)) < 0)
		goto out;
	name = json_get_str(j, "name");
	files_random_hex(id, 16);
	files_random_hex(secret, 32);
	if ((rc = db_begin(q->db, &d)) < 0 ||
	    (rc = insert_registry(q, j, id, secret, &r, &d)) < 0)
		goto out;
	if (db_rows(r) == 0) {
		http_error(a, 409, "a registry of that name is there already",
		    "scanfarm registry list; scanfarm registry remove NAME");
		goto done;
	}
	snprintf(file, sizeof(file), "%.*s.secret", STR_ARG(name));
	(void)mkdir(dir, 0700);
	/* no registry whose secret nobody was told */
	if ((rc = files_write(dir, file, 0600, secret, &d)) < 0 ||
	    (rc = db_commit(q->db, &d)) < 0)
		goto out;
	a->status = 201;
	a->type = "application/json";
	json_w_init(&w, &a->body);
	json_w_object(&w);
	json_w_kstr(&w, "name", name);
	snprintf(file, sizeof(file), "/webhooks/%.*s-%s", STR_ARG(name), id);
	json_w_kstr(&w, "webhook_path", str_of(file));
	json_w_kstr(&w, "secret", str_of(secret));
	{
		char *path = mem_printf("%s/%.*s.secret", dir, STR_ARG(name));

		json_w_kstr(&w, "secret_file", str_of(path));
		free(path);
	}
	json_w_end_object(&w);
	wake_up(WAKE_POLL);
out:
	if (rc < 0)
		http_error_diag(a, rc, &d);
done:
	db_rollback(q->db);
	explicit_bzero(secret, sizeof(secret));
	db_free(r);
	json_free(j);
	free(dir);
}

void
api_registries_remove(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc = DB_QUERY(q->db, sql_registry_remove, &r, &d, db_text(q->rest));

	answer_rows(a, rc, r, &d);
}

/* .../NAME/check: ask it now. */
void
api_registries_check(const struct http_request_in *q, struct http_answer *a)
{
	struct str name = q->rest;
	struct registry_check check;
	struct db_result *r = NULL;
	struct json_writer w;
	struct diag d = { 0 };
	int rc;

	if (!str_ends(name, "/check") || !text_is_utf8(name)) {
		http_error(a, 404, "no such page", "");
		return;
	}
	name = str_sub(name, 0, name.n - strlen("/check"));
	if ((rc = DB_QUERY(q->db, sql_registry_named, &r, &d,
	    db_text(name))) < 0)
		goto out;
	if (db_rows(r) == 0) {
		http_error(a, 404, "the farm has no registry of that name",
		    "scanfarm registry list");
		goto out;
	}
	if ((rc = registry_check(q->db, q->co->readers, db_col_int(r, 0, 0),
	    &check, &d)) < 0)
		goto out;
	a->status = 200;
	a->type = "application/json";
	json_w_init(&w, &a->body);
	json_w_object(&w);
	json_w_kstr(&w, "name", name);
	json_w_kstr(&w, "url", db_col(r, 0, 1));
	json_w_kstr(&w, "state", str_of(check.state));
	json_w_kstr(&w, "auth", str_of(check.auth));
	json_w_kstr(&w, "message", str_of(check.message));
	json_w_end_object(&w);
out:
	if (rc < 0)
		http_error_diag(a, rc, &d);
	db_free(r);
}

/* --------------------------------------------------------------------- images */

/* OS/ARCH[/VARIANT] or ARCH into three parts; false when it is none. */
static bool
platform_parts(struct str s, struct str part[3])
{
	size_t n = 0;

	part[0] = str_of("linux");
	part[1] = part[2] = str_of("");
	if (s.n == 0)
		return (true);
	if (str_find(s, '/') == s.n) {
		part[1] = s;
		return (text_is_utf8(s));
	}
	for (struct str p; str_split(&s, '/', &p); n++) {
		if (n == 3 || p.n == 0 || !text_is_utf8(p))
			return (false);
		part[n] = p;
	}
	return (n >= 2);
}

/* The tag that a registry is asked for: none where there is a digest, which alone
 * counts then, as in docker pull. */
static struct db_param
tag_asked(const struct ref *ref)
{
	return (db_text(str_of(ref->digest[0] != '\0' ? "" : ref->tag)));
}

/* ?reference=HOST/NAME:TAG or ?digest=sha256:... into ${ref} and, where there is a
 * digest, its bytes. */
static int
image_named(const struct http_request_in *q, struct ref *ref,
    uint8_t raw[DIGEST_BYTES], struct diag *d)
{
	const char *text = q->query(q, "reference");
	int rc = 0;

	if (text[0] != '\0')
		rc = ref_parse(str_of(text), ref, d);
	else
		snprintf(ref->digest, sizeof(ref->digest), "%.79s",
		    q->query(q, "digest"));
	if (rc == 0 && ref->digest[0] != '\0' &&
	    !digest_parse(str_of(ref->digest), raw))
		rc = diag_set(d, ERR_USAGE, 0, "not a sha256 digest");
	return (rc);
}

/* ?reference=HOST/NAME:TAG or ?digest=sha256:..., and &platform=OS/ARCH, &all=1; HOST is
 * a registry's name or the host of its URL. */
void
api_image(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	uint8_t raw[DIGEST_BYTES];
	struct ref ref = { .tag = "" };
	struct diag d = { 0 };
	struct str part[3];
	bool covered = false;
	int rc = image_named(q, &ref, raw, &d);

	if (rc == 0 && !platform_parts(str_of(q->query(q, "platform")), part))
		rc = diag_set(&d, ERR_USAGE, 0, "\"%.100s\" is no platform; one "
		    "looks like linux/arm64", q->query(q, "platform"));
	if (rc < 0) {
		http_error_diag(a, rc, &d);
		return;
	}
	rc = DB_QUERY(q->db, sql_api_image, &r, &d, db_text(str_of(ref.host)),
	    db_text(str_of(ref.name)), db_text(str_of(ref.tag)),
	    ref.digest[0] != '\0' ? db_bytes(str_n(raw, sizeof(raw))) :
	    db_null(), db_text(part[0]), db_text(part[1]), db_text(part[2]),
	    db_bool(q->query(q, "all")[0] != '\0'));
	if (rc == 0 && db_rows(r) > 0 && !db_is_null(r, 0, 1))
		rc = verdict_covered(q->db, db_col_int(r, 0, 1), &covered, &d);
	answer_rows(a, rc, r, &d);
	/* the object goes on behind what SQL made of it */
	if (a->status == 200) {
		a->body.n--;
		if (buf_printf(&a->body, ",\"covered\":%s}",
		    covered ? "true" : "false") < 0)
			http_error(a, 500, "answer too large", "");
	}
}

static int
two_digits(struct str s, size_t at)
{
	return (at + 2 > s.n ? 0 : 10 * (s.p[at] - '0') + s.p[at + 1] - '0');
}

/* Digits where a time has them: is there such a day, and such an hour of it? */
static bool
is_in_calendar(struct str s, struct str zone)
{
	struct tm tm = { .tm_year = 100 * two_digits(s, 0) +
		two_digits(s, 2) - 1900, .tm_mon = two_digits(s, 5) - 1,
		.tm_mday = two_digits(s, 8) };
	struct tm day = tm;

	/* timegm() makes of February 30 a day in March */
	return (tm.tm_year > 0 && timegm(&day) != -1 &&
	    day.tm_mon == tm.tm_mon && day.tm_mday == tm.tm_mday &&
	    two_digits(s, 11) < 24 && two_digits(s, 14) < 60 &&
	    two_digits(s, 17) < 60 && (zone.n < 6 ||
	    (two_digits(zone, 1) < 16 && two_digits(zone, 4) < 60)));
}

/* An RFC 3339 time, or its beginning, as a statement takes it; without a zone it
 * is UTC. */
static bool
time_read(struct str s, char ret[64])
{
	static const char *const shape[] = { "dddd-dd-dd", "dddd-dd-ddTdd:dd",
		"dddd-dd-ddTdd:dd:dd" };
	struct str zone, zones = STR_LIT("dd:dd");
	size_t n = 0, fits = 0;

	for (size_t i = 0; i < 3; i++) {
		for (n = 0; n < s.n && shape[i][n] != '\0' &&
		    (shape[i][n] == 'd' ? s.p[n] >= '0' && s.p[n] <= '9' :
		    s.p[n] == shape[i][n] ||
		    (shape[i][n] == 'T' && s.p[n] == ' ')); n++)
			;
		if (shape[i][n] == '\0')
			fits = n;
	}
	n = fits;
	if (n == 19 && n < s.n && s.p[n] == '.')
		for (n++; n < s.n && n < 26 && s.p[n] >= '0' && s.p[n] <= '9';
		     n++)
			;
	zone = str_sub(s, n, s.n);
	if (zone.n == 6 && (zone.p[0] == '+' || zone.p[0] == '-'))
		for (size_t i = 1; i < 6; i++)
			zones.n -= zones.p[i - 1] == 'd' ? zone.p[i] >= '0' &&
			    zone.p[i] <= '9' : zone.p[i] == ':';
	if (fits == 0 || (zone.n != 0 && !str_eqz(zone, "Z") &&
	    zones.n != 0) || !is_in_calendar(str_sub(s, 0, fits), zone))
		return (false);
	snprintf(ret, 64, "%.*s%s%.*s", (int)n, s.p, n == 10 ? "T00:00:00" : "",
	    zone.n != 0 ? (int)zone.n : 1, zone.n != 0 ? zone.p : "Z");
	return (true);
}

static int
refuse_time_to_come(struct db *db, const char *at, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = DB_QUERY(db, sql_time_to_come, &r, d, db_text(str_of(at)));

	if (rc == 0 && db_col_bool(r, 0, 0))
		rc = diag_set(d, ERR_USAGE, 0, "%s is still to come: no verdict "
		    "is known of it", at);
	db_free(r);
	return (rc);
}

/* ?reference=... or ?digest=... and &as_of=TIME, which has been */
void
api_verdict_as_of(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	uint8_t raw[DIGEST_BYTES];
	struct ref ref = { .tag = "" };
	struct diag d = { 0 };
	char at[64];
	int rc = image_named(q, &ref, raw, &d);

	if (rc == 0 && !time_read(str_of(q->query(q, "as_of")), at))
		rc = diag_set(&d, ERR_USAGE, 0, "\"%.60s\" is no time; one looks "
		    "like 2026-01-31 or 2026-01-31T12:00:00Z",
		    q->query(q, "as_of"));
	if (rc == 0 && (rc = refuse_time_to_come(q->db, at, &d)) == 0)
		rc = DB_QUERY(q->db, sql_api_verdict_as_of, &r, &d,
		    db_text(str_of(ref.host)), db_text(str_of(ref.name)),
		    db_text(str_of(ref.tag)), ref.digest[0] != '\0' ?
		    db_bytes(str_n(raw, sizeof(raw))) : db_null(),
		    db_text(str_of(at)));
	answer_rows(a, rc, r, &d);
}

/* "90m", "24h" or "7d" before now, as a time. */
static bool
ago_read(struct str s, char ret[64])
{
	struct tm tm;
	uint64_t n;
	time_t at;

	if (s.n < 2 || !str_u64(str_sub(s, 0, s.n - 1), &n) || n > 1000000)
		return (false);
	n *= s.p[s.n - 1] == 'm' ? 60 : s.p[s.n - 1] == 'h' ? 3600 :
	    s.p[s.n - 1] == 'd' ? 86400 : 0;
	at = time(NULL) - (time_t)n;
	return (n > 0 && gmtime_r(&at, &tm) != NULL &&
	    strftime(ret, 64, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
}

/* ?since=TIME */
void
api_changes(const struct http_request_in *q, struct http_answer *a)
{
	struct str since = str_of(q->query(q, "since"));
	struct db_result *r = NULL;
	struct diag d = { 0 };
	char at[64];
	int rc = 0;

	if (!ago_read(since, at) && !time_read(since, at))
		rc = diag_set(&d, ERR_USAGE, 0, "\"%.60s\" is no time; one looks "
		    "like 7d, 2026-01-31 or 2026-01-31T12:00:00Z",
		    q->query(q, "since"));
	if (rc == 0)
		rc = DB_QUERY(q->db, sql_api_changes, &r, &d,
		    db_text(str_of(at)), db_int(CHANGES_ROWS));
	answer_rows(a, rc, r, &d);
}

/* Explanations at one time: each may take as much memory as the matcher's image. */
#define EXPLANATIONS 2

/* .../DIGEST/explanation[.txt][/ID] */
void
api_explanation(const struct http_request_in *q, struct http_answer *a)
{
	static atomic_int running;
	struct str rest = q->rest, digest, what;
	uint8_t raw[DIGEST_BYTES];
	struct diag d = { 0 };
	bool json;
	int rc;

	if (!str_split(&rest, '/', &digest) || !str_split(&rest, '/', &what) ||
	    !((json = str_eqz(what, "explanation")) ||
	    str_eqz(what, "explanation.txt")) || !text_is_utf8(rest)) {
		http_error(a, 404, "no such page", "");
		return;
	}
	if (!digest_parse(digest, raw)) {
		http_error(a, 400, "not a sha256 digest", "");
		return;
	}
	a->type = json ? "application/json" : "text/plain; charset=utf-8";
	if (atomic_fetch_add(&running, 1) >= EXPLANATIONS)
		http_error(a, 503, "other explanations are being made",
		    "try again in some seconds");
	else if ((rc = explain_image_write(q->db, str_n(raw, sizeof(raw)), rest,
	    json, &a->body, &d)) < 0)
		http_error_diag(a, rc, &d);
	else
		a->status = 200;
	atomic_fetch_sub(&running, 1);
}

/* How far POST /api/v1/scans has come: ?reference=HOST/NAME:TAG and since_s=N,
 * how far back tries count. */
void
api_scan_state(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d = { 0 };
	struct ref ref;
	uint64_t since;
	int rc;

	if (!str_u64(str_of(q->query(q, "since_s")), &since) ||
	    since > 7 * 86400)
		since = 60;
	if ((rc = ref_parse(str_of(q->query(q, "reference")), &ref, &d)) == 0)
		rc = DB_QUERY(q->db, sql_api_scan_state, &r, &d,
		    db_text(str_of(ref.host)), db_text(str_of(ref.name)),
		    tag_asked(&ref), db_int((int64_t)since));
	answer_rows(a, rc, r, &d);
}

/* Ask for a scan of {"reference": ...}: the registry says where the tag is. */
void
api_scan(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct json *j = NULL;
	struct diag d = { 0 };
	struct ref ref;
	uint8_t raw[DIGEST_BYTES];
	int rc;

	if ((rc = json_parse(q->body, 64 * KIB, &j, &d)) < 0 ||
	    (rc = ref_parse(json_get_str(j, "reference"), &ref, &d)) < 0)
		goto out;
	if (ref.digest[0] != '\0' && !digest_parse(str_of(ref.digest), raw)) {
		rc = diag_set(&d, ERR_USAGE, 0, "not a sha256 digest");
		goto out;
	}
	if ((rc = DB_QUERY(q->db, sql_scan_request, &r, &d,
	    db_text(str_of(ref.host)), db_text(str_of(ref.name)),
	    tag_asked(&ref), ref.digest[0] != '\0' ?
	    db_bytes(str_n(raw, sizeof(raw))) : db_null())) < 0)
		goto out;
	if (db_rows(r) == 0) {
		http_error(a, 404, "no registry of the farm has that host",
		    strcmp(ref.host, "docker.io") == 0 ?
		    "scanfarm registry add NAME --url https://registry-1.docker.io" :
		    "scanfarm registry add NAME --url https://HOST");
	} else {
		a->status = 202;
		a->type = "application/json";
		if (buf_str(&a->body, str_of("{\"accepted\":true}")) < 0)
			a->status = 500;
		wake_up(WAKE_FANOUT);
	}
out:
	if (rc < 0)
		http_error_diag(a, rc, &d);
	db_free(r);
	json_free(j);
}

/* "IMAGE.PACKAGE.VULNERABILITY.REFERENCE", the last row of a page; "" = before
 * the first. */
static bool
cursor_read(struct str s, int64_t key[3], struct str *reference)
{
	uint64_t n;
	struct str part;

	key[0] = key[1] = key[2] = 0;
	*reference = s;
	if (s.n == 0)
		return (true);
	for (size_t i = 0; i < 3; i++) {
		if (!str_split(&s, '.', &part) || !str_u64(part, &n) ||
		    n > INT64_MAX)
			return (false);
		key[i] = (int64_t)n;
	}
	*reference = s;
	if (s.n == 0)
		return (false);
	return (text_is_utf8(*reference));
}

/* .../ID/images?limit=N&after=CURSOR */
void
api_affected(const struct http_request_in *q, struct http_answer *a)
{
	struct str rest = q->rest, reference;
	const char *limit = q->query(q, "limit");
	uint64_t rows = AFFECTED_ROWS;
	struct db_result *r = NULL;
	struct diag d;
	int64_t key[3];
	int rc;

	if (str_ends(rest, "/images"))
		rest = str_sub(rest, 0, rest.n - 7);
	if (limit[0] != '\0' && (!str_u64(str_of(limit), &rows) || rows == 0 ||
	    rows > AFFECTED_ROWS_MAX)) {
		http_error(a, 400, "limit is a number from 1 to 5000", "");
		return;
	}
	if (!text_is_utf8(rest) ||
	    !cursor_read(str_of(q->query(q, "after")), key, &reference)) {
		http_error(a, 400, "after is no cursor of this list",
		    "it is the member next of the page before");
		return;
	}
	rc = DB_QUERY(q->db, sql_api_affected, &r, &d, db_text(rest),
	    db_int(key[0]), db_int(key[1]), db_int(key[2]), db_text(reference),
	    db_int((int64_t)rows));
	answer_rows(a, rc, r, &d);
}
