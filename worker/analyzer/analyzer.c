/* The table of analyzers, and running one of them over one file. */
#include <stdlib.h>
#include "analyzer.h"
#include "binary.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "common/version.h"
#include "paragraphs.h"

#define ANALYZER(x) extern const struct analyzer analyzer_##x;
#include "analyzer_list.h"
#undef ANALYZER

#define ANALYZER(x) &analyzer_##x,
const struct analyzer *const analyzer_all[] = {
#include "analyzer_list.h"
	NULL
};

const struct analyzer *
analyzer_named(struct str name)
{
	for (size_t i = 0; analyzer_all[i] != NULL; i++)
		if (str_eqz(name, analyzer_all[i]->name))
			return (analyzer_all[i]);
	return (NULL);
}
#undef ANALYZER

/* Texts take no more than in their encoding. */
#define OUT_TEXTS LIMIT_INVENTORY_BYTES

struct analyzer_out {
	struct pool *pool;	/* the texts of the packages */
	struct package *packages;
	size_t *owns;		/* of each package: where its hashes begin */
	size_t n;
	struct buf attributes;
	struct buf hashes;	/* what packages own, one after the other */
	struct buf path;	/* scratch */
	const uint8_t *sip_key;
	struct listed_sums *listed;	/* or NULL */
	size_t nskipped;	/* records without a row */
	const char *lacks;	/* the first of them */
	size_t nunordered;	/* rows */
	size_t unordered;	/* the first of them */
};

static void
out_init(struct analyzer_out *out, const uint8_t *sip_key)
{
	*out = (struct analyzer_out) { .sip_key = sip_key };
	out->pool = pool_new(OUT_TEXTS);
	buf_init(&out->attributes, INVENTORY_ATTRIBUTES);
	buf_init(&out->hashes, LIMIT_INVENTORY_BYTES);
	buf_init(&out->path, LIMIT_PATH + 1);
}

static void
out_done(struct analyzer_out *out)
{
	free(out->packages);
	free(out->owns);
	buf_done(&out->attributes);
	buf_done(&out->hashes);
	buf_done(&out->path);
	pool_free(out->pool);
}

/*
 * No version of the package's kind?  The orders of apk and rpm place any text
 * somewhere; a database full of such texts is damaged all the same.
 */
static bool
is_unordered(const struct package *p)
{
	bool apk = str_eqz(p->type, "apk"), deb = str_eqz(p->type, "deb");
	struct str v = p->version;
	int cmp;

	if (v.n == 0 || (!apk && !deb && !str_eqz(p->type, "rpm")))
		return (false);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~')
			return (true);
	return ((apk && (v.p[0] < '0' || v.p[0] > '9')) ||
	    (deb && version_cmp(&version_deb, v, v, &cmp, NULL) < 0));
}

int
analyzer_package(struct analyzer_out *out, const struct package *p, struct diag *d)
{
	const struct str t[] = { p->type, p->name, p->version, p->arch,
	    p->source_name, p->source_version, p->state, p->vendor,
	    p->module, p->scope };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i].n > LIMIT_PACKAGE_TEXT)
			return (diag_set(d, ERR_LIMIT, 0,
			    "a text of package %zu is longer than %d bytes",
			    out->n + 1, LIMIT_PACKAGE_TEXT));
	if (out->n == LIMIT_LAYER_PACKAGES)
		return (diag_set(d, ERR_LIMIT, 0, "more than %d packages",
		    LIMIT_LAYER_PACKAGES));
	if ((out->n & (out->n - 1)) == 0) {	/* grows at powers of two */
		size_t n = out->n == 0 ? 1 : out->n * 2;

		out->packages = mem_realloc(out->packages, n,
		    sizeof(*out->packages));
		out->owns = mem_realloc(out->owns, n, sizeof(*out->owns));
	}
	if (package_copy(out->pool, p, out->n > 0 ? &out->packages[out->n - 1] :
	    NULL, &out->packages[out->n]) < 0)
		return (diag_set(d, ERR_LIMIT, 0,
		    "the texts of %zu packages do not fit", out->n));
	if (is_unordered(p) && out->nunordered++ == 0)
		out->unordered = out->n;
	out->owns[out->n++] = out->hashes.n;
	return (0);
}

