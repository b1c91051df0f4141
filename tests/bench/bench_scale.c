/*
 * A synthetic farm at scale: what 1,000 changed advisories cost against a rebuild
 * from scratch, both by the matcher's own steps, and whether they end the same.
 *
 *	bench_scale packages DATABASE SCALE	before scale.sql
 *	bench_scale run DATABASE SCALE		after it
 *
 * SCALE is images / 1,000,000.  Packages and advisories grow by its square root.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include "common/advisory.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/pool.h"
#include "coordinator/affected.h"
#include "coordinator/audit.h"
#include "coordinator/matcher/match.h"
#include "coordinator/rematch.h"
#include "sql.h"
#include "tests/lib/farm_packages.h"

#define NAMES 69320		/* (ecosystem, name) pairs at scale 1 */
#define VERSIONS 3		/* of each, installed somewhere */
#define ADVISORIES 150000
#define CHANGED 1000
#define BATCH 1000
#define DRAWS 3
#define STORM (DRAWS + 1)	/* the round in which all of them become critical */
#define DIGEST_CHANGES 20000	/* as coordinator/notify.c tells them */
#define REPEATS 9
#define REPEATS_MAX 500
#define REPEATS_S 1.0

static const struct ecosystem {
	const char *namespace, *type;
} ecosystems[] = {
	{ "PyPI", "pypi" }, { "Debian:12", "deb" }, { "Debian:11", "deb" },
	{ "Debian:13", "deb" }, { "Ubuntu:22.04:LTS", "deb" },
	{ "Ubuntu:24.04:LTS", "deb" }, { "Ubuntu:20.04:LTS", "deb" },
	{ "Alpine:v3.20", "apk" }, { "Alpine:v3.19", "apk" },
	{ "Alpine:v3.18", "apk" }, { "Alpine:v3.21", "apk" }, { "Debian:10", "deb" },
};
#define ECOSYSTEMS (sizeof(ecosystems) / sizeof(ecosystems[0]))

static struct db *db;
static uint64_t state = 42;

static uint64_t
next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717u);
}

static double
uniform(void)
{
	return ((double)(next() >> 11) / 9007199254740992.0);
}

static int
pick(int n)
{
	return ((int)(uniform() * n));
}

static void
must(int rc, const struct diag *d)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_scale: %s\n", d->text);
	exit(1);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static int64_t
value(const char *sql)
{
	struct db_result *r = NULL;
	struct diag d;
	int64_t n;

	must(db_query0(db, sql, &r, &d), &d);
	n = db_rows(r) > 0 ? db_col_int(r, 0, 0) : 0;
	db_free(r);
	return (n);
}

static void
run(const char *sql)
{
	struct diag d;

	must(db_query0(db, sql, NULL, &d), &d);
}

/* A text in the pool. */
static struct str PRINTF(2, 3)
text(struct pool *pool, const char *fmt, ...)
{
	char s[200];
	struct str ret;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (pool_str(pool, str_of(s), &ret) < 0)
		abort();
	return (ret);
}

/* ----------------------------------------------------------------- packages */


static struct str
version_of(struct pool *pool, const struct ecosystem *e, int n)
{
	char s[32];

	snprintf(s, sizeof(s), strcmp(e->type, "deb") == 0 ? "1.%d-1" :
	    strcmp(e->type, "apk") == 0 ? "1.%d-r0" : "1.%d", n);
	return (text(pool, "%s", s));
}

static int
names_of(double scale)
{
	return ((int)(NAMES * sqrt(scale) / (double)ECOSYSTEMS));
}

static void
make_packages(double scale)
{
	struct match_package p[BATCH];
	struct pool *pool = pool_new(256 * MIB);
	int names = names_of(scale);
	size_t n = 0;
	struct diag d;

	must(db_migrate(db, &d), &d);
	for (size_t e = 0; e < ECOSYSTEMS; e++) {
		must(DB_QUERY(db, sql_coverage_upsert, NULL, &d,
		    db_text(str_of(ecosystems[e].namespace)),
		    db_text(str_of(ecosystems[e].type))), &d);
		for (int i = 0; i < names * VERSIONS; i++) {
			p[n++] = (struct match_package) {
				.namespace = str_of(ecosystems[e].namespace),
				.type = str_of(ecosystems[e].type),
				.name = text(pool, "n%d", i / VERSIONS),
				.version = version_of(pool, &ecosystems[e],
				    10 + 10 * (i % VERSIONS)),
				.origin = str_of("distro") };
			if (n < BATCH)
				continue;
			must(farm_packages_insert(db, p, n, &d), &d);
			pool_free(pool);
			pool = pool_new(256 * MIB);
			n = 0;
		}
	}
	if (n > 0)
		must(farm_packages_insert(db, p, n, &d), &d);
	pool_free(pool);
	must(farm_packages_keys(db, &d), &d);
}

