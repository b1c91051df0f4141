/* The registered lists: analyzers, version schemes, feeds, event sources. */
#include <stdlib.h>
#include "common/pack.h"
#include "common/version.h"
#include "coordinator/matcher/alias.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/match.h"
#include "coordinator/webhook.h"
#include "tests/fuzz/targets.h"
#include "tests/lib/slurp.h"
#include "worker/analyzer/analyzer.h"

/* -------------------------------------------------------------- analyzers -- */

static const uint8_t sip_key[16] = "fuzz";

/* However the analyzer reads; streams in pieces of ${piece}. */
static int
read_by(const struct analyzer *a, const struct analyzer_input *in, size_t piece,
    struct buf *b, uint64_t *n, struct diag *d)
{
	struct str head = str_sub(in->content, 0, ANALYZER_HEAD);
	struct str left = in->content;
	struct analyzer_reading *r;

	if (a->stream == NULL)
		return (analyzer_run(a, in, b, n, d));
	r = analyzer_open(a, in->file, head, sip_key);
	for (; left.n > 0; left = str_sub(left, piece, left.n))
		analyzer_feed(r, cur_str(str_sub(left, 0, piece)));
	return (analyzer_close(r, 0, b, n, d));
}

static void
check_record(const struct analyzer *a, struct str record, struct str path,
    int rc, uint64_t packages)
{
	struct pool *pool = pool_new(4 * LIMIT_INVENTORY_BYTES);
	struct inventory_file rec;
	struct cur c = cur_str(record);

	HOLDS(inventory_file_read(&c, pool, &rec) == 0 && cur_left(&c) == 0);
	HOLDS(rec.n == packages && rec.error == rc && str_eq(rec.path, path));
	HOLDS(str_eqz(rec.kind, a->name));
	for (size_t i = 0; i < rec.n; i++)
		HOLDS(rec.packages[i].type.n != 0);
	pool_free(pool);
}

static void
read_file(const struct analyzer *a, const struct analyzer_input *in)
{
	struct buf x, y;
	struct diag d = { 0 };
	uint64_t n = 0, again = 0;
	int rc;

	buf_init(&x, LIMIT_INVENTORY_BYTES);
	buf_init(&y, LIMIT_INVENTORY_BYTES);
	rc = read_by(a, in, 4096, &x, &n, &d);
	TOLD(rc, d);
	HOLDS(a->stream != NULL || a->owners_only || x.n != 0);
	if (x.n != 0)
		check_record(a, buf_view(&x), in->file->path, rc, n);
	if (a->stream != NULL) {	/* the pieces do not matter */
		HOLDS(read_by(a, in, 7, &y, &again, &d) == rc && n == again);
		HOLDS(str_eq(buf_view(&x), buf_view(&y)));
	}
	buf_done(&x);
	buf_done(&y);
}

/* Input: the path in the image, LF, the content; where a file beside it is
 * read, too, a line with the content's length comes before it. */
void
run_analyzer(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	const struct analyzer *a = t->plugin;
	struct str path, length, all = str_n(p, n);
	struct analyzer_file f = { .mode = 0100644 };
	struct analyzer_input in = { .file = &f, .sip_key = sip_key };
	uint64_t content = SIZE_MAX;
	char *exact;

	if (!str_split(&all, '\n', &path) || path.n > LIMIT_PATH)
		return;
	if (a->side != NULL && (!str_split(&all, '\n', &length) ||
	    !str_u64(length, &content)))
		return;
	f.path = path;
	f.size = content < all.n ? content : all.n;
	/* ends where it ends, so that reading past it is seen */
	exact = mem_alloc((size_t)f.size);
	if (f.size != 0)
		memcpy(exact, all.p, (size_t)f.size);
	in.content = str_n(exact, (size_t)f.size);
	in.side = str_sub(all, (size_t)f.size, all.n);
	if (a->looks != NULL)
		(void)a->looks(str_sub(in.content, 0, ANALYZER_HEAD));
	if (a->stream == NULL ? a->wants(&f) : in.content.n > 0 &&
	    a->stream->wants(&f, str_sub(in.content, 0, ANALYZER_HEAD)))
		read_file(a, &in);
	free(exact);
}

