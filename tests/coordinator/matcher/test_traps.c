/*
 * The traps: what other scanners got wrong, one stanza each in traps.txt, through
 * the real pieces: apply -> namespace -> index <- importers, findings, verdict.
 * Lines of a stanza:
 *
 *	trap NUMBER WHAT	its beginning
 *	os KEY=VALUE		a line of os-release
 *	in KIND PATH		the file that states the packages that follow, as an
 *				analyzer gives it; by default the database of their type
 *	attribute KEY=VALUE	what the analyzer says of that file
 *	package TYPE|NAME|VERSION|ARCH|SOURCE|SOURCE VERSION|VENDOR|MODULE|SCOPE
 *	owns PATH		the package above does
 *	feed KIND TEXT		a document for that importer; @PATH: a file's
 *	today YYYY-MM-DD	the day on which the verdict is asked for
 *	want ...		all findings, as show() writes them, or "none"
 *	verdict ...		the verdict, and a part of one of its reasons
 *	note ...		a part of some note of the layers' application
 *	sample PATH		the test that covers it: what an analyzer must do
 *
 * A row that only points elsewhere has nothing but samples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/siphash.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/policy.h"
#include "coordinator/matcher/support.h"
#include "tests/lib/slurp.h"

#define TRAPS "tests/coordinator/matcher/traps.txt"
#define NTRAPS 60
#define FILES 8
#define PACKAGES 16

static const uint8_t sip_key[16] = { 9 };
static unsigned failed;		/* rows, each told on standard error */

struct trap {
	struct pool *pool;
	unsigned number;
	struct str what;
	struct buf os;
	struct inventory_file files[FILES];
	size_t nfiles;
	struct package packages[FILES][PACKAGES];
	struct str feeds[8];
	size_t nfeeds;
	struct buf want;
	struct str verdict, note;
	struct str today;
	size_t samples;
};

static void
begin(struct trap *t)
{
	*t = (struct trap) { .pool = pool_new(64 * MIB) };
	buf_init(&t->os, 4096);
	buf_init(&t->want, 65536);
}

static void
end(struct trap *t)
{
	pool_free(t->pool);
	buf_done(&t->os);
	buf_done(&t->want);
}

/* ------------------------------------------------------------------ reading a row */

static struct inventory_file *
file_of(struct trap *t, struct str kind, struct str path)
{
	assert_true(t->nfiles < FILES);
	t->files[t->nfiles] = (struct inventory_file) { .kind = kind,
	    .path = path, .revision = 1, .packages = t->packages[t->nfiles] };
	return (&t->files[t->nfiles++]);
}

static struct inventory_file *
database_of(struct trap *t, struct str type)
{
	static const char *const t3[][3] = {
		{ "deb", "dpkg", "var/lib/dpkg/status" },
		{ "apk", "apk", "lib/apk/db/installed" },
		{ "rpm", "rpm", "var/lib/rpm/rpmdb.sqlite" },
		{ "alpm", "pacman", "var/lib/pacman/local/x/desc" },
	};

	for (size_t i = 0; i < sizeof(t3) / sizeof(t3[0]); i++)
		if (str_eqz(type, t3[i][0])) {
			if (t->nfiles > 0 && str_eqz(t->files[t->nfiles - 1]
			    .kind, t3[i][1]))
				return (&t->files[t->nfiles - 1]);
			return (file_of(t, str_of(t3[i][1]), str_of(t3[i][2])));
		}
	return (&t->files[t->nfiles - 1]);
}

static void
take_package(struct trap *t, struct str rest)
{
	struct package p = { .type = { NULL, 0 } };
	struct str *const fields[] = { &p.type, &p.name, &p.version, &p.arch,
	    &p.source_name, &p.source_version, &p.vendor, &p.module, &p.scope };
	struct inventory_file *f;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!str_split(&rest, '|', fields[i]))
			break;
	f = database_of(t, p.type);
	assert_true(f->n < PACKAGES);
	f->packages[f->n++] = p;
}

static void
take_owned(struct trap *t, struct str path)
{
	struct inventory_file *f = &t->files[t->nfiles - 1];
	uint64_t h = siphash(sip_key, path);
	char *bytes = pool_alloc(t->pool, 8);

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(h >> (8 * i) & 0xff);
	f->packages[f->n - 1].owns = str_n(bytes, 8);
}

