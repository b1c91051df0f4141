/* Pieces of registry authentication that registry.c needs beside registry.h. */
#ifndef REGISTRY_AUTH_H
#define REGISTRY_AUTH_H

#include "str.h"

/* "Basic <base64 of user:password>", malloced. */
char *registry_basic_header(struct str user_password);

#endif