struct samples {
	const struct analyzer *a;
	struct fuzz_seeds *seeds;
};

static void
add_analyzer_sample(void *arg, const char *in)
{
	const struct samples *x = arg;
	int base = (int)strlen(in) - 3;
	struct buf content = slurp("%s", in), b;
	struct buf path = slurp("%.*s.path", base, in);
	struct buf side = slurp_if_there("%.*s.side", base, in);
	int rc;

	buf_init(&b, FUZZ_INPUT);
	rc = buf_printf(&b, "%.*s\n", STR_ARG(str_trim(buf_view(&path))));
	if (rc == 0 && x->a->side != NULL)
		rc = buf_printf(&b, "%zu\n", content.n);
	if (rc == 0)
		rc = buf_str(&b, str_sub(buf_view(&content), 0,
		    FUZZ_INPUT - b.n));
	if (rc == 0)
		rc = buf_str(&b, str_sub(buf_view(&side), 0,
		    FUZZ_INPUT - b.n));
	if (rc == 0)
		fuzz_seed(x->seeds, buf_view(&b));
	buf_done(&b);
	buf_done(&content);
	buf_done(&path);
	buf_done(&side);
}

void
seeds_analyzer(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	struct samples x = { t->plugin, s };
	char pattern[256];

	snprintf(pattern, sizeof(pattern), "tests/worker/analyzer/%s/*.in",
	    x.a->name);
	fuzz_each_file(pattern, add_analyzer_sample, &x);
}

/* --------------------------------------------------------------- versions -- */

/* -1, 0, 1, or 2 when one of them is no version; the same turned round. */
static int
order(const struct version_scheme *s, struct str a, struct str b)
{
	struct diag d = { 0 };
	int rc, x = 0, y = 0;

	rc = version_cmp(s, a, b, &x, &d);
	TOLD(rc, d);
	HOLDS(version_cmp(s, b, a, &y, &d) == rc);
	HOLDS(x >= -1 && x <= 1 && x == -y);
	return (rc < 0 ? 2 : x);
}

/* rpm: "1" and "1-" state none.  A version without equals all releases of it,
 * and its key is for bounds only: see version.h. */
static bool
is_bound_only(const struct version_scheme *s, struct str v)
{
	v = str_trim(v);
	return (s->optional_release && str_rfind(v, '-') + 1 >= v.n);
}

static void
check_keys(const struct version_scheme *s, struct str a, struct str b, int cmp)
{
	struct buf x, y;
	struct diag d = { 0 };
	int r;

	buf_init(&x, LIMIT_VERSION_KEY);
	buf_init(&y, LIMIT_VERSION_KEY);
	if (cmp != 2) {
		HOLDS(version_key(s, a, &x, &d) == 0);
		HOLDS(version_key(s, b, &y, &d) == 0);
		HOLDS(x.n > 0 && x.p[0] != VERSION_KEY_INFINITY);
		r = str_cmp(buf_view(&x), buf_view(&y));
		HOLDS((r > 0) - (r < 0) == cmp || (r == 0 && s->coarse_keys) ||
		    is_bound_only(s, a) != is_bound_only(s, b));
	} else if (version_key(s, a, &x, &d) == 0) {
		HOLDS(version_key(s, b, &y, &d) < 0);
	}
	buf_done(&x);
	buf_done(&y);
}

/* The range decided by comparing is the range of keys. */
static void
check_range(const struct version_scheme *s, struct str v, struct str lo,
    struct str hi, bool inclusive)
{
	struct buf k, x, y;
	struct diag d = { 0 };
	bool in = false, in_keys;
	int rc = version_in_range(s, v, lo, hi, inclusive, &in, &d);

