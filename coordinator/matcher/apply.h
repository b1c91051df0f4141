/*
 * Layers to image: which files of which layer are visible, hence which
 * packages are installed, and in which layer each was introduced.  Pure:
 * inventories in, result out; no SQL, no blob.  Followed: OCI image-spec
 * layer.md (whiteouts, opaque directories), applied in two passes a layer so
 * that order inside a tar does not matter.
 */
#ifndef APPLY_H
#define APPLY_H

#include "common/inventory.h"
#include "coordinator/matcher/content_set.h"
#include "coordinator/matcher/distribution.h"
#include "coordinator/matcher/match.h"
#include "coordinator/matcher/namespace.h"

/* One package of the image. */
struct apply_package {
	struct package p;	/* p.state not empty = not a row of the list:
				   unpacked, half-installed, residual, ... */
	struct str path;	/* of the file that states it, as visible */
	struct str kind;	/* analyzer: dpkg, apk, pypi, ... */
	uint32_t layer;		/* introduced in: index into the layers given */
	uint32_t file_layer;	/* layer whose file is the visible evidence */
	const struct package *owner;	/* the OS package that owns the file,
				   or NULL */
	struct str channels;	/* as in match_package; see apply_channels() */
	struct str apk_namespace;	/* of an apk package, or of ${owner} when
					   that is one: of the branch it came from */
	const char *origin;	/* who answers for it:
				   distro       an OS package of the distribution
				   header       the same, without anything that runs;
				   kernel_tool  the same, a program built from a
				                kernel's source: see origin.h
				   third_party  an OS package of somebody else
				   owned        a language package or program that
				                the distribution ships and patches
				   shipped      the same, where its data lists
				                only what it has fixed
				   residual     its database, or its file of
				                one that nothing takes packages out
				                of, was removed or emptied in a later
				                layer, its files were not
				   sbom         stated by a document in the image
				   shadowed     a gem that Ruby brings, with a
				                newer copy beside it
				   unpacked     a package where its tool does not
				                install: maybe the image's own
				                program, which only has that name
				   installed    any other */
};

/* Texts live in ${pool} or in the layers given: keep those as long. */
struct apply_result {
	struct pool *pool;
	struct apply_package *packages;	/* by (path, package_cmp) */
	size_t n;
	struct distribution os;
	/* Of package databases that cannot be ${os}'s own: by purl type. */
	struct apply_foreign {
		struct str type;
		struct distribution os;	/* id "" = not known */
	} foreign[4];
	size_t nforeign;
	char apk_namespace[NAMESPACE_TEXT];	/* of its apk packages, but for those
						   of repositories with a tag */
	struct str *notes;	/* for people: "database ... removed in layer 3
				   (had 88 packages)" */
	size_t nnotes;
	bool incomplete;	/* never report this image clean */
	struct str *reasons;	/* each starts with "layer K: " where one is meant */
	size_t nreasons;
	struct str *content_sets;	/* of each layer's packages, words with
					   one space between; "" = not known */
	size_t nlayers;
	bool needs_hashes;	/* a layer above position 0 came without
				   TREE_NONDIR: read it again with hashes */
};

/**
 * apply_layers(layers, n, sip_key):
 * Apply ${layers}[0..n-1], lowest first; NULL = a layer that could not be read
 * (the result is incomplete).  ${sip_key} is the key of the path hashes.  Never
 * fails: what cannot be done makes the result incomplete.  The same layer may
 * stand at several positions.
 */
struct apply_result *apply_layers(const struct layer_inventory *const *layers,
    size_t n, const uint8_t sip_key[16]);
void apply_result_free(struct apply_result *);
/* Say of an image whose config names another ${os} than Linux that its system was
 * not read; "" = not known. */
void apply_image_os(struct apply_result *, struct str os);
/**
 * apply_channels(r, known, d):
 * Say of each rpm of Red Hat's which channels its layer was built from, by what
 * is ${known} of content sets (NULL = nothing).  Before apply_match_package().
 * Return 0 or ERR_LIMIT.
 */
int apply_channels(struct apply_result *r, const struct content_sets *known,
    struct diag *d);
/* Does any layer say what it was built from? */
bool apply_has_content_sets(const struct apply_result *);
/* Which distribution the image is, to tell people: of one without a release file
 * what its packages give away. */
const struct distribution *apply_told_distribution(const struct apply_result *);
/* Whose packages of purl type ${type} are. */
const struct distribution *apply_distribution(const struct apply_result *,
    struct str type);
/* What the matching rules look at of package ${i}; texts are the result's, the
 * namespace is written to ${ns}. */
struct match_package apply_match_package(const struct apply_result *, size_t i,
    char ns[NAMESPACE_TEXT]);

#endif
