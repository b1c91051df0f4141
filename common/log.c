/* key=value logging; a line is written by one write(2), so lines of several
 * processes on one descriptor do not mix. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "text.h"

#define LINE_MAX_BYTES 4096

static const char *prog = "scanfarm";
static enum log_level lowest = LOG_LEVEL_INFO;

void
log_init(const char *program, enum log_level level)
{
	prog = program;
	lowest = level;
}

/* One argument of ${ap} by ${fmt} as text.  The va_list is passed by pointer
 * because the callee consumes from it. */
static void
one(char *out, size_t size, const char *fmt, va_list *ap)
{
	if (strcmp(fmt, "%s") == 0) {
		const char *s = va_arg(*ap, const char *);

		snprintf(out, size, "%s", s != NULL ? s : "");
	} else if (strcmp(fmt, "%d") == 0)
		snprintf(out, size, "%d", va_arg(*ap, int));
	else if (strcmp(fmt, "%u") == 0)
		snprintf(out, size, "%u", va_arg(*ap, unsigned));
	else if (strcmp(fmt, "%ld") == 0)
		snprintf(out, size, "%ld", va_arg(*ap, long));
	else if (strcmp(fmt, "%lu") == 0)
		snprintf(out, size, "%lu", va_arg(*ap, unsigned long));
	else if (strcmp(fmt, "%lld") == 0)
		snprintf(out, size, "%lld", va_arg(*ap, long long));
	else if (strcmp(fmt, "%llu") == 0)
		snprintf(out, size, "%llu", va_arg(*ap, unsigned long long));
	else if (strcmp(fmt, "%zu") == 0)
		snprintf(out, size, "%zu", va_arg(*ap, size_t));
	else if (strcmp(fmt, "%.3f") == 0)
		snprintf(out, size, "%.3f", va_arg(*ap, double));
	else
		snprintf(out, size, "bad-format");
}

void
log_at(enum log_level level, const char *msg, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	char line[LINE_MAX_BYTES], raw[1024], esc[1024];
	struct timespec ts;
	struct tm tm;
	const char *key, *fmt;
	size_t n = 0;
	va_list ap;
	int w;

	if (level < lowest)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(line + n, sizeof(line) - n,
	    ".%03ldZ %s[%d] level=%s msg=\"%s\"", ts.tv_nsec / 1000000, prog,
	    (int)getpid(), names[level], msg);
	va_start(ap, msg);
	while ((key = va_arg(ap, const char *)) != NULL) {
		fmt = va_arg(ap, const char *);
		one(raw, sizeof(raw), fmt, &ap);
		text_escape(str_of(raw), esc, sizeof(esc));
		for (char *c = esc; *c != '\0'; c++)
			if (*c == '"')
				*c = '\'';
		w = snprintf(line + n, sizeof(line) - n,
		    strpbrk(esc, " =") != NULL ? " %s=\"%s\"" : " %s=%s", key,
		    esc);
		if (w < 0 || (size_t)w >= sizeof(line) - n - 1)
			break;
		n += (size_t)w;
	}
	va_end(ap);
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}
