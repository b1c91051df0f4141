/* What the commands of `scanfarm` share: exit statuses and the version. */
#ifndef CLI_H
#define CLI_H

#define SCANFARM_VERSION "0.1.0"

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,		/* policy says no */
	CLI_USAGE = 2,		/* usage or bad input, before anything ran */
	CLI_TEMPORARY = 3,	/* try again later */
	CLI_UNKNOWN = 4,	/* incomplete: never to be read as clean */
};

/* int cmd_NAME(int argc, char **argv) of every command. */
#define COMMAND_LIST_BEGIN
#define COMMAND_LIST_END
#define COMMAND(name, args, summary) int cmd_##name(int argc, char **argv);
#include "cli/commands.h"
#undef COMMAND_LIST_BEGIN
#undef COMMAND_LIST_END
#undef COMMAND

#endif
