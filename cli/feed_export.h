/*
 * Exports of a farm's advisories: fetched and signed, or handed to a farm.  What
 * they are: coordinator/matcher/export.h; signatures: common/minisign.h.
 */
#ifndef FEED_EXPORT_H
#define FEED_EXPORT_H

#include "cli/farm.h"
#include "cli/output.h"

struct feed_export_options {
	const char *since;		/* revision; NULL = all */
	const char *sign;		/* secret key file, NULL = not signed */
	const char *password_file;	/* of that key; NULL = ask the terminal */
};

/**
 * feed_export(farm, path, options, ret, d):
 * Write an export of ${farm} to ${path}, whole or not at all, and its signature
 * to ${path}.minisig; add a row for it to ${ret}.  It is read once before that:
 * what the farm sent is an export.  Return 0, ERR_USAGE, ERR_TEMPORARY, or what
 * the farm refused it with.
 */
int feed_export(struct farm *, const char *path,
    const struct feed_export_options *, struct output *ret, struct diag *);
/* A listing of such rows. */
struct output *feed_export_listing(void);

struct feed_mirror_options {
	const char *signature;	/* its file; NULL = PATH.minisig where there is one */
	const char *trust;	/* file of the public key; NULL = the farm's own */
	bool unsigned_ok, accept_missing, accept_older;
};

/* Is the file ${path} meant as an export: is it one by what it holds, is it damaged
 * and has a signature beside it, or do ${options} speak of one? */
bool feed_is_export(const char *path, const struct feed_mirror_options *);
/**
 * feed_mirror(farm, path, options, ret, d):
 * Have ${farm} take the export ${path}; *${ret} is what it says of that.
 */
int feed_mirror(struct farm *, const char *path,
    const struct feed_mirror_options *, struct farm_answer *ret, struct diag *);

#endif
