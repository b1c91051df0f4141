/* scanfarm report: what the farm knows about one image. */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/farm_image.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm report REF [--explain [ID]] [--all] [--wait]\n"
	    "                       [--timeout SECONDS] [--platform P] [--format F]\n\n"
	    "Verdict and findings of an image, worst first and of equal severity the known\n"
	    "exploited (KEV) first, as the farm knows them now.  REF\n"
	    "is a registry reference, NAME/REPOSITORY:TAG with a registry's name, or\n"
	    "sha256:...; of a multi-platform image its worst platform is shown.\n\n"
	    "  --all               findings that count nowhere, too: of kernels' headers and\n"
	    "                      debuggers' symbols, and what Debian calls unimportant\n"
	    EXPLAIN_HELP
	    "  --wait              until there is a verdict\n"
	    "  --timeout SECONDS   but no longer than that (default %d, 0 for ever)\n"
	    "  --platform P        OS/ARCH[/VARIANT] or ARCH of a multi-platform image\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 passed, 1 failed, 2 not known, 3 no verdict yet, 4 unknown:\n"
	    "something could not be looked at, the reasons say what.\n",
	    FARM_IMAGE_TIMEOUT_S);
}

struct options {
	bool wait, all;
	uint64_t timeout_s;
	const char *platform;
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
	else if (c == 'e')
		return (explain_option_take(&o->explain, "report", value));
	else
		return (args_number("report", "--timeout", value,
		    FARM_IMAGE_TIMEOUT_MAX_S, &o->timeout_s));
	return (true);
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