/* --------------------------------------------------------------- advisories */

/* Advisory ${id}: two entries; popular names have more advisories. */
static void
advisory(struct pool *pool, int id, int names, int round, struct advisory *a)
{
	static const char *const vectors[] = {
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",
		"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N",
		"CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N" };
	struct advisory_affected *v = pool_alloc(pool, 2 * sizeof(*v));
	struct advisory_range *r = pool_alloc(pool, 2 * sizeof(*r));
	const struct ecosystem *e;

	*a = (struct advisory) { .id = text(pool, "BENCH-%d", id),
		.modified = text(pool, "2026-01-%02dT00:00:00Z", 1 + round),
		.published = str_of("2026-01-01T00:00:00Z"),
		.withdrawn = str_of(""), .summary = str_of("synthetic"),
		.cvss = str_of(vectors[round == STORM || pick(1000) == 0 ?
		    0 : 1 + pick(3)]),
		.affected = v, .naffected = 2 };
	state ^= (uint64_t)id * 0x9E3779B97F4A7C15u;
	e = &ecosystems[(size_t)id % ECOSYSTEMS];
	for (int i = 0; i < 2; i++) {
		int fixed = 5 + pick(40);

		r[i] = (struct advisory_range) { .lo = str_of("0"),
			.hi = version_of(pool, e, fixed), .fixed = str_of("") };
		if (pick(10) == 0 || round == STORM)
			r[i].hi = str_of("");	/* no fix known */
		r[i].fixed = r[i].hi;
		v[i] = (struct advisory_affected) {
			.ecosystem = str_of(e->namespace),
			.name = text(pool, "n%d", (int)(names * pow(uniform(),
			    1.5))), .range_type = str_of("ECOSYSTEM"),
			.ranges = &r[i], .nranges = 1, .cvss = str_of(""),
			.status_reason = str_of("") };
	}
}

/* Store advisories ${ids} as an import does. */
static void
store_advisories(const int *ids, size_t n, int names, int round)
{
	static struct str name[BATCH], sums[BATCH], modified[BATCH];
	static struct str summary[BATCH], cvss[BATCH], records[BATCH];
	static int64_t zero[BATCH], real[BATCH];
	struct pool *pool = pool_new(256 * MIB);
	struct affected rows = { .pool = pool };
	struct db_result *r = NULL;
	struct diag d;

	for (size_t i = 0; i < n; i++) {
		uint8_t *sum = pool_alloc(pool, DIGEST_BYTES);
		struct advisory a;
		struct buf b;
		bool matched;

		advisory(pool, ids[i], names, round, &a);
		buf_init(&b, MIB);
		if (advisory_write(&b, &a) < 0 ||
		    pool_str(pool, buf_view(&b), &records[i]) < 0)
			abort();
		digest_of(b.p, b.n, sum);
		buf_done(&b);
		name[i] = a.id;
		sums[i] = str_n(sum, DIGEST_BYTES);
		modified[i] = a.modified;
		summary[i] = a.summary;
		cvss[i] = a.cvss;
		must(affected_add(&rows, (int64_t)i, &a, &zero[i], &matched,
		    &d), &d);
	}
	must(DB_QUERY(db, sql_advisories_upsert, &r, &d,
	    db_text(str_of("bench")), db_texts(name, n), db_blobs(sums, n),
	    db_texts(modified, n), db_ints(zero, n), db_texts(summary, n),
	    db_ints(zero, n), db_texts(cvss, n), db_blobs(records, n),
	    db_ints(zero, n)), &d);
	for (size_t i = 0; i < db_rows(r); i++)
		real[db_col_int(r, i, 0) - 1] = db_col_int(r, i, 1);
	for (size_t i = 0; i < rows.n; i++)
		rows.documents.v[i] = real[rows.documents.v[i]];
	must(DB_QUERY(db, sql_affected_insert, NULL, &d,
	    vec_param(&rows.documents), vec_param(&rows.entries),
	    db_texts(rows.namespaces, rows.n), db_texts(rows.names, rows.n),
	    db_blobs(rows.lo, rows.n), db_blobs(rows.hi, rows.n)), &d);
	db_free(r);
	affected_done(&rows);
	pool_free(pool);
}

