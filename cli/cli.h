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

#endif
