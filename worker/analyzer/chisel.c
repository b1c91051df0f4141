/*
 * chisel: what Ubuntu's chisel cut out of which package.  Format: manifest.wall,
 * zstd around lines of JSON in the order of their bytes: a head, then objects of
 * kind content (slice, path), package (name, version, arch), path (path, sha256,
 * or final_sha256 where chisel changed it), slice.  A
 * slice is PACKAGE_NAME.  Names are those of binary packages; their sources are
 * not said.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/inflate.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pool.h"

/* Lines of one manifest; Ubuntu's largest slices have some thousand files. */
#define LINES_MAX 1000000

struct content {
	struct str package, path;
};

struct wall {
	struct analyzer_out *out;
	struct pool *pool;
	struct package *packages;
	struct content *contents;
	size_t npackages, ncontents;
};

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(f->path, "var/lib/chisel/manifest.wall"));
}

static int
unpack(struct cur c, struct buf *to, struct diag *d)
{
	const struct inflate_limits limits = { 0, LIMIT_FILE_WHOLE, LIMIT_RATIO,
		MIB };
	struct source_memory m = { (const uint8_t *)cur_rest(&c).p,
		cur_left(&c), cur_left(&c) + 1 };
	struct source src = source_memory(&m);
	struct inflate *z = inflate_new(&src, &limits);
	const uint8_t *p;
	int64_t n;

	while ((n = inflate_read(z, &p, d)) > 0)
		if (buf_add(to, p, (size_t)n) < 0) {
			n = diag_set(d, ERR_LIMIT, 0,
			    "longer than %zu bytes", to->max);
			break;
		}
	inflate_free(z);
	return ((int)n);
}

static int
keep(struct wall *w, struct str from, struct str *to)
{
	return (pool_str(w->pool, from, to));
}

/* An array that grows at powers of two. */
static void *
grow(void *p, size_t n, size_t size)
{
	return ((n & (n - 1)) != 0 ? p :
	    mem_realloc(p, n == 0 ? 1 : n * 2, size));
}

static int
line_read(struct wall *w, const struct json *j)
{
	struct str kind = json_get_str(j, "kind"), slice, digest;
	struct content *c;
	struct package *p;

	if (str_eqz(kind, "package")) {
		w->packages = grow(w->packages, w->npackages, sizeof(*p));
		p = &w->packages[w->npackages];
		*p = (struct package) { .type = STR_LIT("deb") };
		if (keep(w, json_get_str(j, "name"), &p->name) < 0 ||
		    keep(w, json_get_str(j, "version"), &p->version) < 0 ||
		    keep(w, json_get_str(j, "arch"), &p->arch) < 0)
			return (ERR_LIMIT);
		w->npackages += p->name.n > 0 && p->version.n > 0;
	} else if (str_eqz(kind, "content")) {
		w->contents = grow(w->contents, w->ncontents, sizeof(*c));
		c = &w->contents[w->ncontents];
		slice = json_get_str(j, "slice");
		if (keep(w, str_sub(slice, 0, str_find(slice, '_')),
		    &c->package) < 0 ||
		    keep(w, json_get_str(j, "path"), &c->path) < 0)
			return (ERR_LIMIT);
		w->ncontents++;
	} else if (str_eqz(kind, "path")) {
		digest = json_get_str(j, "final_sha256");
		analyzer_lists(w->out, json_get_str(j, "path"), digest.n > 0 ?
		    digest : json_get_str(j, "sha256"));
	}
	return (0);
}

static int
wall_read(struct wall *w, struct cur c, struct diag *d)
{
	struct json *j;
	struct str line;
	int64_t count = 0, n = 0;	/* lines, the head among them */
	int rc = 0, error = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		if (line.n == 0)
			continue;
		if (n++ == LINES_MAX)
			return (diag_set(d, ERR_LIMIT, 0,
			    "more than %d lines", LINES_MAX));
		j = NULL;
		/* One damaged line does not take the others away. */
		if (json_parse(line, MIB, &j, error == 0 ? d : NULL) < 0) {
			error = error == 0 ? ERR_MALFORMED : error;
			continue;
		}
		if (n == 1)
			count = json_get_int(j, "count", 0);
		if (n == 1 && !json_is_string(json_get(j, "jsonwall")))
			rc = diag_set(d, ERR_UNSUPPORTED, 0,
			    "no manifest of chisel");
		else if (line_read(w, j) < 0)
			rc = diag_set(d, ERR_LIMIT, 0, "its texts do not fit");
		json_free(j);
	}
	if (rc == 0 && error == 0 && n < count)
		error = diag_set(d, ERR_MALFORMED, 0,
		    "%lld lines of %lld", (long long)n, (long long)count);
	return (rc < 0 ? rc : error);
}

static int
content_cmp(const void *a, const void *b)
{
	const struct content *x = a, *y = b;

	return (str_cmp(x->package, y->package));
}

/* The first content of ${package} in the sorted array, or their number. */
static size_t
contents_of(const struct wall *w, struct str package)
{
	size_t lo = 0, hi = w->ncontents, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(w->contents[mid].package, package) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static int
hand_over(const struct wall *w, struct analyzer_out *out, struct diag *d)
{
	size_t left = w->ncontents;	/* each has one owner */
	int rc = 0;

	if (w->ncontents > 0)
		qsort(w->contents, w->ncontents, sizeof(*w->contents),
		    content_cmp);
	for (size_t i = 0; rc == 0 && i < w->npackages; i++) {
		const struct package *p = &w->packages[i];

		/* once for each name, whatever the file repeats */
		if (i > 0 && str_eq(p->name, w->packages[i - 1].name) &&
		    str_eq(p->version, w->packages[i - 1].version) &&
		    str_eq(p->arch, w->packages[i - 1].arch))
			continue;
		rc = analyzer_package(out, p, d);
		for (size_t k = contents_of(w, p->name); rc == 0 && left > 0 &&
		    k < w->ncontents &&
		    str_eq(w->contents[k].package, p->name); k++, left--)
			rc = str_ends(w->contents[k].path, "/") ? 0 :
			    analyzer_owns(out, w->contents[k].path,
			    str_of(""), d);
	}
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct wall w = { .out = out, .pool = pool_new(2 * LIMIT_FILE_WHOLE) };
	struct buf text;
	struct diag why = { 0 };
	int rc, bad;

	(void)f;
	buf_init(&text, LIMIT_FILE_WHOLE);
	/* What comes before damage still counts. */
	rc = unpack(c, &text, d);
	bad = wall_read(&w, cur_str(buf_view(&text)), rc == 0 ? d : &why);
	rc = rc < 0 ? rc : bad;
	if ((bad = hand_over(&w, out, &why)) < 0) {
		rc = bad;
		if (d != NULL)
			*d = why;
	}
	free(w.packages);
	free(w.contents);
	pool_free(w.pool);
	buf_done(&text);
	return (rc);
}

const struct analyzer analyzer_chisel = {
	.name = "chisel",
	.revision = 3,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
