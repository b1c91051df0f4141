/*
 * One rule, two engines: the farm finds candidates by a range join, the offline
 * matcher by its index; on the same packages and advisories both must end with
 * the same findings, to the letter.  With the shared data at hand: all its feeds,
 * all packages of its inventories in every distribution they may be of, and
 * packages that stand exactly on the bounds of the advisories' ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "common/pool.h"
#include "coordinator/audit.h"
#include "coordinator/feed_import.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/namespace.h"
#include "coordinator/rematch.h"
#include "sql.h"
#include "tests/lib/database.h"
#include "tests/lib/farm.h"
#include "tests/lib/farm_packages.h"

#define LOWER 11			/* of so many lower bounds of ranges one is a package */
#define UPPER 181		/* upper ones; they are ten times as many */

static struct db *db;
static struct coordinator co;
static struct pool *pool;
static struct match_package *packages;
static size_t npackages, packages_cap;
static const char *shared;

static void
add_package(struct match_package p)
{
	if (npackages == packages_cap) {
		packages_cap = packages_cap * 2 + 1000;
		packages = mem_realloc(packages, packages_cap,
		    sizeof(*packages));
	}
	packages[npackages++] = p;
}

static struct str
keep(struct str s)
{
	struct str ret;

	assert_int_equal(pool_str(pool, s, &ret), 0);
	return (ret);
}

/* Where packages of a type may be looked up. */
static const struct {
	const char *type, *namespaces[6];
} homes[] = {
	{ "deb", { "Debian:9", "Debian:10", "Debian:11", "Debian:12", "Ubuntu:22.04:LTS" } },
	{ "apk", { "Alpine:v3.8", "Alpine:v3.10", "Alpine:v3.11", "Alpaquita:23" } },
	{ "rpm", { "AlmaLinux:8", "AlmaLinux:9", "Rocky Linux:8", "Rocky Linux:9" } },
	{ "pypi", { "PyPI" } }, { "npm", { "npm" } }, { "gem", { "RubyGems" } },
	{ "cargo", { "crates.io" } }, { "composer", { "Packagist", "Packagist:https://packages.drupal.org/8" } },
	{ "golang", { "Go" } }, { "maven", { "Maven" } }, { "nuget", { "NuGet" } },
};

static void
read_inventory(void)
{
	char path[600], line[4000];
	FILE *f;

	snprintf(path, sizeof(path), "%s/data/inventory/expected.tsv", shared);
	assert_non_null(f = fopen(path, "r"));
	while (fgets(line, sizeof(line), f) != NULL) {
		struct str rest = str_trim(str_of(line)), c[7] = { { 0 } };

		for (size_t i = 0; i < 7 && str_split(&rest, '\t', &c[i]); i++)
			c[i] = keep(c[i]);
		for (size_t h = 0; h < sizeof(homes) / sizeof(homes[0]); h++)
			for (size_t i = 0; str_eqz(c[1], homes[h].type) && i < 6 &&
			    homes[h].namespaces[i] != NULL; i++)
				add_package((struct match_package) { .namespace = str_of(homes[h].namespaces[i]),
				    .type = c[1], .name = c[2], .version = c[3], .arch = c[4],
				    .source_name = c[5], .source_version = c[6], .origin = str_of("distro") });
	}
	fclose(f);
	assert_true(npackages > 1000);
}

/* Builds before and at the fix, of the main line, of the entry's own and of
 * another, by name and by source. */
static void
add_redhat(const struct advisory_affected *e, const struct advisory_range *r)
{
	struct str own = str_sub(e->channels, 0, str_find(e->channels, ' '));
	const struct str channels[] = { str_of(""), own, str_of("rhel_eus:9.2 rhel_tus:8.8") };
	const struct str versions[] = { str_of("0-1"), r->hi };

	for (size_t c = 0; c < 3; c++)
		for (size_t v = 0; v < 2; v++)
			for (size_t s = 0; s < 2; s++)
				add_package((struct match_package) { .namespace = keep(e->ecosystem), .type = str_of("rpm"),
				    .name = s == 0 ? keep(e->name) : str_of("a-binary"), .version = keep(versions[v]),
				    .source_name = s == 0 ? keep(e->source) : keep(e->name),
				    .source_version = keep(versions[v]), .module = keep(e->module),
				    .channels = keep(channels[c]), .origin = str_of("distro") });
}

