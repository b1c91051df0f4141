/* scanfarm status: the farm at a glance. */
#include "cli/cli.h"
#include "cli/farm.h"
#include "cli/output.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm status [--format F]\n\n"
	    "Workers, open work, what is known and the verdicts.\n\n"
	    "  --format F          table (default), tsv or json\n"
	    FARM_HELP
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
	{ "layer_uses", "uses of layers by images" },
	{ "packages", "packages" },
	{ "advisories", "advisories" },
	{ "findings", "findings" },
	{ "inbox_open", "notifications to be read" },
	{ "jobs_open", "jobs open" },
	{ "jobs_waiting", "of these waiting for another try" },
	{ "unmatched", "waiting for the matcher" },
};

static void
print_workers(const struct json *workers)
{
	static const char *const columns[] = { "worker", "slots", "in_flight",
		"jobs_done", "MiB_read" };
	struct output *o = output_new(columns, 5);

	for (size_t i = 0; i < json_len(workers); i++) {
		const struct json *w = json_at(workers, i);
		char n[4][24];

		snprintf(n[0], sizeof(n[0]), "%lld",
		    (long long)json_get_int(w, "slots", 0));
		snprintf(n[1], sizeof(n[1]), "%lld",
		    (long long)json_get_int(w, "in_flight", 0));
		snprintf(n[2], sizeof(n[2]), "%lld",
		    (long long)json_get_int(w, "jobs_done", 0));
		snprintf(n[3], sizeof(n[3]), "%lld",
		    (long long)json_get_int(w, "bytes_read", 0) >> 20);
		output_row(o, (const struct str[]) { json_get_str(w, "name"),
		    str_of(n[0]), str_of(n[1]), str_of(n[2]), str_of(n[3]) });
	}
	printf("\n");
	output_print(o, OUTPUT_TABLE, stdout);
	output_free(o);
}

static void
print_table(const struct farm *f, const struct json *j)
{
	const struct json *v = json_get(j, "verdicts");
	const struct json *workers = json_get(j, "workers");

	printf("farm      %s\n", farm_url(f));
	printf("leader    %.*s\n", STR_ARG(json_get_str(j, "leader")));
	printf("verdicts  %lld pass, %lld fail, %lld unknown\n\n",
	    (long long)json_get_int(v, "pass", 0),
	    (long long)json_get_int(v, "fail", 0),
	    (long long)json_get_int(v, "unknown", 0));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		printf("%10lld  %s\n",
		    (long long)json_get_int(j, lines[i].key, 0), lines[i].what);
	if (json_len(workers) > 0)
		print_workers(workers);
	else
		printf("\nno worker is connected: nothing can be read; start "
		    "`scanfarm-worker` or `scanfarm up --workers N`\n");
}

static void
print_tsv(const struct json *j)
{
	static const char *const columns[] = { "name", "value" };
	struct output *o = output_new(columns, 2);
	char n[24];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(n, sizeof(n), "%lld",
		    (long long)json_get_int(j, lines[i].key, 0));
		output_row(o, (const struct str[]) { str_of(lines[i].key),
		    str_of(n) });
	}
	snprintf(n, sizeof(n), "%zu", json_len(json_get(j, "workers")));
	output_row(o, (const struct str[]) { str_of("workers"), str_of(n) });
	output_print(o, OUTPUT_TSV, stdout);
	output_free(o);
}

int
cmd_status(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	enum output_format format = OUTPUT_TABLE;
	struct farm_answer r = { 0 };
	struct farm_options o = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int c, rc, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return (CLI_OK);
		}
		if (!farm_option(&o, c, optarg) &&
		    !(c == 'F' && output_format_of(optarg, &format))) {
			usage(stderr);
			return (CLI_USAGE);
		}
	}
	if (argc > optind) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if ((rc = farm_open(&o, &f, &d)) == 0)
		rc = farm_call(f, "GET", "/api/v1/status", str_of(""), &r, &d);
	if (rc < 0)
		status = farm_fail("status", rc, &d);
	else {
		if (format == OUTPUT_TABLE)
			print_table(f, r.json);
		else if (format == OUTPUT_TSV)
			print_tsv(r.json);
		else
			printf("%.*s\n", STR_ARG(buf_view(&r.body)));
		status = json_len(json_get(r.json, "workers")) > 0 ? CLI_OK :
		    CLI_TEMPORARY;
	}
	farm_answer_done(&r);
	farm_close(f);
	return (status);
}
