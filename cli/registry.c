/* scanfarm registry: which registries the farm watches. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "common/limits.h"
#include "common/mem.h"

#define REQUEST_MAX (64 * KIB)
#define PATH_QUOTED 1024

struct options {
	const char *url, *user, *password_file;
	uint64_t poll_s;
	bool insecure;
};

/* One call of the command. */
struct run {
	struct args *a;
	struct options o;
	struct farm *farm;
	bool bad;		/* check: at least one cannot be used */
	bool temporary;		/* and it may be better later */
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm registry add NAME --url URL [--insecure] [--user U --password-file F]\n"
	    "                             [--poll SECONDS]\n"
	    "       scanfarm registry list\n"
	    "       scanfarm registry check [NAME]\n"
	    "       scanfarm registry remove NAME\n\n"
	    "Registries that the farm watches.  `add` prints where the registry has to send\n"
	    "its notifications; `check` has the farm ask each registry now, or NAME alone,\n"
	    "whether it can be read with what was given, and says what is wrong.\n\n"
	    "  --url URL           https://HOST[:PORT]\n"
	    "  --insecure          http, or TLS that is not verified\n"
	    "  --user U            a pull-only account is enough\n"
	    "  --password-file F   on the coordinator's machine; read by it at each use\n"
	    "  --poll SECONDS      how often the catalog is read (default 3600, 0 never)\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 done, 2 refused, or a registry cannot be used, 3 try again.\n");
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'u')
		o->url = value;
	else if (c == 'i')
		o->insecure = true;
	else if (c == 'U')
		o->user = value;
	else if (c == 'P')
		o->password_file = value;
	else
		return (args_number("registry", "--poll", value, INT32_MAX,
		    &o->poll_s));
	return (true);
}

/* ------------------------------------------------------------------------ add */

/* Without a poll nobody reads the catalog. */
static void
print_added(const struct run *u, const struct json *j, const char *name)
{
	struct str secret = json_get_str(j, "secret");
	struct str path = json_get_str(j, "webhook_path");
	const char *base = farm_url(u->farm);
	FILE *out = u->a->out;

	fprintf(out, "registry %s added; its catalog is %s\n", name,
	    u->o.poll_s > 0 ? "being read now" :
	    "never read: images come by notifications and scans");
	fprintf(out, "webhook      %s%.*s\n", base, STR_ARG(path));
	fprintf(out, "secret file  %.*s\n\n", STR_ARG(json_get_str(j, "secret_file")));
	fprintf(out, "For a push to be scanned at once, add this to the registry's configuration\n"
	    "(CNCF distribution) and restart it; the address must be one that it can reach:\n\n"
	    "notifications:\n"
	    "  endpoints:\n"
	    "    - name: scanfarm\n"
	    "      url: %s%.*s\n"
	    "      headers:\n"
	    "        Authorization: [Bearer %.*s]\n"
	    "      timeout: 5s\n"
	    "      threshold: 10\n"
	    "      backoff: 1s\n", base, STR_ARG(path), STR_ARG(secret));
}

static int
request_of(struct buf *b, const char *name, const struct options *o)
{
	char full[PATH_MAX];
	struct json_writer w;

	json_w_init(&w, b);
	json_w_object(&w);
	json_w_kstr(&w, "name", str_of(name));
	json_w_kstr(&w, "url", str_of(o->url));
	json_w_kbool(&w, "insecure", o->insecure);
	if (o->user != NULL)
		json_w_kstr(&w, "username", str_of(o->user));
	/* the coordinator has another working directory than we have */
	if (o->password_file != NULL)
		json_w_kstr(&w, "password_file",
		    str_of(realpath(o->password_file, full) != NULL ? full :
		    o->password_file));
	json_w_kint(&w, "poll_interval_s", (int64_t)o->poll_s);
	json_w_end_object(&w);
	return (w.error);
}

/* Print the answer as it came. */
static void
print_answer(const struct run *u, const struct farm_answer *r)
{
	fprintf(u->a->out, "%.*s\n", STR_ARG(buf_view(&r->body)));
}

