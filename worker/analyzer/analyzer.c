/* The table of analyzers, and running one of them over one file. */
#include <stdlib.h>
#include "analyzer.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"

#define ANALYZER(x) extern const struct analyzer analyzer_##x;
#include "analyzer_list.h"
#undef ANALYZER

#define ANALYZER(x) &analyzer_##x,
const struct analyzer *const analyzer_all[] = {
#include "analyzer_list.h"
	NULL
};
#undef ANALYZER

/* Each text is padded to 16 bytes, so short ones take twice their encoding. */
#define OUT_TEXTS (2 * LIMIT_INVENTORY_BYTES)

struct analyzer_out {
	struct pool *pool;	/* the texts of the packages */
	struct package *packages;
	size_t n;
	struct buf attributes;
};

int
analyzer_package(struct analyzer_out *out, const struct package *p, struct diag *d)
{
	const struct str t[] = { p->type, p->name, p->version, p->arch,
	    p->source_name, p->source_version, p->state, p->vendor };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i].n > LIMIT_PACKAGE_TEXT)
			return (diag_set(d, ERR_LIMIT, 0,
			    "a text of package %zu is longer than %d bytes",
			    out->n + 1, LIMIT_PACKAGE_TEXT));
	if (out->n == LIMIT_LAYER_PACKAGES)
		return (diag_set(d, ERR_LIMIT, 0, "more than %d packages",
		    LIMIT_LAYER_PACKAGES));
	if ((out->n & (out->n - 1)) == 0)	/* grows at powers of two */
		out->packages = mem_realloc(out->packages,
		    out->n == 0 ? 1 : out->n * 2, sizeof(*out->packages));
	if (package_copy(out->pool, p, &out->packages[out->n]) < 0)
		return (diag_set(d, ERR_LIMIT, 0,
		    "the texts of %zu packages do not fit", out->n));
	out->n++;
	return (0);
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

int
analyzer_run(const struct analyzer *a, const struct analyzer_file *f,
    struct str content, struct buf *write_to, uint64_t *npackages,
    struct diag *d)
{
	struct analyzer_out out = { .n = 0 };
	struct inventory_file rec = {
		.path = f->path, .kind = str_of(a->name), .revision = a->revision,
	};
	struct diag why = { 0 };
	int rc;

	out.pool = pool_new(OUT_TEXTS);
	buf_init(&out.attributes, INVENTORY_ATTRIBUTES);
	digest_of(content.p, content.n, rec.sha256);
	if ((rc = a->analyze(f, cur_str(content), &out, &why)) < 0) {
		rec.error = rc;
		rec.reason = str_of(why.text);
		if (d != NULL)
			*d = why;
	}
	rec.attributes = buf_view(&out.attributes);
	rec.packages = out.packages;
	rec.n = out.n;
	*npackages = out.n;
	if (inventory_file_write(write_to, &rec) < 0)
		rc = diag_set(d, ERR_LIMIT, 0, "the inventory grows too large");
	free(out.packages);
	pool_free(out.pool);
	buf_done(&out.attributes);
	return (rc);
}
