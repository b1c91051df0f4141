/*
 * Documents to outcomes; see explain.h.  A document meets the packages that one
 * of its entries names; when one vulnerability is asked for also those of another
 * release of the same ecosystem, because "it speaks of Debian:11 only" is an
 * answer.
 */
#include <assert.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/version.h"
#include "explain_parts.h"

struct explain_row {
	struct str name, namespace;	/* as match_key has them */
	bool binary;		/* by its own name, for what is said of binaries */
	size_t item;
};

struct explain *
explain_new(size_t max, struct str asked)
{
	struct explain *x = mem_alloc(sizeof(*x));

	x->pool = pool_new(max);
	x->asked = str_n(mem_strndup(asked), asked.n);
	return (x);
}

void
explain_free(struct explain *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->nsources; i++) {
		for (size_t k = 0; k < x->sources[i]->n; k++)
			free(x->sources[i]->entries[k].steps);
		free(x->sources[i]->entries);
		free(x->sources[i]);
	}
	for (size_t i = 0; i < x->nitems; i++)
		free(x->items[i].places);
	free((void *)(uintptr_t)x->asked.p);
	free(x->items);
	free(x->rows);
	free(x->names);
	free(x->sources);
	free(x->claims);
	free(x->outcomes);
	pool_free(x->pool);
	free(x);
}

size_t
explain_affected(const struct explain *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->noutcomes; i++)
		n += x->outcomes[i].counts &&
		    strcmp(x->outcomes[i].status, "affected") == 0;
	return (n);
}

static int
full(struct diag *d)
{
	return (diag_set(d, ERR_LIMIT, 0,
	    "the explanation is larger than its memory; ask for one vulnerability"));
}

/* ------------------------------------------------------------------ packages */

static int
copy_package(struct pool *pool, const struct match_package *p,
    struct match_package *ret)
{
	const struct str *from[] = { &p->namespace, &p->type, &p->name,
		&p->version, &p->arch, &p->source_name, &p->source_version,
		&p->origin, &p->module, &p->channels, &p->owner_namespace,
		&p->owner_source, &p->owner_version };
	struct str *to[] = { &ret->namespace, &ret->type, &ret->name,
		&ret->version, &ret->arch, &ret->source_name,
		&ret->source_version, &ret->origin, &ret->module,
		&ret->channels, &ret->owner_namespace, &ret->owner_source,
		&ret->owner_version };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(to) / sizeof(to[0]); i++)
		rc = pool_str(pool, *from[i], to[i]);
	return (rc);
}

static int
add_item(struct explain *x, const struct match_package *p,
    const struct explain_place *place, struct diag *d)
{
	struct explain_item item = { .nplaces = place != NULL };

	assert(!x->sealed);
	if (copy_package(x->pool, p, &item.p) < 0)
		return (full(d));
	if (place != NULL) {
		item.places = mem_array(1, sizeof(*item.places));
		item.places[0] = *place;
	}
	MEM_ADD(x->items, x->nitems, x->items_cap, item);
	return (0);
}

int
explain_package(struct explain *x, const struct match_package *p,
    struct diag *d)
{
	return (add_item(x, p, NULL, d));
}

/* "NAME VERSION" of the owner, in the pool. */
static int
owner_text(struct explain *x, const struct package *owner, struct str *ret)
{
	struct buf b;
	int rc;

	buf_init(&b, 4 * LIMIT_PACKAGE_TEXT);
	if ((rc = buf_str(&b, owner->name)) == 0 &&
	    (rc = buf_byte(&b, ' ')) == 0 &&
	    (rc = buf_str(&b, owner->version)) == 0)
		rc = pool_str(x->pool, buf_view(&b), ret);
	buf_done(&b);
	return (rc);
}

int
explain_image(struct explain *x, const struct apply_result *r,
    const struct explain_layer *layers, size_t n, struct diag *d)
{
	char ns[NAMESPACE_TEXT];
	int rc = 0;

	x->layers = layers;
	x->nlayers = n;
	x->os_id = r->os.id;
	x->os_version = r->os.version;
	for (size_t i = 0; rc == 0 && i < r->n; i++) {
		const struct apply_package *q = &r->packages[i];
		struct match_package p = apply_match_package(r, i, ns);
		struct explain_place place = { .path = q->path,
			.analyzer = q->kind, .layer = q->layer,
			.file_layer = q->file_layer,
			.state = q->p.state.n > 0 ? q->p.state : q->p.scope };

		if (q->owner != NULL &&
		    owner_text(x, q->owner, &place.owner) < 0)
			rc = full(d);
		else
			rc = add_item(x, &p, &place, d);
	}
	return (rc);
}

