/*
 * OCI layout folders (image-spec image-layout.md): index.json names manifests,
 * everything else lies in blobs/sha256/.  Sizes and digests are verified as in
 * the farm; a blob that differs makes the image incomplete.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/image_local.h"
#include "common/digest.h"
#include "common/inflate.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/oci.h"
#include "worker/analyzer/layer.h"

/* A layout may come from anybody: a pipe in it would be waited for without end. */
static int
open_file(int dir, const char *name, int flags, struct diag *d)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
	struct stat st;

	if (fd < 0)
		return (diag_set(d, errno == ENOENT ? ERR_NOT_FOUND :
		    ERR_TEMPORARY, 0, "%s: %s", name, strerror(errno)));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return (diag_set(d, ERR_MALFORMED, 0, "%s: no regular file", name));
	}
	return (fd);
}

static int
open_blob(int dir, struct str digest, struct diag *d)
{
	char name[128];

	if (!oci_digest_ok(digest))
		return (diag_set(d, ERR_MALFORMED, 0, "no sha256 digest"));
	snprintf(name, sizeof(name), "blobs/sha256/%.*s",
	    STR_ARG(str_sub(digest, 7, digest.n)));
	return (open_file(dir, name, O_NOFOLLOW, d));
}

/* Everything of ${fd} into ${b}, whose ceiling is the limit; closes it. */
static int
read_all(int fd, struct buf *b, struct diag *d)
{
	uint8_t *to;
	ssize_t n = 0;
	int rc = 0;

	buf_clear(b);
	do {
		if ((to = buf_room(b, 16384)) == NULL) {
			rc = diag_set(d, ERR_LIMIT, 0, "a document larger than "
			    "%zu bytes", b->max);
			break;
		}
		if ((n = read(fd, to, 16384)) > 0)
			b->n += (size_t)n;
	} while (n > 0);
	if (n < 0)
		rc = diag_set(d, ERR_TEMPORARY, 0, "read: %s", strerror(errno));
	close(fd);
	return (rc);
}

/* A document by digest, verified, into ${body}. */
static int
read_document(int dir, struct str digest, struct buf *body, struct diag *d)
{
	uint8_t sum[DIGEST_BYTES];
	char text[DIGEST_TEXT];
	int fd, rc;

	if ((fd = open_blob(dir, digest, d)) < 0)
		return (fd);
	if ((rc = read_all(fd, body, d)) < 0)
		return (rc);
	digest_of(body->p, body->n, sum);
	digest_format(sum, text);
	return (str_eqz(digest, text) ? 0 : diag_set(d, ERR_MALFORMED, 0,
	    "document %.*s has digest %s", STR_ARG(digest), text));
}

static int
read_manifest(struct image_local *img, int dir, struct str digest,
    struct oci_manifest *ret, struct diag *d)
{
	struct buf body;
	int rc;

	buf_init(&body, LIMIT_MANIFEST_BYTES);
	if ((rc = read_document(dir, digest, &body, d)) == 0)
		rc = oci_manifest_read(buf_view(&body), str_of(""), img->pool,
		    ret, d);
	buf_done(&body);
	return (rc);
}

static const struct oci_descriptor *
choose(const struct oci_manifest *m, const char *platform, struct diag *d)
{
	const struct oci_descriptor *first = NULL;

	for (size_t i = 0; i < m->nchildren; i++) {
		const struct oci_descriptor *c = &m->children[i];

		if (c->attestation)
			continue;
		if (image_local_is_for(c->os, c->architecture, c->variant,
		    platform != NULL ? platform : "linux/amd64"))
			return (c);
		first = first != NULL ? first : c;
	}
	if (platform != NULL || first == NULL) {
		diag_set(d, ERR_USAGE, 0, "the index has no image for %s",
		    platform != NULL ? platform : "any platform");
		first = NULL;
	}
	return (first);
}

static struct str
name_of(const struct json *entry)
{
	return (json_get_str(json_get(entry, "annotations"),
	    "org.opencontainers.image.ref.name"));
}

/* Are the entries of index.json, ${list} as read into ${m}, one image for several
 * platforms, and not several images? */
