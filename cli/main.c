/*
 * scanfarm: what people type.  Finds the command's line in commands.h and
 * calls it; every command parses its own arguments.
 */
#include "cli/cli.h"
#include "common/log.h"

#define COMMAND_LIST_BEGIN static const struct command commands[] = {
#define COMMAND(name, args, summary) { #name, args, summary, cmd_##name },
#define COMMAND_LIST_END { NULL, NULL, NULL, NULL } };

struct command {
	const char *name;
	const char *args;
	const char *summary;
	int (*run)(int argc, char **argv);
};

#include "cli/commands.h"

static void
usage(FILE *f)
{
	const struct command *c;

	fprintf(f, "usage: scanfarm COMMAND [ARGUMENT...]\n\n");
	for (c = commands; c->name != NULL; c++)
		fprintf(f, "  scanfarm %s %s\n      %s\n", c->name, c->args,
		    c->summary);
	fprintf(f, "\n`scanfarm COMMAND --help` tells more; "
	    "`scanfarm --version` the version.\n");
}

static const struct command *
command_find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return (c);
	return (NULL);
}

int
main(int argc, char **argv)
{
	const struct command *c;
	int rc;

	log_init("scanfarm", LOG_LEVEL_WARN);
	if (argc < 2) {
		usage(stderr);
		rc = CLI_USAGE;
	} else if (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		rc = CLI_OK;
	} else if (strcmp(argv[1], "--version") == 0) {
		printf("scanfarm %s\n", SCANFARM_VERSION);
		rc = CLI_OK;
	} else if ((c = command_find(argv[1])) != NULL) {
		rc = c->run(argc - 1, argv + 1);
	} else {
		fprintf(stderr, "scanfarm: no command \"%s\"; "
		    "`scanfarm --help` lists them\n", argv[1]);
		rc = CLI_USAGE;
	}
	/* A full disk or closed pipe must not look like a complete result. */
	if (fflush(stdout) != 0 && rc == CLI_OK) {
		fprintf(stderr, "scanfarm: cannot write the result\n");
		rc = CLI_TEMPORARY;
	}
	return (rc);
}