	TOLD(rc, d);
	buf_init(&k, LIMIT_VERSION_KEY);
	buf_init(&x, LIMIT_VERSION_KEY);
	buf_init(&y, LIMIT_VERSION_KEY + 1);
	if (rc == 0) {
		HOLDS(version_key(s, v, &k, &d) == 0);
		/* comparing does not look at an end beyond the other */
		rc = version_range_keys(s, lo, hi, inclusive, &x, &y, &d);
		HOLDS(rc == 0 || !in);
	}
	if (rc == 0) {
		in_keys = str_cmp(buf_view(&k), buf_view(&x)) >= 0 &&
		    str_cmp(buf_view(&k), buf_view(&y)) < 0;
		HOLDS(in == in_keys || (in_keys && s->coarse_keys) ||
		    is_bound_only(s, v));
	}
	buf_done(&k);
	buf_done(&x);
	buf_done(&y);
}

/* Input: up to three versions, a line each. */
void
run_version(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	const struct version_scheme *s = t->plugin;
	struct str v[3] = { { NULL, 0 } }, all = str_n(p, n);
	int ab, bc, ac;

	for (size_t i = 0; i < 3 && str_split(&all, '\n', &v[i]); i++)
		;
	ab = order(s, v[0], v[1]);
	bc = order(s, v[1], v[2]);
	ac = order(s, v[0], v[2]);
	if (ab != 2 && bc != 2)
		HOLDS(ac != 2);
	/* Maven's rule for what is missing is no order, nor is rpm's */
	if (ab != 2 && bc != 2 && !s->coarse_keys && !is_bound_only(s, v[0]) &&
	    !is_bound_only(s, v[1]) && !is_bound_only(s, v[2])) {
		HOLDS(ab > 0 || bc > 0 || ac <= 0);	/* transitive */
		HOLDS(ab < 0 || bc < 0 || ac >= 0);
		HOLDS(ab != 0 || bc == ac);
	}
	if (s->key == NULL)
		return;
	check_keys(s, v[0], v[1], ab);
	check_range(s, v[0], v[1], v[2], false);
	check_range(s, v[0], v[1], v[2], true);
	check_range(s, v[0], str_of("0"), v[1], false);
	check_range(s, v[0], v[1], str_of(""), false);
}

void
seeds_version(const struct fuzz_target *t, struct fuzz_seeds *seeds)
{
	const struct version_scheme *s = t->plugin;
	struct buf all = slurp("tests/common/version/%s.txt", s->name);
	struct cur c = cur_of(all.p, all.n);
	struct str line, op;
	char text[2100];

	while (cur_line(&c, &line)) {
		op = line;	/* "a < b": the operator stands alone */
		while (op.n >= 3 && (op.p[0] != ' ' || op.p[2] != ' '))
			op = str_sub(op, 1, op.n);
		if (line.n > 1000 || op.n < 3 || line.p[0] == '#')
			continue;
		snprintf(text, sizeof(text), "%.*s\n%.*s\n%.*s",
		    (int)(line.n - op.n), line.p, (int)op.n - 3, op.p + 3,
		    (int)(line.n - op.n), line.p);
		fuzz_seed(seeds, str_of(text));
	}
	buf_done(&all);
}

/* ------------------------------------------------------------------ feeds -- */

