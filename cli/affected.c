/* scanfarm affected: which images of the farm have a vulnerability. */
#include "cli/cli.h"
#include "cli/farm.h"
#include "cli/output.h"

#define PATH_QUOTED 1024

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm affected ID [--format F]\n\n"
	    "The images that have vulnerability ID (CVE-..., GHSA-..., DSA-...), by what is\n"
	    "known now, at most 1000 rows.\n\n"
	    "  --format F          table (default), tsv or json\n"
	    FARM_HELP
	    "\nExit status: 0 listed (maybe none), 2 no such vulnerability, 3 try again.\n");
}

static int
ask(struct farm *f, const char *id, enum output_format format,
    struct diag *d)
{
	static const char *const columns[] = { "reference", "digest", "package",
		"version", "fixed_version" };
	char path[PATH_QUOTED] = "/api/v1/vulnerabilities/";
	struct output *o = output_new(columns, 5);
	struct farm_answer r = { 0 };
	const struct json *v;
	size_t n = strlen(path);
	int rc;

	farm_quote(str_of(id), path + n, sizeof(path) - n - 8);
	n = strlen(path);
	snprintf(path + n, sizeof(path) - n, "/images");
	rc = farm_call(f, "GET", path, str_of(""), &r, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "no advisory of the farm speaks of %s; "
		    "`scanfarm feed list` shows what is imported", id);
	if (rc < 0)
		goto out;
	v = json_get(r.json, "images");
	for (size_t i = 0; i < json_len(v); i++) {
		struct str cells[5];

		for (size_t k = 0; k < 5; k++)
			cells[k] = json_get_str(json_at(v, i), columns[k]);
		output_row(o, cells);
	}
	output_print(o, format, stdout);
out:
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

int
cmd_affected(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	enum output_format format = OUTPUT_TABLE;
	struct farm_options o = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int c, rc;

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
	if (argc - optind != 1) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if ((rc = farm_open(&o, &f, &d)) == 0)
		rc = ask(f, argv[optind], format, &d);
	farm_close(f);
	return (rc < 0 ? farm_fail("affected", rc, &d) : CLI_OK);
}
