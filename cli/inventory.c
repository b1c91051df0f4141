/* scanfarm inventory: the packages of a local image. */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/image_local.h"
#include "cli/message.h"
#include "worker/analyzer/layer.h"

static const char *const columns[] = { "path", "type", "name", "version", "arch",
    "source_name", "source_version", "found_by", "origin", "owner", "layer" };
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

struct options {
	const char *platform;
	bool lock_files;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm inventory PATH [--platform P] [--lock-files] [--format F]\n\n"
	    "List the packages installed in a local image.  PATH is a layer tar (plain,\n"
	    "gzip, zstd), a docker-save archive, an OCI layout folder (PATH:TAG when it\n"
	    "holds several images) or a folder taken as an image's root.  Each row says\n"
	    "where the package stands (path), which analyzer found it, who answers for it\n"
	    "(origin, and the package that owns its file) and which layer brought it.\n"
	    "On standard error: the distribution and whether os-release states it, an\n"
	    "older release file says it or it is inferred from packages; then notes.\n\n"
	    "  --platform P        OS/ARCH or ARCH of a multi-platform image; default amd64,\n"
	    "                      else the first\n"
	    "  --lock-files        also what lock files ask for, development dependencies\n"
	    "                      included; they do not say that it is installed\n"
	    ARGS_RESULT_HELP "\n"
	    "Exit status: 0 all read, 2 usage or no image, 3 try again, 4 incomplete:\n"
	    "what could be read is printed, the reasons are on standard error.\n");
}

/* The layer that brought the package: its digest, else its place. */
static struct str
layer_of(const struct image_local *img, uint32_t layer, char room[16])
{
	if (layer < img->nlayers && img->digests[layer].n != 0)
		return (img->digests[layer]);
	return (str_n(room, (size_t)snprintf(room, 16, "#%u", layer)));
}

static void
print(const struct image_local *img, const struct args *a)
{
	const struct apply_result *r = img->result;
	struct output *o = output_new(columns, NCOLUMNS);
	size_t left_out = 0;
	char room[16];

	for (size_t i = 0; i < r->n; i++) {
		const struct apply_package *p = &r->packages[i];
		const struct str cells[NCOLUMNS] = { p->path, p->p.type,
		    p->p.name, p->p.version, p->p.arch, p->p.source_name,
		    p->p.source_version, p->kind, str_of(p->origin),
		    p->owner != NULL ? p->owner->name : str_of(""),
		    layer_of(img, p->layer, room) };

		if (p->p.state.n == 0)
			output_row(o, cells);
		else
			left_out++;
	}
	output_print(o, a->format, a->out);
	output_free(o);
	if (left_out > 0)
		message("inventory", "note: %zu packages that are not wholly "
		    "installed, or of removed databases, are left out", left_out);
}

static void
print_distribution(const struct image_local *img)
{
	char room[IMAGE_DISTRIBUTION_TEXT], text[IMAGE_DISTRIBUTION_TEXT + 20];
	struct str os = image_local_distribution(img, room), line;

	if (os.n == 0)
		return;
	line = str_n(text, (size_t)snprintf(text, sizeof(text), "%.*s (%.*s)",
	    STR_ARG(os), STR_ARG(apply_told_distribution(
	    img->result)->confidence)));
	message_lines("distribution: ", &line, 1);
}

static int
exit_of(int rc)
{
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE);
}

static int
inventory(const char *path, const struct options *o, const struct args *a)
{
	struct image_local *img = NULL;
	const struct apply_result *r;
	struct diag d = { 0 };
	int rc;

	layer_warm_up();
	if ((rc = image_local_read(path, IMAGE_ANY, o->platform,
	    o->lock_files, &img, &d)) < 0) {
		message("inventory", "%s", d.text);
		return (exit_of(rc));
	}
	r = img->result;
	print(img, a);
	print_distribution(img);
	message_lines("note: ", r->notes, r->nnotes);
	message_lines("incomplete: ", r->reasons, r->nreasons);
	rc = r->incomplete ? CLI_UNKNOWN : CLI_OK;
	image_local_free(img);
	return (rc);
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'p')
		o->platform = value;
	else
		o->lock_files = true;
	return (true);
}

int
cmd_inventory(int argc, char **argv)
{
	static const struct option options[] = {
		{ "platform", required_argument, NULL, 'p' },
		{ "lock-files", no_argument, NULL, 'l' },
		{ 0 },
	};
	struct options o = { NULL, false };
	struct args a = { .command = "inventory", .usage = usage,
		.takes = ARGS_RESULT, .options = options, .take = take,
		.arg = &o, .min = 1, .max = 1,
		.wants = "one PATH of an image" };

	if (!args_read(&a, argc, argv))
		return (a.status);
	return (args_end(&a, inventory(a.words[0], &o, &a)));
}
