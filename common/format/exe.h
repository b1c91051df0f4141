/*
 * Where the parts of an executable are, told from its first bytes: ELF program
 * headers (System V gABI), PE sections (Microsoft PE/COFF), Mach-O segments
 * (loader.h).  And reading one piece by piece: its beginning is gathered until
 * the parts are known, then every byte is handed on with its offset.
 */
#ifndef EXE_H
#define EXE_H

#include "common/buf.h"
#include "common/cur.h"
#include "common/window.h"

/* Headers of real files end far before this. */
#define EXE_FRONT 16384
#define EXE_PARTS 128

enum exe_kind {
	EXE_NONE, EXE_ELF, EXE_PE, EXE_MACHO,
	EXE_FAT,		/* several Mach-O files in one, see fat.h; no
				   parts are told */
};

enum exe_flag {
	EXE_WRITE = 1, EXE_EXECUTE = 2, EXE_NOTE = 4,
	EXE_CODE = 8,		/* nothing but code: another part, and no small
				   one, holds constants.  Never of Mach-O, whose
				   constants lie with the code */
};

struct exe_part {
	uint64_t offset, size;	/* in the file */
	uint64_t address;	/* in memory */
	unsigned flags;		/* a set of exe_flag */
};

struct exe {
	enum exe_kind kind;
	bool big_endian;
	uint64_t headers;	/* ELF: where the program headers end */
	struct exe_part part[EXE_PARTS];
	size_t n;
	bool known;		/* all parts are told; false when the headers are
				   not at the front, or parts overlap */
};

/* Do these bytes begin an executable, one that can run or be loaded? */
enum exe_kind exe_kind(struct str head);
/* Read the headers of a file that begins with ${front}. */
void exe_read(struct str front, struct exe *ret);
/* Where in the file memory address ${address} is.  False when nowhere. */
bool exe_offset(const struct exe *, uint64_t address, uint64_t *ret);

/* One file, read from its beginning. */
struct exe_reader {
	struct buf front;
	struct exe exe;
	bool begun;		/* ${exe} is filled */
	uint64_t at;		/* offset of the next bytes to hand on */
};

/* Bytes of the file, handed on in order. */
struct exe_bytes {
	struct str s;
	uint64_t at;		/* of the first one, in the file */
};

/**
 * exe_next(r, piece, last, ret):
 * Take the next bytes of the file from ${piece} (zeroed ${r} before the first)
 * and hand on bytes whose headers are known; ${last} when none will follow.
 * True with *${ret} filled, to be called again; false when ${piece} is used up.
 */
MUST_CHECK bool exe_next(struct exe_reader *, struct cur *piece, bool last,
    struct exe_bytes *ret);
void exe_done(struct exe_reader *);

/**
 * exe_next_outside(x, flags, t, ret):
 * The next positions of ${t}, which loses them, that are in no part with any of
 * ${flags}, notes aside: all of them, when the parts are not known.  False when
 * none is left.
 */
MUST_CHECK bool exe_next_outside(const struct exe *, unsigned flags,
    struct stretch *t, struct stretch *ret);

/* What of ${b} lies in bytes [offset, offset + size) of the file. */
struct exe_bytes exe_clip(struct exe_bytes b, uint64_t offset, uint64_t size);

#endif