int
explain_name(struct explain *x, struct str name, struct diag *d)
{
	struct str copy;

	for (size_t i = 0; x->asked.n > 0 && i < x->nnames; i++)
		if (str_eq(x->names[i], name))
			return (0);
	if (pool_str(x->pool, name, &copy) < 0)
		return (full(d));
	MEM_ADD(x->names, x->nnames, x->names_cap, copy);
	return (0);
}

/* ------------------------------------------------------------------ look-ups */

static int
package_cmp_all(const struct match_package *a, const struct match_package *b)
{
	const struct str *x[] = { &a->name, &a->version, &a->type, &a->arch,
		&a->namespace, &a->source_name, &a->source_version, &a->origin,
		&a->module, &a->channels, &a->owner_namespace,
		&a->owner_source, &a->owner_version };
	const struct str *y[] = { &b->name, &b->version, &b->type, &b->arch,
		&b->namespace, &b->source_name, &b->source_version, &b->origin,
		&b->module, &b->channels, &b->owner_namespace,
		&b->owner_source, &b->owner_version };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(x) / sizeof(x[0]); i++)
		r = str_cmp(*x[i], *y[i]);
	return (r);
}

static int
item_cmp(const void *a, const void *b)
{
	const struct explain_item *x = a, *y = b;
	int r = package_cmp_all(&x->p, &y->p);

	if (r == 0 && x->nplaces > 0 && y->nplaces > 0)
		r = str_cmp(x->places[0].path, y->places[0].path);
	return (r);
}

static int
row_cmp(const void *a, const void *b)
{
	const struct explain_row *x = a, *y = b;
	int r;

	if ((r = str_cmp(x->name, y->name)) != 0 ||
	    (r = str_cmp(x->namespace, y->namespace)) != 0)
		return (r);
	return (x->item < y->item ? -1 : x->item > y->item);
}

