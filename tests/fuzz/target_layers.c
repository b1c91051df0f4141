/* Streams, archives, layers, images, and what is stored of them. */
#include <sys/mman.h>
#include <unistd.h>
#include "cli/image_local.h"
#include "common/archive.h"
#include "common/digest.h"
#include "coordinator/matcher/apply.h"
#include "tests/fuzz/targets.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/analyzer.h"
#include "worker/analyzer/layer.h"

static const uint8_t sip_key[16] = { 7 };

/* ---------------------------------------------------------------- inflate -- */

/* Bytes out and how it ended, with the source in pieces of ${piece}; ${sum} is of
 * both. */
static int64_t
inflate_all(const uint8_t *p, size_t n, size_t piece,
    uint8_t sum[DIGEST_BYTES], enum inflate_kind *kind)
{
	const struct inflate_limits limits = { .out = 8 * MIB };
	struct source_memory m = { p, n, piece };
	struct source src = source_memory(&m);
	struct inflate *z = inflate_new(&src, &limits);
	struct digest *digest = digest_new();
	const uint8_t *out;
	struct diag d = { 0 };
	uint64_t total = 0;
	int64_t got;

	while ((got = inflate_read(z, &out, &d)) > 0) {
		HOLDS((size_t)got <= INFLATE_WINDOW);
		digest_add(digest, out, (size_t)got);
		total += (uint64_t)got;
	}
	TOLD(got, d);
	HOLDS(inflate_read(z, &out, &d) == got);	/* it stays so */
	HOLDS(inflate_out(z) == total);
	HOLDS(total <= limits.out);
	digest_add(digest, d.text, strlen(d.text));
	digest_end(digest, sum);
	*kind = inflate_kind(z);
	digest_free(digest);
	inflate_free(z);
	return (got);
}

void
run_inflate(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];
	enum inflate_kind ka, kb;
	int64_t whole, pieces;

	(void)t;
	p = fuzz_guarded(p, n);
	whole = inflate_all(p, n, 0, a, &ka);
	pieces = inflate_all(p, n, 1, b, &kb);
	/* libzstd looks at a frame's size in whole frames only (1.5.4: an empty
	 * last block of a frame that says 1 byte) */
	HOLDS(ka == kb && (whole == pieces || ka == INFLATE_ZSTD));
	HOLDS(whole < 0 || pieces < 0 || memcmp(a, b, sizeof(a)) == 0);
}

/* The stream in pieces of ${piece}; its result, its bytes in ${out}. */
static int
inflate_one_all(enum inflate_wrap wrap, const uint8_t *p, size_t n,
    size_t piece, struct buf *out)
{
	struct inflate_one *z = inflate_one_new(wrap);
	struct cur all = cur_of(p, n), in;
	struct diag d = { 0 };
	int rc = 0;

	while (rc == 0 && cur_left(&all) > 0) {
		HOLDS(cur_take(&all, piece < cur_left(&all) ? piece :
		    cur_left(&all), &in));
		do
			rc = inflate_one_push(z, &in, out, &d);
		while (rc == 0 && cur_left(&in) > 0);
	}
	TOLD(rc, d);
	inflate_one_free(z);
	return (rc);
}

/* Input: a byte, even for a bare stream, odd for one with zlib's wrapping. */
void
run_inflate_one(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	enum inflate_wrap wrap;
	struct inflate_one *z;
	struct buf a, b;
	uint8_t head[64];
	struct cur in;
	int whole, pieces;
	size_t got;

	(void)t;
	if (n == 0)
		return;
	wrap = p[0] % 2 == 0 ? INFLATE_BARE : INFLATE_ZLIB;
	p = fuzz_guarded(p + 1, n - 1);
	buf_init(&a, 4 * MIB);
	buf_init(&b, 4 * MIB);
	whole = inflate_one_all(wrap, p, n - 1, SIZE_MAX, &a);
	pieces = inflate_one_all(wrap, p, n - 1, 1, &b);
	HOLDS(whole == pieces);
	HOLDS(whole < 0 || str_eq(buf_view(&a), buf_view(&b)));
	z = inflate_one_new(wrap);
	in = cur_of(p, n - 1);
	got = inflate_one_peek(z, in, head, sizeof(head));
	HOLDS(got <= sizeof(head));
	got = got < a.n ? got : a.n;
	HOLDS(whole < 0 || got == 0 || memcmp(head, a.p, got) == 0);
	inflate_one_free(z);
	buf_done(&a);
	buf_done(&b);
}

