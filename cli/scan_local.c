/*
 * Local images: read each, put the packages of all into one offline matcher,
 * stream the advisories past it once, and judge each image by its own part.
 */
#include <stdlib.h>
#include <time.h>
#include "cli/cli.h"
#include "cli/exploited.h"
#include "cli/feed_local.h"
#include "cli/image_local.h"
#include "cli/message.h"
#include "cli/reason.h"
#include "cli/scan.h"
#include "common/json.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/namespace.h"
#include "coordinator/matcher/support.h"
#include "worker/analyzer/layer.h"

/* Packages, ids of advisories and hits of all images. */
#define SCAN_MEMORY ((size_t)4 << 30)
/* What is known of exploitation: 300,000 CVEs take 50 MB. */
#define SCAN_EXPLOITS ((size_t)1 << 30)
/* Texts of one image's explanation. */
#define EXPLAIN_MEMORY ((size_t)1 << 30)
/* The whole result as JSON. */
#define SCAN_JSON ((size_t)1 << 30)

static const struct {
	const char *prefix;
	enum image_kind kind;
} kinds[] = {
	{ "oci:", IMAGE_LAYOUT },
	{ "docker-archive:", IMAGE_DOCKER_ARCHIVE },
	{ "dir:", IMAGE_ROOT },
};

struct image {
	const char *ref;
	struct image_local *local;	/* NULL = could not be read at all */
	int status;		/* exit status of this one */
	char error[DIAG_TEXT];	/* why it could not be read at all, or "" */
	size_t first, n;	/* its packages in the index */
	size_t *apply;		/* index of each in local->result->packages */
	struct policy_result judged;
	struct finding *findings;	/* worst first */
	size_t nfindings;
	size_t nhidden;		/* and those that nobody asked to see */
	struct explain *explain;	/* NULL = nobody asked */
	struct explain_layer *explain_layers;
};

struct scan {
	const struct scan_options *o;
	struct image *images;
	size_t n;
	struct index *index;
	struct exploits *exploits;
	struct finding *findings;
	struct pool *pool;
	char unread[DIAG_TEXT];	/* advisories that could not be read, or "" */
	char today[sizeof("2026-11-26")];
};

static size_t
kind_of(const char *ref)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(str_of(ref), kinds[i].prefix))
			break;
	return (i);
}

bool
scan_is_local(const char *ref)
{
	return (kind_of(ref) < sizeof(kinds) / sizeof(kinds[0]));
}

/* ------------------------------------------------------------------------- reading */

/* An image that is given up. */
static void
give_up(struct image *m, int rc, const struct diag *d)
{
	snprintf(m->error, sizeof(m->error), "%s", d->text);
	message("scan", "%s: %s", m->ref, d->text);
	m->status = rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE;
	image_local_free(m->local);
	m->local = NULL;
}

static int
add_packages(struct scan *s, struct image *m, const struct content_sets *sets,
    struct diag *d)
{
	struct apply_result *r = m->local->result;
	char namespace[NAMESPACE_TEXT];
	size_t number;
	int rc;

	if ((rc = apply_channels(r, sets, d)) < 0)
		return (rc);
	m->apply = mem_array(r->n + 1, sizeof(*m->apply));
	for (size_t i = 0; rc == 0 && i < r->n; i++) {
		struct match_package q = apply_match_package(r, i, namespace);

		if ((rc = index_package(s->index, &q, &number, d)) < 0)
			break;
		if (m->n == 0)
			m->first = number;
		m->apply[m->n++] = i;
	}
	return (rc);
}

static void
read_image(struct scan *s, struct image *m)
{
	size_t k = kind_of(m->ref);
	struct diag d = { .code = ERR_OK };
	int rc;

	progress("reading %s", m->ref);
	rc = image_local_read(m->ref + strlen(kinds[k].prefix), kinds[k].kind,
	    s->o->platform, false, &m->local, &d);
	progress_end();
	if (rc < 0)
		give_up(m, rc, &d);
}