static void
make_advisories(double scale)
{
	int total = (int)(ADVISORIES * sqrt(scale)), names = names_of(scale);
	struct str ns[ECOSYSTEMS];
	int ids[BATCH];
	size_t n = 0;
	struct diag d;

	must(DB_QUERY(db, sql_feed_upsert, NULL, &d,
	    db_text(str_of("bench"))), &d);
	run("UPDATE feed SET imported_at = now()");
	for (int i = 1; i <= total; i++) {
		ids[n++] = i;
		if (n == BATCH || i == total) {
			store_advisories(ids, n, names, 0);
			n = 0;
		}
	}
	for (size_t e = 0; e < ECOSYSTEMS; e++)
		ns[e] = str_of(ecosystems[e].namespace);
	must(DB_QUERY(db, sql_feed_namespace_insert, NULL, &d,
	    db_text(str_of("bench")), db_texts(ns, ECOSYSTEMS), db_bool(true)), &d);
	run("VACUUM (ANALYZE) advisory");
	run("VACUUM (ANALYZE) affected");
}

/* ----------------------------------------------------------------- the matcher */

static const struct step {
	const char *name;
	rematch_step *step;
} steps[] = {
	{ "packages", rematch_new }, { "advisories", rematch_changed },
	{ "verdicts", rematch_judge }, { "repositories", rematch_repositories },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static int
one_step(size_t i, double by[STEPS])
{
	double from = seconds();
	struct diag d;
	int n;

	must(db_begin(db, &d), &d);
	must(n = steps[i].step(db, &d), &d);
	must(db_commit(db, &d), &d);
	by[i] += seconds() - from;
	return (n);
}

/* Rounds until nothing is left; seconds by step in ${by}. */
static double
settle(double by[STEPS])
{
	double from = seconds();
	int n;

	memset(by, 0, STEPS * sizeof(*by));
	do {
		n = 0;
		for (size_t i = 0; i < STEPS; i++)
			n += one_step(i, by);
	} while (n > 0);
	return (seconds() - from);
}

/* Each step to its end before the next: what a rebuild does. */
static double
in_order(double by[STEPS])
{
	double from = seconds();

	memset(by, 0, STEPS * sizeof(*by));
	for (size_t i = 0; i < STEPS; i++)
		while (one_step(i, by) > 0)
			;
	return (seconds() - from);
}

static void
print_steps(const char *what, double s, const double by[STEPS])
{
	printf("%-24s %9.2f s ", what, s);
	for (size_t i = 0; i < STEPS; i++)
		printf(" %s %.2f", steps[i].name, by[i]);
	printf("\n");
	fflush(stdout);
}

static void
forget_all(void)
{
	run("TRUNCATE match, finding, set_summary, verdict, repository_set, repository_summary, advisory_vulnerability, advisory_name, "
	    "vulnerability, verdict_ledger, repository_due, rejudge RESTART IDENTITY CASCADE");
	run("UPDATE package SET matched = true WHERE NOT matched");
	run("INSERT INTO set_due SELECT id FROM package_set ON CONFLICT DO NOTHING");
	run("UPDATE image_state SET matched = false WHERE matched");
	run("UPDATE advisory SET changed = true WHERE NOT changed");
	run("UPDATE coverage SET has_feed = false, weighs = true");
	run("INSERT INTO repository_due SELECT id FROM repository");
	run("VACUUM (ANALYZE)");
}

/* From scratch: everything that is derived, once: advisories find the packages, so
 * that these need no pass of their own. */
static double
rebuild(void)
{
	double by[STEPS], s;

	forget_all();
	s = in_order(by);
	print_steps("rebuild from scratch", s, by);
	return (s);
}

static int
double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y ? -1 : x > y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), double_cmp);
	return (v[n / 2]);
}

