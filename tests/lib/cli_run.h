/* Commands of scanfarm run inside a test, in a temporary folder of its own. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

/* Write a file below ${dir}, making the folders on the way. */
void cli_put(const char *dir, const char *name, const char *content);
/**
 * cli_run(dir, f, words, input, status):
 * Call command ${f} with ${words} (NULL-terminated, the first is its name) and
 * ${input} as standard input; return what it printed, which the caller frees.
 * Standard error goes to the file "err" in ${dir}.
 */
char *cli_run(const char *dir, int (*f)(int, char **), const char *const *words,
    const char *input, int *status);
/* Remove ${dir} and everything in it. */
void cli_remove(const char *dir);

#endif
