/* OCI documents.  What decides between image, index and artifact stands in
 * classify(); everything else is reading fields within bounds. */
#include "json.h"
#include "limits.h"
#include "oci.h"

#define TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define TYPE_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define TYPE_V2S2 "application/vnd.docker.distribution.manifest.v2+json"
#define TYPE_V2S1 "application/vnd.docker.distribution.manifest.v1"
#define TYPE_ARTIFACT "application/vnd.oci.artifact.manifest.v1+json"
/* The reason of what names no type where it should. */

bool
oci_digest_ok(struct str s)
{
	if (s.n != 71 || !str_starts(s, "sha256:"))
		return (false);
	for (size_t i = 7; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
		    (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return (false);
	return (true);
}

static int
copy(struct pool *pool, struct str s, struct str *ret, struct diag *d)
{
	if (pool_str(pool, s, ret) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "document too large"));
	return (0);
}

/* One of "alg:encoded" by the grammar, though not one we can verify; a sha256
 * that comes here is a broken one. */
static bool
digest_grammar(struct str s)
{
	size_t colon = str_find(s, ':');

	if (colon == 0 || colon + 1 >= s.n || s.n > 200 ||
	    str_starts(s, "sha256:"))
		return (false);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (c >= 'A' && c <= 'Z') || strchr("+._-=:", c) != NULL))
			return (false);
	}
	return (true);
}

static int
descriptor(const struct json *j, const char *what, struct pool *pool,
    struct oci_descriptor *ret, struct diag *d)
{
	const struct json *platform = json_get(j, "platform");
	struct str digest = json_get_str(j, "digest");
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!json_is_object(j))
		return (diag_set(d, ERR_MALFORMED, 0, "%s is no descriptor",
		    what));
	if (!oci_digest_ok(digest))
		return (diag_set(d, digest_grammar(digest) ? ERR_UNSUPPORTED :
		    ERR_MALFORMED, 0, "%s: digest \"%.*s\" %s", what,
		    (int)(digest.n > 100 ? 100 : digest.n), digest.p != NULL ?
		    digest.p : "", digest_grammar(digest) ?
		    "uses an algorithm that is not read (sha256 only)" :
		    "is malformed"));
	ret->size = json_get_int(j, "size", -1);
	if (ret->size < 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "%s: size is missing or negative", what));
	if ((rc = copy(pool, digest, &ret->digest, d)) < 0 ||
	    (rc = copy(pool, json_get_str(j, "mediaType"), &ret->media_type,
	    d)) < 0 ||
	    (rc = copy(pool, json_get_str(platform, "os"), &ret->os, d)) < 0 ||
	    (rc = copy(pool, json_get_str(platform, "architecture"),
	    &ret->architecture, d)) < 0 ||
	    (rc = copy(pool, json_get_str(platform, "variant"), &ret->variant,
	    d)) < 0)
		return (rc);
	/* By its annotation an image that a runtime picks would pass unread: one for
	 * a real platform, and one for none, of which the config tells for what. */
	ret->attestation = str_eqz(ret->os, "unknown") &&
	    str_eqz(ret->architecture, "unknown");
	return (0);
}

static int
descriptors(const struct json *list, const char *what, size_t max,
    struct pool *pool, struct oci_descriptor **ret, size_t *ret_n,
    struct diag *d)
{
	size_t n = json_len(list);
	struct oci_descriptor *v;
	int rc;

	if (n > max)
		return (diag_set(d, ERR_LIMIT, 0, "%zu %ss, limit %zu", n, what,
		    max));
	v = pool_alloc(pool, (n + 1) * sizeof(*v));
	if (v == NULL)
		return (diag_set(d, ERR_LIMIT, 0, "document too large"));
	for (size_t i = 0; i < n; i++)
		if ((rc = descriptor(json_at(list, i), what, pool, &v[i],
		    d)) < 0)
			return (rc);
	*ret = v;
	*ret_n = n;
	return (0);
}

/* Docker runs what states no type of its own, too. */
static bool
is_any_type(struct str t)
{
	return (t.n == 0 || str_eqz(t, "application/octet-stream"));
}

static bool
is_image_config(struct str t)
{
	return (is_any_type(t) || str_eqz(t, "application/json") ||
	    str_eqz(t, "text/html") ||
	    str_eqz(t, "application/vnd.oci.image.config.v1+json") ||
	    str_eqz(t, "application/vnd.docker.container.image.v1+json"));
}