/* The packages of all images into the index; what the feed knows of repositories
 * is read before, where an image names any. */
static int
add_images(struct scan *s, struct diag *d)
{
	struct content_sets *sets = content_sets_new(SCAN_MEMORY);
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < s->n; i++)
		any |= s->images[i].local != NULL &&
		    apply_has_content_sets(s->images[i].local->result);
	if (any)
		rc = feed_local_content_sets(s->o->feed, sets, d);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct diag why = { .code = ERR_OK };
		struct image *m = &s->images[i];
		int failed;

		if (m->local != NULL &&
		    (failed = add_packages(s, m, sets, &why)) < 0)
			give_up(m, failed, &why);
	}
	content_sets_free(sets);
	return (rc);
}

/* ------------------------------------------------------------------------- judging */

/* The namespaces of one image; the index knows those of all. */
static struct policy_coverage *
coverage_of(const struct scan *s, const struct image *m, size_t *ret_n)
{
	const struct index_namespace *ns;
	struct policy_coverage *v;
	size_t n;

	ns = index_namespaces(s->index, &n);
	v = mem_array(n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct policy_coverage) { .namespace = ns[i].name,
		    .type = ns[i].type, .ordered = ns[i].ordered,
		    .has_feed = ns[i].has_feed, .feed_age_s = -1,
		    .support_ended = support_ended(ns[i].name,
		    str_of(s->today)) };
	for (size_t i = 0; i < m->n; i++) {
		const struct match_package *p =
		    index_package_at(s->index, m->first + i);

		for (size_t k = 0; k < n; k++)
			v[k].packages += str_eq(v[k].namespace, p->namespace) &&
			    str_eq(v[k].type, p->type);
	}
	*ret_n = n;
	return (v);
}

static int
judge(struct scan *s, struct image *m)
{
	static const int status[] = { [VERDICT_PASS] = CLI_OK,
	    [VERDICT_UNKNOWN] = CLI_UNKNOWN, [VERDICT_FAIL] = CLI_FAILED };
	const struct apply_result *r = m->local->result;
	struct policy_finding *f = mem_array(m->nfindings + 1, sizeof(*f));
	struct policy_input in = { .findings = f, .nfindings = m->nfindings,
	    .incomplete = r->incomplete, .reasons = r->reasons,
	    .nreasons = r->nreasons, .unread = str_of(s->unread) };
	struct policy_coverage *c;
	int rc;

	for (size_t i = 0; i < m->nfindings; i++) {
		const struct finding *g = &m->findings[i];
		const struct match_package *p =
		    index_package_at(s->index, g->package);

		f[i] = (struct policy_finding) { .vulnerability =
		    g->vulnerability, .name = p->name, .version = p->version,
		    .fixed_version = g->fixed_version, .status = g->status,
		    .severity = g->severity, .hidden = g->hidden,
		    .kev = exploits_find(s->exploits, g->vulnerability).known };
	}
	c = coverage_of(s, m, &in.ncoverage);
	in.coverage = c;
	if ((rc = policy_decide(&s->o->policy, &in, s->pool, &m->judged)) == 0)
		m->status = status[m->judged.verdict];
	free(c);
	free(f);
	return (rc);
}

/* As the farm orders them: of equal severity the known exploited first. */
static int
worst_first(const void *a, const void *b, void *exploits)
{
	const struct finding *x = a, *y = b;
	int r = (int)y->severity - (int)x->severity;

	if (r == 0)
		r = (int)exploits_find(exploits, y->vulnerability).known -
		    (int)exploits_find(exploits, x->vulnerability).known;
	if (r == 0)
		r = str_cmp(x->vulnerability, y->vulnerability);
	return (r != 0 ? r : (x->package > y->package) -
	    (x->package < y->package));
}

/* Keep those that are to be seen. */
static void
drop_hidden(struct image *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nfindings; i++)
		if (!m->findings[i].hidden)
			m->findings[n++] = m->findings[i];
	m->nhidden = m->nfindings - n;
	m->nfindings = n;
}

