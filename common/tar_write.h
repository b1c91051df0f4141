/*
 * A tar compressed by zstd, written as a stream: regular files whose contents
 * are at hand.  Followed: POSIX.1-2017 pax(1) "ustar Interchange Format", RFC
 * 8878 with its checksum.  Memory does not grow with the tar.
 */
#ifndef TAR_WRITE_H
#define TAR_WRITE_H

#include "err.h"

struct tar_writer;

/* Written to ${fd}, which stays the caller's. */
struct tar_writer *tar_writer_new(int fd);
void tar_writer_free(struct tar_writer *);
/**
 * tar_writer_add(w, name, content, mtime, d):
 * The next file; ${name} has at most 100 bytes, ${content} less than 8 GiB.
 * Return 0, or ERR_TEMPORARY when it cannot be written.
 */
int tar_writer_add(struct tar_writer *, const char *name, struct str content,
    int64_t mtime, struct diag *);
/* The end of the tar and of the stream; nothing may follow. */
int tar_writer_end(struct tar_writer *, struct diag *);

#endif
