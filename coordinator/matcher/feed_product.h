/*
 * The products of VEX documents, by their package URL or CPE, in the words of
 * the matcher.  Followed: purl-spec and its types; CPE 2.2 and 2.3 names as Red
 * Hat and SUSE put them into CSAF.
 */
#ifndef FEED_PRODUCT_H
#define FEED_PRODUCT_H

#include "common/pool.h"

struct feed_product {
	struct str ecosystem;	/* "" = we cannot tell where it is looked up */
	struct str name;	/* where the ecosystem goes by sources: of it */
	struct str version;	/* rpm: with its epoch; "" = every version */
	struct str module;	/* rpm: "name:stream" */
	struct str channel;	/* see channel.h; "" = the whole release */
	struct str arch;	/* "src": a source package */
	struct str binary;	/* deb, apk: the binary package of that version, "" =
				   a source is meant */
	bool either;		/* which of both is not told */
	struct str type;	/* of its purl, "" = has none */
	struct str vers;	/* the versions it is said of, see vers.h; "" = the
				   one above */
};

/**
 * feed_product_of_purl(purl, pool, ret):
 * What ${purl} names.  The distribution of an OS package is that of its `distro`
 * qualifier (of Ubuntu "esm-infra/jammy", too: the ecosystem of that channel), else of
 * its namespace where that has no releases (Wolfi), else of
 * marks in its version (+deb12u1).  A purl without version may have a `vers`
 * qualifier.  Return 0, ERR_MALFORMED when it is no package
 * URL or its `rpmmod` no module, or ERR_LIMIT.
 */
int feed_product_of_purl(struct str purl, struct pool *, struct feed_product *ret);

/**
 * feed_product_of_cpe(cpe, pool, ecosystem, channel):
 * The ecosystem whose packages that product of Red Hat, SUSE or openSUSE takes,
 * and of Red Hat's the channel; "" for all others.  Return 0 or ERR_LIMIT.
 */
int feed_product_of_cpe(struct str cpe, struct pool *, struct str *ecosystem,
    struct str *channel);

/**
 * feed_product_of_name(name, pool, ecosystem):
 * The ecosystem that a product of SUSE or openSUSE is called after, where it has no
 * CPE: "SUSE Linux Enterprise Server 15 SP5"; "" for all others.  Return 0 or
 * ERR_LIMIT.
 */
int feed_product_of_name(struct str name, struct pool *, struct str *ecosystem);

/* "name:stream" of a module's label or purl version; false when it is none. */
bool feed_product_module(struct str label, struct str *ret);

#endif