static bool
is_one_image(const struct oci_manifest *m, const struct json *list)
{
	const struct oci_descriptor *a = m->children, *b;

	for (size_t i = 0; i < m->nchildren; i++)
		for (size_t k = 0; k < i; k++) {
			b = &a[k];
			if (a[i].attestation || b->attestation)
				continue;
			if (a[i].os.n == 0 || b->os.n == 0 ||
			    (str_eq(a[i].os, b->os) &&
			    str_eq(a[i].architecture, b->architecture) &&
			    str_eq(a[i].variant, b->variant)) ||
			    !str_eq(name_of(json_at(list, i)),
			    name_of(json_at(list, k))))
				return (false);
		}
	return (true);
}

/* index.json itself as the index of an image: what builders write that put no other
 * around it.  ERR_USAGE when it holds several images. */
static int
find_platform(struct image_local *img, struct str body, const struct json *list,
    const char *platform, struct str *ret, struct diag *d)
{
	const struct oci_descriptor *child;
	struct oci_manifest m = { 0 };
	int rc;

	if ((rc = oci_manifest_read(body, str_of(""), img->pool, &m, d)) < 0)
		return (rc);
	if (m.kind != OCI_INDEX || m.nchildren == 0 || !is_one_image(&m, list))
		return (diag_set(d, ERR_USAGE, 0, "the layout holds %zu images: "
		    "name one as PATH:TAG", json_len(list)));
	if ((child = choose(&m, platform, d)) == NULL)
		return (ERR_USAGE);
	*ret = child->digest;
	return (0);
}

/* The entry of index.json with this tag; without one the only entry, or that for
 * ${platform}: then *${chosen}. */
static int
find_tag(struct image_local *img, int dir, struct str tag, const char *platform,
    struct str *ret, bool *chosen, struct diag *d)
{
	const struct json *list, *hit = NULL;
	struct json *index = NULL;
	struct buf body;
	struct str name;
	size_t n;
	int fd, rc;

	if ((fd = open_file(dir, "index.json", 0, d)) < 0)
		return (fd);
	buf_init(&body, LIMIT_MANIFEST_BYTES);
	if ((rc = read_all(fd, &body, d)) < 0 || (rc = json_parse(
	    buf_view(&body), LIMIT_MANIFEST_BYTES, &index, d)) < 0)
		goto out;
	list = json_get(index, "manifests");
	n = json_len(list);
	for (size_t i = 0; i < n && hit == NULL; i++) {
		name = name_of(json_at(list, i));
		if (tag.n > 0 ? str_eq(name, tag) ||
		    str_eq(json_get_str(json_at(list, i), "digest"), tag) : n == 1)
			hit = json_at(list, i);
	}
	if (hit != NULL)
		rc = pool_str(img->pool, json_get_str(hit, "digest"), ret);
	else if (tag.n > 0)
		rc = diag_set(d, ERR_USAGE, 0, "the layout has no tag \"%.*s\"",
		    STR_ARG(tag));
	else if ((rc = find_platform(img, buf_view(&body), list, platform, ret,
	    d)) == 0)
		*chosen = true;
out:
	json_free(index);
	buf_done(&body);
	return (rc);
}

/* The config: what the image is for, and what made its layers. */
static int
read_config(struct image_local *img, int dir, const struct oci_manifest *m,
    struct oci_config *ret, struct diag *d)
{
	struct buf body;
	int rc;

	buf_init(&body, LIMIT_CONFIG_BYTES);
	if ((rc = read_document(dir, m->config.digest, &body, d)) == 0)
		rc = oci_config_read(buf_view(&body), m->nlayers, img->pool,
		    ret, d);
	buf_done(&body);
	return (rc);
}

/* An image that no index chose says in its config what it is for.  What made the
 * layers is for people: without it goes on. */
static int
use_config(struct image_local *img, int dir, const struct oci_manifest *m,
    const char *platform, struct diag *d)
{
	struct oci_config c = { 0 };
	struct diag ignored;
	int rc;

	if ((rc = read_config(img, dir, m, &c, platform != NULL ? d :
	    &ignored)) == 0) {
		img->created_by = c.created_by;
		img->os = c.os;
	}
	if (platform == NULL)
		return (0);
	if (rc == 0 && !image_local_is_for(c.os, c.architecture, c.variant, platform))
		rc = diag_set(d, ERR_USAGE, 0, "the image is for %.*s/%.*s, not "
		    "%s", STR_ARG(c.os), STR_ARG(c.architecture), platform);
	return (rc);
}

