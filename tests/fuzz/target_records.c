/* Messages, frames, advisories; and the matching of both sides. */
#include <sys/mman.h>
#include <unistd.h>
#include "common/proc.h"
#include "common/wire.h"
#include "coordinator/matcher/explain.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/index.h"
#include "coordinator/matcher/match.h"
#include "tests/fuzz/targets.h"

/* -------------------------------------------------------------------- wire -- */

void
run_wire(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct wire_message m, again;
	struct diag d = { 0 };
	struct buf a, b;
	int rc = wire_read(str_n(p, n), &m, &d);

	(void)t;
	TOLD(rc, d);
	buf_init(&a, LIMIT_WIRE_MESSAGE);
	buf_init(&b, LIMIT_WIRE_MESSAGE);
	if (rc == 0) {
		HOLDS(wire_write(&a, &m) == 0);
		HOLDS(wire_read(buf_view(&a), &again, &d) == 0);
		HOLDS(wire_write(&b, &again) == 0);
		HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
}

static void
seed_message(struct fuzz_seeds *s, const struct wire_message *m)
{
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	HOLDS(wire_write(&b, m) == 0);
	fuzz_seed(s, buf_view(&b));
	buf_done(&b);
}

#define SHA "sha256:01234567890123456789012345678901234567890123456789" \
	"0123456789abcd"

void
seeds_wire(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	static const struct wire_message m[] = {
		{ WIRE_HELLO, .u.hello = { 1, STR_LIT("host:1"), STR_LIT("0.1"),
		    4, { { STR_LIT("dpkg"), 4, 1, true },
		    { STR_LIT("golang"), 2, 1, false } }, 2 } },
		{ WIRE_WELCOME, .u.welcome = { 1, { 1, 2 }, 5 } },
		{ WIRE_JOB, .u.job = { 7, 1, WIRE_JOB_LAYER, STR_LIT(SHA), 999, {
		    { STR_LIT("https://r.example"), STR_LIT("a/b"), false },
		    { STR_LIT("http://r:5000"), STR_LIT("c"), true } }, 2, 1,
		    true } },
		{ WIRE_JOB, .u.job = { 8, 2, WIRE_JOB_RESOLVE, STR_LIT("latest"),
		    -1, { { STR_LIT("https://r.example"), STR_LIT("a"), false } },
		    1, 1, false } },
		{ WIRE_PART, .u.part = { 7, 1, 0, WIRE_PART_TREE, true,
		    STR_LIT("bytes") } },
		{ WIRE_DONE, .u.done = { 7, 1, -4, 3, { 9 }, 1, 2, 3, 60, -1,
		    STR_LIT("why\nand") } },
		{ WIRE_TOKEN, .u.token = { 7, 1, 0, STR_LIT("Bearer realm=x") } },
		{ WIRE_TOKEN_REPLY, .u.token_reply = { 7, 1, 0, 0,
		    WIRE_AUTH_BEARER, STR_LIT("t"), STR_LIT("") } },
		{ WIRE_HEARTBEAT, .u.heartbeat = { 1, 2, { { 7, 1 }, { 8, 2 } } } },
		{ WIRE_ACK, .u.ack = { 7, 1, 3 } },
		{ WIRE_RESEND, .u.ack = { 7, 1, 3 } },
	};

	(void)t;
	for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++)
		seed_message(s, &m[i]);
}