void
seeds_inflate_one(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;	/* RFC 1951: stored, fixed codes; RFC 1950 */
	fuzz_seed(s, str_n("\0\1\3\0\374\377abc", 9));
	fuzz_seed(s, str_n("\0\313\110\315\311\311\127\310\100\42\313\363"
	    "\213\122\212\1", 16));
	fuzz_seed(s, str_n("\1\170\234\113\114\304\7\0\260\117\13\137", 12));
}

/* ------------------------------------------------------------------ layers -- */

/* Everything a layer yields, as one digest. */
struct summary {
	struct digest *digest;
	struct buf b;
};

static void
add_record(struct summary *s)
{
	digest_add(s->digest, s->b.p, s->b.n);
	buf_clear(&s->b);
}

static int
take_file(void *arg, struct str record)
{
	struct summary *s = arg;
	struct pool *pool = pool_new(4096 + record.n * 32);
	struct cur c = cur_str(record);
	struct inventory_file f;

	HOLDS(inventory_file_read(&c, pool, &f) == 0 && cur_left(&c) == 0);
	HOLDS(f.path.n != 0 && f.kind.n != 0);
	HOLDS((f.error == 0) == (f.reason.n == 0));
	pool_free(pool);
	digest_add(s->digest, record.p, record.n);
	return (0);
}

static int
take_tree(void *arg, const struct tree_entry *e)
{
	struct summary *s = arg;

	HOLDS(tree_entry_write(&s->b, e) == 0);
	add_record(s);
	return (0);
}

static int
take_incomplete(void *arg, enum err code, struct str reason)
{
	struct summary *s = arg;

	HOLDS(code < 0 && reason.n != 0);
	digest_add(s->digest, reason.p, reason.n);
	return (0);
}

static void
read_layer(const uint8_t *p, size_t n, size_t piece,
    const struct layer_options *opt, uint8_t sum[DIGEST_BYTES])
{
	struct source_memory m = { p, n, piece };
	const struct source src = source_memory(&m);
	struct summary s = { .digest = digest_new() };
	const struct layer_sink sink = { &s, take_file, take_tree,
	    take_incomplete, NULL };
	struct layer_stats stats = { 0 };
	struct diag d = { 0 };

	buf_init(&s.b, LIMIT_INVENTORY_BYTES);
	HOLDS(layer_read(&src, opt, &sink, &stats, &d) == 0);
	digest_end(s.digest, sum);
	digest_free(s.digest);
	buf_done(&s.b);
}

/* Whole, byte by byte, and with ceilings that it meets. */
void
run_layer(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	const struct layer_options plain = { .want_hashes = true,
		.limits = { .tar_bytes = 8 * MIB } };
	const struct layer_options low = { .want_hashes = true, .limits = {
		.blob_bytes = 20000, .tar_bytes = 30000, .entries = 5,
		.file_bytes = 200, .inventory_bytes = 300, .tree_bytes = 100 } };
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];
	enum inflate_kind kind;
	bool same;

	(void)t;
	p = fuzz_guarded(p, n);
	/* not of a frame that libzstd itself judges by its pieces; run_inflate */
	same = inflate_all(p, n, 0, a, &kind) ==
	    inflate_all(p, n, 7, b, &kind) && memcmp(a, b, sizeof(a)) == 0;
	read_layer(p, n, 0, &plain, a);
	read_layer(p, n, 7, &plain, b);
	HOLDS(!same || memcmp(a, b, sizeof(a)) == 0);
	read_layer(p, n, 0, &low, a);
}

