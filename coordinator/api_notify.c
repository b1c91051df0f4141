/* The API of targets of notifications. */
#include <stdlib.h>
#include "common/http.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "credentials.h"
#include "http_request.h"
#include "sql.h"

#define ORIGIN_TEXT 300
#define URL_MAX_BYTES 2000

static void
answer(struct http_answer *a, int status, const struct db_result *r)
{
	a->status = status;
	a->type = "application/json";
	if (buf_str(&a->body, db_col(r, 0, 0)) < 0)
		http_error(a, 500, "answer too large", "");
}

void
api_notify_list(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc = db_query0(q->db, sql_api_notify, &r, &d);

	if (rc < 0)
		http_error_diag(a, rc, &d);
	else
		answer(a, 200, r);
	db_free(r);
}

static bool
name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    (s.p[i] >= '0' && s.p[i] <= '9') ||
		    (i > 0 && strchr("._-", s.p[i]) != NULL && s.p[i] != '\0')))
			return (false);
	return (s.n > 0 && s.n <= 63);
}

/* A URL without a user in it and without white space. */
static bool
url_ok(struct str url, char origin[ORIGIN_TEXT])
{
	if (url.n > URL_MAX_BYTES || !http_origin(url, origin, ORIGIN_TEXT) ||
	    strchr(origin, '@') != NULL)
		return (false);
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~')
			return (false);
	return (true);
}

static int
check(const struct json *j, char origin[ORIGIN_TEXT], struct diag *d)
{
	struct str url = json_get_str(j, "url");
	struct str file = json_get_str(j, "secret_file");
	char *path;
	int rc;

	if (!name_ok(json_get_str(j, "name")))
		return (diag_set(d, ERR_USAGE, 0,
		    "a target's name has 1 to 63 characters of a-z 0-9 . _ -"));
	if (!url_ok(url, origin))
		return (diag_set(d, ERR_USAGE, 0,
		    "that is no URL; one looks like https://hooks.example/scanfarm"));
	if (str_starts(url, "http://") && !json_bool(json_get(j, "insecure")))
		return (diag_set(d, ERR_USAGE, 0,
		    "%s is plain http: add --insecure if that is meant", origin));
	if (file.n == 0)
		return (0);
	/* now, and not in the middle of the night */
	path = mem_strndup(file);
	rc = credentials_check("the target's secret file", path, d);
	free(path);
	return (rc < 0 ? ERR_USAGE : 0);
}

void
api_notify_add(const struct http_request_in *q, struct http_answer *a)
{
	char origin[ORIGIN_TEXT];
	struct db_result *r = NULL;
	struct json *j = NULL;
	struct diag d = { 0 };
	int rc;

	if ((rc = json_parse(q->body, 64 * KIB, &j, &d)) < 0 ||
	    (rc = check(j, origin, &d)) < 0 ||
	    (rc = DB_QUERY(q->db, sql_notify_add, &r, &d,
	    db_text(json_get_str(j, "name")), db_text(json_get_str(j, "url")),
	    db_text(str_of(origin)), db_text(json_get_str(j, "secret_file")),
	    db_bool(json_bool(json_get(j, "insecure"))),
	    db_bool(json_bool(json_get(j, "everything"))))) < 0)
		http_error_diag(a, rc, &d);
	else if (db_rows(r) == 0)
		http_error(a, 409, "a target of that name is there already",
		    "scanfarm notify list; scanfarm notify remove NAME");
	else
		answer(a, 201, r);
	db_free(r);
	json_free(j);
}

void
api_notify_remove(const struct http_request_in *q, struct http_answer *a)
{
	struct db_result *r = NULL;
	struct diag d;
	int rc;

	if (!name_ok(q->rest)) {
		http_error(a, 404, "not found", "");
		return;
	}
	if ((rc = DB_QUERY(q->db, sql_notify_remove, &r, &d,
	    db_text(q->rest))) < 0)
		http_error_diag(a, rc, &d);
	else if (db_rows(r) == 0)
		http_error(a, 404, "not found", "");
	else
		answer(a, 200, r);
	db_free(r);
}
