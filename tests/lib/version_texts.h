/* Random versions of a scheme, made of what it gives a meaning to. */
#ifndef VERSION_TEXTS_H
#define VERSION_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number below ${below}; *${seed} is any number but 0 and is stepped. */
unsigned version_texts_below(uint64_t *seed, unsigned below);
/* Is there an alphabet of the scheme called ${scheme}? */
bool version_texts_have(const char *scheme);
/* A text of pieces of ${scheme}'s alphabet, of less than ${size} bytes. */
void version_texts_draw(const char *scheme, uint64_t *seed, char *out,
    size_t size);
/* The text ${from} with a piece put in, taken out or replaced: close to it in
 * the order, or equal. */
void version_texts_change(const char *scheme, uint64_t *seed, const char *from,
    char *out, size_t size);

#endif