/* What Alpine's packages of Python ship, of packages before and at the fix. */
static void
add_shipped(const struct advisory_affected *e, const struct advisory_range *r)
{
	const struct str versions[] = { str_of("0-r0"), r->hi };

	for (size_t v = 0; v < 2; v++)
		add_package((struct match_package) { .namespace = str_of("PyPI"), .type = str_of("pypi"),
		    .name = keep(str_sub(e->name, 4, e->name.n)), .version = str_of("0.1"), .origin = str_of("shipped"),
		    .owner_namespace = keep(e->ecosystem), .owner_source = keep(e->name), .owner_version = keep(versions[v]) });
}

/* A binary of another source, at the version that is spoken of and a rebuild of it. */
static void
add_binary(const struct advisory_affected *e, const struct advisory_range *r)
{
	char version[300];

	for (size_t v = 0; v < 2; v++) {
		snprintf(version, sizeof(version), "%.*s%s", r->lo.n < 200 ? (int)r->lo.n : 0, r->lo.p, v == 0 ? "" : "+b1");
		add_package((struct match_package) { .namespace = keep(e->ecosystem), .type = str_of("apk"),
		    .name = keep(e->name), .version = keep(str_of(version)), .source_name = str_of("a-source"),
		    .source_version = str_of("1"), .origin = str_of("distro") });
	}
}

/* Builds of each channel, before and at the fix. */
static void
add_ubuntu(const struct advisory_affected *e, const struct advisory_range *r)
{
	static const char *const marks[] = { "", "~esm1", "+esm1", "+Fips1", "+b1" };
	char release[NAMESPACE_TEXT], version[300];

	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
		for (size_t v = 0; v < 2; v++) {
			struct str base = v == 1 && r->hi.n > 0 && r->hi.n < 200 ? r->hi : str_of("0-1");

			snprintf(version, sizeof(version), "%.*s%s", STR_ARG(base), marks[m]);
			add_package((struct match_package) { .namespace = keep(namespace_spoken_of(e->ecosystem, release)),
			    .type = str_of("deb"), .name = str_of("a-binary"), .version = keep(str_of(version)),
			    .source_name = keep(e->name), .origin = str_of("distro") });
		}
}

struct bounds {
	size_t lower, upper;	/* seen */
	size_t added;
};

static void
add_bound(struct bounds *b, const struct advisory_affected *e, struct str version)
{
	static const char *const origins[] = { "distro", "header", "kernel_tool", "shipped" };
	char release[NAMESPACE_TEXT];

	if (version.n > 0 && version.n < LIMIT_VERSION)
		add_package((struct match_package) { .namespace = keep(namespace_spoken_of(e->ecosystem, release)),
		    .type = str_of("generic"), .name = keep(e->name),
		    .version = keep(version), .origin = str_of(origins[b->added++ % 4]) });
}

/* Ranges give their bounds as versions: here and there one, from all feeds. */
static int
take_bounds(void *arg, const struct advisory *a, struct diag *d)
{
	struct bounds *b = arg;

	(void)d;
	for (size_t e = 0; e < a->naffected; e++)
		for (size_t i = 0; i < a->affected[e].nranges; i++) {
			const struct advisory_range *r = &a->affected[e].ranges[i];

			if (str_starts(a->affected[e].ecosystem, "Red Hat:"))
				add_redhat(&a->affected[e], r);
			if (str_starts(a->affected[e].ecosystem, "Alpine:") && str_starts(a->affected[e].name, "py3-"))
				add_shipped(&a->affected[e], r);
			if (a->affected[e].by_binary)
				add_binary(&a->affected[e], r);
			if (str_starts(a->affected[e].ecosystem, "Ubuntu:"))
				add_ubuntu(&a->affected[e], r);
			if (r->lo.n > 0 && !str_eqz(r->lo, "0") && b->lower++ % LOWER == 0)
				add_bound(b, &a->affected[e], r->lo);
			if (b->upper++ % UPPER == 0)
				add_bound(b, &a->affected[e], r->hi);
		}
	return (0);
}