static int
add(struct run *u, const char *name, struct diag *d)
{
	struct farm_answer r = { 0 };
	struct buf b;
	int rc;

	buf_init(&b, REQUEST_MAX);
	if (request_of(&b, name, &u->o) < 0)
		rc = diag_set(d, ERR_USAGE, 0, "the arguments are too long");
	else
		rc = farm_call(u->farm, "POST", "/api/v1/registries",
		    buf_view(&b), &r, d);
	if (rc == 0 && u->a->format == OUTPUT_JSON)
		print_answer(u, &r);
	else if (rc == 0)
		print_added(u, r.json, name);
	farm_answer_done(&r);
	buf_done(&b);
	return (rc);
}

/* --------------------------------------------------------------- list, check */

static const char *
state_of(const struct json *g)
{
	return (json_get_str(g, "last_poll_error").n != 0 ? "error" :
	    json_get_str(g, "last_poll_at").n != 0 ? "ok" : "not read yet");
}

static int
list(struct run *u, struct diag *d)
{
	static const char *const columns[] = { "name", "url", "repositories",
		"state", "last_poll_at", "webhook_path", "error" };
	struct farm_answer r = { 0 };
	struct output *o = output_new(columns, 7);
	int rc = farm_call(u->farm, "GET", "/api/v1/registries", str_of(""),
	    &r, d);

	output_numbers(o, 1u << 2);
	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *g = json_at(r.json, i);
		char n[24];

		output_row(o, (const struct str[]) { json_get_str(g, "name"),
		    json_get_str(g, "url"),
		    output_int(n, json_get_int(g, "repositories", 0)),
		    str_of(state_of(g)), json_get_str(g, "last_poll_at"),
		    json_get_str(g, "webhook_path"),
		    json_get_str(g, "last_poll_error") });
	}
	if (rc == 0)
		output_print(o, u->a->format, u->a->out);
	if (rc == 0 && json_len(r.json) == 0)
		message("registry", "no registry yet; `scanfarm registry add "
		    "NAME --url URL` adds one");
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

/* Have the farm ask one registry; a row into ${o}. */
static int
check_one(struct run *u, struct str name, struct output *o, struct diag *d)
{
	struct farm_answer r = { 0 };
	char quoted[PATH_QUOTED], *path;
	struct str state;
	int rc;

	farm_quote(name, quoted, sizeof(quoted));
	path = mem_printf("/api/v1/registries/%s/check", quoted);
	progress("%.*s: asking", STR_ARG(name));
	rc = farm_call(u->farm, "POST", path, str_of(""), &r, d);
	progress_end();
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm has no registry \"%.*s\"; "
		    "`scanfarm registry list` shows them", STR_ARG(name));
	if (rc == 0) {
		state = json_get_str(r.json, "state");
		u->bad |= !str_eqz(state, "ok");
		u->temporary |= str_eqz(state, "temporary");
		output_row(o, (const struct str[]) {
		    json_get_str(r.json, "name"), json_get_str(r.json, "url"),
		    state, json_get_str(r.json, "auth"),
		    json_get_str(r.json, "message") });
	}
	farm_answer_done(&r);
	free(path);
	return (rc);
}

static int
check_all(struct run *u, struct output *o, struct diag *d)
{
	struct farm_answer r = { 0 };
	int rc = farm_call(u->farm, "GET", "/api/v1/registries", str_of(""),
	    &r, d);

	if (rc == 0 && json_len(r.json) == 0)
		rc = diag_set(d, ERR_USAGE, 0, "the farm has no registry yet; "
		    "`scanfarm registry add NAME --url URL` adds one");
	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++)
		rc = check_one(u, json_get_str(json_at(r.json, i), "name"), o,
		    d);
	farm_answer_done(&r);
	return (rc);
}

static int
check(struct run *u, const char *name, struct diag *d)
{
	static const char *const columns[] = { "name", "url", "state", "auth",
		"message" };
	struct output *o = output_new(columns, 5);
	int rc = name != NULL ? check_one(u, str_of(name), o, d) :
	    check_all(u, o, d);

	if (rc == 0)
		output_print(o, u->a->format, u->a->out);
	output_free(o);
	return (rc);
}

