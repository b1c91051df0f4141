/* scanfarm status: the farm at a glance. */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm status [--format F]\n\n"
	    "Workers, open work, what is known and the verdicts.\n\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0, 3 when the farm is away or has no worker.\n");
}

/* What is worth a line, in this order. */
static const struct line {
	const char *key, *what;
} lines[] = {
	{ "images", "images" },
	{ "images_judged", "images judged" },
	{ "images_failed", "images that cannot be read" },
	{ "tags_unresolved", "tags whose registry does not say where they point" },
	{ "events_refused", "notifications that could not be read" },
	{ "layers", "distinct layers" },
	{ "layers_analysed", "layers analysed" },
	{ "layers_outdated", "layers read by older analyzers, to be looked at again" },
	{ "layers_not_reread", "layers that could not be read again" },
	{ "layer_uses", "uses of layers by images" },
	{ "packages", "packages" },
	{ "advisories", "advisories" },
	{ "revision", "revision of these" },
	{ "findings", "findings" },
	{ "inbox_open", "notifications to be read" },
	{ "jobs_open", "jobs open" },
	{ "jobs_waiting", "of these waiting for another try" },
	{ "unmatched", "waiting for the matcher" },
};

static void
print_workers(const struct json *workers, FILE *out)
{
	static const char *const columns[] = { "worker", "slots", "in_flight",
		"jobs_done", "MiB_read" };
	struct output *o = output_new(columns, 5);

	for (size_t i = 0; i < json_len(workers); i++) {
		const struct json *w = json_at(workers, i);
		char n[4][24];

		output_row(o, (const struct str[]) { json_get_str(w, "name"),
		    output_int(n[0], json_get_int(w, "slots", 0)),
		    output_int(n[1], json_get_int(w, "in_flight", 0)),
		    output_int(n[2], json_get_int(w, "jobs_done", 0)),
		    output_int(n[3], json_get_int(w, "bytes_read", 0) >> 20) });
	}
	fputc('\n', out);
	output_print(o, OUTPUT_TABLE, out);
	output_free(o);
}

static void
print_table(const struct farm *f, const struct json *j, FILE *out)
{
	const struct json *v = json_get(j, "verdicts");
	const struct json *workers = json_get(j, "workers");
	const struct json *audit = json_get(j, "audit");
	const struct json *sources = json_get(j, "feed_sources");
	struct str leader = json_get_str(j, "leader");

	fprintf(out, "farm      %s\n", farm_url(f));
	fprintf(out, "leader    %.*s\n", STR_ARG(leader));
	if (json_get_str(audit, "ended_at").n > 0)
		fprintf(out, "audit     %lld differences, %.*s\n",
		    (long long)json_get_int(audit, "differences", 0),
		    STR_ARG(json_get_str(audit, "ended_at")));
	for (size_t i = 0; i < json_len(sources); i++)
		fprintf(out, "export    revision %lld of farm %.*s, taken %.*s\n",
		    (long long)json_get_int(json_at(sources, i), "revision", 0),
		    STR_ARG(json_get_str(json_at(sources, i), "farm")),
		    STR_ARG(json_get_str(json_at(sources, i), "imported_at")));
	fprintf(out, "verdicts  %lld pass, %lld fail, %lld unknown\n\n",
	    (long long)json_get_int(v, "pass", 0),
	    (long long)json_get_int(v, "fail", 0),
	    (long long)json_get_int(v, "unknown", 0));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fprintf(out, "%10lld  %s\n",
		    (long long)json_get_int(j, lines[i].key, 0), lines[i].what);
	if (json_len(workers) > 0)
		print_workers(workers, out);
}

static void
print_tsv(const struct json *j, FILE *out)
{
	static const char *const columns[] = { "name", "value" };
	static const char *const verdicts[] = { "pass", "fail", "unknown" };
	struct output *o = output_new(columns, 2);
	char n[24], name[40];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		output_row(o, (const struct str[]) { str_of(lines[i].key),
		    output_int(n, json_get_int(j, lines[i].key, 0)) });
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "verdicts_%s", verdicts[i]);
		output_row(o, (const struct str[]) { str_of(name), output_int(n,
		    json_get_int(json_get(j, "verdicts"), verdicts[i], 0)) });
	}
	output_row(o, (const struct str[]) { str_of("workers"),
	    output_int(n, (int64_t)json_len(json_get(j, "workers"))) });
	output_print(o, OUTPUT_TSV, out);
	output_free(o);
}

int
cmd_status(int argc, char **argv)
{
	struct args a = { .command = "status", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT };
	struct farm_answer r = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc, status;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if ((rc = farm_open(&a.farm, &f, &d)) == 0)
		rc = farm_call(f, "GET", "/api/v1/status", str_of(""), &r, &d);
	if (rc < 0) {
		status = farm_fail("status", rc, &d);
		goto out;
	}
	if (a.format == OUTPUT_TABLE)
		print_table(f, r.json, a.out);
	else if (a.format == OUTPUT_TSV)
		print_tsv(r.json, a.out);
	else
		fprintf(a.out, "%.*s\n", STR_ARG(buf_view(&r.body)));
	status = CLI_OK;
	if (json_len(json_get(r.json, "workers")) == 0) {
		message("status", "no worker is connected: nothing can be read; "
		    "start `scanfarm-worker` or `scanfarm up --workers N`");
		status = CLI_TEMPORARY;
	}
out:
	farm_answer_done(&r);
	farm_close(f);
	return (args_end(&a, status));
}
