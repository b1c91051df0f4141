/*
 * scanfarm scan: findings and a verdict for images.  Local kinds are known by
 * their prefix and need no farm; everything else is a registry reference.
 */
#include <errno.h>
#include <getopt.h>
#include "cli/cli.h"
#include "cli/scan.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm scan REF... [--farm URL] [--feed DIR] [--platform P]\n"
	    "                     [--fail-on SEVERITY] [--only-fixed] [--format F]\n"
	    "                     [--output FILE] [--no-wait]\n\n"
	    "Find the vulnerabilities of images and judge them.  REF is a registry reference,\n"
	    "which the farm reads and judges by all it knows, or, without any farm,\n"
	    "oci:DIR[:TAG], docker-archive:FILE or dir:PATH (a folder taken as an image's\n"
	    "root), judged by the advisories of --feed.\n\n"
	    "  --feed DIR          advisories as OSV exports them (DIR/<ECOSYSTEM>/all.zip),\n"
	    "                      a folder of documents, or one zip\n"
	    "  --platform P        OS/ARCH or ARCH of a multi-platform image; default amd64,\n"
	    "                      else the first\n"
	    "  --fail-on SEVERITY  critical, high (default), medium, low, negligible, or\n"
	    "                      unknown for any finding at all\n"
	    "  --only-fixed        only findings that an update would remove can fail\n"
	    "  --format F          table (default), tsv or json\n"
	    "  --output FILE       write the result there\n"
	    "  --no-wait           ask the farm and do not wait for the verdict\n"
	    FARM_HELP "\n"
	    "Exit status: 0 passed, 1 failed, 2 usage or no image, 3 try again, 4 unknown:\n"
	    "something could not be looked at, the reasons say what.\n");
}

static bool
severity_option(const char *word, enum severity *ret)
{
	for (int s = SEVERITY_UNKNOWN; s <= SEVERITY_CRITICAL; s++)
		if (strcmp(word, severity_name((enum severity)s)) == 0) {
			*ret = (enum severity)s;
			return (true);
		}
	return (false);
}

struct arguments {
	struct scan_options o;
	const char *output;
	bool help;
};

/* Options into ${a}; false with a message when one is wrong. */
static bool
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "feed", required_argument, NULL, 'f' },
		{ "platform", required_argument, NULL, 'p' },
		{ "fail-on", required_argument, NULL, 's' },
		{ "only-fixed", no_argument, NULL, 'x' },
		{ "format", required_argument, NULL, 'F' },
		{ "output", required_argument, NULL, 'o' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int c;

	optind = 1;
	while (good && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'f')
			a->o.feed = optarg;
		else if (c == 'p')
			a->o.platform = optarg;
		else if (c == 'x')
			a->o.policy.only_fixed = a->o.policy_given = true;
		else if (c == 'o')
			a->output = optarg;
		else if (c == 'h')
			a->help = true;
		else if (c == 'n')
			a->o.no_wait = true;
		else if (!farm_option(&a->o.farm, c, optarg))
			good = (c == 's' &&
			    severity_option(optarg, &a->o.policy.fail_on)) ||
			    (c == 'F' && output_format_of(optarg, &a->o.format));
		a->o.policy_given |= c == 's';
		if (!good && c != '?')
			fprintf(stderr, "scanfarm scan: no %s \"%s\"\n",
			    c == 's' ? "severity" : "format", optarg);
	}
	return (good);
}

/* Scan with the result going where it was asked for. */
static int
run(char *const *refs, size_t n, bool local, struct arguments *a)
{
	int rc;

	a->o.out = a->output != NULL ? fopen(a->output, "we") : stdout;
	if (a->o.out == NULL) {
		fprintf(stderr, "scanfarm scan: cannot write %s: %s\n",
		    a->output, strerror(errno));
		return (CLI_USAGE);
	}
	rc = local ? scan_local(refs, n, &a->o) : scan_farm(refs, n, &a->o);
	if (a->output != NULL && fclose(a->o.out) != 0) {
		fprintf(stderr, "scanfarm scan: cannot write %s: %s\n",
		    a->output, strerror(errno));
		rc = rc == CLI_OK ? CLI_TEMPORARY : rc;
	}
	return (rc);
}

int
cmd_scan(int argc, char **argv)
{
	struct arguments a = { .o = { .policy = policy_default,
	    .format = OUTPUT_TABLE } };
	size_t n, nlocal = 0;

	if (!parse(argc, argv, &a)) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if (a.help) {
		usage(stdout);
		return (CLI_OK);
	}
	n = (size_t)(argc - optind);
	if (n == 0) {
		usage(stderr);
		return (CLI_USAGE);
	}
	for (size_t i = 0; i < n; i++)
		nlocal += scan_is_local(argv[optind + (int)i]);
	if (nlocal != 0 && nlocal != n) {
		fprintf(stderr, "scanfarm scan: local images and those of "
		    "registries need a command each\n");
		return (CLI_USAGE);
	}
	if (nlocal != 0 && a.o.feed == NULL) {
		fprintf(stderr, "scanfarm scan: local images need --feed DIR\n");
		return (CLI_USAGE);
	}
	if (nlocal == 0 && (a.o.feed != NULL || a.o.platform != NULL)) {
		fprintf(stderr, "scanfarm scan: --feed and --platform are for "
		    "local images: a farm reads every platform and uses its own "
		    "advisories\n");
		return (CLI_USAGE);
	}
	return (run(argv + optind, n, nlocal != 0, &a));
}