/* Findings are sorted by package, and each image's packages are one piece. */
static void
give_findings(struct scan *s, size_t n)
{
	struct finding *f = s->findings, *end = f + n;

	for (size_t i = 0; i < s->n; i++) {
		struct image *m = &s->images[i];

		if (m->local == NULL)
			continue;
		while (f < end && f->package < m->first)
			f++;	/* of an image that was given up half way */
		m->findings = f;
		for (; f < end && m->n > 0 && f->package < m->first + m->n; f++)
			m->nfindings++;
		if (!s->o->all)
			drop_hidden(m);
		if (m->nfindings > 0)
			qsort_r(m->findings, m->nfindings, sizeof(*f),
			    worst_first, s->exploits);
	}
}

/* ------------------------------------------------------------------------ printing */

static const struct apply_package *
package_of(const struct image *m, const struct finding *f)
{
	return (&m->local->result->packages[m->apply[f->package - m->first]]);
}

/* The layer that brought the package: its digest, else its place. */
static struct str
layer_of(const struct image *m, const struct finding *f, char *room, size_t size)
{
	uint32_t layer = package_of(m, f)->layer;
	int n;

	if (layer < m->local->nlayers && m->local->digests[layer].n != 0)
		return (m->local->digests[layer]);
	n = snprintf(room, size, "#%u", layer);
	return (str_n(room, (size_t)n));
}

static const char *const columns[] = {
	"ref", "vulnerability", "severity", "status", "type", "name", "version",
	"fixed_version", "layer", "advisory", EXPLOITED_NAMES, REASON_NAMES,
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))
#define NBEFORE (NCOLUMNS - EXPLOITED_COLUMNS - REASON_COLUMNS)
/* A table shows this much of a digest. */
#define DIGEST_SHOWN strlen("sha256:0123456789ab")

static struct reason
reason_of_finding(const struct finding *f)
{
	return ((struct reason) { .status = f->status, .text = f->reason,
		.fix_state = str_of(finding_fix_state(f->status,
		    f->fixed_version, f->reason)),
		.severity_upstream = str_of(severity_name(f->worst)) });
}

static void
add_rows(const struct scan *s, const struct image *m, struct output *o)
{
	struct exploited_room texts;
	char room[16];

	for (size_t i = 0; i < m->nfindings; i++) {
		const struct finding *f = &m->findings[i];
		const struct match_package *p =
		    index_package_at(s->index, f->package);
		const struct exploit e = exploits_find(s->exploits,
		    f->vulnerability);
		struct str cells[NCOLUMNS] = { str_of(m->ref),
		    f->vulnerability, str_of(severity_name(f->severity)),
		    f->status, p->type, p->name, p->version, f->fixed_version,
		    layer_of(m, f, room, sizeof(room)), f->advisory };
		const struct reason r = reason_of_finding(f);

		exploited_cells(&e, &texts, cells + NBEFORE);
		reason_cells(&r, cells + NBEFORE + EXPLOITED_COLUMNS);
		output_row(o, cells);
	}
}

/* Is anything known of the exploitation of any? */
static bool
any_exploited(const struct scan *s, const struct image *m)
{
	struct exploit e;
	char mark[24];

	for (size_t i = 0; i < m->nfindings; i++) {
		e = exploits_find(s->exploits, m->findings[i].vulnerability);
		if (exploited_mark(&e, mark).n > 0)
			return (true);
	}
	return (false);
}

