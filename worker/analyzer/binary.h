/*
 * Which names of files the analyzer of programs without a package looks at, for
 * those who keep whose they are.
 */
#ifndef BINARY_H
#define BINARY_H

#include "common/str.h"

/* Does a row of binary_list.h ask for files called ${name}? */
bool binary_names(struct str name);

#endif
