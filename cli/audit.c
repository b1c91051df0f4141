/* scanfarm audit: is everything that the farm derived what a rebuild would give? */
#include <unistd.h>
#include "cli/args.h"
#include "cli/cli.h"

#define DEFAULT_WAIT_S 3600
#define MAX_WAIT_S 1000000

struct options {
	bool last;
	uint64_t wait_s;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm audit [--last] [--wait SECONDS]\n\n"
	    "The farm compares all that it derived (matches, findings, counts, verdicts) with\n"
	    "a rebuild from scratch, as soon as nothing waits to be matched. It does so once\n"
	    "a day by itself; registries are not asked and nothing is changed.\n\n"
	    "  --last              show the last audit, make none\n"
	    "  --wait SECONDS      at most so long (default %d)\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 no difference, 1 rows differ, 3 it could not be made yet.\n",
	    DEFAULT_WAIT_S);
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'w')
		return (args_number("audit", "wait", value, MAX_WAIT_S,
		    &o->wait_s));
	o->last = true;
	return (true);
}

static void
print_table(const struct json *j, FILE *out)
{
	const struct json *details = json_get(j, "details");
	long long n = (long long)json_get_int(j, "differences", 0);

	fprintf(out, "audit     %lld, %.*s\n",
	    (long long)json_get_int(j, "id", 0),
	    STR_ARG(json_get_str(j, "ended_at")));
	fprintf(out, "rows      %lld compared with a rebuild\n",
	    (long long)json_get_int(j, "rows", 0));
	fprintf(out, "differ    %lld\n", n);
	for (size_t i = 0; i < json_len(details); i++)
		fprintf(out, "  %.*s\n", STR_ARG(json_str(json_at(details, i))));
	if ((long long)json_len(details) < n)
		fprintf(out, "  and %lld more\n",
		    n - (long long)json_len(details));
}

static void
print_tsv(const struct json *j, FILE *out)
{
	static const char *const columns[] = { "difference" };
	const struct json *details = json_get(j, "details");
	struct output *o = output_new(columns, 1);

	for (size_t i = 0; i < json_len(details); i++)
		output_row(o, (const struct str[]) {
		    json_str(json_at(details, i)) });
	output_print(o, OUTPUT_TSV, out);
	output_free(o);
}

/* Ask for the audit ${path} until it has ended or ${wait_s} are over. */
static int
wait_end(struct farm *f, const char *path, uint64_t wait_s,
    struct farm_answer *r, struct diag *d)
{
	int rc;

	for (uint64_t i = 0;; i++) {
		if ((rc = farm_call(f, "GET", path, str_of(""), r, d)) < 0 ||
		    json_get_str(r->json, "ended_at").n > 0)
			return (rc);
		if (i >= wait_s * 5)
			return (diag_set(d, ERR_TEMPORARY, 0,
			    "the audit has not ended; `scanfarm audit --last` shows it later"));
		farm_answer_done(r);
		usleep(200000);
	}
}

static int
make_one(struct farm *f, uint64_t wait_s, struct farm_answer *r,
    struct diag *d)
{
	struct farm_answer asked = { 0 };
	char path[64];
	int rc;

	if ((rc = farm_call(f, "POST", "/api/v1/audit", str_of(""), &asked,
	    d)) == 0) {
		snprintf(path, sizeof(path), "/api/v1/audit?id=%lld",
		    (long long)json_get_int(asked.json, "id", 0));
		rc = wait_end(f, path, wait_s, r, d);
	}
	farm_answer_done(&asked);
	return (rc);
}

static void
print(const struct args *a, const struct farm_answer *r)
{
	if (a->format == OUTPUT_TABLE)
		print_table(r->json, a->out);
	else if (a->format == OUTPUT_TSV)
		print_tsv(r->json, a->out);
	else
		fprintf(a->out, "%.*s\n", STR_ARG(buf_view(&r->body)));
}

int
cmd_audit(int argc, char **argv)
{
	static const struct option options[] = {
		{ "last", no_argument, NULL, 'l' },
		{ "wait", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .wait_s = DEFAULT_WAIT_S };
	struct args a = { .command = "audit", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .arg = &o };
	struct farm_answer r = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	bool differs = false;
	int rc;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if ((rc = farm_open(&a.farm, &f, &d)) == 0)
		rc = o.last ? farm_call(f, "GET", "/api/v1/audit", str_of(""),
		    &r, &d) : make_one(f, o.wait_s, &r, &d);
	if (rc == 0 && json_get_str(r.json, "error").n > 0)
		rc = diag_set(&d, ERR_TEMPORARY, 0,
		    "the audit could not be made: %.*s",
		    STR_ARG(json_get_str(r.json, "error")));
	if (rc == 0) {
		print(&a, &r);
		differs = json_get_int(r.json, "differences", 0) > 0;
	}
	farm_answer_done(&r);
	farm_close(f);
	return (args_end(&a, rc < 0 ? farm_fail("audit", rc, &d) :
	    differs ? CLI_FAILED : CLI_OK));
}