static int
str_order(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* The same package at several places is one. */
static void
join_items(struct explain *x)
{
	size_t n = 0;

	if (x->nitems == 0)
		return;
	qsort(x->items, x->nitems, sizeof(*x->items), item_cmp);
	for (size_t i = 1; i < x->nitems; i++) {
		struct explain_item *to = &x->items[n], *from = &x->items[i];

		if (package_cmp_all(&to->p, &from->p) != 0) {
			x->items[++n] = *from;
			continue;
		}
		if (from->nplaces > 0) {
			to->places = mem_realloc(to->places, to->nplaces + 1,
			    sizeof(*to->places));
			to->places[to->nplaces++] = from->places[0];
		}
		free(from->places);
	}
	x->nitems = n + 1;
}

static void
add_row(struct explain *x, struct str namespace, struct str name, bool binary,
    size_t item)
{
	struct explain_row row = { name, namespace, binary, item };

	MEM_ADD(x->rows, x->nrows, x->rows_cap, row);
}

static int
seal(struct explain *x, struct diag *d)
{
	struct match_key keys[MATCH_KEYS_MAX];
	size_t n;

	join_items(x);
	for (size_t i = 0; i < x->nitems; i++) {
		const struct match_package *p = &x->items[i].p;

		if (match_package_keys(p, x->pool, keys, &n, d) < 0)
			return (full(d));
		for (size_t k = 0; k < n; k++)
			add_row(x, keys[k].namespace, keys[k].name, false, i);
		if (match_has_binary_name(p))
			add_row(x, p->namespace, p->name, true, i);
		if (n == 0)	/* never matched, but people ask why */
			add_row(x, p->namespace, p->name, false, i);
	}
	if (x->nrows > 0)
		qsort(x->rows, x->nrows, sizeof(*x->rows), row_cmp);
	if (x->nnames > 0)
		qsort(x->names, x->nnames, sizeof(*x->names), str_order);
	x->sealed = true;
	return (0);
}

/* The first row of that name. */
static size_t
lower_bound(const struct explain *x, struct str name)
{
	size_t lo = 0, hi = x->nrows, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(x->rows[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static bool
is_wanted(const struct explain *x, struct str name)
{
	return (x->nnames > 0 && bsearch(&name, x->names, x->nnames,
	    sizeof(*x->names), str_order) != NULL);
}

/* "Debian:12" and "Debian:11" are of one ecosystem. */
static bool
same_ecosystem(struct str a, struct str b)
{
	return (str_eq(str_sub(a, 0, str_find(a, ':')),
	    str_sub(b, 0, str_find(b, ':'))));
}

static int
number_cmp(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x < y ? -1 : x > y);
}

/* The packages that ${a} speaks about, each once; freed by the caller. */
static size_t *
candidates(const struct explain *x, const struct advisory *a, size_t *ret_n)
{
	size_t *v = NULL, n = 0, cap = 0, kept = 0;
	char spoken[NAMESPACE_TEXT];
	struct buf name;

	buf_init(&name, LIMIT_PACKAGE_TEXT);
	for (size_t i = 0; i < a->naffected; i++) {
		const struct advisory_affected *e = &a->affected[i];
		struct str key, ns = namespace_spoken_of(e->ecosystem, spoken);

		buf_clear(&name);
		if (version_name_key(e->ecosystem, e->name, &name) < 0)
			continue;	/* longer than any package's */
		key = buf_view(&name);
		for (size_t k = lower_bound(x, key); k < x->nrows &&
		    str_eq(x->rows[k].name, key); k++)
			if (x->rows[k].binary == e->by_binary &&
			    (x->asked.n > 0 ? same_ecosystem(ns,
			    x->rows[k].namespace) : str_eq(ns,
			    x->rows[k].namespace)))
				MEM_ADD(v, n, cap, x->rows[k].item);
	}
	buf_done(&name);
	if (n > 0)
		qsort(v, n, sizeof(*v), number_cmp);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || v[kept - 1] != v[i])
			v[kept++] = v[i];
	*ret_n = kept;
	return (v);
}

/* ------------------------------------------------------------------ documents */

/* match_decide() at work on one pair. */
struct watch {
	struct explain *x;
	const struct advisory *a;
	struct explain_source *s;
	bool full;
};

/* For people: a document may well write a megabyte where a version belongs. */
#define SHOWN 1024

static struct str
keep(struct watch *w, struct str s)
{
	struct str ret = { NULL, 0 };

	w->full |= pool_str(w->x->pool, str_sub(s, 0, SHOWN), &ret) < 0;
	return (ret);
}

/* The entry that ${m} is about, a new one where none is; NULL = too many. */
static struct explain_entry *
entry_of(struct watch *w, const struct match_step *m)
{
	const struct advisory_affected *e = &w->a->affected[m->entry];
	struct explain_source *s = w->s;
	struct explain_entry *last = s->n > 0 ? &s->entries[s->n - 1] : NULL;

	if (last != NULL && last->number == m->entry &&
	    str_eq(last->as, m->key->name))
		return (last);
	if (s->n == EXPLAIN_ENTRIES) {
		s->more++;
		return (NULL);
	}
	s->entries = mem_realloc(s->entries, s->n + 1, sizeof(*s->entries));
	s->entries[s->n] = (struct explain_entry) {
		.number = m->entry, .ecosystem = keep(w, e->ecosystem),
		.name = keep(w, e->name), .module = keep(w, e->module),
		.channels = keep(w, e->channels),
		.reason = keep(w, e->status_reason), .status = e->status,
		.as = keep(w, m->key->name), .version = keep(w, m->key->version),
		.other_build = strcmp(m->result, "other build") == 0,
		.other_channel = strcmp(m->result, "other channel") == 0 };
	return (&s->entries[s->n++]);
}

/* Of the comparisons left out none is the one that decides: what lies inside, else
 * the last range that is behind. */
static bool
tells_more(const struct explain_step *new, const struct explain_step *last)
{
	static const char *const order[] = { "behind", "listed", "inside" };
	int a = -1, b = -1;

	for (int i = 0; i < 3; i++) {
		a = strcmp(new->result, order[i]) == 0 ? i : a;
		b = strcmp(last->result, order[i]) == 0 ? i : b;
	}
	return (a >= 0 && a >= b);
}

static void
on_step(void *arg, const struct match_step *m)
{
	struct watch *w = arg;
	const struct advisory_affected *e = &w->a->affected[m->entry];
	struct explain_entry *to = entry_of(w, m);
	struct explain_step step = { .result = m->result };
	const struct advisory_range *r;

	if (to == NULL || m->what == MATCH_STEP_ENTRY)
		return;
	if (to->nsteps == EXPLAIN_STEPS) {
		to->more++;
		if (!tells_more(&step, &to->steps[to->nsteps - 1]))
			return;
		to->nsteps--;
	}
	if (m->what == MATCH_STEP_VERSIONS) {
		step.versions = true;
		step.listed = e->nversions;
	} else {
		r = &e->ranges[m->range];
		step.range = (struct advisory_range) { .lo = keep(w, r->lo),
			.hi = keep(w, r->hi), .fixed = keep(w, r->fixed),
			.hi_inclusive = r->hi_inclusive,
			.lo_exclusive = r->lo_exclusive };
	}
	to->steps = mem_realloc(to->steps, to->nsteps + 1, sizeof(step));
	to->steps[to->nsteps++] = step;
}

/* "Debian:11, Debian:13": where the document speaks of what ${item} is looked up
 * as. */
static struct str
elsewhere(struct watch *w, size_t item)
{
	const struct explain *x = w->x;
	struct str last = { NULL, 0 }, ret;
	struct buf b, name;
	size_t n = 0;
	int rc = 0;

	buf_init(&b, 1024);
	buf_init(&name, LIMIT_PACKAGE_TEXT);
	for (size_t i = 0; rc == 0 && n < 8 && i < w->a->naffected; i++) {
		const struct advisory_affected *e = &w->a->affected[i];
		bool is = false;

		buf_clear(&name);
		if (version_name_key(e->ecosystem, e->name, &name) < 0 ||
		    str_eq(last, e->ecosystem))
			continue;
		for (size_t k = lower_bound(x, buf_view(&name)); !is &&
		    k < x->nrows && str_eq(x->rows[k].name, buf_view(&name));
		    k++)
			is = x->rows[k].item == item &&
			    x->rows[k].binary == e->by_binary &&
			    same_ecosystem(e->ecosystem, x->rows[k].namespace);
		if (!is)
			continue;
		if (n++ > 0)
			rc = buf_str(&b, str_of(", "));
		if (rc == 0)
			rc = buf_str(&b, e->ecosystem);
		last = e->ecosystem;
	}
	/* cut where the line is full */
	ret = keep(w, buf_view(&b));
	buf_done(&name);
	buf_done(&b);
	return (ret);
}

static void
copy_head(struct watch *w, const struct explain_document *doc)
{
	struct explain_source *s = w->s;

	s->feed = keep(w, doc->feed);
	s->ignored = doc->ignored;
	s->advisory = keep(w, w->a->id);
	s->modified = keep(w, w->a->modified);
	s->withdrawn = keep(w, w->a->withdrawn);
	s->summary = keep(w, w->a->summary);
}

/* The rating that counted: of the deciding entry, unless another that says the
 * same is graver. */
static void
rate(struct watch *w)
{
	struct explain_source *s = w->s;

	struct match_rating other;

	s->rating = match_rating(w->a, &w->a->affected[s->r.entry]);
	for (size_t i = 0; s->rating.severity != s->r.severity && i < s->n; i++) {
		other = match_rating(w->a,
		    &w->a->affected[s->entries[i].number]);
		if (other.severity == s->r.severity)
			s->rating = other;
	}
	s->rating.cvss = keep(w, s->rating.cvss);
}

static int
explain_pair(struct explain *x, const struct explain_document *doc,
    const struct advisory *a, size_t item, struct diag *d)
{
	struct watch w = { .x = x, .a = a };
	struct match_trace trace = { on_step, &w };
	struct explain_source *s = w.s = mem_alloc(sizeof(*s));
	int rc = 0;

	s->item = item;
	MEM_ADD(x->sources, x->nsources, x->sources_cap, s);
	copy_head(&w, doc);
	s->r.rule = "ignored";
	if (doc->ignored == NULL && (rc = match_decide_traced(&x->items[item].p,
	    a, &trace, &s->r, d)) < 0)
		return (rc);
	s->r.reason = keep(&w, s->r.reason);
	/* whole: it is compared again */
	w.full |= pool_str(x->pool, s->r.fixed_version,
	    &s->r.fixed_version) < 0;
	for (size_t i = 0; i < s->n; i++)
		s->entries[i].no_version = s->entries[i].nsteps == 0 &&
		    !s->entries[i].other_build && !s->entries[i].other_channel;
	if (s->r.applies)
		rate(&w);
	else if (s->n == 0)
		s->elsewhere = elsewhere(&w, item);
	return (w.full ? full(d) : 0);
}

/* "PyPI django, npm x and 3 more" */
static struct str
packages_text(struct watch *w)
{
	const struct advisory *a = w->a;
	struct str ret;
	struct buf b;
	int rc = 0;

	buf_init(&b, 2048);
	for (size_t i = 0; rc == 0 && i < a->naffected && i < 5; i++)
		rc = buf_printf(&b, "%s%.*s %.*s", i > 0 ? ", " : "",
		    STR_ARG(str_sub(a->affected[i].ecosystem, 0, 100)),
		    STR_ARG(str_sub(a->affected[i].name, 0, 200)));
	if (rc == 0 && a->naffected > 5)
		rc = buf_printf(&b, " and %zu more", a->naffected - 5);
	ret = keep(w, buf_view(&b));
	buf_done(&b);
	return (ret);
}

static int
add_other(struct explain *x, const struct explain_document *doc,
    const struct advisory *a, struct str name, struct diag *d)
{
	struct watch w = { .x = x, .a = a };

	if (x->nothers == EXPLAIN_OTHERS) {
		x->more_others++;
		return (0);
	}
	x->others[x->nothers++] = (struct explain_other) {
		.name = keep(&w, name), .feed = keep(&w, doc->feed),
		.advisory = keep(&w, a->id), .packages = packages_text(&w),
		.ignored = doc->ignored };
	return (w.full ? full(d) : 0);
}

int
explain_advisory(struct explain *x, const struct explain_document *doc,
    const struct advisory *a, struct diag *d)
{
	size_t *v = NULL, n = 0, wanted = 0;
	struct str *names, first = { NULL, 0 };
	int rc = 0;

	if (!x->sealed && (rc = seal(x, d)) < 0)
		return (rc);
	names = mem_array(doc->n + 1, sizeof(*names));
	for (size_t i = 0; i < doc->n; i++)
		if (is_wanted(x, doc->names[i])) {
			first = wanted == 0 ? doc->names[i] : first;
			if (pool_str(x->pool, doc->names[i],
			    &names[wanted++]) < 0) {
				rc = full(d);
				goto out;
			}
		}
	if (wanted == 0)
		goto out;
	v = candidates(x, a, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = explain_pair(x, doc, a, v[i], d);
		for (size_t k = 0; rc == 0 && k < wanted; k++)
			MEM_ADD(x->claims, x->nclaims, x->claims_cap,
			    ((struct explain_claim) { .name = names[k],
			    .source = x->nsources - 1 }));
	}
	if (rc == 0 && n == 0 && x->asked.n > 0)
		rc = add_other(x, doc, a, first, d);
out:
	free(v);
	free(names);
	return (rc);
}

/* ------------------------------------------------------------------ outcomes */

static int
claim_cmp(const void *a, const void *b, void *arg)
{
	const struct explain_claim *x = a, *y = b;
	const struct explain *e = arg;
	const struct explain_source *s = e->sources[x->source];
	const struct explain_source *t = e->sources[y->source];
	int r;

	if ((r = str_cmp(x->name, y->name)) != 0)
		return (r);
	if (s->item != t->item)
		return (s->item < t->item ? -1 : 1);
	if ((r = str_cmp(s->advisory, t->advisory)) != 0 ||
	    (r = str_cmp(s->feed, t->feed)) != 0)
		return (r);
	return (x->source < y->source ? -1 : x->source > y->source);
}

static struct finding
finding_of(const struct explain *x, const struct explain_outcome *o, size_t i)
{
	const struct explain_source *s = explain_source_of(x, &o->claims[i]);

	/* its "package" is the claim that decides, once folded */
	struct finding f = finding_of_match(i, &s->r);

	f.vulnerability = o->name;
	f.advisory = s->advisory;
	return (f);
}

/* Might it apply, if only something could be compared? */
static bool
is_unsure(const struct explain_source *s)
{
	if (s->ignored != NULL || s->r.applies)
		return (false);
	if (strcmp(s->r.rule, "no version order") == 0)
		return (true);
	for (size_t i = 0; i < s->n; i++) {
		const struct explain_entry *e = &s->entries[i];

		if (vex_status_denies(e->status) || e->other_build ||
		    e->other_channel)
			continue;
		if (e->no_version)
			return (true);
		for (size_t k = 0; k < e->nsteps; k++)
			if (strstr(e->steps[k].result, "without order") != NULL)
				return (true);
	}
	return (false);
}

/* The rule that best says why: the first of these that held against another. */
static const char *
best_rule(const struct explain_outcome *o)
{
	static const char *const order[] = { "denial", "later_statement",
		"certain", "known_fix", "farthest_fix", "with_reason",
		"first_id" };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < o->n; i++)
			if (o->claims[i].rule != NULL &&
			    strcmp(o->claims[i].rule, order[k]) == 0)
				return (order[k]);
	return ("only_source");
}

static void
fold(struct explain *x, struct explain_outcome *o, struct explain_claim *claims)
{
	struct str ns = x->items[o->item].p.namespace;
	struct finding_fold folded = { .namespace = ns };
	enum vex_status status = VEX_AFFECTED;
	bool unsure = false;
	struct finding more;

	o->decider = SIZE_MAX;
	for (size_t i = 0; i < o->n; i++) {
		unsure |= is_unsure(explain_source_of(x, &o->claims[i]));
		if (!explain_source_of(x, &o->claims[i])->r.applies)
			continue;
		more = finding_of(x, o, i);
		finding_fold_add(&folded, &more);
		o->f = finding_fold_end(&folded);
		o->decider = o->f.package;
	}
	if (o->decider == SIZE_MAX) {
		o->status = unsure ? "unknown" : "not_affected";
		o->rule = "none_applies";
		return;
	}
	for (size_t i = 0; i < o->n; i++) {
		if (i == o->decider ||
		    !explain_source_of(x, &o->claims[i])->r.applies)
			continue;
		more = finding_of(x, o, i);
		claims[i].rule = !finding_in_force(&folded, &more) ?
		    "later_statement" : finding_rule(ns, &(struct finding) {
		    .advisory = o->f.advisory, .status = o->f.status,
		    .fixed_version = o->f.fixed_version,
		    .reason = o->f.reason }, &more);
	}
	vex_status_of(o->f.status, &status);
	o->status = vex_status_name(status);
	o->counts = finding_end(&o->f);
	o->rule = best_rule(o);
}

static int
outcome_cmp(const void *a, const void *b)
{
	const struct explain_outcome *x = a, *y = b;
	int r;

	if (x->counts != y->counts)
		return (x->counts ? -1 : 1);
	if (x->counts && x->f.severity != y->f.severity)
		return (x->f.severity > y->f.severity ? -1 : 1);
	if ((r = str_cmp(x->name, y->name)) != 0)
		return (r);
	return (x->item < y->item ? -1 : x->item > y->item);
}

int
explain_finish(struct explain *x, struct diag *d)
{
	size_t n = 0;
	int rc;

	if (!x->sealed && (rc = seal(x, d)) < 0)
		return (rc);
	if (x->nclaims == 0)
		return (0);
	qsort_r(x->claims, x->nclaims, sizeof(*x->claims), claim_cmp, x);
	x->outcomes = mem_array(x->nclaims, sizeof(*x->outcomes));
	for (size_t i = 0, end; i < x->nclaims; i = end) {
		struct explain_outcome *o = &x->outcomes[n];
		size_t item = explain_source_of(x, &x->claims[i])->item;

		for (end = i; end < x->nclaims && str_eq(x->claims[end].name,
		    x->claims[i].name) && explain_source_of(x,
		    &x->claims[end])->item == item; end++)
			;
		*o = (struct explain_outcome) { .name = x->claims[i].name,
			.item = item, .claims = &x->claims[i], .n = end - i };
		fold(x, o, &x->claims[i]);
		/* without a question only what counts is explained */
		if (x->asked.n > 0 || (o->counts && !o->f.hidden))
			n++;
	}
	x->noutcomes = n;
	if (n > 0)
		qsort(x->outcomes, n, sizeof(*x->outcomes), outcome_cmp);
	return (0);
}
