/*
 * What goes to standard error: messages, and progress, which on a terminal is
 * one line that the next overwrites and elsewhere a plain line now and then.
 * Both are escaped: no text of an image or a server steers the terminal.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "common/err.h"

/* "scanfarm COMMAND: TEXT"; ${command} NULL leaves it out: "scanfarm: TEXT". */
void message(const char *command, const char *fmt, ...) PRINTF(2, 3);
/* ${n} lines HEADTEXT. */
void message_lines(const char *head, const struct str *v, size_t n);

/* What is being done.  Not on a terminal: at once after progress_end(), then
 * only every 10 seconds and when it differs. */
void progress(const char *fmt, ...) PRINTF(1, 2);
/* The step is over: the terminal's line is wiped. */
void progress_end(void);

#endif
