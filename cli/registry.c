/* scanfarm registry: which registries the farm watches. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/farm.h"
#include "cli/output.h"
#include "common/limits.h"

#define REQUEST_MAX (64 * KIB)
#define PATH_QUOTED 1024

struct arguments {
	struct farm_options farm;
	const char *url, *user, *password_file;
	int64_t poll_s;
	bool insecure, help;
	enum output_format format;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm registry add NAME --url URL [--insecure] [--user U --password-file F]\n"
	    "                             [--poll SECONDS]\n"
	    "       scanfarm registry list [--format F]\n"
	    "       scanfarm registry check [NAME]\n"
	    "       scanfarm registry remove NAME\n\n"
	    "Registries that the farm watches.  `add` prints where the registry has to send\n"
	    "its notifications, `check` what the last reading of the catalog said.\n\n"
	    "  --url URL           https://HOST[:PORT]\n"
	    "  --insecure          http, or TLS that is not verified\n"
	    "  --user U            a pull-only account is enough\n"
	    "  --password-file F   on the coordinator's machine; read by it at each use\n"
	    "  --poll SECONDS      how often the catalog is read (default 3600, 0 never)\n"
	    "  --format F          table (default), tsv or json\n"
	    FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again.\n");
}

static bool
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "user", required_argument, NULL, 'U' },
		{ "password-file", required_argument, NULL, 'P' },
		{ "poll", required_argument, NULL, 'p' },
		{ "format", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	uint64_t n;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'u')
			a->url = optarg;
		else if (c == 'i')
			a->insecure = true;
		else if (c == 'U')
			a->user = optarg;
		else if (c == 'P')
			a->password_file = optarg;
		else if (c == 'h')
			a->help = true;
		else if (c == 'p') {
			if (!str_u64(str_of(optarg), &n) || n > INT32_MAX) {
				fprintf(stderr, "scanfarm registry: --poll %s "
				    "is no number of seconds\n", optarg);
				return (false);
			}
			a->poll_s = (int64_t)n;
		} else if (c == 'F') {
			if (!output_format_of(optarg, &a->format)) {
				fprintf(stderr, "scanfarm registry: no format "
				    "\"%s\"\n", optarg);
				return (false);
			}
		} else if (!farm_option(&a->farm, c, optarg))
			return (false);
	}
	return (true);
}

/* ------------------------------------------------------------------------ add */

static void
print_added(const struct farm *f, const struct json *j, const char *name)
{
	struct str secret = json_get_str(j, "secret");
	struct str path = json_get_str(j, "webhook_path");

	printf("registry %s added; its catalog is being read now\n", name);
	printf("webhook      %s%.*s\n", farm_url(f), STR_ARG(path));
	printf("secret file  %.*s\n\n", STR_ARG(json_get_str(j, "secret_file")));
	printf("For a push to be scanned at once, add this to the registry's configuration\n"
	    "(CNCF distribution) and restart it; the address must be one that it can reach:\n\n"
	    "notifications:\n"
	    "  endpoints:\n"
	    "    - name: scanfarm\n"
	    "      url: %s%.*s\n"
	    "      headers:\n"
	    "        Authorization: [Bearer %.*s]\n"
	    "      timeout: 5s\n"
	    "      threshold: 10\n"
	    "      backoff: 1s\n", farm_url(f), STR_ARG(path), STR_ARG(secret));
}

static int
request_of(struct buf *b, const char *name, const struct arguments *a)
{
	char full[PATH_MAX];
	struct json_writer w;

	json_w_init(&w, b);
	json_w_object(&w);
	json_w_kstr(&w, "name", str_of(name));
	json_w_kstr(&w, "url", str_of(a->url));
	json_w_kbool(&w, "insecure", a->insecure);
	if (a->user != NULL)
		json_w_kstr(&w, "username", str_of(a->user));
	/* the coordinator has another working directory than we have */
	if (a->password_file != NULL)
		json_w_kstr(&w, "password_file",
		    str_of(realpath(a->password_file, full) != NULL ? full :
		    a->password_file));
	json_w_kint(&w, "poll_interval_s", a->poll_s);
	json_w_end_object(&w);
	return (w.error);
}

