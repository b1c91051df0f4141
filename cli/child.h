/* Child processes of the supervisor. */
#ifndef CHILD_H
#define CHILD_H

#include <pwd.h>
#include <stdbool.h>
#include <sys/types.h>

/* Fork, become ${user} (NULL = stay), die with us by ${death}, exec ${argv}.
 * The child's working directory is /.  Its pid, or -1. */
pid_t child_start(const char *const argv[], const struct passwd *user, int death);
/* Run to its end with ${input} on its standard input (NULL = nothing); its
 * standard output goes to standard error.  Exit status, or -1. */
int child_run(const char *const argv[], const struct passwd *user, const char *input);
/* Signal it and wait up to ${seconds}, then SIGKILL. */
void child_stop(pid_t, int sig, int seconds);

#endif