/* For people: worst first, as `scanfarm report` shows them. */
static void
print_findings(const struct scan *s, const struct image *m)
{
	static const char *const shown[] = { "severity", "vulnerability",
		"package", "version", "fixed_version", "status", "layer",
		EXPLOITED_HEAD };
	struct output *o = output_new(shown, any_exploited(s, m) ? 8 : 7);
	char room[16], mark[24], status[96];

	for (size_t i = 0; i < m->nfindings; i++) {
		const struct finding *f = &m->findings[i];
		const struct match_package *p =
		    index_package_at(s->index, f->package);
		const struct exploit e = exploits_find(s->exploits,
		    f->vulnerability);
		const struct reason r = reason_of_finding(f);

		output_row(o, (const struct str[]) {
		    str_of(severity_name(f->severity)), f->vulnerability,
		    p->name, p->version, f->fixed_version,
		    reason_status(&r, status),
		    str_sub(layer_of(m, f, room, sizeof(room)), 0,
		    DIGEST_SHOWN), exploited_mark(&e, mark) });
	}
	if (m->nfindings > 0)
		output_print_unsorted(o, s->o->args->out);
	output_free(o);
}

static void
print_lines(FILE *out, const char *head, const struct str *v, size_t n)
{
	char shown[DIAG_TEXT * 4];

	for (size_t i = 0; i < n; i++) {
		text_escape(v[i], shown, sizeof(shown));
		fprintf(out, "%s%s\n", head, shown);
	}
}

static void
print_counts(FILE *out, const struct scan *s, const struct image *m)
{
	size_t count[SEVERITY_CRITICAL + 1] = { 0 }, total = 0, known = 0;

	for (size_t i = 0; i < m->nfindings; i++) {
		if (!str_eqz(m->findings[i].status, "affected") ||
		    m->findings[i].hidden)
			continue;
		count[m->findings[i].severity]++;
		total++;
		known += exploits_find(s->exploits,
		    m->findings[i].vulnerability).known;
	}
	fprintf(out, "%zu packages, %zu findings", m->n, total);
	for (int k = SEVERITY_CRITICAL; k >= SEVERITY_UNKNOWN; k--)
		if (count[k] > 0)
			fprintf(out, ", %zu %s", count[k],
			    severity_name((enum severity)k));
	if (known > 0)
		fprintf(out, ", %zu known exploited", known);
	if (m->nhidden > 0)
		fprintf(out, "; %zu that do not count: --all", m->nhidden);
	fputc('\n', out);
}

/* Verdict and what it rests on. */
static void
print_head(FILE *out, const struct scan *s, const struct image *m)
{
	char os[IMAGE_DISTRIBUTION_TEXT];
	struct str told = image_local_distribution(m->local, os);
	char shown[DIAG_TEXT];

	fprintf(out, "%s: %s: ", m->ref, verdict_name(m->judged.verdict));
	print_counts(out, s, m);
	if (told.n > 0) {
		text_escape(told, shown, sizeof(shown));
		fprintf(out, "  distribution: %s (%.*s)\n", shown,
		    STR_ARG(apply_told_distribution(
		    m->local->result)->confidence));
	}
	print_lines(out, "  because ", m->judged.reasons, m->judged.nreasons);
	print_lines(out, "  note: ", m->judged.notes, m->judged.nnotes);
	print_lines(out, "  note: ", m->local->result->notes,
	    m->local->result->nnotes);
}

static int
print_tables(const struct scan *s, struct diag *d)
{
	FILE *out = s->o->args->out;
	bool more = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct image *m = &s->images[i];

		if (m->local == NULL)
			continue;
		if (more)
			fputc('\n', out);
		more = true;
		print_head(out, s, m);
		if (m->explain == NULL) {
			print_findings(s, m);
			continue;
		}
		fputc('\n', out);
		rc = explain_local_print(m->explain, out, d);
	}
	return (rc);
}

/* The rows alone; verdicts go to standard error. */
static void
print_tsv(const struct scan *s)
{
	struct output *o = output_new(columns, NCOLUMNS);

	for (size_t i = 0; i < s->n; i++) {
		const struct image *m = &s->images[i];

		if (m->local == NULL)
			continue;
		add_rows(s, m, o);
		print_head(stderr, s, m);
	}
	output_print(o, OUTPUT_TSV, s->o->args->out);
	output_free(o);
}

static void
json_texts(struct json_writer *w, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_w_str(w, v[i]);
}