void
analyzer_skip(struct analyzer_out *out, const char *lacks)
{
	if (out->nskipped++ == 0)
		out->lacks = lacks;
}

int
analyzer_whole_lines(struct str all, struct diag *d)
{
	size_t end = str_rfind(all, '\n');
	struct str rest = end < all.n ? str_sub(all, end + 1, all.n) : all;

	if (str_trim(rest).n == 0)
		return (0);
	return (diag_set(d, ERR_MALFORMED, all.n,
	    "it ends in the middle of a line"));
}

/*
 * Programs and libraries lie anywhere but where only texts and data do.  What
 * a folder of programs holds is one ("vim.basic"); elsewhere they have names
 * without a suffix, with one of these, or that binary_list.h asks for.  Only used to tell who owns
 * them: a wrong guess costs eight bytes or the owner's name.
 */
static bool
may_be_program(struct str path)
{
	static const char *const data[] = { "usr/share/", "usr/include/", "etc/",
	    "var/", "boot/", "usr/src/", "usr/lib/modules/", "lib/modules/" };
	static const char *const suffix[] = { ".node", ".dll", ".exe", ".bin" };
	static const char *const folder[] = { "bin", "sbin", "libexec" };
	struct str base = path_base(path), dir = path_base(path_dir(path));

	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		if (str_starts(path, data[i]))
			return (false);
	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++)
		if (str_ends(base, suffix[i]))
			return (true);
	for (size_t i = 0; i < sizeof(folder) / sizeof(folder[0]); i++)
		if (str_eqz(dir, folder[i]))
			return (true);
	return (str_find(base, '.') == base.n ||
	    memmem(base.p, base.n, ".so", 3) != NULL ||
	    memchr("0123456789", base.p[base.n - 1], 10) != NULL ||
	    binary_names(base));
}

static int
add_hash(struct analyzer_out *out, uint64_t v)
{
	uint8_t b[8];

	for (unsigned k = 0; k < 8; k++)
		b[k] = (uint8_t)(v >> (8 * k));
	return (buf_add(&out->hashes, b, sizeof(b)));
}

/* The hash of ${path}, if that matters. */
static bool
hash_of(struct analyzer_out *out, struct str path, uint64_t *ret)
{
	struct str key;
	unsigned flags;

	if (path_normalise(path, &out->path, &flags) < 0)
		return (false);	/* too long to exist */
	key = buf_view(&out->path);
	if (str_find(key, '\0') < key.n)
		return (false);	/* nor can this */
	if (key.n == 0 || (!analyzer_any_wants(key, false) && !may_be_program(key)))
		return (false);
	*ret = siphash(out->sip_key, key);
	return (true);
}

void
analyzer_lists(struct analyzer_out *out, struct str path, struct str digest)
{
	uint64_t hash;

	if (out->listed != NULL && digest.n > 0 && hash_of(out, path, &hash))
		listed_add(out->listed, hash, digest);
}

int
analyzer_owns(struct analyzer_out *out, struct str path, struct str digest,
    struct diag *d)
{
	uint64_t hash;

	if (out->n == 0 || !hash_of(out, path, &hash))
		return (0);
	if (out->listed != NULL && digest.n > 0)
		listed_add(out->listed, hash, digest);
	if (out->hashes.n - out->owns[out->n - 1] >= 8 * LIMIT_PACKAGE_OWNS)
		return (diag_set(d, ERR_LIMIT, 0, "a package owns more than %d "
		    "programs and manifests", LIMIT_PACKAGE_OWNS));
	return (add_hash(out, hash) < 0 ? diag_set(d, ERR_LIMIT, 0,
	    "the inventory grows too large") : 0);
}

int
analyzer_attribute(struct analyzer_out *out, const char *key, struct str value,
    struct diag *d)
{
	size_t n;

	for (n = 0; n < value.n && (unsigned char)value.p[n] >= ' '; n++)
		;
	if (buf_printf(&out->attributes, "%s=", key) < 0 ||
	    buf_str(&out->attributes, str_sub(value, 0, n)) < 0 ||
	    buf_byte(&out->attributes, '\n') < 0)
		return (diag_set(d, ERR_LIMIT, 0, "attributes longer than %d bytes",
		    INVENTORY_ATTRIBUTES));
	return (0);
}