static int
remove_registry(struct run *u, const char *name, struct diag *d)
{
	char path[PATH_QUOTED] = "/api/v1/registries/";
	struct farm_answer r = { 0 };
	size_t n = strlen(path);
	int rc;

	farm_quote(str_of(name), path + n, sizeof(path) - n);
	rc = farm_call(u->farm, "DELETE", path, str_of(""), &r, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm has no registry \"%s\"; "
		    "`scanfarm registry list` shows them", name);
	if (rc == 0)
		message(NULL, "registry %s removed", name);
	farm_answer_done(&r);
	return (rc);
}

/* ------------------------------------------------------------------- together */

enum verb { VERB_ADD, VERB_LIST, VERB_CHECK, VERB_REMOVE, VERBS };
static const struct {
	const char *name;
	int min, max;		/* words behind it */
} verbs[VERBS] = {
	[VERB_ADD] = { "add", 1, 1 }, [VERB_LIST] = { "list", 0, 0 },
	[VERB_CHECK] = { "check", 0, 1 }, [VERB_REMOVE] = { "remove", 1, 1 },
};

/* Which one, or VERBS when a mistake was told. */
static enum verb
verb_of(const struct args *a, const struct options *o)
{
	int n = a->n - 1;
	enum verb v;

	for (v = 0; v < VERBS; v++)
		if (strcmp(a->words[0], verbs[v].name) == 0)
			break;
	if (v == VERBS)
		args_mistake("registry", "no \"%s\": the first word is add, "
		    "list, check or remove", a->words[0]);
	else if (n < verbs[v].min || n > verbs[v].max) {
		args_mistake("registry", "%s wants %s", verbs[v].name,
		    verbs[v].min == 1 ? "the NAME of one registry" :
		    verbs[v].max == 1 ? "one NAME at most" : "no argument");
		v = VERBS;
	} else if (v == VERB_ADD && o->url == NULL) {
		args_mistake("registry", "add wants --url https://HOST[:PORT]");
		v = VERBS;
	} else if (v != VERB_ADD && (o->url != NULL || o->user != NULL ||
	    o->password_file != NULL || o->insecure)) {
		args_mistake("registry", "--url, --user, --password-file and "
		    "--insecure belong to add");
		v = VERBS;
	} else if ((o->user != NULL) != (o->password_file != NULL)) {
		args_mistake("registry",
		    "--user and --password-file go together");
		v = VERBS;
	}
	return (v);
}

int
cmd_registry(int argc, char **argv)
{
	static const struct option options[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "user", required_argument, NULL, 'U' },
		{ "password-file", required_argument, NULL, 'P' },
		{ "poll", required_argument, NULL, 'p' },
		{ 0 },
	};
	struct args a = { .command = "registry", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .min = 1, .max = -1,
		.wants = "add NAME, list, check [NAME] or remove NAME" };
	struct run u = { .a = &a, .o = { .poll_s = 3600 } };
	struct diag d = { 0 };
	const char *name;
	enum verb v;
	int rc;

	a.arg = &u.o;
	if (!args_read(&a, argc, argv))
		return (a.status);
	if ((v = verb_of(&a, &u.o)) == VERBS)
		return (args_end(&a, CLI_USAGE));
	name = a.n > 1 ? a.words[1] : NULL;
	if ((rc = farm_open(&a.farm, &u.farm, &d)) == 0)
		rc = v == VERB_ADD ? add(&u, name, &d) :
		    v == VERB_LIST ? list(&u, &d) :
		    v == VERB_CHECK ? check(&u, name, &d) :
		    remove_registry(&u, name, &d);
	farm_close(u.farm);
	return (args_end(&a, rc < 0 ? farm_fail("registry", rc, &d) :
	    u.temporary ? CLI_TEMPORARY : u.bad ? CLI_USAGE : CLI_OK));
}
