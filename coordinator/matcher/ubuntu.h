/*
 * Ubuntu's channels.  One release has several lines of builds, and its data has an
 * ecosystem for each: the archive that everybody has ("Ubuntu:22.04:LTS"), what a
 * subscription adds ("Ubuntu:Pro:22.04:LTS", versions with ~esm or +esm), builds
 * for FIPS, kernels for real time and for BlueField cards.  What is listed for one
 * of them says nothing, or something else, of the others.
 *
 * Followed: OSV documents and OpenVEX of Canonical.  They list a vulnerability
 * that only subscribers get a fix for under Pro alone: the archive's builds are
 * affected, and stay so.
 */
#ifndef UBUNTU_H
#define UBUNTU_H

#include "coordinator/matcher/match.h"
#include "coordinator/matcher/namespace.h"

enum ubuntu_channel {
	UBUNTU_BASE,
	UBUNTU_PRO,
	UBUNTU_FIPS_UPDATES,
	UBUNTU_FIPS,
	UBUNTU_REALTIME,
	UBUNTU_BLUEFIELD,
	UBUNTU_CHANNELS
};

/**
 * ubuntu_release(ecosystem, channel, out):
 * Write the namespace of the packages that an entry about ${ecosystem} speaks of,
 * "Ubuntu:22.04:LTS" for all channels of that release, and set *${channel}.
 * False, and nothing written, when it is no channel of Ubuntu that we know.
 */
bool ubuntu_release(struct str ecosystem, enum ubuntu_channel *channel,
    char out[NAMESPACE_TEXT]);

/* The ecosystem of a channel of the release "22.04", as OSV spells it; "" = a
 * release that has none.  Return its length. */
size_t ubuntu_ecosystem(enum ubuntu_channel, struct str version,
    char out[NAMESPACE_TEXT]);

/* What one advisory says of a package, by channel. */
struct ubuntu_results {
	struct match_result r[UBUNTU_CHANNELS];
	bool listed[UBUNTU_CHANNELS];	/* an entry is about it, of whichever
					   versions */
};

/**
 * ubuntu_decide(p, a, all, ret):
 * What of it holds for the build ${p}.  A build of a special channel is judged by
 * that channel where it is listed there, one with esm in its version by Pro and
 * the archive together (it is fixed when either says so), any other by the archive
 * and, where a document about one vulnerability lists it under Pro alone, as
 * affected without a fix, for the reason "will not fix".
 */
void ubuntu_decide(const struct match_package *p, const struct advisory *a,
    const struct ubuntu_results *all, struct match_result *ret);

#endif
