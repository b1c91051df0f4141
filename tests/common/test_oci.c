/* Manifests, indexes and configs: kinds, refusals, and every cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/buf.h"
#include "common/limits.h"
#include "common/oci.h"

#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"
#define D1 "sha256:" ONES
#define D2 "sha256:" TWOS
#define OCI "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."
#define CONFIG "{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"" D1 "\",\"size\":14}"
#define LAYER(type, digest, size) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define GZ LAYER(OCI "layer.v1.tar+gzip", D2, "9")
#define MANIFEST(layers) "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" layers "]}"
#define INDEX(children) "{\"schemaVersion\":2,\"manifests\":[" children "]}"
#define T_MANIFEST OCI "manifest.v1+json"
#define T_INDEX OCI "index.v1+json"
#define T_V2S2 DOCKER "distribution.manifest.v2+json"
#define T_LIST DOCKER "distribution.manifest.list.v2+json"

static int
parse(const char *body, const char *type, struct pool *pool,
    struct oci_manifest *m, struct diag *d)
{
	memset(m, 0xAA, sizeof(*m));
	return (oci_manifest_read(str_of(body), str_of(type), pool, m, d));
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *body, *type;
		enum oci_kind kind;
		const char *reason;
	} t[] = {
		{ MANIFEST(GZ), T_MANIFEST, OCI_IMAGE, "" },
		{ MANIFEST(GZ), T_V2S2, OCI_IMAGE, "" },
		/* by structure, where nobody names a type */
		{ MANIFEST(GZ), "", OCI_IMAGE, "" },
		{ MANIFEST(GZ), "text/plain; charset=utf-8", OCI_IMAGE, "" },
		{ MANIFEST(GZ), "APPLICATION/VND.OCI.IMAGE.MANIFEST.V1+JSON ; q=1", OCI_IMAGE, "" },
		{ MANIFEST(""), T_MANIFEST, OCI_IMAGE, "" },
		{ MANIFEST(GZ "," GZ), T_MANIFEST, OCI_IMAGE, "" },
		{ INDEX(""), T_INDEX, OCI_INDEX, "" },
		{ INDEX(""), "application/json", OCI_INDEX, "" },
		{ "{\"mediaType\":\"" T_LIST "\",\"manifests\":[]}", T_LIST, OCI_INDEX, "" },
		/* artifacts */
		{ "{\"config\":" LAYER("application/vnd.cncf.helm.config.v1+json", D1, "1") ",\"layers\":[]}",
		    T_MANIFEST, OCI_ARTIFACT, "application/vnd.cncf.helm.config.v1+json" },
		{ MANIFEST(LAYER("application/vnd.dev.cosign.simplesigning.v1+json", D2, "1")),
		    T_MANIFEST, OCI_ARTIFACT, "application/vnd.dev.cosign.simplesigning.v1+json" },
		{ MANIFEST(LAYER("application/vnd.in-toto+json", D2, "1")),
		    T_MANIFEST, OCI_ARTIFACT, "application/vnd.in-toto+json" },
		{ "{\"artifactType\":\"application/spdx+json\",\"config\":"
		    LAYER("application/vnd.oci.empty.v1+json", D1, "2") ",\"layers\":[" GZ "]}",
		    T_MANIFEST, OCI_ARTIFACT, "application/spdx+json" },
		/* what a runtime would run is an image, whatever it calls itself */
		{ "{\"artifactType\":\"application/spdx+json\",\"config\":" CONFIG ",\"layers\":[" GZ "]}",
		    T_MANIFEST, OCI_IMAGE, "" },
		{ MANIFEST(LAYER("application/vnd.in-toto+json", D2, "1") "," GZ), T_MANIFEST, OCI_IMAGE, "" },
		{ MANIFEST(LAYER("", D2, "1")), T_MANIFEST, OCI_IMAGE, "" },
		{ MANIFEST(LAYER("application/octet-stream", D2, "1")), T_MANIFEST, OCI_IMAGE, "" },
		{ "{\"config\":" LAYER("application/octet-stream", D1, "2") ",\"layers\":[" GZ "]}",
		    T_MANIFEST, OCI_IMAGE, "" },
		{ "{\"blobs\":[]}", "application/vnd.oci.artifact.manifest.v1+json",
		    OCI_ARTIFACT, "application/vnd.oci.artifact.manifest.v1+json" },
		/* what is recognised and not read */
		{ "{\"schemaVersion\":1,\"fsLayers\":[]}", DOCKER "distribution.manifest.v1+prettyjws",
		    OCI_UNSUPPORTED, "Docker schema 1 manifests are not read" },
		{ "{\"schemaVersion\":1,\"fsLayers\":[]}", "application/json",
		    OCI_UNSUPPORTED, "Docker schema 1 manifests are not read" },
		{ "{}", "application/vnd.example+json", OCI_UNSUPPORTED, "application/vnd.example+json" },
	};
	struct oci_manifest m;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(MIB);

		assert_int_equal(parse(t[i].body, t[i].type, pool, &m, &d), 0);
		assert_int_equal(m.kind, t[i].kind);
		assert_true(str_eqz(m.reason, t[i].reason));
		pool_free(pool);
	}
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *body, *type;
		int want;
		const char *word;
	} t[] = {
		{ "", T_MANIFEST, ERR_MALFORMED, "" },
		{ "[]", T_MANIFEST, ERR_MALFORMED, "object" },
		{ "{}", T_MANIFEST, ERR_MALFORMED, "without" },
		{ "{}", T_INDEX, ERR_MALFORMED, "without" },
		{ "{\"manifests\":[],\"layers\":[]}", T_INDEX, ERR_MALFORMED, "ambiguous" },
		{ "{\"manifests\":[],\"config\":" CONFIG "}", T_MANIFEST, ERR_MALFORMED, "ambiguous" },
		{ "{\"manifests\":null,\"layers\":null}", T_MANIFEST, ERR_MALFORMED, "ambiguous" },
		{ MANIFEST(GZ), T_INDEX, ERR_MALFORMED, "without" },
		{ INDEX(""), T_MANIFEST, ERR_MALFORMED, "without" },
		{ "{\"mediaType\":\"" T_V2S2 "\",\"config\":" CONFIG ",\"layers\":[]}",
		    T_MANIFEST, ERR_MALFORMED, "says" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", D2, "-1")), T_MANIFEST, ERR_MALFORMED, "size" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", D2, "\"9\"")), T_MANIFEST, ERR_MALFORMED, "size" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", D2, "9.5")), T_MANIFEST, ERR_MALFORMED, "size" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", D2, "9223372036854775808")), T_MANIFEST, ERR_MALFORMED, "" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", "sha256:" "22", "9")), T_MANIFEST, ERR_MALFORMED, "digest" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", "../../etc", "9")), T_MANIFEST, ERR_MALFORMED, "digest" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", "", "9")), T_MANIFEST, ERR_MALFORMED, "digest" },
		{ MANIFEST(LAYER(OCI "layer.v1.tar", "sha512:" TWOS TWOS, "9")), T_MANIFEST, ERR_UNSUPPORTED, "algorithm" },
		{ MANIFEST("5"), T_MANIFEST, ERR_MALFORMED, "descriptor" },
		{ MANIFEST("null"), T_MANIFEST, ERR_MALFORMED, "descriptor" },
		{ INDEX("{}"), T_INDEX, ERR_MALFORMED, "digest" },
		{ "{\"config\":{},\"layers\":[" GZ "]}", T_MANIFEST, ERR_MALFORMED, "digest" },
		{ "{\"layers\":[" GZ "]}", T_MANIFEST, ERR_MALFORMED, "config" },
	};
	struct oci_manifest m;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(MIB);

		assert_int_equal(parse(t[i].body, t[i].type, pool, &m, &d),
		    t[i].want);
		assert_non_null(strstr(d.text, t[i].word));
		pool_free(pool);
	}
}

