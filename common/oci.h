/*
 * OCI and Docker documents: manifests, indexes and image configs, from bytes
 * that strangers wrote.  Followed: image-spec manifest.md, image-index.md,
 * config.md, Docker schema 2.  Texts are copied into the pool given.
 */
#ifndef OCI_H
#define OCI_H

#include "pool.h"

/* What to ask a registry for; exactly this header, see distribution's
 * treatment of incomplete ones. */
#define OCI_ACCEPT							\
	"application/vnd.oci.image.index.v1+json, "			\
	"application/vnd.docker.distribution.manifest.list.v2+json, "	\
	"application/vnd.oci.image.manifest.v1+json, "			\
	"application/vnd.docker.distribution.manifest.v2+json"

struct oci_descriptor {
	struct str media_type;
	struct str digest;	/* well formed "sha256:<64 hex>" */
	int64_t size;		/* >= 0 */
	/* of a child of an index */
	struct str os, architecture, variant;
	bool attestation;
	/* of a layer: "" or why it cannot be read (encrypted, foreign) */
	struct str skip;
};

enum oci_kind { OCI_INDEX, OCI_IMAGE, OCI_ARTIFACT, OCI_UNSUPPORTED };

struct oci_manifest {
	enum oci_kind kind;
	struct str media_type;
	struct str reason;	/* of OCI_ARTIFACT and OCI_UNSUPPORTED */
	struct oci_descriptor config;		/* OCI_IMAGE */
	struct oci_descriptor *children;	/* OCI_INDEX */
	size_t nchildren;
	struct oci_descriptor *layers;		/* OCI_IMAGE, lowest first */
	size_t nlayers;
};

struct oci_config {
	struct str os, architecture, variant;
	struct str *diff_ids;	/* one a layer, "" where it is no digest */
	struct str *created_by;	/* one a layer, or NULL when history and
				   diff_ids do not agree: dropped, not shifted */
};

/**
 * oci_manifest_read(body, content_type, pool, ret, d):
 * Read a manifest of any kind; ${content_type} is the header's value, "" where
 * there is none (files).  Return 0, ERR_MALFORMED (no JSON, ambiguous, media
 * type and header differ, a digest or size that cannot be) or ERR_LIMIT.
 */
int oci_manifest_read(struct str body, struct str content_type, struct pool *,
    struct oci_manifest *ret, struct diag *);
/* Read an image config whose manifest has ${nlayers} layers. */
int oci_config_read(struct str body, size_t nlayers, struct pool *,
    struct oci_config *ret, struct diag *);
/* True for "sha256:" and 64 lower-case hex digits. */
bool oci_digest_ok(struct str);

#endif
