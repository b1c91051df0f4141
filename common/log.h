/*
 * Logging: constant text plus key=value pairs on standard error, one line a
 * message.  Values are escaped here and nowhere else, so text from images may
 * be passed.  Common code returns a diag and does not log.
 *
 *	log_info("job done", "job", "%lld", id, "layer", "%s", digest, NULL);
 */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_init(const char *program, enum log_level lowest);
/* Pairs of (key, printf format with exactly one conversion, one argument),
 * ended by NULL.  Formats known: %s %d %u %ld %lu %lld %llu %zu %.3f. */
void log_at(enum log_level, const char *msg, ...)
    __attribute__((sentinel));

#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
