/* scanfarm inventory: the packages of a local image. */
#include <getopt.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/image_local.h"
#include "cli/output.h"
#include "worker/analyzer/layer.h"

static const char *const columns[] = { "path", "type", "name", "version", "arch",
    "source_name", "source_version" };
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm inventory PATH [--format table|tsv|json] [--platform P]\n\n"
	    "List the packages installed in a local image.  PATH is a layer tar (plain,\n"
	    "gzip, zstd), a docker-save archive, an OCI layout folder (PATH:TAG when it\n"
	    "holds several images) or a folder taken as an image's root.\n\n"
	    "  --format F     table (default), tsv or json\n"
	    "  --platform P   OS/ARCH or ARCH of a multi-platform image; default amd64,\n"
	    "                 else the first\n\n"
	    "Exit status: 0 all read, 2 usage or no image, 3 try again, 4 incomplete:\n"
	    "what could be read is printed, the reasons are on standard error.\n");
}

static void
print(const struct apply_result *r, enum output_format format)
{
	struct output *o = output_new(columns, NCOLUMNS);

	for (size_t i = 0; i < r->n; i++) {
		const struct apply_package *p = &r->packages[i];
		const struct str cells[NCOLUMNS] = { p->path, p->p.type,
		    p->p.name, p->p.version, p->p.arch, p->p.source_name,
		    p->p.source_version };

		if (p->p.state.n == 0)
			output_row(o, cells);
	}
	output_print(o, format, stdout);
	output_free(o);
}

static int
exit_of(int rc)
{
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE);
}

static int
inventory(const char *path, const char *platform, enum output_format format)
{
	struct image_local *img = NULL;
	const struct apply_result *r;
	struct diag d = { 0 };
	int rc;

	layer_warm_up();
	if ((rc = image_local_read(path, IMAGE_ANY, platform, &img, &d)) < 0) {
		fprintf(stderr, "scanfarm inventory: %s\n", d.text);
		return (exit_of(rc));
	}
	r = img->result;
	print(r, format);
	for (size_t i = 0; i < r->nnotes; i++)
		fprintf(stderr, "note: %.*s\n", STR_ARG(r->notes[i]));
	for (size_t i = 0; i < r->nreasons; i++)
		fprintf(stderr, "incomplete: %.*s\n", STR_ARG(r->reasons[i]));
	rc = r->incomplete ? CLI_UNKNOWN : CLI_OK;
	image_local_free(img);
	return (rc);
}

int
cmd_inventory(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "platform", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum output_format format = OUTPUT_TABLE;
	const char *platform = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			if (!output_format_of(optarg, &format)) {
				fprintf(stderr, "scanfarm inventory: no format "
				    "\"%s\": table, tsv or json\n", optarg);
				return (CLI_USAGE);
			}
			break;
		case 'p':
			platform = optarg;
			break;
		case 'h':
			usage(stdout);
			return (CLI_OK);
		default:
			usage(stderr);
			return (CLI_USAGE);
		}
	}
	if (argc - optind != 1) {
		usage(stderr);
		return (CLI_USAGE);
	}
	return (inventory(argv[optind], platform, format));
}
