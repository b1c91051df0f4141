/*
 * The arguments of a command: its own options and those that many share, what
 * stands beside them, and where the result goes.  A mistake is told in one line
 * that names the cause and where help is, with exit status 2.
 */
#ifndef ARGS_H
#define ARGS_H

#include <getopt.h>
#include <stdio.h>
#include "cli/farm.h"
#include "cli/output.h"

enum {
	ARGS_FARM = 1,		/* --farm, --token-file */
	ARGS_RESULT = 2,	/* --format, --output */
	ARGS_FIRST = 4,		/* options end at the first word, which may be
				   followed by words that begin with '-' */
};
#define ARGS_RESULT_HELP						\
	"  --format F          table (default), tsv or json\n"		\
	"  --output FILE       write the result there, whole or not at all\n"

struct args {
	/* what the command takes */
	const char *command;		/* "feed" */
	void (*usage)(FILE *);
	unsigned takes;
	const struct option *options;	/* its own, ended by a NULL name; or NULL */
	/* One of ${options}; false when the value is wrong, which it has told
	 * by args_mistake(). */
	bool (*take)(void *arg, int c, const char *value);
	void *arg;
	int min, max;			/* words; max < 0: no limit */
	const char *wants;		/* for the message: "one PATH" */

	/* what it got */
	struct farm_options farm;
	enum output_format format;
	const char *output;		/* --output, NULL = standard output */
	char **words;
	int n;
	FILE *out;			/* write the result here */
	int status;			/* of args_read() when it is false */
	char *text;			/* the result on its way to --output */
	size_t text_n;
};

/* Read them all.  False when the command is over already, with the exit status
 * in a->status: help was asked for, or a mistake was told. */
bool args_read(struct args *, int argc, char **argv);

/**
 * args_end(a, status):
 * Put the result in its place: --output's file appears whole or, when nothing
 * was printed, not at all.  Return the command's exit status: ${status}, or
 * CLI_TEMPORARY when it was CLI_OK and the result could not be written.
 */
int args_end(struct args *, int status);

/* "scanfarm COMMAND: TEXT; `scanfarm COMMAND --help` tells more".  CLI_USAGE. */
int args_mistake(const char *command, const char *fmt, ...) PRINTF(2, 3);
/* A number of at most ${max}, or a mistake told. */
bool args_number(const char *command, const char *option, const char *value,
    uint64_t max, uint64_t *ret);

#endif