/* Header checksums, wherever a header may stand. */
void
mend_tar(uint8_t *p, size_t n)
{
	char text[8];
	unsigned sum;

	for (; n >= 512; p += 512, n -= 512) {
		if (memcmp(p + 257, "ustar", 5) != 0)
			continue;
		memset(p + 148, ' ', 8);
		sum = 0;
		for (size_t i = 0; i < 512; i++)
			sum += p[i];
		snprintf(text, sizeof(text), "%06o", sum);
		memcpy(p + 148, text, 7);
	}
}

/* Every analyzer's samples at their places. */
static void
add_sample(void *arg, const char *in)
{
	struct tar_build *t = arg;
	struct buf content = slurp("%s", in);
	struct buf path = slurp("%.*s.path", (int)strlen(in) - 3, in);
	char name[512];

	snprintf(name, sizeof(name), "%.*s", STR_ARG(str_trim(buf_view(&path))));
	if (t->b.n + content.n < FUZZ_INPUT / 2)
		tar_add(t, name, '0', "", buf_view(&content));
	buf_done(&content);
	buf_done(&path);
}

#define DB "var/lib/dpkg/status"
#define P(n) "Package: " n "\nStatus: install ok installed\nVersion: 1\n\n"

static void
odd_tree(struct tar_build *t)
{
	tar_begin(t);
	tar_dir(t, "./");
	tar_dir(t, "var/lib/dpkg/");
	tar_file(t, DB, P("a") P("b"));
	tar_file(t, "/" DB, P("a"));
	tar_file(t, "etc/.wh..wh..opq", "");
	tar_file(t, "usr/.wh.lib", "");
	tar_file(t, "x/.wh.", "");
	tar_link(t, "etc/os-release", "../usr/lib/os-release");
	tar_file(t, "usr/lib/os-release", "ID=debian\nVERSION_ID=12\n");
	tar_link(t, "var/spool", "/var/lib");
	tar_hard(t, "lib/apk/db/installed", "../../" DB);
	tar_pax(t, str_of("20 path=a/../../b/c\n"));
	tar_file(t, "short", "content");
	tar_pax(t, str_of("30 GNU.sparse.major=1\n12 size=999\n"));
	tar_add(t, "fifo", '6', "", str_of(""));
	tar_add(t, "././@LongLink", 'L', "", str_of("long/name\0"));
	tar_file(t, "cut", "");
	tar_end(t);
}

void
seeds_layer(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	struct tar_build tar;
	char pattern[256];

	(void)t;
	odd_tree(&tar);
	fuzz_seed(s, buf_view(&tar.b));
	tar_done(&tar);
	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		tar_begin(&tar);
		snprintf(pattern, sizeof(pattern), "tests/worker/analyzer/%s/*.in",
		    analyzer_all[i]->name);
		fuzz_each_file(pattern, add_sample, &tar);
		tar_end(&tar);
		fuzz_seed(s, buf_view(&tar.b));
		tar_done(&tar);
	}
}

/* -------------------------------------------------------------------- zips -- */

void
run_zip(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct source_memory m = { fuzz_guarded(p, n), n, 512 };
	const struct source src = source_memory(&m);
	struct archive_reader *r = archive_open_zip(&src);
	struct archive_item item;
	struct diag d = { 0 };
	struct buf b;
	int rc, got;

	(void)t;
	buf_init(&b, 1 * MIB);
	while ((rc = archive_next(r, &item, &d)) > 0) {
		HOLDS(item.path.p != NULL);
		buf_clear(&b);
		got = archive_content(r, 1 * MIB, &b, &d);
		TOLD(got, d);
	}
	TOLD(rc, d);
	archive_close(r);
	buf_done(&b);
}

/* ------------------------------------------------------------------ images -- */

