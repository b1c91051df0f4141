/* Small files of the data directory: keys, tokens, addresses. */
#ifndef FILES_H
#define FILES_H

#include <sys/types.h>
#include "common/err.h"

bool files_exists(const char *dir, const char *name);
/* Write text and a newline, whole or not at all; ${mode} from the first byte. */
int files_write(const char *dir, const char *name, mode_t mode, const char *text,
    struct diag *);
/* The first line, without its end. */
int files_read(const char *dir, const char *name, char *ret, size_t size,
    struct diag *);
/* ${n} random bytes as hex, NUL-terminated, in ${ret} of 2n + 1. */
void files_random_hex(char *ret, size_t n);

#endif
