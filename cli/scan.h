/* `scanfarm scan`: what its options say, and one front end for each place where
 * images are: scan_local.c here, the farm's in a file of its own. */
#ifndef SCAN_H
#define SCAN_H

#include "cli/args.h"
#include "cli/explain.h"
#include "coordinator/matcher/policy.h"

struct scan_options {
	const char *feed;	/* advisories for local images */
	const char *platform;	/* NULL = amd64, else the first; in a farm all */
	struct policy policy;
	bool policy_given;	/* else a farm's own policy counts */
	bool all;		/* hidden findings, too: match.h */
	struct explain_option explain;
	bool no_wait;		/* ask the farm, do not wait for it */
	uint64_t timeout_s;	/* for all images together; 0 = no limit */
	const struct args *args;	/* format, where the result goes, the farm */
};

/* The exit status of several: 1 if one failed, else 4 if one is unknown, else
 * 3, 2, 0. */
int scan_worse(int a, int b);

/* Is ${ref} one of oci:DIR[:TAG], docker-archive:FILE, dir:PATH? */
bool scan_is_local(const char *ref);

/**
 * scan_local(refs, n, o):
 * Scan local images, all against one reading of o->feed, and print findings and
 * verdicts.  Return the exit status of them all.
 */
int scan_local(char *const *refs, size_t n, const struct scan_options *o);

/**
 * scan_farm(refs, n, o):
 * Have the farm scan images of its registries, and print findings and verdicts
 * when they are there.  Exit status as scan_local.
 */
int scan_farm(char *const *refs, size_t n, const struct scan_options *o);

#endif
