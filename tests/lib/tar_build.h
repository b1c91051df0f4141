/* Tars made by hand for tests, header by header, right or wrong on purpose. */
#ifndef TAR_BUILD_H
#define TAR_BUILD_H

#include "common/buf.h"

#define TAR_BLOCK 512

/* The header of an entry, for writers that keep no tar in memory. */
void tar_header(char h[TAR_BLOCK], const char *name, char type,
    const char *link, size_t size);
/* Zero bytes behind ${size} bytes of content. */
size_t tar_padding(size_t size);

struct tar_build {
	struct buf b;
};

void tar_begin(struct tar_build *);
/* ${type} is the typeflag; names over 100 bytes are cut. */
void tar_add(struct tar_build *, const char *name, char type, const char *link,
    struct str content);
void tar_file(struct tar_build *, const char *name, const char *content);
void tar_dir(struct tar_build *, const char *name);
void tar_link(struct tar_build *, const char *name, const char *target);	/* symbolic */
void tar_hard(struct tar_build *, const char *name, const char *target);
/* A pax header for the next entry, its records joined in ${records}. */
void tar_pax(struct tar_build *, struct str records);
/* The closing blocks; the tar stays valid until tar_done. */
struct str tar_end(struct tar_build *);
void tar_done(struct tar_build *);

#endif