static void
json_finding(struct json_writer *w, const struct scan *s, const struct image *m,
    const struct finding *f)
{
	const struct match_package *p = index_package_at(s->index, f->package);
	const struct exploit e = exploits_find(s->exploits, f->vulnerability);
	const struct reason r = reason_of_finding(f);
	char room[16];

	json_w_object(w);
	json_w_kstr(w, "vulnerability", f->vulnerability);
	json_w_kstr(w, "severity", str_of(severity_name(f->severity)));
	json_w_kstr(w, "status", f->status);
	json_w_kstr(w, "type", p->type);
	json_w_kstr(w, "name", p->name);
	json_w_kstr(w, "version", p->version);
	json_w_kstr(w, "arch", p->arch);
	json_w_kstr(w, "fixed_version", f->fixed_version);
	json_w_kstr(w, "layer", layer_of(m, f, room, sizeof(room)));
	json_w_kstr(w, "path", package_of(m, f)->path);
	json_w_kstr(w, "advisory", f->advisory);
	if (f->hidden)
		json_w_kbool(w, "hidden", true);
	exploited_json(w, &e);
	reason_json(w, &r);
	json_w_end_object(w);
}

static void
json_image(struct json_writer *w, const struct scan *s, const struct image *m)
{
	char room[IMAGE_DISTRIBUTION_TEXT];
	const struct distribution *os;

	json_w_object(w);
	json_w_kstr(w, "ref", str_of(m->ref));
	if (m->local == NULL) {
		json_w_kstr(w, "error", str_of(m->error));
		json_w_end_object(w);
		return;
	}
	os = apply_told_distribution(m->local->result);
	json_w_kstr(w, "digest", m->local->digest);
	json_w_kstr(w, "distribution", image_local_distribution(m->local, room));
	json_w_kstr(w, "distribution_confidence", os->confidence);
	json_w_kstr(w, "verdict", str_of(verdict_name(m->judged.verdict)));
	json_w_key(w, "reasons");
	json_w_array(w);
	json_texts(w, m->judged.reasons, m->judged.nreasons);
	json_w_end_array(w);
	json_w_key(w, "notes");
	json_w_array(w);
	json_texts(w, m->judged.notes, m->judged.nnotes);
	json_texts(w, m->local->result->notes, m->local->result->nnotes);
	json_w_end_array(w);
	json_w_kint(w, "packages", (int64_t)m->n);
	json_w_key(w, "findings");
	json_w_array(w);
	for (size_t i = 0; i < m->nfindings; i++)
		json_finding(w, s, m, &m->findings[i]);
	json_w_end_array(w);
	if (m->explain != NULL) {
		json_w_key(w, "explanation");
		explain_json(m->explain, w);
	}
	json_w_end_object(w);
}

static int
print_json(const struct scan *s)
{
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, SCAN_JSON);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_key(&w, "images");
	json_w_array(&w);
	for (size_t i = 0; i < s->n; i++)
		json_image(&w, s, &s->images[i]);
	json_w_end_array(&w);
	json_w_end_object(&w);
	if ((rc = w.error) == 0) {
		fwrite(b.p, 1, b.n, s->o->args->out);
		fputc('\n', s->o->args->out);
	}
	buf_done(&b);
	return (rc);
}

/* ---------------------------------------------------------------------- explaining */

static int
explain_image_local(struct scan *s, struct image *m, struct diag *d)
{
	const struct image_local *l = m->local;
	int rc;

	m->explain = explain_new(EXPLAIN_MEMORY, str_of(s->o->explain.id));
	m->explain_layers = mem_array(l->nlayers + 1,
	    sizeof(*m->explain_layers));
	for (size_t i = 0; i < l->nlayers; i++) {
		m->explain_layers[i].digest = l->digests[i];
		if (l->created_by != NULL)
			m->explain_layers[i].created_by = l->created_by[i];
	}
	if ((rc = explain_image(m->explain, l->result, m->explain_layers,
	    l->nlayers, d)) == 0)
		rc = explain_local_names(s->index, s->o->explain.id,
		    m->findings, m->nfindings, m->explain, d);
	return (rc);
}

