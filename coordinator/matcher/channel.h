/*
 * Which part of a vendor's offer: Red Hat sells one release in several lines,
 * each with fixes of its own.  The main line of RHEL 9 is "enterprise_linux:9";
 * 9.2 with extended updates is "rhel_eus:9.2" (also aus, e4s, tus), whose builds
 * are named .el9_2 and stay while the main line goes on; what is sold on top of
 * the release has lines too ("openshift:4.14").  A fix in one line is no fix in
 * another.  Repositories of one line (BaseOS, AppStream, CRB) hold different
 * packages of the same builds, so that the line is all that matters.
 *
 * A list of channels is words with one space between, sorted, each once.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "common/pool.h"

/* Longest list that is kept: LIMIT_CHANNELS names of up to 120 bytes. */
#define CHANNELS_TEXT 8192

/**
 * channel_of_redhat(product, pool, ecosystem, channel):
 * What Red Hat's CPEs and OSV's suffixes call a product, without what stands
 * before the product: "rhel_eus:9.2::baseos", "openshift:4.14::el9".  *${ecosystem}
 * is its release's ("Red Hat:enterprise_linux:9"), or one by the product's own
 * name where it has none; *${channel} its line, "" where a whole release is meant
 * ("enterprise_linux:9") or there is none.  Return 0 or ERR_LIMIT.
 */
int channel_of_redhat(struct str product, struct pool *, struct str *ecosystem,
    struct str *channel);

/**
 * channel_main(namespace):
 * The main line of a release by its ecosystem, "" of other namespaces.
 */
struct str channel_main(struct str namespace);

/* Is it a line of the release itself, not of what is sold on top? */
bool channel_is_release(struct str channel);

/* Sort ${v}, drop what is there twice and join: 0 or ERR_LIMIT. */
int channels_join(struct str *v, size_t n, struct pool *, struct str *ret);

/* How far what is said of a channel reaches a package. */
enum channel_reach {
	REACH_NONE,
	REACH_RELEASE,		/* said of the whole release */
	REACH_OTHER,		/* of the main line, and the package is of another:
				   the flaw is there, the fix is not to be had */
	REACH_OWN,		/* of a line of the package's */
};

/**
 * channels_reach(said, has, namespace, version):
 * Does what is said of channels ${said} reach an rpm ${version} of an image with
 * channels ${has} ("" = not known: the main line)?  Of several lines of one release
 * the build tells which it is from: .el9_2 is of those of 9.2.
 */
enum channel_reach channels_reach(struct str said, struct str has,
    struct str namespace, struct str version);

#endif