/* What the records were, once all were seen: 0 or ERR_MALFORMED. */
static int
out_verdict(const struct analyzer_out *out, struct diag *d)
{
	const struct package *p;

	if (out->nskipped > 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "%zu records of %zu give no package, the first has %s",
		    out->nskipped, out->nskipped + out->n, out->lacks));
	if (out->nunordered == 0)
		return (0);
	p = &out->packages[out->unordered];
	return (diag_set(d, ERR_MALFORMED, 0, "%zu versions of %zu cannot be "
	    "ordered, the first is %.*s of %.*s", out->nunordered, out->n,
	    STR_ARG(str_sub(p->version, 0, 40)),
	    STR_ARG(str_sub(p->name, 0, 40))));
}

/* Give each package its hashes, now that they stay where they are. */
static void
out_settle(struct analyzer_out *out, bool owners_only)
{
	struct str all = buf_view(&out->hashes), owns;
	size_t kept = 0;

	for (size_t i = 0; i < out->n; i++) {
		owns = str_sub(all, out->owns[i],
		    i + 1 < out->n ? out->owns[i + 1] : all.n);
		if (owners_only && owns.n == 0)
			continue;
		out->packages[kept] = out->packages[i];
		out->packages[kept++].owns = owns;
	}
	out->n = kept;
}

static int
record(struct inventory_file *rec, struct analyzer_out *out, int rc,
    const struct diag *why, struct buf *write_to, uint64_t *npackages,
    struct diag *d)
{
	if (rc < 0) {
		rec->error = rc;
		rec->reason = str_of(why->text);
		if (d != NULL)
			*d = *why;
	}
	rec->attributes = buf_view(&out->attributes);
	rec->packages = out->packages;
	rec->n = out->n;
	*npackages = out->n;
	if (inventory_file_write(write_to, rec) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "the inventory grows too large"));
	return (rc);
}

int
analyzer_run(const struct analyzer *a, const struct analyzer_input *in,
    struct buf *write_to, uint64_t *npackages, struct diag *d)
{
	struct analyzer_out out;
	struct inventory_file rec = { .path = in->file->path,
	    .lies = in->file->lies, .kind = str_of(a->name), .revision = a->revision };
	struct diag why = { 0 };
	struct cur c = cur_str(in->content);
	struct digest *sum;
	int rc;

	out_init(&out, in->sip_key);
	out.listed = in->listed;
	sum = digest_new();
	digest_add(sum, in->content.p, in->content.n);
	digest_add(sum, in->side.p, in->side.n);
	digest_end(sum, rec.sha256);
	digest_free(sum);
	rc = a->side != NULL ?
	    a->analyze_side(in->file, c, cur_str(in->side), &out, &why) :
	    a->analyze(in->file, c, &out, &why);
	if (rc == 0)
		rc = out_verdict(&out, &why);
	out_settle(&out, a->owners_only);
	*npackages = 0;
	if (rc < 0 || out.n > 0 || !a->owners_only)
		rc = record(&rec, &out, rc, &why, write_to, npackages, d);
	out_done(&out);
	return (rc);
}

/* ------------------------------------------------------------- streams -- */

struct analyzer_reading {
	const struct analyzer *a;
	struct analyzer_file file;
	char *path;
	void *state;		/* of a stream analyzer */
	struct paragraphs paragraphs;	/* of others */
	struct analyzer_out out;
	uint8_t head[ANALYZER_HEAD];
	size_t nhead;
	int error;		/* what ended the reading of paragraphs */
	struct diag why;
	struct diag malformed;	/* the first damage among them; they are read
				   to the end all the same */
};

struct analyzer_reading *
analyzer_open(const struct analyzer *a, const struct analyzer_file *f,
    struct str head, const uint8_t *sip_key)
{
	struct analyzer_reading *r = mem_alloc(sizeof(*r));