static void
test_index_children(void **state)
{
	const char *body = INDEX(
	    "{\"mediaType\":\"" T_MANIFEST "\",\"digest\":\"" D1 "\",\"size\":5,"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}},"
	    "{\"mediaType\":\"" T_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":0,"
	    "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
	    "{\"mediaType\":\"" T_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":7,"
	    "\"annotations\":{\"vnd.docker.reference.type\":\"x\"}},"
	    "{\"mediaType\":\"" T_INDEX "\",\"digest\":\"" D2 "\",\"size\":7},"
	    "{\"mediaType\":\"" T_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":7,"
	    "\"annotations\":{\"vnd.docker.reference.type\":\"x\"},"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}");
	struct pool *pool = pool_new(MIB);
	struct oci_manifest m;
	struct diag d;

	(void)state;
	assert_int_equal(parse(body, T_INDEX, pool, &m, &d), 0);
	assert_int_equal(m.nchildren, 5);
	assert_false(m.children[4].attestation);	/* a runtime would pick it */
	assert_true(str_eqz(m.children[0].os, "linux"));
	assert_true(str_eqz(m.children[0].architecture, "arm"));
	assert_true(str_eqz(m.children[0].variant, "v7"));
	assert_true(str_eqz(m.children[0].digest, D1));
	assert_int_equal(m.children[0].size, 5);
	assert_false(m.children[0].attestation);
	assert_true(m.children[1].attestation);
	assert_false(m.children[2].attestation);	/* by its config it might */
	assert_false(m.children[3].attestation);
	assert_true(str_eqz(m.children[3].media_type, T_INDEX));
	pool_free(pool);
}

