/* scanfarm changes: which verdicts changed lately, and why. */
#include <stdlib.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "common/mem.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm changes [--since TIME] [--format F]\n\n"
	    "Verdicts that changed, the newest first, with what changed them; an empty `old` is\n"
	    "a first verdict.  `scanfarm notify` has a webhook told of each as it comes.\n\n"
	    "  --since TIME        24h (default), 7d, 2026-01-31 or 2026-01-31T12:00:00Z\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again.\n");
}

static bool
take(void *arg, int c, const char *value)
{
	const char **since = arg;

	(void)c;
	*since = value;
	return (true);
}

static void
print(const struct json *j, const struct args *a)
{
	static const char *const columns[] = { "at", "reference", "platform",
		"digest", "old", "new", "cause", "because" };
	const struct json *v = json_get(j, "changes");
	struct output *o = output_new(columns, 8);

	for (size_t i = 0; i < json_len(v); i++) {
		struct str cells[8];

		for (size_t c = 0; c < 8; c++)
			cells[c] = json_get_str(json_at(v, i), columns[c]);
		output_row(o, cells);
	}
	if (a->format == OUTPUT_TABLE && json_len(v) > 0)
		output_print_unsorted(o, a->out);
	else if (a->format != OUTPUT_TABLE)
		output_print(o, a->format, a->out);
	output_free(o);
	if (json_len(v) == 0)
		message("changes", "no verdict changed since %.*s",
		    STR_ARG(json_get_str(j, "since")));
	if (json_bool(json_get(j, "more")))
		message("changes", "there are more: these are the newest %zu",
		    json_len(v));
}

int
cmd_changes(int argc, char **argv)
{
	static const struct option options[] = {
		{ "since", required_argument, NULL, 's' }, { 0 },
	};
	const char *since = "24h";
	struct args a = { .command = "changes", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .arg = &since };
	struct farm_answer r = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	char quoted[200], *path;
	int rc;

	if (!args_read(&a, argc, argv))
		return (a.status);
	farm_quote(str_of(since), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/changes?since=%s", quoted);
	if ((rc = farm_open(&a.farm, &f, &d)) == 0 &&
	    (rc = farm_call(f, "GET", path, str_of(""), &r, &d)) == 0)
		print(r.json, &a);
	free(path);
	farm_answer_done(&r);
	farm_close(f);
	return (args_end(&a, rc < 0 ? farm_fail("changes", rc, &d) : CLI_OK));
}
