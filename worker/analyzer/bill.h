/*
 * Bills of material, SPDX 2 and CycloneDX, whose packages are told by their
 * package URLs: what analyzers share that find such bills as files or inside
 * others.
 */
#ifndef BILL_H
#define BILL_H

#include "analyzer.h"
#include "common/json.h"

struct bill {
	struct pool *pool;	/* texts of the rows */
	struct analyzer_out *out;
	const char *scope;	/* of the rows */
	bool bitnami;		/* Bitnami's own: its components have no scope */
	int rc;			/* the first failure; nothing is added after it */
	struct diag *d;
};

/* Hand over the package that ${url} names.  What is no package URL, has no
 * version or is an image is passed over. */
void bill_component(struct bill *, struct str url);
/* The packages of an SPDX document. */
void bill_spdx(struct bill *, const struct json *);
/* The same in the tag-value form. */
void bill_spdx_tags(struct bill *, struct str text);
/* The components of a CycloneDX document, those inside others too. */
void bill_cyclonedx(struct bill *, const struct json *);
/* The same in its form as XML; what is no such document has none. */
void bill_cyclonedx_xml(struct bill *, struct str text);
/* The packages that Canonical's dpkg.query lists, lines STATE,NAME[:ARCH],VERSION,
 * SOURCE,SOURCE_VERSION behind one "# dpkg-query". */
void bill_dpkg_query(struct bill *, struct str text);

#endif