static double
changed_advisories(double scale, int round)
{
	int total = (int)(ADVISORIES * sqrt(scale)), ids[CHANGED];
	int64_t verdicts = value("SELECT count(*) FROM verdict_ledger");
	double by[STEPS], s;
	char what[60];

	/* distinct: one of each stretch */
	for (int i = 0; i < CHANGED; i++) {
		int from = (int)((int64_t)i * total / CHANGED);
		int to = (int)((int64_t)(i + 1) * total / CHANGED);

		ids[i] = 1 + from + (int)(uniform() * (to - from));
	}
	store_advisories(ids, CHANGED, names_of(scale), round);
	s = settle(by);
	snprintf(what, sizeof(what), round == STORM ? "%d become critical" :
	    "%d changed advisories", CHANGED);
	print_steps(what, s, by);
	printf("%-24s %9lld\n", "  verdicts changed",
	    (long long)(value("SELECT count(*) FROM verdict_ledger") - verdicts));
	return (s);
}

/* What a target is told of the changes in the outbox, as coordinator/notify.c does. */
static void
tell(void)
{
	int64_t last = value("SELECT delivered FROM notify_target");
	int64_t changes = 0, bytes = 0, n = 0;
	double from = seconds();
	struct diag d;

	while (value("SELECT coalesce(max(id), 0) FROM notification") > last) {
		struct db_result *r = NULL;

		must(DB_QUERY(db, sql_notify_digest, &r, &d, db_int(last),
		    db_int(DIGEST_CHANGES), db_bool(false),
		    db_text(str_of("bench"))), &d);
		last = db_col_int(r, 0, 0);
		changes += db_col_int(r, 0, 1);
		bytes += (int64_t)db_col(r, 0, 2).n;
		n++;
		db_free(r);
		must(DB_QUERY(db, sql_notify_delivered, NULL, &d, db_int(1),
		    db_int(last), db_bool(true)), &d);
	}
	printf("%-24s %9.2f s  %lld changes summed up in %lld deliveries of %lld bytes\n",
	    "  told to a target", seconds() - from, (long long)changes,
	    (long long)n, (long long)bytes);
	fflush(stdout);
}

static void
audit(void)
{
	struct audit_report *r = mem_alloc(sizeof(*r));
	double from = seconds();
	struct diag d = { 0 };

	must(db_begin(db, &d), &d);
	must(db_query0(db, sql_audit_begin, NULL, &d), &d);
	must(audit_compare(db, NULL, NULL, r, &d), &d);
	db_rollback(db);
	printf("%-24s %9.2f s  %lld rows, %lld differ from a rebuild\n", "audit",
	    seconds() - from, (long long)r->rows, (long long)r->differences);
	fflush(stdout);
	for (size_t i = 0; i < r->ndetails && i < 10; i++)
		printf("  %s\n", r->details[i].p);
	if (r->differences > 0)
		exit(1);
	audit_report_done(r);
	free(r);
}

/* ------------------------------------------------------------------- queries */

/* Milliseconds and rows of a statement, the least of several, of a quick one of
 * very many: what else runs on the machine only adds. */
static double
timed_with(const char *sql, const struct db_param *p, size_t n, size_t *rows)
{
	double least = 0, start = seconds(), ms;
	struct diag d;

	for (size_t i = 0; i < REPEATS || (i < REPEATS_MAX &&
	    seconds() - start < REPEATS_S); i++) {
		struct db_result *r = NULL;
		double from = seconds();

		must(db_query(db, sql, p, n, &r, &d), &d);
		ms = (seconds() - from) * 1000;
		least = i == 0 || ms < least ? ms : least;
		*rows = db_rows(r);
		db_free(r);
	}
	return (least);
}

static double
timed(const char *sql, struct db_param p, size_t *rows)
{
	return (timed_with(sql, &p, 1, rows));
}

static void
print_ratio(const char *what, double ms, size_t rows, double plain)
{
	printf("%-24s %9.2f ms %8zu rows, plain look-up %.2f ms, ratio %.1f\n",
	    what, ms, rows, plain, ms / plain);
	fflush(stdout);
}

