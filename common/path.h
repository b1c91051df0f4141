/*
 * Names in an image.  The key of a path is its bytes without leading, doubled
 * or trailing slashes and "." components, ".." taken lexically and never above
 * the root.  Names are compared, never opened.
 */
#ifndef PATH_H
#define PATH_H

#include "buf.h"
#include "siphash.h"

enum path_flag {
	PATH_ESCAPED = 1,	/* a ".." would have left the root */
	PATH_DOTDOT = 2,	/* had "..": a runtime might follow links first */
};

/**
 * path_normalise(in, out, ret):
 * Put the key of ${in} into ${out} (cleared before; "" is the root) and a set
 * of enum path_flag into *${ret}.  0, or ERR_LIMIT when ${in} is longer than
 * LIMIT_PATH or ${out} is too small.
 */
MUST_CHECK int path_normalise(struct str in, struct buf *out, unsigned *ret);

/* Last component ("" of the root) ... */
static inline struct str
path_base(struct str key)
{
	const char *slash = key.n > 0 ? memrchr(key.p, '/', key.n) : NULL;

	return (slash == NULL ? key :
	    str_sub(key, (size_t)(slash - key.p) + 1, key.n));
}

/* ... and everything before it without slash. */
static inline struct str
path_dir(struct str key)
{
	const char *slash = key.n > 0 ? memrchr(key.p, '/', key.n) : NULL;

	return (str_sub(key, 0, slash == NULL ? 0 : (size_t)(slash - key.p)));
}

/**
 * path_next_folder(key, n, hash, ret):
 * Walk the folders above ${key} from the root down, at last ${key} itself: *${n} is
 * 0 at first and kept by the caller, ${hash} begun, and then of *${ret}.  False
 * behind the last.
 */
MUST_CHECK bool path_next_folder(struct str key, size_t *n,
    struct siphash *hash, struct str *ret);

/* Is ${key} something below ${dir}, which is not the root? */
static inline bool
path_is_below(struct str key, struct str dir)
{
	return (key.n > dir.n && key.p[dir.n] == '/' &&
	    str_eq(str_sub(key, 0, dir.n), dir));
}

/**
 * path_resolve(base_dir, target, out):
 * The key that symbolic link target ${target} in directory ${base_dir} names,
 * resolved lexically in the image's root (an absolute target starts there).
 * 0 or ERR_LIMIT.
 */
MUST_CHECK int path_resolve(struct str base_dir, struct str target, struct buf *out);

/* How often links may be followed, as Linux does. */
#define PATH_HOPS 40

/* Who knows symbolic links: is one at the key ${path}, and where does it lead, as
 * it is written?  ${hash} is the path's SipHash with ${sip_key}. */
struct path_links {
	bool (*target)(void *arg, struct str path, uint64_t hash,
	    struct str *ret);
	void *arg;
	const uint8_t *sip_key;
};

/**
 * path_follow(links, path, follow_last, out):
 * Write to ${out} the key that ${path} leads to when ${links} are followed inside
 * the image's root, the last component's only with ${follow_last}.  0, or
 * ERR_LIMIT after PATH_HOPS links or when a path grows beyond ${out} or
 * LIMIT_PATH.
 */
MUST_CHECK int path_follow(const struct path_links *links, struct str path,
    bool follow_last, struct buf *out);

#endif
