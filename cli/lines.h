/* Lines of text input, each with a ceiling. */
#ifndef LINES_H
#define LINES_H

#include <stdio.h>
#include "common/buf.h"

/* What a command takes as one line: some texts of LIMIT_PACKAGE_TEXT. */
#define LINE_BYTES ((size_t)64 * 1024)

/* The next line without its newline into ${b} (cleared first).  1, 0 at the
 * end, ERR_LIMIT when it is longer than the buffer's ceiling, ERR_USAGE for a
 * folder, ERR_TEMPORARY when reading failed. */
MUST_CHECK int line_read(FILE *f, struct buf *b, struct diag *);

#endif