	r->a = a;
	r->path = mem_alloc(f->path.n + 1);
	memcpy(r->path, f->path.p, f->path.n);
	r->file = (struct analyzer_file) { .path = str_n(r->path, f->path.n),
	    .size = f->size, .mode = f->mode };
	if (a->stream != NULL)
		r->state = mem_alloc(a->stream->state);
	out_init(&r->out, sip_key);
	r->nhead = head.n < ANALYZER_HEAD ? head.n : ANALYZER_HEAD;
	memcpy(r->head, head.p, r->nhead);
	return (r);
}

static int
read_paragraphs(struct analyzer_reading *r, struct cur c, struct diag *d)
{
	int rc = r->a->analyze(&r->file, c, &r->out, d);

	if (rc != ERR_MALFORMED)
		return (rc);
	if (r->malformed.code == 0)
		r->malformed = *d;
	return (0);
}

void
analyzer_feed(struct analyzer_reading *r, struct cur piece)
{
	struct cur whole;

	if (r->a->stream != NULL)
		r->a->stream->feed(r->state, &r->file, piece, false, &r->out);
	else if (r->error == 0 && (r->error = paragraphs_add(&r->paragraphs,
	    piece, &whole, &r->why)) == 0)
		r->error = read_paragraphs(r, whole, &r->why);
}

/* Two files are taken for the same when size, beginning and rows are. */
static void
sum_of(const struct analyzer_reading *r, uint8_t sha256[DIGEST_BYTES])
{
	const struct analyzer_out *out = &r->out;
	struct digest *sum = digest_new();

	digest_add(sum, &r->file.size, sizeof(r->file.size));
	digest_add(sum, r->head, r->nhead);
	for (size_t i = 0; i < out->n; i++) {
		const struct package *p = &out->packages[i];
		const struct str t[] = { p->type, p->name, p->version };

		for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
			digest_add(sum, &t[k].n, sizeof(t[k].n));
			digest_add(sum, t[k].p, t[k].n);
		}
	}
	digest_end(sum, sha256);
	digest_free(sum);
}

int
analyzer_close(struct analyzer_reading *r, int cut, struct buf *write_to,
    uint64_t *npackages, struct diag *d)
{
	struct inventory_file rec = { .path = r->file.path,
	    .kind = str_of(r->a->name), .revision = r->a->revision };
	struct diag why = { 0 };
	int rc = 0;

	*npackages = 0;
	if (cut < 0) {
		rc = cut;
		if (d != NULL)
			why = *d;
	} else if (r->a->stream != NULL) {
		r->a->stream->feed(r->state, &r->file, cur_of(NULL, 0), true,
		    &r->out);
		rc = r->a->stream->end(r->state, &r->out, &why);
	} else if (r->error == 0) {
		rc = read_paragraphs(r, paragraphs_rest(&r->paragraphs), &why);
	}
	if (rc == 0 && r->error < 0) {
		rc = r->error;
		why = r->why;
	}
	if (rc == 0 && (rc = r->malformed.code) < 0)
		why = r->malformed;
	if (rc == 0)
		rc = out_verdict(&r->out, &why);
	out_settle(&r->out, false);
	/* an empty database is information, an executable without a find is none */
	if (rc < 0 || r->out.n > 0 || r->out.attributes.n > 0 ||
	    r->a->stream == NULL) {
		sum_of(r, rec.sha256);
		rc = record(&rec, &r->out, rc, &why, write_to, npackages, d);
	}
	if (r->a->stream != NULL && r->a->stream->done != NULL)
		r->a->stream->done(r->state);
	paragraphs_done(&r->paragraphs);
	out_done(&r->out);
	free(r->state);
	free(r->path);
	free(r);
	return (rc);
}

bool
analyzer_wants_directory(const struct analyzer *a, const struct analyzer_file *f)
{
	return (a->directories && a->wants(f));
}

bool
analyzer_wants_name(const struct analyzer *a, const struct analyzer_file *f)
{
	return (a->names && a->wants(f));
}

bool
analyzer_any_wants(struct str path, bool lock_files)
{
	const struct analyzer_file f = { .path = path };

	for (size_t i = 0; analyzer_all[i] != NULL; i++)
		if (analyzer_wants(analyzer_all[i], &f, lock_files))
			return (true);
	return (false);
}
