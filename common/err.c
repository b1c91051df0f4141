/* Diagnoses.  Every text that may hold bytes from outside is escaped here. */
#include <stdarg.h>
#include <stdio.h>
#include "err.h"
#include "text.h"

int
diag_set(struct diag *d, enum err code, uint64_t at, const char *fmt, ...)
{
	char raw[2 * DIAG_TEXT];
	va_list ap;
	int n;

	if (d == NULL)
		return (code);
	va_start(ap, fmt);
	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(raw))
		n = sizeof(raw) - 1;
	d->code = code;
	d->at = at;
	text_escape(str_n(raw, (size_t)n), d->text, sizeof(d->text));
	return (code);
}

const char *
err_name(int code)
{
	switch (code) {
	case ERR_OK:
		return ("ok");
	case ERR_MALFORMED:
		return ("malformed");
	case ERR_LIMIT:
		return ("limit");
	case ERR_UNSUPPORTED:
		return ("unsupported");
	case ERR_TEMPORARY:
		return ("temporary");
	case ERR_DENIED:
		return ("denied");
	case ERR_NOT_FOUND:
		return ("not_found");
	case ERR_USAGE:
		return ("usage");
	}
	return ("unknown");
}
