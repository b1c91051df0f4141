/*
 * Finding what Go's linker left about the build in an executable that comes in
 * pieces.  Followed: debug/buildinfo of Go, both its formats: strings behind the
 * header (since Go 1.18), and addresses of strings (before).
 */
#ifndef GO_FIND_H
#define GO_FIND_H

#include "common/format/exe.h"
#include "common/window.h"

struct go_find {
	struct exe_reader exe;
	struct window window;
	struct go_state *state;	/* once the headers are known */
};

/* What was found; texts live until go_done(). */
struct go_info {
	bool is_go;		/* has Go's build id, or the rest */
	bool packed;		/* by UPX: nothing else can be told */
	struct str version;	/* of the toolchain, "go1.22.3"; empty = unknown */
	struct str modules;	/* lines, without their framing */
};

/**
 * go_feed(g, piece, last) / go_end(g, ret, d) / go_done(g):
 * Take the next bytes of a file (zeroed ${g} before the first; ${last} with the
 * last ones or none), then tell: 0, ERR_MALFORMED or ERR_LIMIT (build
 * information that is cut off, damaged or enormous), ERR_UNSUPPORTED (packed).
 */
void go_feed(struct go_find *, struct cur piece, bool last);
int go_end(struct go_find *, struct go_info *ret, struct diag *d);
void go_done(struct go_find *);

#endif