/* A layer type by its tokens; the compression suffix is decided by magic. */
static bool
is_layer_type(struct str t)
{
	return (is_any_type(t) || str_starts(t, "application/vnd.oci.image.layer.") ||
	    str_starts(t, "application/vnd.docker.image.rootfs."));
}

static bool
contains(struct str s, const char *word)
{
	return (s.n != 0 && memmem(s.p, s.n, word, strlen(word)) != NULL);
}

static void
layer_skip(struct oci_descriptor *l)
{
	if (contains(l->media_type, "+encrypted"))
		l->skip = str_of("layer is encrypted");
	else if (contains(l->media_type, "nydus"))
		l->skip = str_of("layer is a Nydus blob");
	else if (!is_layer_type(l->media_type))
		l->skip = str_of("layer is of a type that is not read");
}

static int
read_image(const struct json *j, struct pool *pool, struct oci_manifest *m,
    struct diag *d)
{
	struct str artifact = json_get_str(j, "artifactType"), text;
	struct str config = json_get_str(json_get(j, "config"), "mediaType");
	bool rootfs = false;
	int rc;

	m->kind = OCI_ARTIFACT;
	if (!is_image_config(config)) {
		text = artifact.n != 0 ? artifact : config;
		return (copy(pool, text, &m->reason, d));
	}
	if ((rc = descriptor(json_get(j, "config"), "config", pool, &m->config,
	    d)) < 0 ||
	    (rc = descriptors(json_get(j, "layers"), "layer",
	    LIMIT_IMAGE_LAYERS, pool, &m->layers, &m->nlayers, d)) < 0)
		return (rc);
	/* An image's config with no layer of a root file system is a document
	 * about one (an attestation).  As soon as one layer is, a runtime may
	 * run it, whatever else it holds or calls itself. */
	for (size_t i = 0; i < m->nlayers; i++) {
		rootfs = rootfs || is_layer_type(m->layers[i].media_type);
		layer_skip(&m->layers[i]);
	}
	if (!rootfs && m->nlayers > 0)
		m->reason = m->layers[0].media_type;
	else
		m->kind = OCI_IMAGE;
	return (0);
}

/* ${content_type} without parameters, in lower case, in ${buf}. */
static struct str
bare_type(struct str t, char *buf, size_t size)
{
	t = str_trim(str_sub(t, 0, str_find(t, ';')));
	t = str_sub(t, 0, size);
	for (size_t i = 0; i < t.n; i++)
		buf[i] = t.p[i] >= 'A' && t.p[i] <= 'Z' ?
		    (char)(t.p[i] + 32) : t.p[i];
	return (str_n(buf, t.n));
}

/* The document's media type: header, else field, else structure. */
static int
document_type(const struct json *j, struct str header, struct str *ret,
    struct diag *d)
{
	struct str field = json_get_str(j, "mediaType");
	bool generic = header.n == 0 || !str_starts(header, "application/vnd.");

	if (field.n != 0 && !generic && !str_eq(field, header))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "manifest says it is %.*s, the registry says %.*s",
		    (int)(field.n > 120 ? 120 : field.n), field.p,
		    (int)(header.n > 120 ? 120 : header.n), header.p));
	*ret = generic ? field : header;
	if (ret->n == 0)
		*ret = json_get(j, "manifests") != NULL ? str_of(TYPE_INDEX) :
		    json_get(j, "fsLayers") != NULL ||
		    json_get_int(j, "schemaVersion", 2) == 1 ?
		    str_of(TYPE_V2S1) : str_of(TYPE_MANIFEST);
	return (0);
}

static int
classify(const struct json *j, struct str header, struct pool *pool,
    struct oci_manifest *m, struct diag *d)
{
	bool has_children = json_get(j, "manifests") != NULL;
	bool has_image = json_get(j, "layers") != NULL ||
	    json_get(j, "config") != NULL;
	struct str type;
	int rc;