/* What is handed on is encoded, read again, and cut into ranges. */
static int
take_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct pool *pool = pool_new(64 * MIB);
	struct alias_classes *classes = alias_new(16 * MIB);
	struct advisory again;
	struct match_range *ranges;
	struct buf b, c;
	struct cur cur;
	struct str *names;
	size_t n;
	bool unmatched;

	(void)arg;
	buf_init(&b, 16 * MIB);
	buf_init(&c, 16 * MIB);
	if (advisory_write(&b, a) == 0) {
		cur = cur_of(b.p, b.n);
		HOLDS(advisory_read(&cur, pool, &again, d) == 0);
		HOLDS(cur_left(&cur) == 0);
		HOLDS(advisory_write(&c, &again) == 0);
		HOLDS(str_eq(buf_view(&b), buf_view(&c)));
	}
	for (size_t i = 0; i < a->naffected; i++)
		if (match_entry_ranges(&a->affected[i], pool, &ranges, &n,
		    &unmatched, d) == 0)
			for (size_t k = 0; k < n; k++)
				HOLDS(ranges[k].namespace.n != 0 &&
				    ranges[k].hi.n != 0);
	if (alias_add(classes, a->id, a->aliases, a->naliases) == 0 &&
	    alias_vulnerabilities(classes, a, pool, &names, &n) == 0)
		HOLDS(n > 0);
	alias_free(classes);
	buf_done(&b);
	buf_done(&c);
	pool_free(pool);
	return (0);
}

static int
take_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	(void)arg;
	(void)name;
	(void)d;
	HOLDS(why->text[0] != '\0');
	return (0);
}

static int
take_exploit(void *arg, const struct exploit *e, struct diag *d)
{
	struct exploit again;
	struct buf b;
	struct cur c;

	(void)arg;
	(void)d;
	/* what an importer gives the other side of the pipe believes */
	buf_init(&b, 1 * KIB);
	HOLDS(exploit_write(&b, e) == 0);
	c = cur_str(buf_view(&b));
	HOLDS(exploit_read(&c, &again) && cur_left(&c) == 0);
	buf_done(&b);
	return (0);
}

static int
take_content_set(void *arg, const struct content_set *s, struct diag *d)
{
	struct content_set again;
	struct buf b;
	struct cur c;

	(void)arg;
	(void)d;
	buf_init(&b, 64 * KIB);
	HOLDS(content_set_write(&b, s) == 0);
	c = cur_str(buf_view(&b));
	HOLDS(content_set_read(&c, &again) && cur_left(&c) == 0);
	buf_done(&b);
	return (0);
}

/* Input: what an importer gets, a document or a zip of them. */
void
run_feed(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	const struct feed_sink sink = { NULL, take_advisory, take_malformed,
		take_exploit, take_content_set };
	struct source_memory m = { p, n, 0 };
	struct source src = source_memory(&m);
	struct feed_count count = { 0 };
	struct diag d = { 0 };
	int rc = feed_import(t->plugin, &src, str_of("x.json"), &sink, &count, &d);

	TOLD(rc, d);
	HOLDS(count.withdrawn <= count.documents);
}

static void
add_file(void *arg, const char *path)
{
	struct buf b = slurp("%s", path);

	if (!str_ends(str_of(path), "/ORIGIN"))
		fuzz_seed(arg, buf_view(&b));
	buf_done(&b);
}

void
seeds_feed(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	const struct feed_importer *f = t->plugin;
	char pattern[256];

	snprintf(pattern, sizeof(pattern), "tests/coordinator/matcher/feed/%s/*",
	    f->name);
	fuzz_each_file(pattern, add_file, s);
}

/* --------------------------------------------------------------- webhooks -- */

void
run_webhook(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	const struct webhook_source *w = t->plugin;
	struct webhook_event e;
	struct buf b;
	struct cur c;
	struct diag d = { 0 };
	int rc;

	buf_init(&b, 2 * LIMIT_LIST_BYTES);
	rc = webhook_read(str_of(w->name), str_n(p, n), &b, &d);
	TOLD(rc, d);
	c = cur_of(b.p, b.n);
	while (rc == 0 && cur_left(&c) > 0) {
		HOLDS(webhook_event_read(&c, &e, &d) == 0);
		HOLDS(e.repository.n != 0);
	}
	buf_done(&b);
}

void
seeds_webhook(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	const struct webhook_source *w = t->plugin;
	char pattern[256];

	snprintf(pattern, sizeof(pattern), "tests/coordinator/webhook/%s/*",
	    w->name);
	fuzz_each_file(pattern, add_file, s);
}