static void
take_line(struct trap *t, struct str line)
{
	struct str word = str_sub(line, 0, str_find(line, ' '));
	struct str rest = str_sub(line, word.n + 1, line.n), kind;
	char path[300];

	if (str_eqz(word, "os")) {
		assert_int_equal(buf_printf(&t->os, "%.*s\n", STR_ARG(rest)), 0);
	} else if (str_eqz(word, "in")) {
		kind = str_sub(rest, 0, str_find(rest, ' '));
		(void)file_of(t, kind, str_sub(rest, kind.n + 1, rest.n));
	} else if (str_eqz(word, "attribute")) {
		t->files[t->nfiles - 1].attributes = rest;
	} else if (str_eqz(word, "package")) {
		take_package(t, rest);
	} else if (str_eqz(word, "owns")) {
		take_owned(t, rest);
	} else if (str_eqz(word, "feed")) {
		assert_true(t->nfeeds < sizeof(t->feeds) / sizeof(t->feeds[0]));
		t->feeds[t->nfeeds++] = rest;
	} else if (str_eqz(word, "want")) {
		assert_int_equal(buf_printf(&t->want, "%.*s\n", STR_ARG(rest)),
		    0);
	} else if (str_eqz(word, "verdict")) {
		t->verdict = rest;
	} else if (str_eqz(word, "today")) {
		t->today = rest;
	} else if (str_eqz(word, "note")) {
		t->note = rest;
	} else if (str_eqz(word, "sample")) {
		snprintf(path, sizeof(path), "%.*s", STR_ARG(rest));
		if (access(path, R_OK) != 0)
			fail_msg("trap %u: no %s", t->number, path);
		t->samples++;
	} else {
		fail_msg("trap %u: %.*s?", t->number, STR_ARG(line));
	}
}

/* --------------------------------------------------------------------- running it */

static int
take_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	return (index_advisory(arg, NULL, a, d));
}

static int
malformed(void *arg, struct str name, const struct diag *why, struct diag *d)
{
	(void)arg, (void)d;
	fail_msg("%.*s: %s", STR_ARG(name), why->text);
	return (0);
}

static void
import(struct trap *t, struct index *x)
{
	const struct feed_sink sink = { .arg = x, .advisory = take_advisory,
	    .malformed = malformed };
	struct feed_count count = { 0 };
	const struct feed_importer *f;
	struct str kind, text;
	struct buf file;
	struct diag d;

	for (size_t i = 0; i < t->nfeeds; i++) {
		kind = str_sub(t->feeds[i], 0, str_find(t->feeds[i], ' '));
		text = str_sub(t->feeds[i], kind.n + 1, t->feeds[i].n);
		memset(&file, 0, sizeof(file));
		if (text.p[0] == '@') {
			file = slurp("%.*s", (int)text.n - 1, text.p + 1);
			text = buf_view(&file);
		}
		assert_non_null(f = feed_find(kind));
		if (f->document(text, &sink, &count, &d) < 0)
			fail_msg("trap %u: %s", t->number, d.text);
		buf_done(&file);
	}
}

static struct str
reason_of(const struct finding *f, const struct index_hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hits[i].package == f->package &&
		    str_eq(hits[i].advisory, f->advisory))
			return (hits[i].result.reason);
	return (str_of(""));
}

/* "VULNERABILITY NAME STATUS SEVERITY[ fix VERSION][ because REASON][ ORIGIN]
 * [ hidden]",
 * the origin where it is none of the usual ones. */
static void
show(struct buf *b, const struct index *x, const struct finding *f,
    struct str because)
{
	const struct match_package *p = index_package_at(x, f->package);
	bool usual = p->origin.n == 0 || str_eqz(p->origin, "distro") ||
	    str_eqz(p->origin, "installed");
	int rc;

	rc = buf_printf(b, "%.*s %.*s %.*s %s%s%.*s%s%.*s%s%.*s%s\n",
	    STR_ARG(f->vulnerability), STR_ARG(p->name), STR_ARG(f->status),
	    severity_name(f->severity), f->fixed_version.n > 0 ? " fix " : "",
	    STR_ARG(f->fixed_version), because.n > 0 ? " because " : "",
	    STR_ARG(because), usual ? "" : " ", (int)(usual ? 0 : p->origin.n),
	    p->origin.p != NULL ? p->origin.p : "",
	    f->hidden ? " hidden" : "");
	assert_int_equal(rc, 0);
}

static void
judge(struct trap *t, const struct index *x, const struct finding *f, size_t n)
{
	struct policy_finding *pf = mem_array(n + 1, sizeof(*pf));
	struct policy_input in = { .findings = pf, .nfindings = n };
	struct str want = str_sub(t->verdict, 0, str_find(t->verdict, ' '));
	struct str reason = str_sub(t->verdict, want.n + 1, t->verdict.n);
	const struct index_namespace *ns;
	struct policy_coverage *c;
	struct policy_result r;
	bool told = reason.n == 0;

	for (size_t i = 0; i < n; i++)
		pf[i] = (struct policy_finding) {
			.vulnerability = f[i].vulnerability,
			.name = index_package_at(x, f[i].package)->name,
			.fixed_version = f[i].fixed_version,
			.status = f[i].status, .severity = f[i].severity,
			.hidden = f[i].hidden };
	ns = index_namespaces(x, &in.ncoverage);
	c = mem_array(in.ncoverage + 1, sizeof(*c));
	for (size_t i = 0; i < in.ncoverage; i++)
		c[i] = (struct policy_coverage) { .namespace = ns[i].name,
		    .type = ns[i].type, .packages = ns[i].packages,
		    .ordered = ns[i].ordered, .has_feed = ns[i].has_feed,
		    .feed_age_s = -1,
		    .support_ended = support_ended(ns[i].name, t->today) };
	in.coverage = c;
	assert_int_equal(policy_decide(&policy_default, &in, t->pool, &r), 0);
	for (size_t i = 0; i < r.nreasons && !told; i++)
		told = memmem(r.reasons[i].p, r.reasons[i].n, reason.p,
		    reason.n) != NULL;
	if ((!str_eqz(want, verdict_name(r.verdict)) || !told) && ++failed)
		print_error("trap %u, %.*s: verdict %s (%.*s), not %.*s\n",
		    t->number, STR_ARG(t->what), verdict_name(r.verdict),
		    r.nreasons > 0 ? (int)r.reasons[0].n : 0,
		    r.nreasons > 0 ? r.reasons[0].p : "", STR_ARG(t->verdict));
	free(c);
	free(pf);
}