void
run_wire_document(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct wire_document w = { 0 }, again = { 0 };
	struct cur c = cur_of(p, n);
	struct diag d = { 0 };
	struct buf a, b;
	int rc = wire_document_read(&c, pool, &w, &d);

	(void)t;
	TOLD(rc, d);
	buf_init(&a, 16 * MIB);
	buf_init(&b, 16 * MIB);
	if (rc == 0) {
		HOLDS(wire_document_write(&a, &w) == 0);
		c = cur_of(a.p, a.n);
		HOLDS(wire_document_read(&c, pool, &again, &d) == 0);
		HOLDS(wire_document_write(&b, &again) == 0);
		HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
	pool_free(pool);
}

void
seeds_wire_document(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	struct wire_child child = { STR_LIT(SHA), STR_LIT("x/y"),
		STR_LIT("linux"), STR_LIT("arm"), STR_LIT("v7"), 7, true };
	struct wire_layer layer = { STR_LIT(SHA), STR_LIT("x/y"), STR_LIT(SHA),
		STR_LIT("RUN x"), 9, STR_LIT("encrypted") };
	struct wire_document w[] = {
		{ .kind = STR_LIT("index"), .digest = STR_LIT(SHA), .size = 3,
		    .children = &child, .nchildren = 1 },
		{ .kind = STR_LIT("image"), .digest = STR_LIT(SHA), .size = 3,
		    .os = STR_LIT("linux"), .architecture = STR_LIT("amd64"),
		    .config_digest = STR_LIT(SHA), .layers = &layer,
		    .nlayers = 1 },
	};
	struct buf b;

	(void)t;
	buf_init(&b, 1 * MIB);
	for (size_t i = 0; i < sizeof(w) / sizeof(w[0]); i++) {
		buf_clear(&b);
		HOLDS(wire_document_write(&b, &w[i]) == 0);
		fuzz_seed(s, buf_view(&b));
	}
	buf_done(&b);
}

/* What a parser that was taken over may write to its parent. */
void
run_frames(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC), rc;
	struct diag d = { 0 };
	struct buf b;
	uint8_t type;

	(void)t;
	HOLDS(fd >= 0 && write(fd, p, n) == (ssize_t)n && lseek(fd, 0, 0) == 0);
	buf_init(&b, 1 * MIB);
	while ((rc = frame_read(fd, &type, &b, &d)) > 0)
		HOLDS(b.n <= n);
	TOLD(rc, d);
	buf_done(&b);
	close(fd);
}

void
seeds_frames(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	fuzz_seed(s, str_n("\0\0\0\3\1abc\0\0\0\0\2\0\0\0\1\3x", 19));
}

/* -------------------------------------------------------------- advisories -- */


static int
ignore(void *arg, struct str name, const struct diag *why, struct diag *d)
{
	(void)arg;
	(void)name;
	(void)why;
	(void)d;
	return (0);
}

static void
each_advisory(int (*f)(void *arg, const struct advisory *, struct diag *),
    void *arg)
{
	const struct feed_sink sink = { arg, f, ignore, NULL, NULL };
	const struct fuzz_target *t = fuzz_target_find("feed-osv");
	struct feed_count count = { 0 };
	struct fuzz_seeds s;
	struct diag d;

	fuzz_seeds_of(t, &s);
	for (size_t i = 0; i < s.n; i++)
		(void)feed_osv.document(s.v[i], &sink, &count, &d);
	fuzz_seeds_done(&s);
}

void
run_advisory(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct pool *pool = pool_new(16 * MIB);
	struct advisory x = { 0 }, again = { 0 };
	struct cur c = cur_of(p, n);
	struct diag d = { 0 };
	struct buf a, b;
	int rc = advisory_read(&c, pool, &x, &d);

	(void)t;
	TOLD(rc, d);
	buf_init(&a, 16 * MIB);
	buf_init(&b, 16 * MIB);
	if (rc == 0) {
		HOLDS(advisory_write(&a, &x) == 0);
		c = cur_of(a.p, a.n);
		rc = advisory_read(&c, pool, &again, &d);
		HOLDS(rc == 0 || rc == ERR_LIMIT);
	}
	if (rc == 0) {
		HOLDS(advisory_write(&b, &again) == 0);
		HOLDS(str_eq(buf_view(&a), buf_view(&b)));
	}
	buf_done(&a);
	buf_done(&b);
	pool_free(pool);
}

static int
seed_encoded(void *arg, const struct advisory *a, struct diag *d)
{
	struct buf b;

	(void)d;
	buf_init(&b, 1 * MIB);
	if (advisory_write(&b, a) == 0)
		fuzz_seed(arg, buf_view(&b));
	buf_done(&b);
	return (0);
}

void
seeds_advisory(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	(void)t;
	each_advisory(seed_encoded, s);
}

/* --------------------------------------------------------------- matching -- */

/* Do the rows meet by which SQL finds candidates? */
static bool
is_candidate(const struct match_package *p, const struct advisory *a,
    struct pool *pool)
{
	struct match_key keys[MATCH_KEYS_MAX];
	struct match_range *r;
	size_t nkeys, n;
	bool unmatched;

	if (match_package_keys(p, pool, keys, &nkeys, NULL) < 0)
		return (true);	/* told as an error, not missed */
	for (size_t e = 0; e < a->naffected; e++) {
		if (match_entry_ranges(&a->affected[e], pool, &r, &n, &unmatched,
		    NULL) < 0)
			return (true);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < nkeys; k++)
				if (str_eq(keys[k].namespace, r[i].namespace) &&
				    str_eq(keys[k].name, r[i].name) &&
				    str_cmp(keys[k].key, r[i].lo) >= 0 &&
				    str_cmp(keys[k].key, r[i].hi) < 0)
					return (true);
	}
	return (false);
}