/* A file on disk that may be a layer, a docker-save archive or a layout's. */
void
run_image(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct image_local *img = NULL;
	struct diag d = { 0 };
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC), rc;

	(void)t;
	HOLDS(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = image_local_read(path, IMAGE_ANY, NULL, true, &img, &d);
	TOLD(rc, d);
	HOLDS((rc == 0) == (img != NULL));
	if (rc == 0)
		HOLDS(img->result->incomplete == (img->result->nreasons > 0));
	image_local_free(img);
	close(fd);
}

void
seeds_image(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	struct tar_build layer, a;

	(void)t;
	odd_tree(&layer);
	tar_begin(&a);
	tar_add(&a, "l1/layer.tar", '0', "", buf_view(&layer.b));
	tar_link(&a, "l2/layer.tar", "../l1/layer.tar");
	tar_file(&a, "c.json", "{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[]}}");
	tar_file(&a, "manifest.json", "[{\"Config\":\"c.json\",\"RepoTags\":"
	    "[\"x.example/demo:1\"],\"Layers\":[\"l1/layer.tar\","
	    "\"l2/layer.tar\"]}]");
	tar_end(&a);
	fuzz_seed(s, buf_view(&a.b));
	fuzz_seed(s, buf_view(&layer.b));
	tar_done(&a);
	tar_done(&layer);
}

/* ----------------------------------------------------------------- records -- */

