/* Exports of a farm, and the keys and signatures beside them. */
#include "common/minisign.h"
#include "common/pack.h"
#include "coordinator/matcher/export.h"
#include "tests/fuzz/targets.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"

#define DIR "tests/common/minisign/"

struct seen {
	uint64_t feeds, documents, beside;
	bool manifest;
};

static int
take_manifest(void *arg, const struct export_manifest *m, struct diag *d)
{
	struct seen *s = arg;
	struct pool *pool = pool_new(16 * MIB);
	struct export_manifest again = { 0 };
	struct buf a, b;
	struct cur c;

	HOLDS(!s->manifest);
	s->manifest = true;
	s->feeds = m->nfeeds;
	s->beside = m->nbeside;
	buf_init(&a, 16 * MIB);
	buf_init(&b, 16 * MIB);
	HOLDS(export_manifest_write(&a, m) == 0);
	c = cur_str(buf_view(&a));
	HOLDS(export_manifest_read(&c, pool, &again, d) == 0);
	HOLDS(export_manifest_write(&b, &again) == 0);
	HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	buf_done(&a);
	buf_done(&b);
	pool_free(pool);
	return (0);
}

static int
take_document(void *arg, const struct export_document *x, struct diag *d)
{
	struct seen *s = arg;
	struct pool *pool = pool_new(16 * MIB);
	struct cur c = cur_str(x->record);
	struct advisory a;

	HOLDS(s->manifest && x->feed < s->feeds && x->name.n > 0);
	if (x->record.n != 0) {
		int rc = advisory_read(&c, pool, &a, d);

		HOLDS(rc == 0 || rc == ERR_LIMIT);
	}
	s->documents++;
	pool_free(pool);
	return (0);
}

static int
take_beside(void *arg, size_t i, struct str bytes, struct diag *d)
{
	struct seen *s = arg;

	(void)bytes;
	(void)d;
	HOLDS(s->manifest && i < s->beside);
	return (0);
}

void
run_export(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct source_memory m = { p, n, 0 };
	struct source src = source_memory(&m);
	struct seen s = { 0 };
	const struct export_sink sink = { &s, take_manifest, take_document,
		take_beside };
	struct diag d = { 0 };
	int rc = export_read(&src, &sink, &d);

	(void)t;
	TOLD(rc, d);
	HOLDS(rc < 0 || s.manifest);
}

/* ${n} documents, the last of which is gone. */
static void
add_documents(struct tar_build *t, int n)
{
	struct buf b, record;

	buf_init(&b, 64 * KIB);
	buf_init(&record, 4096);
	for (int i = 0; i < n; i++) {
		char name[] = "CVE-2026-0";
		struct advisory a = { .id = str_of(name) };
		struct export_document x = { .name = str_of(name) };

		name[sizeof(name) - 2] = (char)('0' + i);
		buf_clear(&record);
		if (i + 1 < n)
			HOLDS(advisory_write(&record, &a) == 0);
		x.record = buf_view(&record);
		HOLDS(export_document_write(&b, &x) == 0);
	}
	tar_add(t, EXPORT_ADVISORIES "000001.msgpack", '0', "", buf_view(&b));
	buf_done(&b);
	buf_done(&record);
}

void
seeds_export(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const char manifest[] = "{\"format\":\"scanfarm export\",\"version\":1,"
	    "\"farm\":\"01234567-89ab-cdef-0123-456789abcdef\",\"revision\":7,"
	    "\"since\":3,\"created\":\"2026-01-02T03:04:05.000006Z\","
	    "\"documents\":2,\"gone\":1,\"beside\":[{\"name\":\"kev\",\"imported_at\":"
	    "\"2026-01-02T03:04:05.000006Z\"}],\"feeds\":[{\"name\":\"osv/Debian\","
	    "\"documents\":2,\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e"
	    "4649b934ca495991b7852b855\",\"imported_at\":null,\"namespaces\":"
	    "[\"Debian:12\"],\"malformed\":1,\"malformed_names\":[\"x: y\"]}]}";
	struct tar_build b;

	(void)t;
	tar_begin(&b);
	tar_file(&b, EXPORT_MANIFEST, manifest);
	add_documents(&b, 3);
	tar_file(&b, EXPORT_BESIDE "kev", "{}");
	fuzz_seed(s, tar_end(&b));
	tar_done(&b);
}

/* ---------------------------------------------------------------- signatures -- */

static int
no_password(void *arg, char *ret, size_t size, struct diag *d)
{
	(void)arg;
	(void)ret;
	(void)size;
	return (diag_set(d, ERR_USAGE, 0, "nobody to ask"));
}

void
run_minisign(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	static const uint8_t hash[MINISIGN_HASH];
	struct minisign_signature s;
	struct minisign_public key;
	struct minisign_secret secret;
	struct diag d = { 0 };
	int rc;

	(void)t;
	rc = minisign_secret_read(str_n(p, n), no_password, NULL, &secret, &d);
	TOLD(rc, d);
	d.text[0] = '\0';
	rc = minisign_signature_read(str_n(p, n), &s, &d);
	TOLD(rc, d);
	d.text[0] = '\0';
	if (minisign_public_read(str_n(p, n), &key, &d) < 0)
		HOLDS(d.text[0] != '\0');
	else if (rc == 0)
		HOLDS(minisign_verify(&s, &key, hash, &d) < 0);
}

static void
seed_file(void *arg, const char *path)
{
	struct buf b = slurp("%s", path);

	fuzz_seed(arg, buf_view(&b));
	buf_done(&b);
}

void
seeds_minisign(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	fuzz_each_file(DIR "*", seed_file, s);
}
