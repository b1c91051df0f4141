/* Documents and texts: JSON and what is read from it, references, names. */
#include "common/cvss.h"
#include "common/digest.h"
#include "common/format/deb822.h"
#include "common/json.h"
#include "common/oci.h"
#include "common/pack.h"
#include "common/path.h"
#include "common/ref.h"
#include "common/registry.h"
#include "common/text.h"
#include "tests/fuzz/targets.h"

#define SHA "sha256:01234567890123456789012345678901234567890123456789" \
	"0123456789abcd"

static void
seed_all(struct fuzz_seeds *s, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		fuzz_seed(s, str_of(*texts));
}

/* -------------------------------------------------------------------- JSON -- */

/* Every getter on a value, whatever it is. */
static uint64_t
look(const struct json *j)
{
	uint64_t sum = json_str(j).n + json_len(j) + (uint64_t)json_int(j, 1) +
	    (json_number(j) > 0) + json_bool(j) + json_is_null(j);
	const struct json *value;
	void *at = NULL;
	struct str key;

	for (size_t i = 0; i < json_len(j) && i < 100; i++)
		sum += json_str(json_at(j, i)).n;
	while (json_next(j, &at, &key, &value))
		sum += key.n + json_str(value).n;
	return (sum);
}

void
run_json(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct json *j = NULL;
	struct diag d = { 0 };
	struct json_writer w;
	struct buf b;
	int rc = json_parse(str_n(p, n), FUZZ_INPUT, &j, &d);

	(void)t;
	TOLD(rc, d);
	if (rc == 0)
		(void)look(j);
	json_free(j);
	/* any bytes can be written as a string, and are read back */
	buf_init(&b, 8 * FUZZ_INPUT);
	json_w_init(&w, &b);
	json_w_array(&w);
	json_w_str(&w, str_n(p, n));
	json_w_end_array(&w);
	HOLDS(w.error == 0);
	HOLDS(json_parse(buf_view(&b), 8 * FUZZ_INPUT, &j, &d) == 0);
	HOLDS(json_len(j) == 1 && json_is_string(json_at(j, 0)));
	json_free(j);
	buf_done(&b);
}

void
seeds_json(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"{\"a\":[1,-2.5e3,true,false,null,\"x\\u00e9\\ud83d\\ude00\"]}",
		"[[[[{\"k\":{\"k\":\"\\\\\\\"\\n\"}}]]]]", "\"text\"", " 0 ",
		"{\"a\":1,\"a\":2}", NULL };

	(void)t;
	seed_all(s, texts);
}

/* --------------------------------------------------------------------- OCI -- */

static void
check_descriptor(const struct oci_descriptor *x)
{
	uint8_t sha[DIGEST_BYTES];

	HOLDS(x->size >= 0);
	HOLDS(oci_digest_ok(x->digest) && digest_parse(x->digest, sha));
}

/* Input: the Content-Type, LF, the manifest. */
void
run_manifest(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct str type, body = str_n(p, n);
	struct oci_manifest m = { 0 };
	struct diag d = { 0 };
	int rc;

	(void)t;
	if (str_split(&body, '\n', &type)) {
		rc = oci_manifest_read(body, type, pool, &m, &d);
		TOLD(rc, d);
		if (rc == 0 && m.kind == OCI_IMAGE)
			check_descriptor(&m.config);
		for (size_t i = 0; rc == 0 && i < m.nlayers; i++)
			check_descriptor(&m.layers[i]);
		for (size_t i = 0; rc == 0 && i < m.nchildren; i++)
			check_descriptor(&m.children[i]);
		HOLDS(rc < 0 || m.kind == OCI_INDEX || m.kind == OCI_IMAGE ||
		    m.reason.n != 0);
	}
	pool_free(pool);
}

#define OCI_TYPE "application/vnd.oci.image."
#define DESCRIPTOR(type, more) \
	"{\"mediaType\":\"" type "\",\"digest\":\"" SHA "\",\"size\":7" more "}"

