/* Whole files in tests. */
#ifndef SLURP_H
#define SLURP_H

#include "common/buf.h"

/* All of the file named by ${fmt}, to be freed by buf_done(); a file that cannot
 * be read ends the program. */
struct buf slurp(const char *fmt, ...) PRINTF(1, 2);
/* The same, but empty when there is no such file. */
struct buf slurp_if_there(const char *fmt, ...) PRINTF(1, 2);

#endif
