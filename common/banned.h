/*
 * Calls that cannot be used safely, made compile errors.  Forced into every
 * file of ours by the Makefile (-include), so no file can forget it.
 */
#ifndef BANNED_H
#define BANNED_H

/* The system headers that declare them come first: poison stops at use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok \
    atoi atol atoll atof tmpnam mktemp

#endif
