/* The farm's API for the commands; see farm.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/farm.h"
#include "cli/message.h"
#include "common/http.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"

/* What the coordinator sends at most. */
#define ANSWER_MAX (64 * MIB)
/* A long answer is made before its first byte is sent. */
#define SLOW_STALL_S 300
/* An import may match a million images before it answers. */
#define WORK_STALL_S (6 * 3600)
#define LINE_MAX_BYTES ((size_t)1024)
/* farm.conf has two lines, a token's file one. */
#define LINES_READ 64

struct farm {
	struct http *http;
	char url[LINE_MAX_BYTES];		/* without a slash at the end */
	char authorization[LINE_MAX_BYTES + 8];
	bool insecure;
};

bool
farm_option(struct farm_options *o, int c, const char *value)
{
	if (c == FARM_OPT_FARM)
		o->farm = value;
	else if (c == FARM_OPT_TOKEN)
		o->token_file = value;
	else
		return (false);
	return (true);
}

bool
farm_data_default(char *ret, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (geteuid() == 0)
		n = snprintf(ret, size, "/var/lib/scanfarm");
	else if (state != NULL && state[0] == '/')
		n = snprintf(ret, size, "%s/scanfarm", state);
	else if (home != NULL && home[0] == '/')
		n = snprintf(ret, size, "%s/.local/state/scanfarm", home);
	else
		n = -1;
	return (n > 0 && (size_t)n < size);
}

/* What stands behind ${key} in the first line of a small file that begins with
 * it; false with errno when there is none, ENODATA when the file lacks it. */
static bool
read_line(const char *path, const char *key, char *ret, size_t size)
{
	FILE *f = fopen(path, "re");
	char line[LINE_MAX_BYTES];
	bool found = false;
	struct str s;

	if (f == NULL)
		return (false);
	errno = 0;
	for (int i = 0; !found && i < LINES_READ &&
	    fgets(line, sizeof(line), f) != NULL; i++) {
		s = str_trim(str_of(line));
		if (!str_starts(s, key))
			continue;
		s = str_sub(s, strlen(key), s.n);
		found = s.n > 0 && s.n < size;
		if (found)
			snprintf(ret, size, "%.*s", STR_ARG(s));
	}
	if (!found && errno == 0)
		errno = ENODATA;
	fclose(f);
	explicit_bzero(line, sizeof(line));
	return (found);
}

static const char *
file_error(int why)
{
	return (why == ENODATA ? "nothing of the kind is in it" : strerror(why));
}

static bool
is_url(const char *s)
{
	return (str_starts(str_of(s), "http://") ||
	    str_starts(str_of(s), "https://"));
}

/* The URL into f->url; ${dir} gets the data directory or "". */
static int
find_url(struct farm *f, const char *named, char *dir, size_t size,
    struct diag *d)
{
	char path[LINE_MAX_BYTES + 16];
	size_t n;

	if (named == NULL)
		named = getenv("SCANFARM_URL");
	if (named != NULL && named[0] == '\0')
		named = NULL;
	if (!farm_data_default(dir, size))
		dir[0] = '\0';
	if (named != NULL && is_url(named)) {
		if (!http_origin(str_of(named), path, sizeof(path)) ||
		    strlen(named) >= sizeof(f->url))
			return (diag_set(d, ERR_USAGE, 0, "\"%s\" is no URL of "
			    "a farm; one looks like http://127.0.0.1:8080",
			    named));
		snprintf(f->url, sizeof(f->url), "%s", named);
	} else {
		if (named != NULL)
			snprintf(dir, size, "%s", named);
		snprintf(path, sizeof(path), "%s/farm.conf", dir);
		if (!read_line(path, "http=", f->url, sizeof(f->url)))
			return (diag_set(d, ERR_USAGE, 0, named != NULL ?
			    "farm %s is neither an http:// or https:// URL nor a farm's data directory: %s: %s" :
			    "no farm is named and none runs here (%s%s: %s): start one by `scanfarm up`, or name one by --farm URL or SCANFARM_URL",
			    named != NULL ? named : "", path,
			    file_error(errno)));
		if (!is_url(f->url))
			return (diag_set(d, ERR_USAGE, 0,
			    "%s does not hold the farm's URL", path));
	}
	for (n = strlen(f->url); n > 0 && f->url[n - 1] == '/'; n--)
		f->url[n - 1] = '\0';
	f->insecure = str_starts(str_of(f->url), "http://");
	return (0);
}

