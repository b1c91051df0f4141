/* semver: semver.org 2.0.0, by which npm, crates.io, SwiftURL and Julia order. */
#include "../version.h"
#include "../version_semver.h"

const struct version_scheme version_semver = {
	.name = "semver",
	.cmp = version_semver_scheme_cmp,
	.key = version_semver_scheme_key,
};
