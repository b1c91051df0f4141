/* Lines of text input; see lines.h. */
#include <errno.h>
#include "cli/lines.h"

int
line_read(FILE *f, struct buf *b, struct diag *d)
{
	int c;

	buf_clear(b);
	errno = 0;
	while ((c = getc_unlocked(f)) != EOF && c != '\n')
		if (buf_byte(b, (uint8_t)c) < 0)
			return (diag_set(d, ERR_LIMIT, 0,
			    "a line is longer than %zu bytes", b->max));
	if (c == EOF && ferror(f))
		return (diag_set(d, errno == EISDIR ? ERR_USAGE : ERR_TEMPORARY,
		    0, "%s", strerror(errno)));
	return (c != EOF || b->n > 0);
}