static void
test_layers_that_cannot_be_read_say_so(void **state)
{
	const char *body = MANIFEST(
	    LAYER(OCI "layer.v1.tar+gzip+encrypted", D1, "1") ","
	    LAYER(OCI "layer.nydus.blob.v1", D2, "2") ","
	    LAYER(DOCKER "image.rootfs.diff.tar.gzip", D2, "3") ","
	    LAYER(DOCKER "image.rootfs.foreign.diff.tar.gzip", D2, "4") ","
	    LAYER(OCI "layer.v1.tar+zstd", D2, "5"));
	struct pool *pool = pool_new(MIB);
	struct oci_manifest m;
	struct diag d;

	(void)state;
	assert_int_equal(parse(body, T_MANIFEST, pool, &m, &d), 0);
	assert_int_equal(m.nlayers, 5);
	assert_true(str_eqz(m.layers[0].skip, "layer is encrypted"));
	assert_true(str_eqz(m.layers[1].skip, "layer is a Nydus blob"));
	for (size_t i = 2; i < 5; i++) {
		assert_int_equal(m.layers[i].skip.n, 0);
		assert_int_equal(m.layers[i].size, i + 1);
	}
	pool_free(pool);
}

/* A document cut anywhere is refused, and no cut is read past its end (each
 * copy is exactly as long as the cut: a sanitizer sees the rest). */
static void
test_cut_at_every_length(void **state)
{
	static const char *const whole[] = { MANIFEST(GZ "," GZ),
		INDEX(GZ "," GZ) };
	struct oci_manifest m;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < strlen(whole[i]); n++) {
			struct pool *pool = pool_new(MIB);
			char *cut = malloc(n + 1);

			assert_non_null(cut);
			memcpy(cut, whole[i], n);
			cut = realloc(cut, n > 0 ? n : 1);
			assert_non_null(cut);
			assert_int_equal(oci_manifest_read(str_n(cut, n),
			    str_of(""), pool, &m, &d), ERR_MALFORMED);
			free(cut);
			pool_free(pool);
		}
}