void
seeds_manifest(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		OCI_TYPE "manifest.v1+json\n{\"schemaVersion\":2,\"mediaType\":\""
		    OCI_TYPE "manifest.v1+json\",\"config\":"
		    DESCRIPTOR(OCI_TYPE "config.v1+json", "") ",\"layers\":["
		    DESCRIPTOR(OCI_TYPE "layer.v1.tar+gzip", "") ","
		    DESCRIPTOR(OCI_TYPE "layer.v1.tar+zstd", "") "]}",
		"application/vnd.docker.distribution.manifest.v2+json\n"
		    "{\"schemaVersion\":2,\"config\":" DESCRIPTOR("application/"
		    "vnd.docker.container.image.v1+json", "") ",\"layers\":["
		    DESCRIPTOR("application/vnd.docker.image.rootfs.foreign."
		    "diff.tar.gzip", ",\"urls\":[\"https://x.example\"]") "]}",
		"\n{\"schemaVersion\":2,\"manifests\":["
		    DESCRIPTOR(OCI_TYPE "manifest.v1+json", ",\"platform\":"
		    "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}")
		    "," DESCRIPTOR(OCI_TYPE "manifest.v1+json", ",\"annotations\":"
		    "{\"vnd.docker.reference.type\":\"attestation-manifest\"},"
		    "\"platform\":{\"os\":\"unknown\",\"architecture\":"
		    "\"unknown\"}") "]}",
		OCI_TYPE "manifest.v1+json; charset=utf-8\n{\"schemaVersion\":2,"
		    "\"artifactType\":\"application/x\",\"config\":"
		    DESCRIPTOR("application/vnd.oci.empty.v1+json", "")
		    ",\"layers\":[],\"subject\":" DESCRIPTOR("x/y", "") "}",
		"\n{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}", NULL };

	(void)t;
	seed_all(s, texts);
}

/* Input: a byte with the number of layers, the config. */
void
run_config(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct cur c = cur_of(p, n);
	struct oci_config config = { 0 };
	struct diag d = { 0 };
	uint8_t nlayers;
	int rc;

	(void)t;
	if (cur_u8(&c, &nlayers)) {
		rc = oci_config_read(cur_rest(&c), nlayers, pool, &config, &d);
		TOLD(rc, d);
		for (size_t i = 0; rc == 0 && i < nlayers; i++)
			HOLDS(config.diff_ids[i].n == 0 ||
			    oci_digest_ok(config.diff_ids[i]));
	}
	pool_free(pool);
}

void
seeds_config(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"\002{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":"
		    "\"layers\",\"diff_ids\":[\"" SHA "\",\"" SHA "\"]},\"history\":"
		    "[{\"created_by\":\"ADD x\"},{\"created_by\":\"ENV y\","
		    "\"empty_layer\":true},{\"created_by\":\"RUN z\"}]}",
		"\001{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\","
		    "\"rootfs\":{\"diff_ids\":[\"" SHA "\"]}}", NULL };

	(void)t;
	seed_all(s, texts);
}

/* ---------------------------------------------------- references and paths -- */

void
run_ref(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct ref r, again;
	struct diag d = { 0 };
	char text[2 * REF_TEXT + 300];
	int rc = ref_parse(str_n(p, n), &r, &d);

	(void)t;
	TOLD(rc, d);
	if (rc < 0)
		return;
	HOLDS(ref_name_ok(str_of(r.name)));
	HOLDS(r.tag[0] == '\0' || ref_tag_ok(str_of(r.tag)));
	HOLDS(r.tag[0] != '\0' || r.digest[0] != '\0');
	/* its canonical text means the same */
	snprintf(text, sizeof(text), "%s/%s%s%s%s%s", r.host, r.name,
	    r.tag[0] != '\0' ? ":" : "", r.tag,
	    r.digest[0] != '\0' ? "@" : "", r.digest);
	HOLDS(ref_parse(str_of(text), &again, &d) == 0);
	HOLDS(strcmp(r.host, again.host) == 0 && strcmp(r.name, again.name) == 0);
	HOLDS(strcmp(r.tag, again.tag) == 0 &&
	    strcmp(r.digest, again.digest) == 0);
}

void
seeds_ref(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = { "debian", "debian:12", "a/b",
		"localhost:5000/x", "registry.example/team/app:1.0@" SHA,
		"[::1]:5000/a/b__c--d:T_1.x", "docker.io/library/debian@" SHA,
		"index.docker.io/x", "127.0.0.1/x:latest", "a.b/c", NULL };

	(void)t;
	seed_all(s, texts);
}

