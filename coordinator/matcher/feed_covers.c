/* Whose silence says something; see feed.h. */
#include "coordinator/matcher/feed.h"

/* VEX of distributions about all of their own packages: told by what the importers
 * put in front of ids, the publisher's or the author's own. */
static const struct {
	const struct feed_importer *kind;
	const char *id, *namespace;	/* begin with */
} own[] = {
	{ &feed_openvex,
	    "https://github.com/canonical/ubuntu-security-notices/", "Ubuntu:" },
	{ &feed_csaf, "Red Hat Product Security/", "Red Hat:" },
	{ &feed_csaf, "SUSE Product Security Team/", "SUSE:" },
	{ &feed_csaf, "SUSE Product Security Team/", "openSUSE:" },
};

bool
feed_covers(const struct feed_importer *kind, struct str id,
    struct str namespace)
{
	if (kind == &feed_secdb)
		return (!str_starts(namespace, "Alpine:") ||
		    str_ends(id, "/main"));
	if (kind != &feed_openvex && kind != &feed_csaf)
		return (true);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (kind == own[i].kind && str_starts(id, own[i].id) &&
		    str_starts(namespace, own[i].namespace))
			return (true);
	return (false);
}