static const char image_findings[] =
    "SELECT vulnerability, severity, package, version, fixed_version, layer FROM dashboard.finding WHERE digest = $1 "
    "AND reference = (SELECT min(reference) FROM dashboard.reference WHERE digest = $1)";
static const char image_findings_id[] =
    "SELECT v.name, f.severity, p.name, p.version, f.fixed_version, s.position FROM image_set s JOIN package_set ps ON ps.id = s.set_id "
    "JOIN LATERAL unnest(ps.packages) member ON true JOIN finding f ON f.package_id = member JOIN package p ON p.id = f.package_id "
    "JOIN vulnerability v ON v.id = f.vulnerability_id WHERE s.image_id = $1::bigint";
static const char plain_findings[] = "SELECT * FROM finding WHERE package_id >= 1000 ORDER BY package_id, vulnerability_id LIMIT $1::bigint";
static const char repository_counts[] = "SELECT * FROM dashboard.repository WHERE registry = 'bench' AND repository = (SELECT name FROM repository WHERE id = $1::integer)";
static const char plain_repository[] = "SELECT * FROM repository_summary WHERE repository_id = $1::integer";
static const char top_repositories[] = "SELECT * FROM dashboard.repository ORDER BY critical DESC LIMIT $1::integer";
static const char plain_repositories[] = "SELECT * FROM repository_summary ORDER BY critical DESC LIMIT $1::integer";
static const char cve_images[] =
    "SELECT count(DISTINCT s.image_id) FROM finding f JOIN package_set ps ON ps.packages && ARRAY[f.package_id] JOIN image_set s ON s.set_id = ps.id "
    "WHERE f.vulnerability_id = $1::bigint";
static const char cve_exposure[] = "SELECT images, repositories FROM dashboard.exposure WHERE vulnerability = $1";
/* the same rows, by sets that are known */
static const char cve_sets[] = "SELECT array_agg(DISTINCT ps.id)::text FROM finding f JOIN package_set ps ON ps.packages && ARRAY[f.package_id] WHERE f.vulnerability_id = $1::bigint";
static const char plain_images[] = "SELECT count(*) FROM image_set WHERE set_id = ANY ($1::integer[])";

/* By names of a vulnerability, its sets, and how many images they are in. */
static void
queries_of_cve(struct str name, struct str sets, int64_t id)
{
	const struct db_param page[] = { db_text(name), db_int(0), db_int(0),
		db_int(0), db_text(str_of("")), db_int(100) };
	struct db_result *r = NULL;
	size_t rows, images;
	double ms, plain;
	struct diag d;

	must(DB_QUERY(db, cve_images, &r, &d, db_int(id)), &d);
	images = (size_t)db_col_int(r, 0, 0);
	db_free(r);
	plain = timed(plain_images, db_text(sets), &rows);
	ms = timed(cve_images, db_int(id), &rows);
	print_ratio("images of a CVE, count", ms, images, plain);
	ms = timed(cve_exposure, db_text(name), &rows);
	print_ratio("  by dashboard.exposure", ms, images, plain);
	ms = timed_with(sql_api_affected, page, 6, &rows);
	print_ratio("  first 100, by the API", ms, 100, plain);
}