static int
add(struct farm *f, const char *name, const struct arguments *a, struct diag *d)
{
	struct farm_answer r = { 0 };
	struct buf b;
	int rc;

	buf_init(&b, REQUEST_MAX);
	if (request_of(&b, name, a) < 0)
		rc = diag_set(d, ERR_USAGE, 0, "the arguments are too long");
	else
		rc = farm_call(f, "POST", "/api/v1/registries", buf_view(&b),
		    &r, d);
	if (rc == 0)
		print_added(f, r.json, name);
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
list(struct farm *f, const struct arguments *a, struct diag *d)
{
	static const char *const columns[] = { "name", "url", "repositories",
		"state", "last_poll_at", "webhook_path", "error" };
	struct farm_answer r = { 0 };
	struct output *o = output_new(columns, 7);
	int rc = farm_call(f, "GET", "/api/v1/registries", str_of(""), &r, d);

	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *g = json_at(r.json, i);
		char n[24];

		snprintf(n, sizeof(n), "%lld",
		    (long long)json_get_int(g, "repositories", 0));
		output_row(o, (const struct str[]) { json_get_str(g, "name"),
		    json_get_str(g, "url"), str_of(n), str_of(state_of(g)),
		    json_get_str(g, "last_poll_at"),
		    json_get_str(g, "webhook_path"),
		    json_get_str(g, "last_poll_error") });
	}
	if (rc == 0)
		output_print(o, a->format, stdout);
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

/* 0 when every registry asked for could be read. */
static int
check(struct farm *f, const char *name, struct diag *d)
{
	struct farm_answer r = { 0 };
	size_t found = 0, bad = 0;
	int rc = farm_call(f, "GET", "/api/v1/registries", str_of(""), &r, d);

	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *g = json_at(r.json, i);
		struct str e = json_get_str(g, "last_poll_error");

		if (name != NULL && !str_eqz(json_get_str(g, "name"), name))
			continue;
		found++;
		bad += strcmp(state_of(g), "ok") != 0;
		printf("%.*s: %s%s%.*s\n", STR_ARG(json_get_str(g, "name")),
		    state_of(g), e.n != 0 ? ": " : "", STR_ARG(e));
	}
	if (rc == 0 && found == 0)
		rc = diag_set(d, ERR_NOT_FOUND, 0, name != NULL ?
		    "the farm has no registry \"%s\"; `scanfarm registry list` shows them" :
		    "the farm has no registry%s yet; `scanfarm registry add NAME --url URL` adds one",
		    name != NULL ? name : "");
	else if (rc == 0 && bad > 0)
		rc = diag_set(d, ERR_TEMPORARY, 0,
		    "%zu of %zu could not be read", bad, found);
	farm_answer_done(&r);
	return (rc);
}

static int
remove_registry(struct farm *f, const char *name, struct diag *d)
{
	char path[PATH_QUOTED] = "/api/v1/registries/";
	struct farm_answer r = { 0 };
	size_t n = strlen(path);
	int rc;

	farm_quote(str_of(name), path + n, sizeof(path) - n);
	rc = farm_call(f, "DELETE", path, str_of(""), &r, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm has no registry \"%s\"; "
		    "`scanfarm registry list` shows them", name);
	if (rc == 0)
		printf("registry %s removed\n", name);
	farm_answer_done(&r);
	return (rc);
}

/* ------------------------------------------------------------------- together */

/* Does ${verb} take ${n} names?  NULL or what is wrong. */
static const char *
mistake(const char *verb, int n, const struct arguments *a)
{
	bool is_add = strcmp(verb, "add") == 0;

	if (!is_add && strcmp(verb, "remove") != 0 &&
	    strcmp(verb, "list") != 0 && strcmp(verb, "check") != 0)
		return ("the first word is add, list, check or remove");
	if ((is_add || strcmp(verb, "remove") == 0) && n != 1)
		return ("name one registry");
	if ((strcmp(verb, "list") == 0 && n > 0) || n > 1)
		return ("too many arguments");
	if (is_add && a->url == NULL)
		return ("add needs --url https://HOST[:PORT]");
	if ((a->user != NULL) != (a->password_file != NULL))
		return ("--user and --password-file go together");
	return (NULL);
}

int
cmd_registry(int argc, char **argv)
{
	struct arguments a = { .poll_s = 3600 };
	const char *wrong, *verb, *name;
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc;

	if (!parse(argc, argv, &a) || (!a.help && optind >= argc)) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if (a.help) {
		usage(stdout);
		return (CLI_OK);
	}
	verb = argv[optind];
	name = optind + 1 < argc ? argv[optind + 1] : NULL;
	if ((wrong = mistake(verb, argc - optind - 1, &a)) != NULL) {
		fprintf(stderr, "scanfarm registry: %s\n", wrong);
		return (CLI_USAGE);
	}
	if ((rc = farm_open(&a.farm, &f, &d)) < 0)
		;
	else if (strcmp(verb, "add") == 0)
		rc = add(f, name, &a, &d);
	else if (strcmp(verb, "list") == 0)
		rc = list(f, &a, &d);
	else if (strcmp(verb, "check") == 0)
		rc = check(f, name, &d);
	else
		rc = remove_registry(f, name, &d);
	farm_close(f);
	return (rc < 0 ? farm_fail("registry", rc, &d) : CLI_OK);
}
