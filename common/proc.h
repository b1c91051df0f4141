/*
 * A launcher: a small process forked before the first thread and before the
 * first ZeroMQ context, which forks one sandboxed child a task.  Requests reach
 * it as single datagrams with the task's pipes attached, so any thread may use
 * it at any time without a lock.
 */
#ifndef PROC_H
#define PROC_H

#include "err.h"

struct launcher;

struct launcher_task {
	const char *name;
	/* Runs in the child: read ${in}, write ${out}; 0 or a negative enum err,
	 * which becomes the task's result. */
	int (*run)(int in, int out, struct str arg);
	size_t memory;		/* ceiling of the child's address space */
	unsigned timeout_s;	/* then it is killed: temporary */
};

#define LAUNCHER_ARG 8192	/* bytes of a task's argument at most */

/**
 * launcher_start(tasks, n, permissive, warm_up, ret, d):
 * Fork the launcher; call from the main thread.  ${warm_up} runs in it once,
 * before any filter.  With ${permissive} children run without a filter.  The
 * launcher and its children die with this process.
 */
int launcher_start(const struct launcher_task *tasks, size_t n, bool permissive,
    void (*warm_up)(void), struct launcher **ret, struct diag *);
void launcher_stop(struct launcher *);

#define LAUNCHER_NOTE 508

struct launcher_run {
	int in;		/* write the task's input here; -1 once closed */
	int out;	/* read its output here */
	int status;	/* launcher_wait */
	char note[LAUNCHER_NOTE + 1];	/* the child's last one, once it was
					   waited for; hostile like its output */
};
/* Start ${task}.  Three descriptors, all close-on-exec, in *${ret}; with
 * ${in_fd} >= 0 the task reads that descriptor instead and ret->in is -1. */
int launcher_run(struct launcher *, unsigned task, struct str arg, int in_fd,
    struct launcher_run *ret, struct diag *);
/**
 * launcher_wait(run, d):
 * Close what is open of ${run}, wait for the child, and return its result: what
 * run() returned, ERR_TEMPORARY when it was killed (memory, time), or
 * ERR_MALFORMED when a signal ended it: its input crashed it.  *${d} then says
 * "signal N"; for results of run() the code only.
 */
int launcher_wait(struct launcher_run *, struct diag *);
/* In a child: note what it is about to do, for when it is its last word; of
 * longer texts the first LAUNCHER_NOTE bytes.  No system call.  Elsewhere this
 * does nothing. */
void launcher_note(struct str);

/* Frames on pipes: u32 length, u8 type, bytes.  Whole or not at all. */
int frame_write(int fd, uint8_t type, struct str, struct diag *);
struct buf;
/* 1 with the frame in ${b} (cleared first) and its type, 0 at the end of the
 * pipe, ERR_MALFORMED for a cut frame, ERR_LIMIT above the buffer's ceiling. */
int frame_read(int fd, uint8_t *ret_type, struct buf *b, struct diag *);
/* All of it, against short writes; ERR_TEMPORARY when the reader is gone. */
int write_all(int fd, const void *p, size_t n, struct diag *);

#endif
