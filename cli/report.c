/* scanfarm report: what the farm knows about one image. */
#include "cli/cli.h"
#include "cli/farm_image.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm report REF [--wait] [--format F]\n\n"
	    "Verdict and findings of an image, worst first, as the farm knows them now.  REF\n"
	    "is a registry reference, NAME/REPOSITORY:TAG with a registry's name, or\n"
	    "sha256:...; of a multi-platform image its worst platform is shown.\n\n"
	    "  --wait              until there is a verdict\n"
	    "  --format F          table (default), tsv or json\n"
	    FARM_HELP
	    "\nExit status: 0 passed, 1 failed, 2 not known, 3 no verdict yet, 4 unknown:\n"
	    "something could not be looked at, the reasons say what.\n");
}

int
cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'F' },
		{ "wait", no_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	enum output_format format = OUTPUT_TABLE;
	struct farm_image m = { .verdict = "" };
	struct farm_options o = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	bool wait = false;
	int c, rc, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return (CLI_OK);
		}
		if (c == 'w')
			wait = true;
		else if (!farm_option(&o, c, optarg) &&
		    !(c == 'F' && output_format_of(optarg, &format))) {
			usage(stderr);
			return (CLI_USAGE);
		}
	}
	if (argc - optind != 1) {
		usage(stderr);
		return (CLI_USAGE);
	}
	m.ref = argv[optind];
	if ((rc = farm_open(&o, &f, &d)) == 0)
		rc = wait ? farm_image_wait(f, &m, false, 0, &d) :
		    farm_image_get(f, &m, &d);
	if (rc < 0)
		status = farm_fail("report", rc, &d);
	else {
		farm_image_print(&m, 1, format, stdout);
		status = m.status;
	}
	farm_image_done(&m);
	farm_close(f);
	return (status);
}
