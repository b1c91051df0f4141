/* SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012): path
 * hashes that the maker of an image cannot choose. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stdint.h>
#include "str.h"

#define SIPHASH_KEY 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY], struct str);

#endif
