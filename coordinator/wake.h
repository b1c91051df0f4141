/*
 * Wake-ups between actors of one process, without data.  wake_up(w) makes the
 * next wake_wait(w, ms) return at once; several before one wait count once.
 */
#ifndef WAKE_H
#define WAKE_H

enum wake { WAKE_INGEST, WAKE_FANOUT, WAKE_MATCHER, WAKE_POLL, WAKE_LEADER, WAKE_AUDIT, WAKE_NOTIFY, WAKE_COUNT };

void wake_init(void);			/* eventfds; before the first thread */
void wake_up(enum wake);		/* any thread */
int wake_fd(enum wake);			/* for a poll set; readable = woken */
void wake_clear(enum wake);

#endif