static int
find_token(struct farm *f, const char *named, const char *dir, struct diag *d)
{
	char path[LINE_MAX_BYTES + 16], token[LINE_MAX_BYTES];

	if (named == NULL)
		named = getenv("SCANFARM_TOKEN_FILE");
	if (named != NULL && named[0] == '\0')
		named = NULL;
	snprintf(path, sizeof(path), "%s/admin.token", dir);
	if (!read_line(named != NULL ? named : path, "", token, sizeof(token)))
		return (diag_set(d, ERR_USAGE, 0,
		    "cannot read the token %s: %s; name a copy of the farm's admin.token by --token-file",
		    named != NULL ? named : path, file_error(errno)));
	for (const char *p = token; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return (diag_set(d, ERR_USAGE, 0,
			    "%s holds no token: a token has no blanks",
			    named != NULL ? named : path));
	snprintf(f->authorization, sizeof(f->authorization), "Bearer %s", token);
	explicit_bzero(token, sizeof(token));
	return (0);
}

int
farm_open(const struct farm_options *o, struct farm **ret, struct diag *d)
{
	struct farm *f = mem_alloc(sizeof(*f));
	char dir[LINE_MAX_BYTES];
	int rc;

	if ((rc = find_url(f, o->farm, dir, sizeof(dir), d)) < 0 ||
	    (rc = find_token(f, o->token_file, dir, d)) < 0)
		goto out;
	if (f->insecure && !http_is_private(str_of(f->url)))
		message(NULL, "%s is not encrypted: others on the way can read "
		    "the token", f->url);
	f->http = http_new();
	*ret = f;
	f = NULL;
out:
	farm_close(f);
	return (rc);
}

void
farm_close(struct farm *f)
{
	if (f == NULL)
		return;
	http_free(f->http);
	explicit_bzero(f->authorization, sizeof(f->authorization));
	free(f);
}

const char *
farm_url(const struct farm *f)
{
	return (f->url);
}

void
farm_answer_done(struct farm_answer *a)
{
	json_free(a->json);
	buf_done(&a->body);
	a->json = NULL;
}

/* What the farm said about a request that it refused. */
static int
refused(const struct farm *f, long status, const struct json *j, struct diag *d)
{
	struct str error = json_get_str(j, "error"), hint = json_get_str(j, "hint");
	int rc = status == 404 ? ERR_NOT_FOUND :
	    status == 401 || status == 403 ? ERR_DENIED :
	    status == 429 || status >= 500 ? ERR_TEMPORARY : ERR_USAGE;

	if (error.n == 0)
		return (diag_set(d, rc, 0,
		    "%s answers %ld; is it a scanfarm coordinator?", f->url,
		    status));
	return (diag_set(d, rc, 0, "%.*s%s%.*s", STR_ARG(error),
	    hint.n != 0 ? ": " : "", STR_ARG(hint)));
}

static int
send_request(struct farm *f, struct http_request *q, const char *path,
    bool text, struct farm_answer *ret, struct diag *d)
{
	struct http_response r = { 0 };
	char *url = mem_printf("%s%s", f->url, path);
	struct diag why, ignored;
	int rc;

	q->url = url;
	q->authorization = f->authorization;
	q->headers[0] = q->body_fd > 0 ? "Content-Type: application/octet-stream" :
	    q->body.n != 0 ? "Content-Type: application/json" : NULL;
	q->insecure = f->insecure;
	q->allow_private = true;
	q->max_body = ANSWER_MAX;
	buf_init(&ret->body, ANSWER_MAX);
	ret->json = NULL;
	if ((rc = http_send(f->http, q, &r, &why)) < 0) {
		diag_set(d, rc, 0, rc == ERR_TEMPORARY ?
		    "%s: is the farm running there? `scanfarm up` starts one here" :
		    "%s", why.text);
		goto out;
	}
	buf_done(&ret->body);
	ret->body = r.body;
	buf_init(&r.body, ANSWER_MAX);
	if (ret->body.n != 0 && !(text && r.status / 100 == 2))
		rc = json_parse(buf_view(&ret->body), ANSWER_MAX, &ret->json,
		    r.status / 100 == 2 ? d : &ignored);
	if (r.status / 100 != 2)
		rc = refused(f, r.status, ret->json, d);
	else if (rc < 0)
		rc = diag_set(d, ERR_TEMPORARY, 0,
		    "%s answers with something else than JSON; is it a scanfarm coordinator?",
		    f->url);
out:
	http_response_done(&r);
	free(url);
	return (rc);
}

int
farm_call(struct farm *f, const char *method, const char *path,
    struct str body, struct farm_answer *ret, struct diag *d)
{
	struct http_request q = { .method = method, .body = body };

	return (send_request(f, &q, path, false, ret, d));
}

int
farm_get_slow(struct farm *f, const char *path, bool text,
    struct farm_answer *ret, struct diag *d)
{
	struct http_request q = { .method = "GET", .stall_s = SLOW_STALL_S };

	return (send_request(f, &q, path, text, ret, d));
}

int
farm_upload(struct farm *f, const char *path, int fd, struct farm_answer *ret,
    struct diag *d)
{
	struct http_request q = { .method = "POST", .body_fd = fd,
		.stall_s = WORK_STALL_S };

	return (send_request(f, &q, path, false, ret, d));
}

int
farm_download(struct farm *f, const char *path,
    int (*sink)(void *arg, const uint8_t *p, size_t n, struct diag *), void *arg,
    struct diag *d)
{
	struct http_request q = { .method = "GET", .sink = sink, .sink_arg = arg,
		.stall_s = WORK_STALL_S };
	struct farm_answer r = { 0 };
	int rc = send_request(f, &q, path, false, &r, d);

	farm_answer_done(&r);
	return (rc);
}

void
farm_quote(struct str s, char *ret, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 4 <= size; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c != '\0' && strchr(plain, c) != NULL) {
			ret[n++] = (char)c;
			continue;
		}
		ret[n++] = '%';
		ret[n++] = hex[c >> 4];
		ret[n++] = hex[c & 15];
	}
	ret[n] = '\0';
}

int
farm_fail(const char *command, int rc, const struct diag *d)
{
	message(command, "%s", d->text);
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE);
}