/* What is said about a pair is printable, is JSON, and agrees with the decision. */
static void
check_explanation(const struct match_package *p, const struct advisory *a,
    const struct match_result *r)
{
	struct explain *x = explain_new(16 * MIB, a->id);
	const struct explain_document doc = { .feed = str_of("fuzz/Fuzz"),
		.names = &a->id, .n = 1 };
	struct json *j = NULL;
	struct json_writer w;
	struct buf b;
	struct diag d;

	buf_init(&b, 64 * MIB);
	if (explain_package(x, p, &d) < 0 || explain_name(x, a->id, &d) < 0 ||
	    explain_advisory(x, &doc, a, &d) < 0 || explain_finish(x, &d) < 0)
		goto out;
	HOLDS(explain_affected(x) == (r->applies &&
	    str_eqz(r->status, "affected")));
	if (explain_text(x, &b, &d) < 0)
		goto out;
	for (size_t i = 0; i < b.n; i++)
		HOLDS(b.p[i] >= ' ' || b.p[i] == '\n');
	buf_clear(&b);
	json_w_init(&w, &b);
	explain_json(x, &w);
	HOLDS(w.error < 0 || json_parse(buf_view(&b), 64 * MIB, &j, &d) == 0);
	json_free(j);
out:
	buf_done(&b);
	explain_free(x);
}

static int
check_match(void *arg, const struct advisory *a, struct diag *d)
{
	const struct match_package *p = arg;
	struct pool *pool = pool_new(64 * MIB);
	struct index *x = index_new(64 * MIB);
	struct match_result r = { 0 };
	const struct index_hit *hits;
	size_t number, n;

	if (match_decide(p, a, &r, d) == 0) {
		HOLDS(r.rule != NULL);
		HOLDS(!r.applies || is_candidate(p, a, pool));
		if (index_package(x, p, &number, d) == 0 &&
		    index_advisory(x, NULL, a, d) == 0 &&
		    index_finish(x, &hits, &n, d) == 0)
			HOLDS((n > 0) == r.applies);
		check_explanation(p, a, &r);
	}
	index_free(x);
	pool_free(pool);
	return (0);
}

/* Input: namespace, type, name, version, source name, source version with tabs
 * between; LF; an OSV document. */
void
run_match(const struct fuzz_target *t, const uint8_t *p, size_t n)
{
	struct match_package pkg = { 0 };
	const struct feed_sink sink = { &pkg, check_match, ignore, NULL, NULL };
	struct str *fields[] = { &pkg.namespace, &pkg.type, &pkg.name,
	    &pkg.version, &pkg.source_name, &pkg.source_version };
	struct str body = str_n(p, n), line;
	struct feed_count count = { 0 };
	struct diag d = { 0 };

	(void)t;
	if (!str_split(&body, '\n', &line))
		return;
	for (size_t i = 0; i < 6 && str_split(&line, '\t', fields[i]); i++)
		;
	(void)feed_osv.document(body, &sink, &count, &d);
}

/* Beside each document of the feed the package it names first. */
static int
seed_match(void *arg, const struct advisory *a, struct diag *d)
{
	struct buf *b = arg;

	(void)d;
	buf_clear(b);
	if (a->naffected == 0)
		return (0);
	return (buf_printf(b, "%.*s\tdeb\t%.*s\t%.*s\t%.*s\t\n",
	    STR_ARG(a->affected[0].ecosystem), STR_ARG(a->affected[0].name),
	    STR_ARG(a->affected[0].nranges > 0 ?
	    a->affected[0].ranges[0].lo : a->id),
	    STR_ARG(a->affected[0].name)));
}

void
seeds_match(const struct fuzz_target *t, struct fuzz_seeds *s)
{
	struct feed_count count = { 0 };
	struct fuzz_seeds documents;
	struct diag d;
	struct buf b;
	const struct feed_sink sink = { &b, seed_match, ignore, NULL, NULL };

	(void)t;
	fuzz_seeds_of(fuzz_target_find("feed-osv"), &documents);
	buf_init(&b, 2 * FUZZ_INPUT);
	for (size_t i = 0; i < documents.n; i++) {
		if (feed_osv.document(documents.v[i], &sink, &count, &d) == 0 &&
		    b.n != 0 && buf_str(&b, documents.v[i]) == 0)
			fuzz_seed(s, buf_view(&b));
		buf_clear(&b);
	}
	buf_done(&b);
	fuzz_seeds_done(&documents);
}