static int
ignore(void *arg, struct str name, const struct diag *why, struct diag *d)
{
	(void)arg;
	(void)name;
	(void)why;
	(void)d;
	return (0);
}

/* The vendors' own documents, and who reads them. */
#define NATIVE "data/feeds/native"
static const struct {
	const char *folder, *kind;
} natives[] = {
	{ "csaf-vex-redhat", "csaf" }, { "csaf", "csaf" }, { "openvex", "openvex" }, { "oval", "oval" },
	{ "alpine-secdb/v3.8", "secdb" }, { "alpine-secdb/v3.10", "secdb" }, { "alpine-secdb/v3.11", "secdb" },
};
#define NNATIVES (sizeof(natives) / sizeof(natives[0]))

static int
to_index(void *arg, const struct advisory *a, struct diag *d)
{
	return (index_advisory(arg, NULL, a, d));
}

static void
stream(void *arg, int (*sink)(void *, const struct advisory *, struct diag *))
{
	struct feed_sink s = { arg, sink, ignore, NULL, NULL };
	struct feed_count count = { 0 };
	char path[600];
	struct diag d;

	snprintf(path, sizeof(path), "%s/data/feeds/osv", shared);
	if (feed_import_path(feed_find(str_of("osv")), path, &s, &count, &d) < 0)
		fail_msg("%s", d.text);
	assert_true(count.documents > 10000);
	for (size_t i = 0; i < NNATIVES; i++) {
		count = (struct feed_count) { 0 };
		snprintf(path, sizeof(path), "%s/" NATIVE "/%s", shared, natives[i].folder);
		if (feed_import_path(feed_find(str_of(natives[i].kind)), path, &s, &count, &d) < 0)
			fail_msg("%s: %s", path, d.text);
		assert_true(count.documents > 0);
	}
}

/* ---------------------------------------------------------------- both engines */

