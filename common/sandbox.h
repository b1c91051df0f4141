/*
 * What a process may still do once it holds hostile bytes.  Linux only.
 *
 *	SANDBOX_PARSE	read, write, memory, exit: nothing is opened any more
 *	SANDBOX_FETCH	the network; of files only what names and trust need
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include "err.h"

enum sandbox_profile { SANDBOX_PARSE, SANDBOX_FETCH };

/* Compile the filter once, before the forks that will use it.  ERR_UNSUPPORTED
 * when this kernel has no seccomp filter. */
int sandbox_prepare(struct diag *);
/* Enter ${profile} for good, with an address space of at most ${memory} bytes
 * (0 = no ceiling).  On failure the caller must not go on. */
int sandbox_enter(enum sandbox_profile, size_t memory, struct diag *);
/* First uses of libc that need more than the filter allows: qsort(3) of more than
 * 1 KiB asks once for the machine's memory.  Before the filter. */
void sandbox_warm_up(void);
/* True in builds for AddressSanitizer, where the filter is left out because the
 * sanitizer itself needs more system calls. */
bool sandbox_is_relaxed(void);

#endif