void
run_inventory(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct inventory_file f, again;
	struct cur c = cur_of(p, n);
	struct buf a, b;
	int rc;

	(void)t;
	buf_init(&a, 16 * MIB);
	buf_init(&b, 16 * MIB);
	while ((rc = inventory_file_read(&c, pool, &f)) == 0) {
		buf_clear(&a);
		buf_clear(&b);
		HOLDS(inventory_file_write(&a, &f) == 0);
		struct cur w = cur_of(a.p, a.n);

		if ((rc = inventory_file_read(&w, pool, &again)) == ERR_LIMIT)
			break;
		HOLDS(rc == 0 && cur_left(&w) == 0);
		HOLDS(inventory_file_write(&b, &again) == 0);
		HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
	pool_free(pool);
}

void
run_tree(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct tree_entry e, again;
	struct cur c = cur_of(p, n);
	struct buf a, b;

	(void)t;
	buf_init(&a, 1 * MIB);
	buf_init(&b, 1 * MIB);
	while (tree_entry_read(&c, pool, &e) == 0) {
		buf_clear(&a);
		buf_clear(&b);
		HOLDS(tree_entry_write(&a, &e) == 0);
		struct cur w = cur_of(a.p, a.n);

		HOLDS(tree_entry_read(&w, pool, &again) == 0);
		HOLDS(tree_entry_write(&b, &again) == 0);
		HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
	pool_free(pool);
}

/* One layer's records of a kind: what a worker sends, and the database keeps. */
struct records {
	struct buf files, tree;
};

static int
keep_file(void *arg, struct str record)
{
	struct records *r = arg;

	return (buf_str(&r->files, record));
}

static int
keep_tree(void *arg, const struct tree_entry *e)
{
	struct records *r = arg;

	return (tree_entry_write(&r->tree, e));
}

static int
keep_reason(void *arg, enum err code, struct str reason)
{
	(void)arg;
	(void)code;
	(void)reason;
	return (0);
}

/* The records of every seed of the layers. */
static void
each_layer(void (*f)(struct fuzz_seeds *, const struct records *),
    struct fuzz_seeds *ret)
{
	const struct layer_options opt = { .want_hashes = true };
	struct fuzz_seeds layers = { NULL, 0 };
	struct records r;
	const struct layer_sink sink = { &r, keep_file, keep_tree, keep_reason,
	    NULL };
	struct layer_stats stats;
	struct source_memory m;
	struct source src;
	struct diag d;

	seeds_layer(NULL, &layers);
	for (size_t i = 0; i < layers.n; i++) {
		buf_init(&r.files, 1 * MIB);
		buf_init(&r.tree, 1 * MIB);
		m = (struct source_memory) { (const uint8_t *)layers.v[i].p,
			layers.v[i].n, 0 };
		src = source_memory(&m);
		if (layer_read(&src, &opt, &sink, &stats, &d) == 0)
			f(ret, &r);
		buf_done(&r.files);
		buf_done(&r.tree);
	}
	fuzz_seeds_done(&layers);
}

static void
seed_files(struct fuzz_seeds *s, const struct records *r)
{
	fuzz_seed(s, buf_view(&r->files));
}

static void
seed_tree(struct fuzz_seeds *s, const struct records *r)
{
	fuzz_seed(s, buf_view(&r->tree));
}

void
seeds_inventory(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	each_layer(seed_files, s);
}

void
seeds_tree(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	each_layer(seed_tree, s);
}

/* ------------------------------------------------------------------- apply -- */

#define LAYERS 4

/* Input: of each layer a byte for what follows: 0 the next layer, 1 a file,
 * 2 a tree entry, 3 incomplete, else the whole of it once more. */
static bool
take_record(struct cur *c, struct layer_inventory *l, uint8_t what)
{
	struct inventory_file f;
	struct tree_entry e;

	switch (what) {
	case 1:
		return (inventory_file_read(c, l->pool, &f) == 0 &&
		    layer_inventory_add_file(l, &f) == 0);
	case 2:
		return (tree_entry_read(c, l->pool, &e) == 0 &&
		    layer_inventory_add_tree(l, &e) == 0);
	default:
		return (layer_inventory_add_reason(l, str_of("cut")) == 0);
	}
}

void
run_apply(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct layer_inventory *own[LAYERS] = { NULL };
	const struct layer_inventory *layers[LAYERS];
	struct apply_result *r;
	struct cur c = cur_of(p, n);
	size_t nlayers = 1;
	uint8_t what;

	(void)t;
	own[0] = layer_inventory_new(4 * MIB);
	while (cur_u8(&c, &what)) {
		if (what == 0 && nlayers < LAYERS)
			own[nlayers++] = layer_inventory_new(4 * MIB);
		else if (!take_record(&c, own[nlayers - 1], what))
			break;
	}
	for (size_t i = 0; i < nlayers; i++)
		layers[i] = own[i];
	r = apply_layers(layers, nlayers, sip_key);
	for (size_t i = 0; i < r->n; i++) {
		HOLDS(r->packages[i].layer < nlayers);
		HOLDS(r->packages[i].file_layer < nlayers);
		HOLDS(r->packages[i].layer <= r->packages[i].file_layer);
	}
	HOLDS(r->incomplete == (r->nreasons > 0));
	apply_result_free(r);
	for (size_t i = 0; i < nlayers; i++)
		layer_inventory_free(own[i]);
}

/* The records of a layer, each behind its byte, and then of another one. */
static void
seed_apply(struct fuzz_seeds *s, const struct records *r)
{
	struct pool *pool = pool_new(16 * MIB);
	struct inventory_file f;
	struct tree_entry e;
	struct cur c;
	struct buf b;
	int rc = 0;

	buf_init(&b, 4 * MIB);
	for (int layer = 0; layer < 2 && rc == 0; layer++) {
		c = cur_of(r->files.p, r->files.n);
		while (rc == 0 && inventory_file_read(&c, pool, &f) == 0)
			if ((rc = buf_byte(&b, 1)) == 0)
				rc = inventory_file_write(&b, &f);
		c = cur_of(r->tree.p, r->tree.n);
		while (rc == 0 && tree_entry_read(&c, pool, &e) == 0)
			if ((rc = buf_byte(&b, 2)) == 0)
				rc = tree_entry_write(&b, &e);
		if (rc == 0)
			rc = buf_byte(&b, 0);
	}
	if (rc == 0)
		fuzz_seed(s, buf_view(&b));
	buf_done(&b);
	pool_free(pool);
}

void
seeds_apply(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	each_layer(seed_apply, s);
}