static int
line_cmp(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

/* What a person would see of a finding, one line. */
static char *
line_of(struct str ns, struct str name, struct str version, struct str source, struct str channels,
    struct str vulnerability, struct str advisory, struct str status,
    int severity, struct str fixed, struct str rule, int worst, struct str reason)
{
	return (mem_printf("%.*s %.*s %.*s %.*s %.*s: %.*s %.*s %.*s %d %.*s %.*s %d %.*s",
	    STR_ARG(ns), STR_ARG(name), STR_ARG(version), STR_ARG(source), STR_ARG(channels),
	    STR_ARG(vulnerability), STR_ARG(advisory), STR_ARG(status),
	    severity, STR_ARG(fixed), STR_ARG(rule), worst, STR_ARG(reason)));
}

static char **
offline(size_t *n)
{
	struct index *x = index_new((size_t)2 << 30);
	const struct index_hit *hits;
	struct finding *v;
	char **lines, reason[512];	/* as rematch.c cuts it */
	size_t nhits, number;
	struct diag d;

	for (size_t i = 0; i < npackages; i++)
		if (index_package(x, &packages[i], &number, &d) < 0)
			fail_msg("%s", d.text);
	stream(x, to_index);
	if (index_finish(x, &hits, &nhits, &d) < 0)
		fail_msg("%s", d.text);
	v = finding_list(x, hits, nhits, n);
	lines = mem_array(*n + 1, sizeof(*lines));
	for (size_t i = 0; i < *n; i++) {
		const struct match_package *p = index_package_at(x, v[i].package);

		lines[i] = line_of(p->namespace, p->name, p->version, p->source_name, p->channels,
		    v[i].vulnerability, v[i].advisory, v[i].status,
		    (int)v[i].severity, v[i].fixed_version, str_of(v[i].rule), (int)v[i].worst,
		    str_n(reason, text_escape(v[i].reason, reason, sizeof(reason))));
	}
	qsort(lines, *n, sizeof(*lines), line_cmp);
	free(v);
	index_free(x);
	return (lines);
}

/* Every file of a folder is a feed of its own. */
static void
import_native(const char *folder, const char *kind)
{
	char path[800], feed[300];
	struct dirent *e;
	struct diag d;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" NATIVE "/%s", shared, folder);
	assert_non_null(dir = opendir(path));
	while ((e = readdir(dir)) != NULL) {
		struct feed_result r = { 0 };
		int fd;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/" NATIVE "/%s/%s", shared, folder, e->d_name);
		assert_true((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0);
		snprintf(feed, sizeof(feed), "%s/%s-%s", kind, strrchr(folder, '/') != NULL ? strrchr(folder, '/') + 1 : folder, e->d_name);
		/* beside them lie files that are none */
		if (feed_import_fd(db, &co, feed, fd,
		    &(struct feed_options) { 0 }, &r, &d) < 0 && d.code != ERR_MALFORMED)
			fail_msg("%s: %s", feed, d.text);
		feed_result_done(&r);
		close(fd);
	}
	closedir(dir);
}

static void
import_all(void)
{
	char path[800], feed[300];
	struct dirent *e;
	struct diag d;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/data/feeds/osv", shared);
	assert_non_null(dir = opendir(path));
	while ((e = readdir(dir)) != NULL) {
		struct feed_result r = { 0 };
		int fd;

		snprintf(path, sizeof(path), "%s/data/feeds/osv/%s/all.zip", shared, e->d_name);
		if (e->d_name[0] == '.' || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			continue;
		snprintf(feed, sizeof(feed), "osv/%s", e->d_name);
		if (feed_import_fd(db, &co, feed, fd,
		    &(struct feed_options) { 0 }, &r, &d) < 0)
			fail_msg("%s: %s", feed, d.text);
		assert_int_equal(r.malformed, 0);
		feed_result_done(&r);
		close(fd);
	}
	closedir(dir);
	for (size_t i = 0; i < NNATIVES; i++)
		import_native(natives[i].folder, natives[i].kind);
}

static void
settle(void)
{
	static rematch_step *const steps[] = { rematch_new, rematch_changed, rematch_judge };
	struct diag d;
	int n, rc;

	do {
		n = 0;
		for (size_t i = 0; i < 3; i++, n += rc) {
			assert_int_equal(db_begin(db, &d), 0);
			if ((rc = steps[i](db, &d)) < 0)
				fail_msg("%s", d.text);
			assert_int_equal(db_commit(db, &d), 0);
		}
	} while (n > 0);
}

static char **
farm(size_t *n)
{
	struct db_result *r = NULL;
	char **lines;
	struct diag d;

	if (farm_packages_insert(db, packages, npackages, &d) < 0 ||
	    farm_packages_keys(db, &d) < 0 || rematch_prepare(db, &d) < 0)
		fail_msg("%s", d.text);
	import_all();
	settle();
	if (db_query0(db, "SELECT p.namespace, p.name, p.version, p.source_name, v.name, a.name, f.status, f.severity, f.fixed_version, f.rule, p.channels, f.severity_worst, f.reason "
	    "FROM finding f JOIN package p ON p.id = f.package_id JOIN vulnerability v ON v.id = f.vulnerability_id "
	    "JOIN advisory a ON a.id = f.advisory_id", &r, &d) < 0)
		fail_msg("%s", d.text);
	*n = db_rows(r);
	lines = mem_array(*n + 1, sizeof(*lines));
	for (size_t i = 0; i < *n; i++)
		lines[i] = line_of(db_col(r, i, 0), db_col(r, i, 1), db_col(r, i, 2), db_col(r, i, 3), db_col(r, i, 10), db_col(r, i, 4),
		    db_col(r, i, 5), db_col(r, i, 6), (int)db_col_int(r, i, 7), db_col(r, i, 8), db_col(r, i, 9),
		    (int)db_col_int(r, i, 11), db_col(r, i, 12));
	db_free(r);
	qsort(lines, *n, sizeof(*lines), line_cmp);
	return (lines);
}

static void
free_lines(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
}

/* Of equal packages one stays: the farm has each once. */
static int
by_package(const void *a, const void *b)
{
	const struct match_package *x = a, *y = b;
	const struct str v[] = { x->namespace, x->type, x->name, x->version, x->arch, x->source_name, x->source_version, x->module, x->channels,
	    x->owner_namespace, x->owner_source, x->owner_version };
	const struct str w[] = { y->namespace, y->type, y->name, y->version, y->arch, y->source_name, y->source_version, y->module, y->channels,
	    y->owner_namespace, y->owner_source, y->owner_version };
	int c = 0;

	for (size_t i = 0; c == 0 && i < sizeof(v) / sizeof(v[0]); i++)
		c = str_cmp(v[i], w[i]);
	return (c);
}

static void
test_the_farm_finds_what_the_offline_matcher_finds(void **state)
{
	struct audit_report *report = mem_alloc(sizeof(*report));
	struct bounds bounds = { 0 };
	size_t n, m, i = 0, k = 0, bad = 0, distinct = 0;
	char **a, **b;
	struct diag d;

	(void)state;
	if (shared == NULL) {
		free(report);
		skip();
	}
	read_inventory();
	stream(&bounds, take_bounds);
	qsort(packages, npackages, sizeof(*packages), by_package);
	for (size_t j = 0; j < npackages; j++)
		if (distinct == 0 || by_package(&packages[distinct - 1], &packages[j]) != 0)
			packages[distinct++] = packages[j];
	npackages = distinct;
	a = offline(&n);
	b = farm(&m);
	print_message("%zu packages, %zu findings offline, %zu in the farm\n", npackages, n, m);
	assert_true(n > 5000);
	while (i < n || k < m) {
		int c = i == n ? 1 : k == m ? -1 : strcmp(a[i], b[k]);

		if (c != 0 && bad++ < 20)
			print_error("%s: %s\n", c < 0 ? "offline only" : "farm only", c < 0 ? a[i] : b[k]);
		i += c <= 0;
		k += c >= 0;
	}
	assert_int_equal(bad, 0);
	if (audit_compare(db, NULL, NULL, report, &d) < 0)
		fail_msg("%s", d.text);
	for (size_t j = 0; j < report->ndetails && j < 10; j++)
		print_error("%s\n", report->details[j].p);
	assert_int_equal(report->differences, 0);
	/* the same again changes nothing */
	import_all();
	assert_int_equal(database_int(db, "SELECT count(*) FROM advisory WHERE changed"), 0);
	audit_report_done(report);
	free(report);
	free_lines(a, n);
	free_lines(b, m);
}

static int
set_up(void **state)
{
	(void)state;
	shared = getenv("SHARED") != NULL ? getenv("SHARED") : "../shared";
	if (access(shared, R_OK) < 0)
		shared = NULL;
	log_init("test", LOG_LEVEL_WARN);
	pool = pool_new((size_t)1 << 30);
	return (farm_begin(&co, "engines", &db));
}

static int
tear_down(void **state)
{
	(void)state;
	farm_end(&co, db);
	pool_free(pool);
	free(packages);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_farm_finds_what_the_offline_matcher_finds),
	};

	return (cmocka_run_group_tests_name("engines", tests, set_up, tear_down));
}
