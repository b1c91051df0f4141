/* hex: versions of Elixir's and Erlang's package index, which are semver's. */
#include "../version.h"
#include "../version_semver.h"

const struct version_scheme version_hex = {
	.name = "hex",
	.cmp = version_semver_scheme_cmp,
	.key = version_semver_scheme_key,
};