static void
queries(void)
{
	int64_t image = value("SELECT id FROM image ORDER BY id OFFSET (SELECT count(*) / 2 FROM image) LIMIT 1");
	int64_t p99 = value("SELECT repository_id FROM repository_summary ORDER BY images OFFSET (SELECT count(*) * 99 / 100 FROM repository_summary) LIMIT 1");
	int64_t cve = value("SELECT vulnerability_id FROM (SELECT f.vulnerability_id, sum((SELECT count(*) FROM package_set ps WHERE ps.packages @> ARRAY[f.package_id])) AS n "
	    "FROM finding f WHERE f.vulnerability_id % 50 = 0 GROUP BY 1) x ORDER BY n OFFSET (SELECT count(DISTINCT vulnerability_id) * 99 / 100 FROM finding WHERE vulnerability_id % 50 = 0) LIMIT 1");
	struct db_result *r = NULL;
	struct db_result *sets = NULL;
	size_t rows, n;
	double ms, plain;
	struct diag d;

	ms = timed(image_findings_id, db_int(image), &n);
	plain = timed(plain_findings, db_int((int64_t)n), &rows);
	print_ratio("findings of an image", ms, n, plain);
	must(DB_QUERY(db, "SELECT 'sha256:' || encode(digest, 'hex') FROM image WHERE id = $1::bigint", &r, &d, db_int(image)), &d);
	ms = timed(image_findings, db_text(db_col(r, 0, 0)), &n);
	print_ratio("  by dashboard.finding", ms, n, plain);
	db_free(r);
	ms = timed(repository_counts, db_int(p99), &n);
	plain = timed(plain_repository, db_int(p99), &rows);
	print_ratio("counts of a repository", ms, n, plain);
	ms = timed(top_repositories, db_int(50), &n);
	print_ratio("top 50 repositories", ms, n, timed(plain_repositories, db_int(50), &rows));
	r = NULL;
	must(DB_QUERY(db, "SELECT name FROM vulnerability WHERE id = $1::bigint", &r, &d, db_int(cve)), &d);
	must(DB_QUERY(db, cve_sets, &sets, &d, db_int(cve)), &d);
	queries_of_cve(db_col(r, 0, 0), db_col(sets, 0, 0), cve);
	db_free(r);
	db_free(sets);
}

static void
storage(void)
{
	int64_t images = value("SELECT count(*) FROM image");
	struct db_result *r = NULL;
	struct diag d;

	printf("%-24s %9lld of %lld images; without layers and ledger\n", "bytes per image",
	    (long long)(value("SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
	    "WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname NOT IN ('layer', 'image_layer') "
	    "AND c.relname NOT LIKE 'verdict_ledger%'") / images), (long long)images);
	must(db_query0(db, "SELECT c.relname, pg_total_relation_size(c.oid) / (SELECT count(*) FROM image) FROM pg_class c "
	    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 2 DESC LIMIT 16", &r, &d), &d);
	for (size_t i = 0; i < db_rows(r); i++)
		printf("  %-22.*s %9lld\n", STR_ARG(db_col(r, i, 0)), (long long)db_col_int(r, i, 1));
	db_free(r);
}

static void
shape(void)
{
	printf("images %lld, repositories %lld, states %lld, sets %lld, packages %lld, advisories %lld, ranges %lld\n",
	    (long long)value("SELECT count(*) FROM image"), (long long)value("SELECT count(*) FROM repository"),
	    (long long)value("SELECT count(*) FROM image_state"), (long long)value("SELECT count(*) FROM package_set"),
	    (long long)value("SELECT count(*) FROM package"), (long long)value("SELECT count(*) FROM advisory"),
	    (long long)value("SELECT count(*) FROM affected"));
	fflush(stdout);
}

static void
bench(double scale)
{
	double whole, part[DRAWS];
	struct diag d;

	must(rematch_prepare(db, &d), &d);
	make_advisories(scale);
	shape();
	whole = rebuild();
	printf("%-24s %9lld of %lld matches; set fails: %lld%%\n", "findings", (long long)value("SELECT count(*) FROM finding"),
	    (long long)value("SELECT count(*) FROM match"),
	    (long long)value("SELECT 100 * count(*) FILTER (WHERE fails) / count(*) FROM set_summary"));
	audit();
	run("VACUUM (ANALYZE)");
	/* from here on somebody wants to know */
	run("INSERT INTO notify_target (name, url, origin, delivered) VALUES "
	    "('bench', '', '', 0)");
	for (int i = 0; i < DRAWS; i++)
		part[i] = changed_advisories(scale, i + 1);
	tell();
	changed_advisories(scale, STORM);
	tell();
	audit();
	run("VACUUM (ANALYZE)");
	printf("%-24s %9.3f  (median of %d draws; at most 0.25, aim 0.10)\n",
	    "incremental / rebuild", median(part, DRAWS) / whole, DRAWS);
	queries();
	storage();
}

int
main(int argc, char **argv)
{
	struct diag d = { 0 };

	log_init("bench", LOG_LEVEL_WARN);
	if (argc != 4)
		return (2);
	must(db_open(argv[2], "bench", &db, &d), &d);
	if (strcmp(argv[1], "packages") == 0)
		make_packages(strtod(argv[3], NULL));
	else
		bench(strtod(argv[3], NULL));
	db_close(db);
	return (0);
}
