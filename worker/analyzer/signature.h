/*
 * A text with a version in it, which tells what a program is or is made of.  In
 * the text:
 *
 *	{ }	the version, what is between them
 *	%v	1.2, 1.2.3, ...		%V	at least two dots
 *	%p	rc1, -beta.2, ... or nothing
 *	%a	one or two lower-case letters, or nothing
 *	%d	digits			%s	blanks
 *	%w	letters and digits	%h	twelve of them (a host's name)
 *	%m	a month, "Jan"		%t	no blank, comma or NUL, or nothing
 *	%4	four digits
 *	%*	40 bytes at most, of any kind, the fewest that fit
 *	%~	the same, 1000 bytes
 *	%f	what the first "*" of the file name stands for
 *	^	NUL			%0	NULs, or nothing
 *	%%	a percent sign
 *
 * It has a longest run of plain characters (of those before "%~"), which is what
 * is to be searched for (multisearch.h).
 */
#ifndef SIGNATURE_H
#define SIGNATURE_H

#include "common/window.h"

#define SIGNATURE_TEXT 128	/* with the file's part filled in */
#define SIGNATURE_VERSION 64

struct signature {
	char text[SIGNATURE_TEXT];
	char plain[SIGNATURE_TEXT];	/* its longest run of plain characters */
	size_t nplain;
	bool first;		/* which is how the text begins */
	size_t work;		/* characters compared in this file */
};

/* Make one of ${text} for one file; ${file} stands for "%f".  False when it
 * cannot. */
bool signature_init(struct signature *, const char *text, struct str file);
/* That run, inside ${l}. */
struct str signature_plain(const struct signature *l);
/* The run stands at ${at} of ${t}: is it part of the whole text?  True with its
 * ${version}; false, ${version} untouched, when it is not. */
bool signature_at(struct signature *, const struct stretch *t, size_t at,
    char version[SIGNATURE_VERSION + 1]);

#endif
