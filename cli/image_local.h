/*
 * Images on the local disk, read without a farm: a layer tar (plain, gzip,
 * zstd), a docker-save archive, an OCI layout folder, or a folder taken as an
 * image's root.  Same layer reader and layer application as in the farm.
 */
#ifndef IMAGE_LOCAL_H
#define IMAGE_LOCAL_H

#include "common/inventory.h"
#include "coordinator/matcher/apply.h"
#include "worker/analyzer/layer.h"

enum image_kind { IMAGE_ANY, IMAGE_LAYER, IMAGE_DOCKER_ARCHIVE, IMAGE_LAYOUT,
    IMAGE_ROOT };

struct image_local {
	enum image_kind kind;
	struct layer_inventory **layers;	/* NULL = could not be read; one
				   that comes again is the same */
	struct str *digests;	/* "sha256:..." of each, or "" (not known) */
	struct str *created_by;	/* of each, as its config says; NULL = nothing */
	size_t nlayers;
	struct str digest;	/* of the manifest, "" where there is none */
	struct str os;		/* the image is for, "" where no config says so */
	struct apply_result *result;
	struct pool *pool;
	struct layer_options options;	/* each layer is read with */
};

/**
 * image_local_read(path, kind, platform, lock_files, ret, d):
 * Read the image at ${path}; with IMAGE_ANY its kind is found out.  A layout
 * or archive of several images needs "PATH:TAG".  ${platform} ("os/arch" or
 * "arch", NULL = amd64, else the first) chooses from an index, and an image
 * alone must be for it.  ${lock_files}:
 * what lock files ask for is listed too.  Return 0
 * (*${ret} is the caller's; its result may be incomplete), ERR_NOT_FOUND,
 * ERR_MALFORMED (no image at all), ERR_UNSUPPORTED (one of a kind that is not
 * read), ERR_USAGE (no such tag or platform),
 * ERR_LIMIT or ERR_TEMPORARY.
 */
int image_local_read(const char *path, enum image_kind kind, const char *platform,
    bool lock_files, struct image_local **ret, struct diag *d);
void image_local_free(struct image_local *);
/* "debian 12" in ${room}; "" when it is not known which distribution.  Text of the
 * image: escape it. */
#define IMAGE_DISTRIBUTION_TEXT 160
struct str image_local_distribution(const struct image_local *,
    char room[IMAGE_DISTRIBUTION_TEXT]);

/* ---- between image_local.c, image_layout.c and image_root.c ---- */

/* Room for ${n} layers, none read yet. */
void image_local_room(struct image_local *, size_t n);
/* Why this layer could not be (wholly) read, for the result. */
void image_local_tell(struct layer_inventory **, struct str why);
/* Is an image of that OS, architecture and variant for ${platform}? */
bool image_local_is_for(struct str os, struct str arch, struct str variant,
    const char *platform);
/* Folder ${fd}'s own files as one layer. */
int image_root_read(struct image_local *, int fd, struct diag *);
/* Layout folder ${fd}. */
int image_layout_read(struct image_local *, int fd, struct str tag,
    const char *platform, struct diag *);

#endif