static void
test_hostile_sizes(void **state)
{
	struct pool *pool = pool_new(16 * MIB);
	size_t n = LIMIT_INDEX_CHILDREN + 1;
	struct oci_manifest m;
	struct diag d;
	struct buf b;

	(void)state;
	buf_init(&b, 16 * MIB);
	assert_int_equal(buf_str(&b, str_of("{\"manifests\":[")), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_printf(&b, "%s" GZ, i > 0 ? "," : ""), 0);
	assert_int_equal(buf_str(&b, str_of("]}")), 0);
	assert_int_equal(oci_manifest_read(buf_view(&b), str_of(T_INDEX), pool,
	    &m, &d), ERR_LIMIT);
	/* deep nesting */
	buf_clear(&b);
	assert_int_equal(buf_str(&b, str_of("{\"layers\":")), 0);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(buf_byte(&b, '['), 0);
	assert_int_equal(oci_manifest_read(buf_view(&b), str_of(T_MANIFEST),
	    pool, &m, &d), ERR_LIMIT);
	/* one byte above what is read at all */
	buf_clear(&b);
	assert_int_equal(buf_str(&b, str_of(MANIFEST(GZ))), 0);
	while (b.n < LIMIT_MANIFEST_BYTES)
		assert_int_equal(buf_byte(&b, ' '), 0);
	assert_int_equal(oci_manifest_read(buf_view(&b), str_of(T_MANIFEST),
	    pool, &m, &d), 0);
	assert_int_equal(buf_byte(&b, ' '), 0);
	assert_int_equal(oci_manifest_read(buf_view(&b), str_of(T_MANIFEST),
	    pool, &m, &d), ERR_LIMIT);
	buf_done(&b);
	pool_free(pool);
}

static void
test_config_maps_history_to_layers(void **state)
{
	static const struct {
		const char *history;
		const char *first, *second;	/* NULL = dropped */
	} t[] = {
		{ "[{\"created_by\":\"a\"},{\"created_by\":\"e\",\"empty_layer\":true},{\"created_by\":\"b\"}]", "a", "b" },
		{ "[{},{\"created_by\":\"b\"}]", "", "b" },
		{ "[{\"created_by\":\"a\"}]", NULL, NULL },
		{ "[{\"created_by\":\"a\"},{\"created_by\":\"b\"},{\"created_by\":\"c\"}]", NULL, NULL },
		{ "null", NULL, NULL },
		{ "[1,2]", "", "" },
	};
	struct oci_config c;
	struct diag d;
	char body[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(MIB);

		snprintf(body, sizeof(body), "{\"os\":\"linux\","
		    "\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":["
		    "\"" D1 "\",\"" D2 "\"]},\"history\":%s}", t[i].history);
		assert_int_equal(oci_config_read(str_of(body), 2, pool, &c,
		    &d), 0);
		assert_true(str_eqz(c.os, "linux"));
		assert_true(str_eqz(c.diff_ids[0], D1));
		assert_true(str_eqz(c.diff_ids[1], D2));
		assert_int_equal(c.created_by != NULL, t[i].first != NULL);
		if (c.created_by != NULL) {
			assert_true(str_eqz(c.created_by[0], t[i].first));
			assert_true(str_eqz(c.created_by[1], t[i].second));
		}
		/* a config of another image */
		assert_int_equal(oci_config_read(str_of(body), 3, pool, &c,
		    &d), ERR_MALFORMED);
		assert_int_equal(oci_config_read(str_n(body, 40), 2, pool, &c,
		    &d), ERR_MALFORMED);
		pool_free(pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_index_children),
		cmocka_unit_test(test_layers_that_cannot_be_read_say_so),
		cmocka_unit_test(test_cut_at_every_length),
		cmocka_unit_test(test_hostile_sizes),
		cmocka_unit_test(test_config_maps_history_to_layers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