static bool
is_below(struct str key, struct str dir)
{
	if (dir.n == 0)
		return (key.n > 0);
	return (key.n > dir.n && key.p[dir.n] == '/' &&
	    memcmp(key.p, dir.p, dir.n) == 0);
}

/* Input: a path; and a directory, LF, the target of a link in it. */
void
run_path(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct str rest = str_n(p, n), dir;
	unsigned flags, again;
	struct buf a, b;

	(void)t;
	buf_init(&a, LIMIT_PATH);
	buf_init(&b, LIMIT_PATH);
	if (path_normalise(rest, &a, &flags) == 0) {
		HOLDS(path_normalise(buf_view(&a), &b, &again) == 0);
		HOLDS(again == 0 && str_eq(buf_view(&a), buf_view(&b)));
		HOLDS(a.n == 0 || is_below(buf_view(&a),
		    path_dir(buf_view(&a))));
		HOLDS(path_base(buf_view(&a)).n != 0 || a.n == 0);
	}
	if (str_split(&rest, '\n', &dir) &&
	    path_normalise(dir, &a, &flags) == 0 &&
	    path_resolve(buf_view(&a), rest, &b) == 0) {
		buf_clear(&a);
		HOLDS(path_normalise(buf_view(&b), &a, &again) == 0);
		HOLDS(again == 0 && str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
}

void
seeds_path(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = { "./usr//lib/../bin/x/",
		"/../../etc/./passwd", "usr/lib\n../../etc/x", "a\n/b/./c/..",
		"..", "/", "a/.../..b/c..", NULL };

	(void)t;
	seed_all(s, texts);
}

/* What people see is printable, whatever was there. */
void
run_text(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct str s = str_n(p, n), clean;
	struct pool *pool = pool_new(8 * FUZZ_INPUT);
	char out[300];
	size_t got = text_escape(s, out, sizeof(out));
	struct diag d;

	(void)t;
	HOLDS(got < sizeof(out) && out[got] == '\0' && strlen(out) == got);
	HOLDS(text_is_utf8(str_n(out, got)));
	for (size_t i = 0; i < got; i++)
		HOLDS((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
	clean = text_clean(pool, s, 1000);
	HOLDS(text_is_utf8(clean) && str_find(clean, '\0') == clean.n);
	diag_set(&d, ERR_MALFORMED, 0, "%.*s", (int)n, n != 0 ? s.p : "");
	HOLDS(text_is_utf8(str_of(d.text)));
	pool_free(pool);
}

void
run_cvss(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct diag d = { 0 };
	int score = -1, rc = cvss_base(str_n(p, n), &score, &d);

	(void)t;
	TOLD(rc, d);
	HOLDS(rc < 0 || (score >= 0 && score <= 100));
	HOLDS(rc < 0 || cvss_severity(str_n(p, n), score) != SEVERITY_UNKNOWN);
	(void)severity_of_word(str_n(p, n));
}

void
seeds_cvss(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:C/C:L/I:N/A:L/E:P/RL:O/RC:C",
		"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N/CR:H/MAV:X/MS:C",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
		"AV:N/AC:L/Au:N/C:P/I:P/A:P", "untriaged", NULL };

	(void)t;
	seed_all(s, texts);
}

void
run_deb822(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct cur c = cur_of(p, n);
	struct deb822_field f;
	size_t left;

	(void)t;
	while ((left = cur_left(&c)) > 0) {
		while (deb822_next(&c, &f)) {
			HOLDS(str_trim(f.value).n == f.value.n);
			HOLDS(deb822_first_line(f.value).n <= f.value.n);
		}
		HOLDS(cur_left(&c) < left);	/* it moves on */
	}
}

void
seeds_deb822(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"Package: a\nVersion: 1\nDescription: x\n y\n .\n\tz\n\n\nPackage: b\r\n"
		    "Depends: c,\r\n d\r\n\r\n", "no colon\n: x\n a\nA:b", NULL };

	(void)t;
	seed_all(s, texts);
}

/* -------------------------------------------------- answers of a registry -- */

static void
check_list(enum registry_document kind, const uint8_t *p, size_t n)
{
	struct buf b;
	struct cur c;
	struct str name;
	struct diag d = { 0 };
	uint32_t count;
	int rc;

	buf_init(&b, 1 * MIB);
	rc = registry_document_read(kind, str_n(p, n), &b, &d);
	TOLD(rc, d);
	if (rc == 0) {
		c = cur_of(b.p, b.n);
		HOLDS(unpack_array(&c, &count));
		while (count-- > 0)
			HOLDS(unpack_str(&c, &name));
		HOLDS(cur_left(&c) == 0);
	}
	buf_done(&b);
}

void
run_catalog(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	(void)t;
	check_list(REGISTRY_CATALOG, p, n);
}

void
run_tags(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	(void)t;
	check_list(REGISTRY_TAGS, p, n);
}

void
run_token(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct buf b;
	struct cur c;
	struct str token;
	struct diag d = { 0 };
	uint32_t count;
	int64_t seconds;
	int rc;

	(void)t;
	buf_init(&b, 1 * MIB);
	rc = registry_document_read(REGISTRY_TOKEN, str_n(p, n), &b, &d);
	TOLD(rc, d);
	if (rc == 0) {
		c = cur_of(b.p, b.n);
		HOLDS(unpack_array(&c, &count) && count >= 2);
		HOLDS(unpack_str(&c, &token) && unpack_i64(&c, &seconds));
		HOLDS(token.n != 0);
		/* it becomes a header line */
		for (size_t i = 0; i < token.n; i++)
			HOLDS((unsigned char)token.p[i] > ' ');
	}
	buf_done(&b);
}

void
seeds_catalog(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = { "{\"repositories\":[\"a\",\"b/c\"]}",
		"{\"repositories\":null}", NULL };

	(void)t;
	seed_all(s, texts);
}

void
seeds_tags(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"{\"name\":\"a/b\",\"tags\":[\"1.0\",\"latest\"]}",
		"{\"name\":\"a\",\"tags\":null}", NULL };

	(void)t;
	seed_all(s, texts);
}

void
seeds_token(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"{\"token\":\"abc.def\",\"expires_in\":300,\"issued_at\":"
		    "\"2024-01-01T00:00:00Z\"}",
		"{\"access_token\":\"x\"}", NULL };

	(void)t;
	seed_all(s, texts);
}

