/*
 * Fuzzing: every reader of foreign bytes as a target with a name, its seeds,
 * and a function that must come back from any input.  Plug-ins become targets
 * by standing in their list: analyzer-NAME, version-NAME, feed-NAME,
 * webhook-NAME.
 *
 * A target's function does more than not crash: it checks what must hold of
 * any result (what was written is read again, an order is an order, the size of
 * the pieces does not matter) and aborts when it does not.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "common/buf.h"

/* Longest input. */
#define FUZZ_INPUT ((size_t)128 << 10)

struct fuzz_seeds {
	struct str *v;		/* each in memory of its own */
	size_t n;
};

struct fuzz_target {
	const char *name;
	/* Must return; ${p} may be NULL when ${n} is 0. */
	void (*run)(const struct fuzz_target *, const uint8_t *p, size_t n);
	/* Add what a program must make; samples in files come by themselves. */
	void (*seeds)(const struct fuzz_target *, struct fuzz_seeds *);
	/* Make checksums right again after a mutation, so that it gets past
	 * them; NULL = there are none. */
	void (*mend)(uint8_t *p, size_t n);
	const void *plugin;	/* of a list: what stands in it */
};

/* All targets; the table is built on the first call. */
const struct fuzz_target *fuzz_target_at(size_t i);	/* NULL behind the last */
const struct fuzz_target *fuzz_target_find(const char *name);	/* or NULL */
/* First uses that must not count as a case's leaks or time. */
void fuzz_warm_up(void);

/**
 * fuzz_seeds_of(t, ret):
 * All seeds of ${t}: those it makes, and the files of tests/fuzz/corpus/NAME/,
 * in bytewise order of their names.  Call in the root of the tree.
 */
void fuzz_seeds_of(const struct fuzz_target *t, struct fuzz_seeds *ret);
void fuzz_seeds_done(struct fuzz_seeds *);
/* Add a copy of ${s}, unless it is longer than FUZZ_INPUT. */
void fuzz_seed(struct fuzz_seeds *, struct str s);
/* Call ${f} with every path that matches ${pattern}, in order. */
void fuzz_each_file(const char *pattern, void (*f)(void *arg, const char *path),
    void *arg);

/* A copy of an input behind which memory ends, valid until the next call: what
 * libraries read too far is seen too, not only what is built for ASan. */
const uint8_t *fuzz_guarded(const uint8_t *p, size_t n);

/* The same numbers on every machine (splitmix64). */
struct fuzz_random {
	uint64_t state;
};
uint64_t fuzz_draw(struct fuzz_random *, uint64_t below);	/* below > 0 */

/* Words that occur in the seeds, to be put elsewhere. */
struct fuzz_words {
	struct str *v;		/* into the seeds */
	size_t n;
};
void fuzz_words_of(const struct fuzz_seeds *, struct fuzz_words *ret);
void fuzz_words_done(struct fuzz_words *);

/**
 * fuzz_mutate(r, seeds, words, buf):
 * Put into ${buf} (FUZZ_INPUT bytes) one of ${seeds}, changed one to some times:
 * bits, bytes, integers at their edges, blocks removed, doubled, moved, pieces
 * of other seeds, words, numbers in digits, cuts.  Return its length.
 */
size_t fuzz_mutate(struct fuzz_random *r, const struct fuzz_seeds *seeds,
    const struct fuzz_words *words, uint8_t *buf);

#endif
