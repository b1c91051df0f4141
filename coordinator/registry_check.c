/* Asking a registry whether it can be read; see registry_check.h. */
#include <stdarg.h>
#include <stdlib.h>
#include "common/http.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/registry.h"
#include "common/registry_auth.h"
#include "credentials.h"
#include "reader.h"
#include "registry_check.h"

/* Somebody waits for the answer at a terminal. */
#define STALL_S 10

struct check {
	struct http *http;
	struct launcher *readers;
	struct registry_credentials credentials;
	struct registry_check *ret;
};

static int
state(struct check *k, const char *state, const char *fmt, ...) PRINTF(3, 4);

/* The verdict; 0, so that it can end a function. */
static int
state(struct check *k, const char *word, const char *fmt, ...)
{
	va_list ap;
	char text[DIAG_TEXT];
	struct diag d;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_set(&d, ERR_OK, 0, "%s", text);	/* escapes it */
	k->ret->state = word;
	snprintf(k->ret->message, sizeof(k->ret->message), "%s", d.text);
	return (0);
}

static int
failed(struct check *k, int rc, const struct diag *d)
{
	return (state(k, rc == ERR_TEMPORARY ? "temporary" : "denied", "%s",
	    d->text));
}

/* GET /v2/; ${a} NULL = as a stranger. */
static int
get_v2(struct check *k, const struct registry_auth *a, struct http_response *r,
    struct diag *d)
{
	char *url = mem_printf("%s/v2/", k->credentials.url), *header = NULL;
	struct http_request q = { .method = "GET", .url = url,
		.insecure = k->credentials.insecure,
		.allow_private = k->credentials.insecure ||
		    http_is_private(str_of(k->credentials.url)),
		.max_body = 64 * KIB, .stall_s = STALL_S };
	int rc;

	if (a != NULL && a->kind == REGISTRY_BASIC)
		header = registry_basic_header(str_of(a->value));
	else if (a != NULL && a->kind == REGISTRY_BEARER)
		header = mem_printf("Bearer %s", a->value);
	q.authorization = header;
	rc = http_send(k->http, &q, r, d);
	if (header != NULL)
		explicit_bzero(header, strlen(header));
	free(header);
	free(url);
	return (rc);
}

static int
auth(void *arg, const char *challenge, const char *repository,
    struct registry_auth *ret, struct diag *d)
{
	struct check *k = arg;

	return (registry_token(k->http, &k->credentials, challenge, repository,
	    reader_registry, k->readers, ret, d));
}

/* One name is enough to know. */
static int
first_name(void *arg, struct str name)
{
	(void)name;
	*(bool *)arg = true;
	return (ERR_USAGE);
}

/* The registry lets us in; does it show its catalog? */
static int
catalog(struct check *k)
{
	struct registry_conn c = { .http = k->http, .url = k->credentials.url,
		.insecure = k->credentials.insecure, .auth = auth, .auth_arg = k };
	struct diag d = { 0 };
	bool named = false;
	int rc = registry_list(&c, NULL, reader_registry, k->readers,
	    first_name, &named, &d);

	registry_conn_done(&c);
	if (named)
		return (state(k, "ok", "it can be read, and so can its catalog"));
	if (rc == 0)
		return (state(k, "ok", "it can be read; its catalog is empty"));
	if (rc == ERR_TEMPORARY)
		return (failed(k, rc, &d));
	return (state(k, "ok", "it can be read, but not its catalog (%s): only "
	    "its notifications and scans asked for bring images", d.text));
}

/* It asks who we are. */
static int
authenticate(struct check *k, const char *challenge)
{
	struct registry_auth a = { 0 };
	struct http_response r = { 0 };
	struct diag d = { 0 };
	int rc;

	if ((rc = registry_token(k->http, &k->credentials, challenge, "",
	    reader_registry, k->readers, &a, &d)) < 0) {
		rc = failed(k, rc, &d);
		goto out;
	}
	k->ret->auth = a.kind == REGISTRY_BASIC ? "basic" :
	    a.kind == REGISTRY_BEARER ? "bearer" : "anonymous";
	if ((rc = get_v2(k, &a, &r, &d)) < 0)
		rc = failed(k, rc, &d);
	else if (r.status == 200)
		rc = catalog(k);
	else if (r.status == 401 || r.status == 403)
		rc = state(k, "denied", k->credentials.username.n != 0 ?
		    "%s answers %ld: it refuses this user and password; check the password file" :
		    "%s answers %ld to a stranger; scanfarm registry remove it and add it with --user and --password-file",
		    k->credentials.url, r.status);
	else
		rc = state(k, r.status == 429 || r.status >= 500 ? "temporary" :
		    "not_a_registry", "%s answers %ld", k->credentials.url,
		    r.status);
out:
	http_response_done(&r);
	registry_auth_done(&a);
	return (rc);
}

static int
ask(struct check *k)
{
	struct http_response r = { 0 };
	const char *url = k->credentials.url;
	struct diag d = { 0 };
	int rc;

	if ((rc = get_v2(k, NULL, &r, &d)) < 0)
		rc = failed(k, rc, &d);
	else if (r.status == 401 && r.challenge[0] != '\0')
		rc = authenticate(k, r.challenge);
	else if (r.status == 429 || r.status >= 500)
		rc = state(k, "temporary", "%s answers %ld", url, r.status);
	else if (r.status != 200 || strstr(r.content_type, "html") != NULL)
		rc = state(k, "not_a_registry", "%s/v2/ answers %ld%s%s: that is no "
		    "registry's API; is it another host or port?", url, r.status,
		    r.content_type[0] != '\0' ? " as " : "", r.content_type);
	else {
		k->ret->auth = "anonymous";
		rc = catalog(k);
	}
	http_response_done(&r);
	return (rc);
}

int
registry_check(struct db *db, struct launcher *readers, int64_t registry,
    struct registry_check *ret, struct diag *d)
{
	struct check k = { .readers = readers, .ret = ret };
	int rc;

	*ret = (struct registry_check) { .state = "", .auth = "" };
	rc = credentials_load(db, registry, &k.credentials, d);
	if (rc == ERR_DENIED)
		return (state(&k, "denied", "%s", d->text));
	if (rc < 0)
		return (rc);
	k.http = http_new();
	rc = ask(&k);
	http_free(k.http);
	credentials_done(&k.credentials);
	return (rc);
}
