/* Messages and progress; see message.h. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "cli/message.h"
#include "common/clock.h"
#include "common/text.h"

#define PLAIN_EVERY_S 10
#define SHOWN (DIAG_TEXT * 4)

/* The one line of progress of this process. */
static struct {
	char last[SHOWN];	/* "" = a step begins */
	time_t at;
} line;

static void
format(char ret[SHOWN], const char *fmt, va_list ap)
{
	char text[SHOWN];

	vsnprintf(text, sizeof(text), fmt, ap);
	text_escape(str_of(text), ret, SHOWN);
}

void
message(const char *command, const char *fmt, ...)
{
	char shown[SHOWN];
	va_list ap;

	va_start(ap, fmt);
	format(shown, fmt, ap);
	va_end(ap);
	progress_end();
	fprintf(stderr, "scanfarm%s%s: %s\n", command != NULL ? " " : "",
	    command != NULL ? command : "", shown);
}

void
message_lines(const char *head, const struct str *v, size_t n)
{
	char shown[SHOWN];

	progress_end();
	for (size_t i = 0; i < n; i++) {
		text_escape(v[i], shown, sizeof(shown));
		fprintf(stderr, "%s%s\n", head, shown);
	}
}

void
progress(const char *fmt, ...)
{
	bool terminal = isatty(STDERR_FILENO);
	char shown[SHOWN];
	va_list ap;

	va_start(ap, fmt);
	format(shown, fmt, ap);
	va_end(ap);
	if (strcmp(shown, line.last) == 0 || (!terminal &&
	    line.last[0] != '\0' && clock_s() - line.at < PLAIN_EVERY_S))
		return;
	fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", shown);
	snprintf(line.last, sizeof(line.last), "%s", shown);
	line.at = clock_s();
}

void
progress_end(void)
{
	if (line.last[0] != '\0' && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	line.last[0] = '\0';
}