void
run_challenge(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(1 * MIB);
	struct registry_challenge c = { 0 };
	struct diag d = { 0 };
	int rc = registry_challenge_read(str_n(p, n), pool, &c, &d);

	(void)t;
	TOLD(rc, d);
	if (rc == 0)
		HOLDS(c.kind != REGISTRY_BEARER || c.realm.n != 0);
	pool_free(pool);
}

void
seeds_challenge(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"Bearer realm=\"https://auth.example/token\",service=\"r\","
		    "scope=\"repository:a/b:pull,push\",error=\"invalid_token\"",
		"Basic realm=\"x\\\"y\", Bearer realm=https://a",
		"Negotiate abc==, basic Realm = x", "Digest qop=\"auth\"", NULL };

	(void)t;
	seed_all(s, texts);
}

/* Input: the page's URL, LF, the Link header. */
void
run_next_page(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct str all = str_n(p, n), base;
	char *link, *url, next[4096];
	struct diag d = { 0 };
	int rc;

	(void)t;
	if (!str_split(&all, '\n', &base))
		return;
	url = mem_strndup(base);
	link = mem_strndup(all);
	rc = registry_next_page(link, url, next, sizeof(next), &d);
	TOLD(rc, d);
	if (rc == 1)
		HOLDS(strlen(next) > 0 && strcmp(next, url) != 0);
	free(url);
	free(link);
}

void
seeds_next_page(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char *const texts[] = {
		"https://r.example/v2/_catalog?n=100\n"
		    "</v2/_catalog?last=x&n=100>; rel=\"next\"",
		"http://r:5000/v2/a/tags/list\n<x>; rel=prev, "
		    "<http://r:5000/v2/a/tags/list?n=2>; a=\"b,c\"; rel=next",
		"https://r.example/x\n<//evil.example/v2/>; rel=\"next\"", NULL };

	(void)t;
	seed_all(s, texts);
}