static int
explain_all(struct scan *s, struct diag *d)
{
	struct explain **v = mem_array(s->n, sizeof(*v));
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		if (s->images[i].local == NULL)
			continue;
		rc = explain_image_local(s, &s->images[i], d);
		v[n++] = s->images[i].explain;
	}
	if (rc == 0)
		rc = explain_local_read(s->o->feed, s->index, v, n, d);
	free(v);
	return (rc);
}

/* ------------------------------------------------------------------------ together */

static int
match_and_judge(struct scan *s, struct diag *d)
{
	struct feed_count count = { 0 };
	const struct index_hit *hits;
	size_t n;
	int rc;

	if ((rc = add_images(s, d)) < 0 || (s->o->explain.id[0] != '\0' &&
	    (rc = index_ask(s->index, str_of(s->o->explain.id), d)) < 0) ||
	    (rc = feed_local_read("scan", s->o->feed, s->index, s->exploits,
	    &count, s->unread, d)) < 0 ||
	    (rc = index_finish(s->index, &hits, &n, d)) < 0)
		return (rc);
	s->findings = finding_list(s->index, hits, n, &n);
	give_findings(s, n);
	for (size_t i = 0; rc == 0 && i < s->n; i++)
		if (s->images[i].local != NULL && judge(s, &s->images[i]) < 0)
			rc = diag_set(d, ERR_LIMIT, 0,
			    "more reasons than memory is allowed for");
	if (rc == 0 && s->o->explain.on)
		rc = explain_all(s, d);
	return (rc);
}

static int
worst_status(const struct scan *s)
{
	int status = CLI_OK;

	for (size_t i = 0; i < s->n; i++)
		status = scan_worse(status, s->images[i].status);
	return (status);
}

static int
scan_all(struct scan *s)
{
	struct diag d = { .code = ERR_OK };
	bool any = false;
	int rc;

	for (size_t i = 0; i < s->n; i++) {
		read_image(s, &s->images[i]);
		any |= s->images[i].local != NULL;
	}
	if (!any)
		return (worst_status(s));
	if ((rc = match_and_judge(s, &d)) < 0) {
		message("scan", "advisories of %s: %s", s->o->feed, d.text);
		return (feed_local_exit(rc));
	}
	if (s->o->args->format == OUTPUT_JSON && print_json(s) < 0) {
		message("scan", "the result is too large");
		return (CLI_USAGE);
	}
	if (s->o->args->format == OUTPUT_TSV)
		print_tsv(s);
	else if (s->o->args->format == OUTPUT_TABLE &&
	    print_tables(s, &d) < 0) {
		message("scan", "%s", d.text);
		return (CLI_USAGE);
	}
	return (worst_status(s));
}

int
scan_local(char *const *refs, size_t n, const struct scan_options *o)
{
	struct scan s = { .o = o, .n = n };
	time_t now = time(NULL);
	struct tm day;
	int rc;

	layer_warm_up();
	s.images = mem_array(n, sizeof(*s.images));
	s.index = index_new(SCAN_MEMORY);
	s.exploits = exploits_new(SCAN_EXPLOITS);
	s.pool = pool_new(SCAN_MEMORY);
	strftime(s.today, sizeof(s.today), "%Y-%m-%d", gmtime_r(&now, &day));
	for (size_t i = 0; i < n; i++)
		s.images[i].ref = refs[i];
	rc = scan_all(&s);
	for (size_t i = 0; i < n; i++) {
		explain_free(s.images[i].explain);
		free(s.images[i].explain_layers);
		image_local_free(s.images[i].local);
		free(s.images[i].apply);
	}
	free(s.findings);
	exploits_free(s.exploits);
	index_free(s.index);
	pool_free(s.pool);
	free(s.images);
	return (rc);
}