	if (!json_is_object(j))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "manifest is no JSON object"));
	if (has_children && has_image)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "manifest is ambiguous: both an index and an image"));
	if ((rc = document_type(j, header, &type, d)) < 0 ||
	    (rc = copy(pool, type, &m->media_type, d)) < 0)
		return (rc);
	m->kind = OCI_UNSUPPORTED;
	if (str_starts(type, TYPE_V2S1)) {
		m->reason = str_of("Docker schema 1 manifests are not read");
		return (0);
	}
	if (str_eqz(type, TYPE_ARTIFACT)) {
		m->kind = OCI_ARTIFACT;
		m->reason = str_of(TYPE_ARTIFACT);
		return (0);
	}
	if (str_eqz(type, TYPE_INDEX) || str_eqz(type, TYPE_LIST)) {
		if (has_image || !json_is_array(json_get(j, "manifests")))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "index without a list of manifests"));
		m->kind = OCI_INDEX;
		return (descriptors(json_get(j, "manifests"), "child",
		    LIMIT_INDEX_CHILDREN, pool, &m->children, &m->nchildren,
		    d));
	}
	if (str_eqz(type, TYPE_MANIFEST) || str_eqz(type, TYPE_V2S2)) {
		if (!has_image || !json_is_array(json_get(j, "layers")))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "manifest without config or layers"));
		return (read_image(j, pool, m, d));
	}
	m->reason = m->media_type;
	return (0);
}

int
oci_manifest_read(struct str body, struct str content_type, struct pool *pool,
    struct oci_manifest *ret, struct diag *d)
{
	struct oci_manifest m = { 0 };
	struct json *j = NULL;
	char type[256];
	int rc;

	if ((rc = json_parse(body, LIMIT_MANIFEST_BYTES, &j, d)) < 0)
		return (rc);
	if ((rc = classify(j, bare_type(content_type, type, sizeof(type)),
	    pool, &m, d)) == 0)
		*ret = m;
	json_free(j);
	return (rc);
}

/* created_by of the history rows that made a layer, when they are as many. */
static int
read_history(const struct json *h, size_t nlayers, struct pool *pool,
    struct oci_config *ret, struct diag *d)
{
	struct str *v = pool_alloc(pool, (nlayers + 1) * sizeof(*v));
	size_t n = 0;
	int rc;

	if (v == NULL)
		return (diag_set(d, ERR_LIMIT, 0, "config too large"));
	for (size_t i = 0; i < json_len(h); i++) {
		const struct json *row = json_at(h, i);

		if (json_bool(json_get(row, "empty_layer")))
			continue;
		if (n == nlayers)
			return (0);
		if ((rc = copy(pool, str_sub(json_get_str(row, "created_by"), 0,
		    4096), &v[n++], d)) < 0)
			return (rc);
	}
	if (n == nlayers)
		ret->created_by = v;
	return (0);
}

int
oci_config_read(struct str body, size_t nlayers, struct pool *pool,
    struct oci_config *ret, struct diag *d)
{
	struct oci_config c = { 0 };
	const struct json *ids;
	struct json *j = NULL;
	int rc;

	if ((rc = json_parse(body, LIMIT_CONFIG_BYTES, &j, d)) < 0)
		return (rc);
	ids = json_get(json_get(j, "rootfs"), "diff_ids");
	if ((rc = copy(pool, json_get_str(j, "os"), &c.os, d)) < 0 ||
	    (rc = copy(pool, json_get_str(j, "architecture"), &c.architecture,
	    d)) < 0 ||
	    (rc = copy(pool, json_get_str(j, "variant"), &c.variant, d)) < 0)
		goto out;
	if (json_len(ids) != nlayers) {
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "config names %zu diff_ids, the manifest %zu layers",
		    json_len(ids), nlayers);
		goto out;
	}
	c.diff_ids = pool_alloc(pool, (nlayers + 1) * sizeof(*c.diff_ids));
	if (c.diff_ids == NULL) {
		rc = diag_set(d, ERR_LIMIT, 0, "config too large");
		goto out;
	}
	for (size_t i = 0; i < nlayers; i++) {
		struct str s = json_str(json_at(ids, i));

		if (oci_digest_ok(s) &&
		    (rc = copy(pool, s, &c.diff_ids[i], d)) < 0)
			goto out;
	}
	if ((rc = read_history(json_get(j, "history"), nlayers, pool, &c,
	    d)) < 0)
		goto out;
	*ret = c;
out:
	json_free(j);
	return (rc);
}