/* A blob's bytes with their digest. */
struct verified {
	struct source_fd file;
	struct digest *sum;
	uint64_t bytes;
};

static int64_t
verified_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct verified *v = arg;
	struct source src = source_fd(&v->file);
	int64_t n = src.read(src.arg, ret, d);

	if (n > 0) {
		digest_add(v->sum, *ret, (size_t)n);
		v->bytes += (uint64_t)n;
	}
	return (n);
}

static int
read_layer(struct image_local *img, int dir, size_t i,
    const struct oci_descriptor *desc, struct diag *d)
{
	struct verified *v;
	const struct source src = { verified_read, v = mem_alloc(sizeof(*v)) };
	struct layer_stats stats;
	uint8_t sum[DIGEST_BYTES];
	char text[DIGEST_TEXT];
	int rc = 0;

	if ((v->file.fd = open_blob(dir, desc->digest, d)) < 0) {
		rc = v->file.fd == ERR_TEMPORARY ? ERR_TEMPORARY : 0;
		image_local_tell(&img->layers[i], str_of(d->text));
		free(v);
		return (rc);
	}
	v->sum = digest_new();
	rc = layer_read_memory(&src, &img->options, &img->layers[i], &stats, d);
	digest_end(v->sum, sum);
	digest_format(sum, text);
	if (rc == 0 && (!str_eqz(desc->digest, text) ||
	    (uint64_t)desc->size != v->bytes)) {
		/* Not the blob the manifest means: nothing of it counts. */
		layer_inventory_free(img->layers[i]);
		img->layers[i] = NULL;
		image_local_tell(&img->layers[i], str_of("the blob's digest or "
		    "size differs from the manifest's"));
	}
	digest_free(v->sum);
	close(v->file.fd);
	free(v);
	return (rc);
}

/* Is layer ${i} one that came before, of the same size? */
static bool
read_before(const struct image_local *img, const struct oci_manifest *m,
    size_t i, size_t *ret)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(img->digests[k], img->digests[i]) &&
		    m->layers[k].size == m->layers[i].size &&
		    m->layers[k].skip.n == 0) {
			*ret = k;
			return (true);
		}
	return (false);
}

int
image_layout_read(struct image_local *img, int dir, struct str tag,
    const char *platform, struct diag *d)
{
	const struct oci_descriptor *child;
	struct oci_manifest m = { 0 };
	bool chosen = false;
	int depth = 0, rc;
	size_t before;

	if ((rc = find_tag(img, dir, tag, platform, &img->digest, &chosen,
	    d)) < 0 ||
	    (rc = read_manifest(img, dir, img->digest, &m, d)) < 0)
		return (rc);
	while (m.kind == OCI_INDEX) {
		if (++depth > LIMIT_INDEX_DEPTH)
			return (diag_set(d, ERR_LIMIT, 0, "indexes nested too deep"));
		if ((child = choose(&m, platform, d)) == NULL)
			return (ERR_USAGE);
		chosen = true;
		img->digest = child->digest;
		if ((rc = read_manifest(img, dir, img->digest, &m, d)) < 0)
			return (rc);
	}
	if (m.kind != OCI_IMAGE)
		return (diag_set(d, ERR_MALFORMED, 0, "not an image: %.*s",
		    STR_ARG(m.reason)));
	if (m.nlayers > LIMIT_IMAGE_LAYERS)
		return (diag_set(d, ERR_LIMIT, 0, "too many layers"));
	if ((rc = use_config(img, dir, &m, chosen ? NULL : platform,
	    d)) < 0)
		return (rc);
	image_local_room(img, m.nlayers);
	for (size_t i = 0; i < m.nlayers && rc == 0; i++) {
		img->digests[i] = m.layers[i].digest;
		if (m.layers[i].skip.n > 0)
			image_local_tell(&img->layers[i], m.layers[i].skip);
		else if (read_before(img, &m, i, &before))
			img->layers[i] = img->layers[before];
		else
			rc = read_layer(img, dir, i, &m.layers[i], d);
	}
	return (rc);
}
