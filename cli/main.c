/*
 * scanfarm: what people type.  Finds the command's line in commands.h and
 * calls it; every command parses its own arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/message.h"
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
		fprintf(f, "  scanfarm %s%s%s\n      %s\n", c->name,
		    c->args[0] != '\0' ? " " : "", c->args, c->summary);
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

/* A missing standard stream would hand its number to the next file we open.
 * What takes its place can only fail: what is written there is lost. */
static void
fill_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int
unknown(const char *word)
{
	message(NULL, "no %s \"%s\"; `scanfarm --help` lists the commands",
	    word[0] == '-' ? "option" : "command", word);
	return (CLI_USAGE);
}

static int
help(const char *name)
{
	const struct command *c = name != NULL ? command_find(name) : NULL;
	char option[] = "--help";

	if (name != NULL && c == NULL)
		return (unknown(name));
	if (c != NULL)
		return (c->run(2, (char *[]) { (char *)(uintptr_t)name, option,
		    NULL }));
	usage(stdout);
	return (CLI_OK);
}

/* A full disk or a closed pipe must not look like a complete result. */
static int
finish(int rc)
{
	int why = 0;

	if (fflush(stdout) != 0)
		why = errno;
	if (why == 0 && !ferror(stdout))
		return (rc);
	if (why == EPIPE)
		message(NULL, "the reader of standard output ended before the "
		    "result did");
	else
		message(NULL, "the result on standard output is not complete%s%s",
		    why != 0 ? ": " : "", why != 0 ? strerror(why) : "");
	return (rc == CLI_OK ? CLI_TEMPORARY : rc);
}

int
main(int argc, char **argv)
{
	const struct command *c;
	int rc;

	fill_streams();
	signal(SIGPIPE, SIG_IGN);
	log_init("scanfarm", LOG_LEVEL_WARN);
	if (argc < 2) {
		usage(stderr);
		rc = CLI_USAGE;
	} else if (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		rc = help(argv[2]);
	} else if (strcmp(argv[1], "--version") == 0) {
		printf("scanfarm %s\n", SCANFARM_VERSION);
		rc = CLI_OK;
	} else if ((c = command_find(argv[1])) != NULL) {
		rc = c->run(argc - 1, argv + 1);
	} else {
		rc = unknown(argv[1]);
	}
	return (finish(rc));
}
