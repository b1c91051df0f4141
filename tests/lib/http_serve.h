/*
 * A registry for tests that answers as told: a process of its own on
 * 127.0.0.1, forked before the test starts threads.  How it behaves is said by
 * the name of the repository asked for:
 *
 *	ok	the content		cut	half of it, then the connection ends
 *	wrong	its last byte differs	longer	one byte more
 *	gone	404			broken	500
 *	endless	half of it, then bytes of a huge rest, slowly, until hung up on
 *	disguised	as wrong, with a type that looks like one of schema 1
 *	busy	429, Retry-After: 7	token	401 until "Bearer letmein" is shown
 */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "common/digest.h"

struct http_content {
	char digest[DIGEST_TEXT];	/* filled by http_serve */
	const char *tag;		/* or NULL: by digest only */
	const char *type;
	struct str body;
};

/* Serve ${n} contents until killed: returns its pid and the port. */
int http_serve(struct http_content *, size_t n, int *port);

#endif
