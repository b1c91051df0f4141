/* scanfarm notify: who is told of changed verdicts. */
#include <limits.h>
#include <stdlib.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "common/limits.h"

#define REQUEST_MAX (64 * KIB)
#define PATH_QUOTED 1024
#define TARGETS "/api/v1/notify-targets"

struct options {
	const char *url, *secret_file;
	bool insecure, all;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm notify add NAME --url URL [--secret-file F] [--all] [--insecure]\n"
	    "       scanfarm notify list\n"
	    "       scanfarm notify remove NAME\n\n"
	    "Who is told when the verdict of an image changes: a POST of JSON to URL, again and\n"
	    "again until it is answered by 2xx.  Of new images only those that fail are told.\n"
	    "A change may be told twice: it has the same id then.\n\n"
	    "  --url URL           https://HOST[:PORT]/PATH; its path is shown nowhere\n"
	    "  --secret-file F     on the coordinator's machine; header X-Scanfarm-Signature is\n"
	    "                      then sha256= and the HMAC-SHA256 of the body by its content\n"
	    "  --all               first verdicts that are pass or unknown, too\n"
	    "  --insecure          http, or TLS that is not verified\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again.\n");
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'u')
		o->url = value;
	else if (c == 's')
		o->secret_file = value;
	else if (c == 'i')
		o->insecure = true;
	else
		o->all = true;
	return (true);
}

static int
add(struct farm *f, const struct args *a, const struct options *o,
    struct diag *d)
{
	struct farm_answer r = { 0 };
	struct json_writer w;
	char full[PATH_MAX];
	struct buf b;
	int rc;

	buf_init(&b, REQUEST_MAX);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_kstr(&w, "name", str_of(a->words[1]));
	json_w_kstr(&w, "url", str_of(o->url));
	/* the coordinator has another working directory than we have */
	if (o->secret_file != NULL)
		json_w_kstr(&w, "secret_file",
		    str_of(realpath(o->secret_file, full) != NULL ? full :
		    o->secret_file));
	json_w_kbool(&w, "insecure", o->insecure);
	json_w_kbool(&w, "everything", o->all);
	json_w_end_object(&w);
	rc = w.error < 0 ? diag_set(d, ERR_USAGE, 0,
	    "the arguments are too long") :
	    farm_call(f, "POST", TARGETS, buf_view(&b), &r, d);
	if (rc == 0)
		message(NULL, "%s is told of verdicts that change from now on",
		    a->words[1]);
	farm_answer_done(&r);
	buf_done(&b);
	return (rc);
}

static int
list(struct farm *f, const struct args *a, struct diag *d)
{
	static const char *const columns[] = { "name", "origin", "waiting",
		"failures", "last_delivery_at", "next_try_at", "error" };
	struct output *o = output_new(columns, 7);
	struct farm_answer r = { 0 };
	int rc = farm_call(f, "GET", TARGETS, str_of(""), &r, d);

	output_numbers(o, 1u << 2 | 1u << 3);
	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *t = json_at(r.json, i);
		char n[24], m[24];

		output_row(o, (const struct str[]) { json_get_str(t, "name"),
		    json_get_str(t, "origin"),
		    output_int(n, json_get_int(t, "waiting", 0)),
		    output_int(m, json_get_int(t, "failures", 0)),
		    json_get_str(t, "last_delivery_at"),
		    json_get_str(t, "next_try_at"),
		    json_get_str(t, "last_error") });
	}
	if (rc == 0)
		output_print(o, a->format, a->out);
	if (rc == 0 && json_len(r.json) == 0)
		message("notify", "nobody is told yet; `scanfarm notify add NAME "
		    "--url URL` adds a target");
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

static int
remove_target(struct farm *f, const char *name, struct diag *d)
{
	char path[PATH_QUOTED] = TARGETS "/";
	struct farm_answer r = { 0 };
	size_t n = strlen(path);
	int rc;

	farm_quote(str_of(name), path + n, sizeof(path) - n);
	rc = farm_call(f, "DELETE", path, str_of(""), &r, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm has no target \"%s\"; "
		    "`scanfarm notify list` shows them", name);
	if (rc == 0)
		message(NULL, "target %s removed", name);
	farm_answer_done(&r);
	return (rc);
}

/* Do words and options fit?  Else a mistake is told. */
static bool
words_ok(const struct args *a, const struct options *o)
{
	bool is_add = strcmp(a->words[0], "add") == 0;
	bool is_list = strcmp(a->words[0], "list") == 0;
	const char *wrong = NULL;

	if (!is_add && !is_list && strcmp(a->words[0], "remove") != 0)
		wrong = "the first word is add, list or remove";
	else if (a->n != (is_list ? 1 : 2))
		wrong = is_list ? "list wants no argument" :
		    "add and remove want the NAME of one target";
	else if (is_add && o->url == NULL)
		wrong = "add wants --url https://HOST/PATH";
	else if (!is_add && (o->url != NULL || o->secret_file != NULL ||
	    o->insecure || o->all))
		wrong = "--url, --secret-file, --all and --insecure belong to add";
	if (wrong != NULL)
		args_mistake("notify", "%s", wrong);
	return (wrong == NULL);
}

int
cmd_notify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "secret-file", required_argument, NULL, 's' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "all", no_argument, NULL, 'a' },
		{ 0 },
	};
	struct options o = { 0 };
	struct args a = { .command = "notify", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .arg = &o, .min = 1, .max = 2,
		.wants = "add NAME, list or remove NAME" };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!words_ok(&a, &o))
		return (args_end(&a, CLI_USAGE));
	if ((rc = farm_open(&a.farm, &f, &d)) == 0)
		rc = strcmp(a.words[0], "add") == 0 ? add(f, &a, &o, &d) :
		    strcmp(a.words[0], "list") == 0 ? list(f, &a, &d) :
		    remove_target(f, a.words[1], &d);
	farm_close(f);
	return (args_end(&a, rc < 0 ? farm_fail("notify", rc, &d) : CLI_OK));
}
