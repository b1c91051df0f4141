/* scanfarm report: what the farm knows about one image. */
#include <stdlib.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/farm_image.h"
#include "cli/message.h"
#include "common/mem.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm report REF [--explain [ID]] [--all] [--wait]\n"
	    "                       [--timeout SECONDS] [--platform P] [--format F]\n"
	    "       scanfarm report REF --as-of TIME [--format F]\n\n"
	    "Verdict and findings of an image, worst first and of equal severity the known\n"
	    "exploited (KEV) first, as the farm knows them now.  REF\n"
	    "is a registry reference, NAME/REPOSITORY:TAG with a registry's name, or\n"
	    "sha256:...; of a multi-platform image its worst platform is shown.\n\n"
	    "  --all               findings that count nowhere, too: of kernels' headers and\n"
	    "                      debuggers' symbols, and what Debian calls unimportant\n"
	    EXPLAIN_HELP
	    "  --as-of TIME        the verdict at that time, since when and why, of each platform:\n"
	    "                      2026-01-31 or 2026-01-31T12:00:00Z, UTC where no zone is named;\n"
	    "                      none that is still to come\n"
	    "  --wait              until there is a verdict\n"
	    "  --timeout SECONDS   but no longer than that (default %d, 0 for ever)\n"
	    "  --platform P        OS/ARCH[/VARIANT] or ARCH of a multi-platform image\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 passed, 1 failed, 2 not known or no image, 3 no verdict yet, 4 unknown:\n"
	    "something could not be looked at, the reasons say what.\n",
	    FARM_IMAGE_TIMEOUT_S);
}

struct options {
	bool wait, all;
	uint64_t timeout_s;
	const char *platform, *as_of;
	struct explain_option explain;
};

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'w')
		o->wait = true;
	else if (c == 'a')
		o->all = true;
	else if (c == 'p')
		o->platform = value;
	else if (c == 'o')
		o->as_of = value;
	else if (c == 'e')
		return (explain_option_take(&o->explain, "report", value));
	else
		return (args_number("report", "--timeout", value,
		    FARM_IMAGE_TIMEOUT_MAX_S, &o->timeout_s));
	return (true);
}

/* ------------------------------------------------------------------- --as-of */

static void
print_as_of(const struct json *j, const char *ref, enum output_format format,
    FILE *out)
{
	static const char *const columns[] = { "ref", "as_of", "digest",
		"platform", "verdict", "since", "cause", "because" };
	struct output *o = output_new(columns, 8);
	const struct json *v = json_get(j, "platforms");

	for (size_t i = 0; i < json_len(v); i++) {
		struct str cells[8] = { str_of(ref), json_get_str(j, "as_of") };

		for (size_t c = 2; c < 8; c++)
			cells[c] = json_get_str(json_at(v, i), columns[c]);
		output_row(o, cells);
	}
	output_print(o, format, out);
	output_free(o);
}

/* The exit status. */
static int
report_as_of(struct farm *f, const char *ref, const char *as_of,
    const struct args *a)
{
	char quoted[1200], when[200];
	struct farm_answer r = { 0 };
	struct diag d = { 0 };
	struct str verdict;
	char *path;
	int rc;

	farm_quote(str_of(ref), quoted, sizeof(quoted));
	farm_quote(str_of(as_of), when, sizeof(when));
	path = mem_printf("/api/v1/verdicts?%s=%s&as_of=%s",
	    str_starts(str_of(ref), "sha256:") ? "digest" : "reference", quoted,
	    when);
	rc = farm_call(f, "GET", path, str_of(""), &r, &d);
	free(path);
	if (rc == ERR_NOT_FOUND)
		diag_set(&d, rc, 0, "the farm did not know %s at %s", ref, as_of);
	if (rc < 0) {
		farm_answer_done(&r);
		return (farm_fail("report", rc, &d));
	}
	print_as_of(r.json, ref, a->format, a->out);
	verdict = json_get_str(r.json, "verdict");
	rc = str_eqz(verdict, "fail") ? CLI_FAILED : str_eqz(verdict,
	    "unknown") ? CLI_UNKNOWN : verdict.n == 0 ? CLI_TEMPORARY : CLI_OK;
	if (verdict.n == 0)
		message("report", "%s had no verdict yet at %s", ref, as_of);
	farm_answer_done(&r);
	return (rc);
}

int
cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "wait", no_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' },
		{ "platform", required_argument, NULL, 'p' },
		EXPLAIN_OPTION,
		{ "as-of", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct options o = { .timeout_s = FARM_IMAGE_TIMEOUT_S };
	struct args a = { .command = "report", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .arg = &o, .min = 1, .max = 2,
		.wants = "one image, such as registry.example/team/app:1.0" };
	struct farm_image m = { .verdict = "" };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc, status;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!explain_option_word(&o.explain, &a))
		return (args_end(&a, CLI_USAGE));
	if (a.n != 1)
		return (args_end(&a, args_mistake("report", "it wants %s",
		    a.wants)));
	m.ref = a.words[0];
	m.platform = o.platform;
	m.all = o.all;
	if (o.as_of != NULL && (o.explain.on || o.wait || o.all ||
	    o.platform != NULL))
		return (args_end(&a, args_mistake("report", "--as-of goes with "
		    "--format and --output only")));
	if (o.as_of != NULL) {
		status = (rc = farm_open(&a.farm, &f, &d)) < 0 ?
		    farm_fail("report", rc, &d) :
		    report_as_of(f, m.ref, o.as_of, &a);
		farm_close(f);
		return (args_end(&a, status));
	}
	if ((rc = farm_open(&a.farm, &f, &d)) == 0)
		rc = o.wait ? farm_image_wait(f, &m, false,
		    farm_image_deadline(o.timeout_s), &d) :
		    farm_image_get(f, &m, &d);
	if (rc == 0 && o.explain.on)
		rc = farm_image_explain(f, &m, o.explain.id,
		    a.format == OUTPUT_TABLE, &d);
	if (rc < 0)
		status = farm_fail("report", rc, &d);
	else {
		farm_image_print(&m, 1, a.format, a.out);
		status = m.status;
	}
	farm_image_done(&m);
	farm_close(f);
	return (args_end(&a, status));
}
