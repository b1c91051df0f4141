/* Child processes of the supervisor. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* Fork and exec ${program} as ${argv}, in a session of its own (a terminal's
 * Ctrl-C is for us alone), in the directory /; it dies with us by ${death}.  Its
 * pid, or -1. */
pid_t child_start(const char *program, const char *const argv[], int death);
/* Run to its end with ${input} on its standard input (NULL = nothing); what it
 * prints goes to ${out}.  It is ended when we are asked to stop.  Exit status, or
 * -1. */
int child_run(const char *program, const char *const argv[], const char *input,
    int out);
/* Has a signal come that asks us to stop?  They are blocked, and taken later. */
bool child_asked_to_stop(void);
/* Signal it and wait up to ${seconds}, then SIGKILL. */
void child_stop(pid_t, int sig, int seconds);

#endif