static void
check_note(const struct trap *t, const struct apply_result *r)
{
	for (size_t i = 0; i < r->nnotes; i++)
		if (memmem(r->notes[i].p, r->notes[i].n, t->note.p, t->note.n)
		    != NULL)
			return;
	failed++;
	print_error("trap %u, %.*s: no note \"%.*s\"\n", t->number,
	    STR_ARG(t->what), STR_ARG(t->note));
}

static struct apply_result *
apply(struct trap *t, struct layer_inventory *l)
{
	struct inventory_file os = { .kind = STR_LIT("os_release"),
	    .path = STR_LIT("etc/os-release"), .revision = 1,
	    .attributes = buf_view(&t->os) };
	const struct layer_inventory *layers[] = { l };

	if (t->os.n > 0)
		assert_int_equal(layer_inventory_add_file(l, &os), 0);
	for (size_t i = 0; i < t->nfiles; i++)
		assert_int_equal(layer_inventory_add_file(l, &t->files[i]), 0);
	return (apply_layers(layers, 1, sip_key));
}

static void
run(struct trap *t)
{
	struct layer_inventory *l = layer_inventory_new(16 * MIB);
	struct apply_result *r = apply(t, l);
	struct index *x = index_new(16 * MIB);
	const struct index_hit *hits;
	char ns[NAMESPACE_TEXT];
	struct finding *f;
	struct buf got;
	struct diag d;
	size_t n, nhits, number;

	buf_init(&got, 65536);
	for (size_t i = 0; i < r->n; i++) {
		struct match_package p = apply_match_package(r, i, ns);

		assert_int_equal(index_package(x, &p, &number, &d), 0);
	}
	import(t, x);
	assert_int_equal(index_finish(x, &hits, &nhits, &d), 0);
	f = finding_list(x, hits, nhits, &n);
	for (size_t i = 0; i < n; i++)
		show(&got, x, &f[i], reason_of(&f[i], hits, nhits));
	if (n == 0)
		assert_int_equal(buf_str(&got, str_of("none\n")), 0);
	if (!str_eq(buf_view(&got), buf_view(&t->want)) && ++failed)
		print_error("trap %u, %.*s\ngot:\n%.*swant:\n%.*s",
		    t->number, STR_ARG(t->what), STR_ARG(buf_view(&got)),
		    STR_ARG(buf_view(&t->want)));
	if (t->verdict.n > 0)
		judge(t, x, f, n);
	if (t->note.n > 0)
		check_note(t, r);
	free(f);
	buf_done(&got);
	index_free(x);
	apply_result_free(r);
	layer_inventory_free(l);
}

/* A row either says what must come of it, or where it is covered. */
static void
finish(struct trap *t)
{
	if (t->number == 0)
		return;
	if (t->want.n > 0)
		run(t);
	else if (t->samples == 0 || t->nfiles + t->nfeeds > 0)
		fail_msg("trap %u: neither wants nor samples", t->number);
}

static void
test_traps(void **state)
{
	struct buf file = slurp(TRAPS);
	struct str rest = buf_view(&file), line;
	bool seen[NTRAPS + 1] = { false };
	struct trap t;
	uint64_t number;

	(void)state;
	begin(&t);
	while (str_split(&rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (str_starts(line, "trap ")) {
			finish(&t);
			end(&t);
			begin(&t);
			line = str_sub(line, strlen("trap "), line.n);
			t.what = str_sub(line, str_find(line, ' ') + 1, line.n);
			assert_true(str_u64(str_sub(line, 0, str_find(line,
			    ' ')), &number) && number > 0 && number <= NTRAPS);
			seen[t.number = (unsigned)number] = true;
		} else {
			take_line(&t, line);
		}
	}
	finish(&t);
	end(&t);
	buf_done(&file);
	for (unsigned i = 1; i <= NTRAPS; i++)
		if (!seen[i])
			fail_msg("no row of trap %u", i);
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_traps) };

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
