/*
 * The rules of matching; see match.h.  OSV's evaluation, with two choices that
 * the schema leaves open: ranges decide where they can be ordered, enumerated
 * versions only where they cannot (expansions made with a wrong order name
 * fixed versions as affected); and versions are equal when their order says so.
 */
#include "match.h"
#include "match_parts.h"
#include "channel.h"
#include "ubuntu.h"
#include "common/cvss.h"
#include "common/limits.h"
#include "common/version.h"

static void
tell(const struct match_trace *t, const struct match_step *step)
{
	if (t != NULL)
		t->step(t->arg, step);
}

/* Is ${v} the version ${lo} that a range begins behind? */
static bool
is_excluded(const struct version_scheme *s, struct str v, struct str lo,
    const struct advisory_range *r)
{
	int c;

	return (r->lo_exclusive && version_cmp(s, v, lo, &c, NULL) == 0 &&
	    c == 0);
}

/* On which side of ${r}, which begins at ${lo}, does ${v}, outside of it, lie? */
static const char *
side_of(const struct version_scheme *s, struct str v, struct str lo,
    const struct advisory_range *r)
{
	bool above = false;

	return (version_in_range(s, v, lo, str_of(""), false, &above,
	    NULL) == 0 && above && !is_excluded(s, v, lo, r) ? "behind" :
	    "before");
}

/* ---------------------------------------------------------- what an entry covers */

static bool
is_ordered(const struct version_scheme *s, struct str v)
{
	int c;

	return (version_cmp(s, v, v, &c, NULL) == 0);
}

/* Can the order of ${s} place both bounds? */
static bool
range_is_ordered(const struct version_scheme *s, const struct advisory_range *r)
{
	return ((r->lo.n == 0 || str_eqz(r->lo, "0") || is_ordered(s, r->lo)) &&
	    (r->hi.n == 0 || is_ordered(s, r->hi)));
}

/*
 * Do the enumerated versions of ${a} count?  Only where ranges cannot decide:
 * there are none, or one of them cannot be ordered.  (A package's version that
 * cannot be ordered is in no range: it meets enumerated texts in any case.)
 */
static bool
versions_decide(const struct advisory_affected *a, const struct version_scheme *s)
{
	/* ranges that cover nothing decide too: not affected */
	if (a->nranges == 0)
		return (!str_eqz(a->range_type, "ECOSYSTEM") &&
		    !str_eqz(a->range_type, "SEMVER"));
	for (size_t i = 0; i < a->nranges; i++)
		if (!range_is_ordered(s, &a->ranges[i]))
			return (true);
	return (false);
}

/* One row; *${n} counts it. */
static int
add_range(const struct match_range *base, struct buf *lo, struct buf *hi,
    struct pool *pool, struct match_range *ret, size_t *n)
{
	struct match_range r = *base;
	int rc;

	if ((rc = match_keep(lo, pool, &r.lo)) < 0 || (rc = match_keep(hi, pool, &r.hi)) < 0)
		return (rc);
	if (str_cmp(r.lo, r.hi) < 0)
		ret[(*n)++] = r;
	return (0);
}

/* Equality with one enumerated version. */
static int
version_keys(const struct version_scheme *s, struct str v, struct buf *lo,
    struct buf *hi)
{
	int rc;

	/* "0" as a bound means minus infinity; as a version it is just that */
	if (version_range_keys(s, str_of(""), v, true, lo, hi, NULL) == 0 &&
	    hi->n > 0 && v.n > 0)
		return (version_key(s, v, lo, NULL));
	buf_clear(lo);
	buf_clear(hi);
	if ((rc = match_text_key(s, v, lo)) < 0 || (rc = buf_str(hi, buf_view(lo))) < 0)
		return (rc);
	return (buf_byte(hi, 0x00));
}

static int
add_ranges(const struct advisory_affected *a, const struct version_scheme *s,
    const struct match_range *base, struct pool *pool, struct match_range *ret,
    size_t *n, bool *unmatched)
{
	bool listed = versions_decide(a, s);
	struct buf lo, hi;
	int rc = 0;

	buf_init(&lo, LIMIT_VERSION_KEY + LIMIT_PACKAGE_TEXT);
	buf_init(&hi, LIMIT_VERSION_KEY + LIMIT_PACKAGE_TEXT);
	for (size_t i = 0; rc == 0 && i < a->nranges; i++) {
		const struct advisory_range *r = &a->ranges[i];

		if (version_range_keys(s, r->lo, r->hi, r->hi_inclusive, &lo,
		    &hi, NULL) < 0)
			*unmatched = true;
		else
			rc = add_range(base, &lo, &hi, pool, ret, n);
	}
	for (size_t i = 0; rc == 0 && i < a->nversions; i++) {
		if (a->versions[i].n > LIMIT_PACKAGE_TEXT)
			continue;	/* no package has that */
		if (!listed && is_ordered(s, a->versions[i]))
			continue;
		if ((rc = version_keys(s, a->versions[i], &lo, &hi)) == 0)
			rc = add_range(base, &lo, &hi, pool, ret, n);
	}
	buf_done(&lo);
	buf_done(&hi);
	return (rc);
}

int
match_entry_ranges(const struct advisory_affected *a, struct pool *pool,
    struct match_range **ret, size_t *n, bool *unmatched, struct diag *d)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(a->ecosystem);
	struct match_range base = { .lo = { NULL, 0 } }, *v = NULL;
	char namespace[NAMESPACE_TEXT];
	size_t count = 0;
	bool lost = s == NULL ||
	    (a->nranges == 0 && a->nversions == 0);
	struct buf name;
	int rc = 0;

	buf_init(&name, LIMIT_PACKAGE_TEXT);
	if (lost)
		goto out;
	if (version_name_key(a->ecosystem, a->name, &name) < 0) {
		lost = true;	/* longer than any package's name */
		goto out;
	}
	if ((rc = match_keep(&name, pool, &base.name)) < 0 ||
	    (rc = pool_str(pool, namespace_spoken_of(a->ecosystem, namespace),
	    &base.namespace)) < 0)
		goto out;
	v = pool_alloc(pool, (a->nranges + a->nversions) * sizeof(*v));
	if (v == NULL)
		rc = ERR_LIMIT;
	else
		rc = add_ranges(a, s, &base, pool, v, &count, &lost);
out:
	buf_done(&name);
	if (rc < 0)
		return (diag_set(d, rc, 0,
		    "advisory entry: more ranges than its memory holds"));
	*ret = v;
	*n = count;
	*unmatched = lost;
	return (0);
}

/* ------------------------------------------------------------------- the decision */

/* Of a package that a registry served, in OSV's data of malicious packages. */
static bool
is_malware(const struct advisory *a)
{
	return (str_starts(a->id, "MAL-"));
}

struct match_rating
match_rating(const struct advisory *a, const struct advisory_affected *e)
{
	bool own = e != NULL && (e->severity != SEVERITY_UNKNOWN ||
	    e->cvss.n != 0);
	enum severity word = own ? e->severity : a->severity;
	struct str vector = own ? e->cvss : a->cvss;
	int tenths;

	if (is_malware(a))
		return ((struct match_rating) { SEVERITY_CRITICAL,
		    MATCH_RATED_PACKAGE, "malware", { NULL, 0 } });
	if (word != SEVERITY_UNKNOWN)
		return ((struct match_rating) { word, own ?
		    MATCH_RATED_PACKAGE : MATCH_RATED_DOCUMENT, own ? "entry" :
		    "document", { NULL, 0 } });
	if (vector.n != 0 && cvss_base(vector, &tenths, NULL) == 0)
		return ((struct match_rating) { cvss_severity(vector, tenths),
		    MATCH_RATED_SCORE, own ? "entry_cvss" : "document_cvss",
		    vector });
	return ((struct match_rating) { SEVERITY_UNKNOWN,
	    MATCH_RATED_NOT, "", { NULL, 0 } });
}

/* Keep the smaller of two fixes; a version that no order knows loses. */
static void
prefer_fixed(const struct version_scheme *s, struct str fixed,
    struct match_result *r)
{
	int c;

	if (fixed.n == 0)
		return;
	if (r->fixed_version.n == 0 ||
	    (version_cmp(s, fixed, r->fixed_version, &c, NULL) == 0 && c < 0))
		r->fixed_version = fixed;
}

static int
gravity(enum vex_status s)
{
	static const int rank[] = { [VEX_NOT_AFFECTED] = 0, [VEX_FIXED] = 1,
		[VEX_UNDER_INVESTIGATION] = 2, [VEX_AFFECTED] = 3 };

	return (rank[s]);
}

/* Which of two statements of a document counts?  > 0 when it is ${x}: the later one (a
 * distribution's own have one time in a document), at one time the graver. */
static int
precedence(const struct advisory_affected *x, const struct advisory_affected *y)
{
	if (x->stated != y->stated)
		return (x->stated > y->stated ? 1 : -1);
	return (gravity(x->status) - gravity(y->status));
}

/* Take what entry ${i} of ${a} says; false when one that counts before it was heard. */
static bool
applies(struct match_result *r, const char *rule, const struct advisory *a,
    size_t i)
{
	const struct advisory_affected *e = &a->affected[i];
	struct match_rating rating = match_rating(a, e);
	int order;

	if (r->applies) {
		order = precedence(e, &a->affected[r->entry]);
		if (order < 0)
			return (false);
		if (order == 0) {
			if (rating.rated > r->rated ||
			    (rating.rated == r->rated &&
			    rating.severity > r->severity)) {
				r->severity = rating.severity;
				r->rated = rating.rated;
			}
			return (true);
		}
	}
	*r = (struct match_result) { .applies = true, .rule = rule, .entry = i,
		.severity = rating.severity, .rated = rating.rated,
		.reason = e->status_reason, .stated = e->stated,
		.status = str_of(vex_status_name(e->status)) };
	return (true);
}

static bool
equals_version(const struct version_scheme *s, struct str v, struct str listed)
{
	bool in;
	int c;

	if (str_eq(v, listed))
		return (true);
	if (listed.n == 0)
		return (false);
	/* the inclusive range: local parts do not count (PEP 440) */
	if (version_in_range(s, v, str_of(""), listed, true, &in, NULL) < 0 ||
	    !in)
		return (false);
	return (version_cmp(s, v, listed, &c, NULL) == 0 && c >= 0);
}

static void
decide_entry(const struct match_key *k, const struct version_scheme *s,
    const struct advisory *a, size_t entry, const struct match_trace *t,
    struct match_result *r)
{
	const struct advisory_affected *e = &a->affected[entry];
	struct match_step step = { .entry = entry, .key = k,
		.what = MATCH_STEP_RANGE };
	bool in;

	for (size_t i = 0; i < e->nranges; i++) {
		const struct advisory_range *g = &e->ranges[i];
		struct str lo = k->no_epoch ? match_without_epoch(g->lo) : g->lo;
		struct str hi = k->no_epoch ? match_without_epoch(g->hi) : g->hi;

		step.range = i;
		if (!range_is_ordered(s, g))
			step.result = "bound without order";
		else if (version_in_range(s, k->version, lo, hi,
		    g->hi_inclusive, &in, NULL) < 0)
			step.result = "version without order";
		else
			step.result = in && !is_excluded(s, k->version, lo, g) ?
			    "inside" : t == NULL ? "outside" :
			    side_of(s, k->version, lo, g);
		tell(t, &step);
		if (strcmp(step.result, "inside") == 0 &&
		    applies(r, "range", a, entry))
			prefer_fixed(s, g->fixed, r);
	}
	step.what = e->nversions > 0 ? MATCH_STEP_VERSIONS : MATCH_STEP_ENTRY;
	step.result = e->nversions > 0 ? "not listed" : "no versions";
	if (e->nversions == 0 && e->nranges > 0)
		return;
	if (e->nversions > 0 && is_ordered(s, k->version) &&
	    !versions_decide(e, s))
		step.result = "ranges decide";
	else
		for (size_t i = 0; i < e->nversions; i++)
			if (equals_version(s, k->version, e->versions[i])) {
				applies(r, "versions", a, entry);
				step.result = "listed";
				break;
			}
	tell(t, &step);
}

static bool
is_about(const struct advisory_affected *e, const struct match_key *k)
{
	char namespace[NAMESPACE_TEXT];
	struct buf b;
	bool ret;

	if (!str_eq(k->namespace, namespace_spoken_of(e->ecosystem, namespace)))
		return (false);
	buf_init(&b, LIMIT_PACKAGE_TEXT);
	ret = version_name_key(e->ecosystem, e->name, &b) == 0 &&
	    str_eq(buf_view(&b), k->name);
	buf_done(&b);
	return (ret);
}

static bool
has_mark(struct str version, const char *mark)
{
	size_t n = strlen(mark);

	for (size_t i = 0; i + n <= version.n; i++)
		if (memcmp(version.p + i, mark, n) == 0)
			return (true);
	return (false);
}

static bool
bounds_have_mark(const struct advisory_affected *e, const char *mark)
{
	for (size_t i = 0; i < e->nranges; i++)
		if (has_mark(e->ranges[i].hi, mark) ||
		    has_mark(e->ranges[i].lo, mark))
			return (true);
	return (false);
}

/* Oracle builds some packages a second and third time, with higher epochs. */
static bool
is_same_flavour(const struct match_package *p, const struct advisory_affected *e)
{
	static const char *const marks[] = { ".ksplice", "_fips" };

	if (!str_starts(p->namespace, "Oracle Linux:"))
		return (true);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (has_mark(p->version, marks[i]) !=
		    bounds_have_mark(e, marks[i]))
			return (false);
	return (true);
}

/* "nodejs:18:8090020240301:a7d8a1d0" is a build of nodejs:18. */
static bool
is_stream(struct str label, struct str stream)
{
	return (label.n >= stream.n && str_eq(str_sub(label, 0, stream.n),
	    stream) && (label.n == stream.n || label.p[stream.n] == ':'));
}

/* RHEL 7 has another kernel for other architectures, of the same names; a
 * source that is not known may be any. */
static bool
is_same_source(const struct match_package *p, const struct advisory_affected *e)
{
	static const char *const alternatives[] = { "kernel-alt",
		"kernel-aarch64" };

	if (e->source.n != 0)
		return (p->source_name.n == 0 || str_eq(p->source_name,
		    e->source));
	if (e->by_source || !str_starts(p->namespace, "Red Hat:"))
		return (true);
	for (size_t i = 0; i < 2; i++)
		if (str_eqz(p->source_name, alternatives[i]))
			return (false);
	return (true);
}

static bool
speaks_of_build(const struct match_package *p, const struct advisory_affected *e)
{
	bool modular = p->module.n != 0 || has_mark(p->version, ".module");
	bool about_modules = e->module.n != 0 || bounds_have_mark(e, ".module");

	if (e->binary.n != 0 && !str_eq(p->name, e->binary))
		return (false);
	if (!str_eqz(p->type, "rpm"))
		return (true);
	if (modular != about_modules || !is_same_flavour(p, e) ||
	    !is_same_source(p, e))
		return (false);
	if (e->module.n == 0)
		return (true);
	return (p->module.n != 0 ? is_stream(p->module, e->module) :
	    !vex_status_denies(e->status));
}

/* Does entry ${i} of ${a} speak of ${p}, which is looked up by ${k}, its ${n}th
 * key?  ${t} is told when it is about other builds of that name. */
static bool
speaks_of(const struct match_package *p, const struct match_key *k, size_t n,
    const struct advisory *a, size_t i, const struct match_trace *t)
{
	const struct advisory_affected *e = &a->affected[i];

	/* Red Hat's second key is the source's */
	if (e->by_binary != k->binary || !is_about(e, k) || (n > 0 &&
	    !e->by_source && str_starts(p->namespace, "Red Hat:")))
		return (false);
	if (speaks_of_build(p, e))
		return (true);
	tell(t, &(struct match_step) { .entry = i, .key = k,
	    .what = MATCH_STEP_ENTRY, .result = "other build" });
	return (false);
}

/* The rows of one package. */
struct keys {
	struct match_key v[MATCH_KEYS_MAX + 1];	/* the binary's last */
	size_t n;
};

/* What is said of Ubuntu's channels, and which of them holds for the build. */
static void
decide_ubuntu(const struct match_package *p, const struct keys *keys,
    const struct version_scheme *s, const struct advisory *a,
    const struct match_trace *t, struct match_result *r)
{
	struct ubuntu_results all = { .listed = { false } };
	char release[NAMESPACE_TEXT];

	for (size_t i = 0; i < a->naffected; i++)
		for (size_t k = 0; k < keys->n; k++) {
			const struct advisory_affected *e = &a->affected[i];
			enum ubuntu_channel c = UBUNTU_BASE;

			if (!speaks_of(p, &keys->v[k], k, a, i, t))
				continue;
			r->rule = "outside";
			(void)ubuntu_release(e->ecosystem, &c, release);
			all.listed[c] = true;
			decide_entry(&keys->v[k], s, a, i, t, &all.r[c]);
		}
	ubuntu_decide(p, a, &all, r);
}

/* Hear the entries that reach ${p} as their own channel's, or those that reach it
 * otherwise; true when one of them claims something about some of its builds. */
static bool
hear(const struct match_package *p, const struct keys *keys,
    const struct version_scheme *s, const struct advisory *a, bool own,
    const struct match_trace *t, struct match_result *r)
{
	const struct advisory_affected *e;
	enum channel_reach reach;
	struct str fixed;
	bool claimed = false;

	for (size_t i = 0; i < a->naffected; i++)
		for (size_t k = 0; k < keys->n; k++) {
			e = &a->affected[i];
			if (!speaks_of(p, &keys->v[k], k, a, i, own ? t : NULL))
				continue;
			reach = channels_reach(e->channels, p->channels,
			    p->namespace, p->version);
			if (reach == REACH_NONE && own)
				tell(t, &(struct match_step) { .entry = i,
				    .key = &keys->v[k], .what = MATCH_STEP_ENTRY,
				    .result = "other channel" });
			if (reach == REACH_NONE || own != (reach == REACH_OWN))
				continue;
			claimed |= !vex_status_denies(e->status);
			if (!r->applies)
				r->rule = "outside";
			fixed = r->fixed_version;
			decide_entry(&keys->v[k], s, a, i, t, r);
			if (reach != REACH_OTHER || !r->applies)
				continue;
			if (r->entry == i) {
				r->rule = "fixed in another channel";
				fixed = str_of("");
			}
			r->fixed_version = fixed;
		}
	return (claimed);
}

/* What range ${g} of ${e} says of the owner, which it is ${where} of: NULL = nothing.
 * A fix denies behind it, a denial where it holds. */
static const char *
word_of_owner(const struct advisory_affected *e, const struct advisory_range *g,
    const char *where)
{
	if (g->lo.n > 0 && !str_eqz(g->lo, "0"))
		return (NULL);
	if (vex_status_denies(e->status))
		return (strcmp(where, "inside") == 0 ?
		    vex_status_name(e->status) : NULL);
	return (strcmp(where, "behind") == 0 && g->fixed.n > 0 ?
	    vex_status_name(VEX_FIXED) : NULL);
}

/* Hear entry ${i} about the owner, ${k}; false when it says that this is affected. */
static bool
hear_entry_of_owner(const struct match_key *k, const struct advisory *a, size_t i,
    const struct match_trace *t, struct match_result *r)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(k->namespace);
	const struct advisory_affected *e = &a->affected[i];
	struct match_step step = { .entry = i, .key = k,
		.what = MATCH_STEP_RANGE };
	const char *status;
	bool in, ret = true;

	for (size_t n = 0; n < e->nranges; n++) {
		const struct advisory_range *g = &e->ranges[n];

		if (!range_is_ordered(s, g) || version_in_range(s, k->version,
		    g->lo, g->hi, g->hi_inclusive, &in, NULL) < 0)
			continue;
		in = in && !is_excluded(s, k->version, g->lo, g);
		step.range = n;
		step.result = in ? "inside" : side_of(s, k->version, g->lo, g);
		tell(t, &step);
		if (in && !vex_status_denies(e->status))
			ret = false;
		/* of the owner we know the source: one binary may be another;
		 * a VEX statement may be anybody's, and retracted */
		if (e->binary.n != 0 ||
		    (status = word_of_owner(e, g, step.result)) == NULL)
			continue;
		if (e->stated > 0)
			r->rule = "owner by others";
		else
			*r = (struct match_result) { .applies = true,
				.rule = "owner", .entry = i,
				.reason = e->status_reason,
				.status = str_of(status) };
	}
	return (ret);
}

/* The distribution's explicit word about the package that owns this one denies what
 * others say, which a VEX statement is not; that the owner is affected is a finding of
 * its own. */
static void
hear_owner(const struct match_key *k, const struct advisory *a,
    const struct match_trace *t, struct match_result *r)
{
	struct match_result word = *r;
	bool unaffected = true;

	for (size_t i = 0; i < a->naffected; i++)
		if (!a->affected[i].by_binary && is_about(&a->affected[i], k))
			unaffected &= hear_entry_of_owner(k, a, i, t, &word);
	if (!unaffected)
		r->rule = "owner affected";
	else if (word.applies || strcmp(word.rule, "owner by others") == 0)
		*r = word;
	else if (strcmp(r->rule, "no entry") == 0)
		r->rule = "outside";
}

/* What the class of the package makes of it. */
static void
weigh(const struct match_package *p, struct match_result *r)
{
	enum vex_status s = VEX_AFFECTED;

	if (str_eqz(p->origin, "kernel_tool") && r->severity > SEVERITY_LOW)
		r->severity = SEVERITY_LOW;
	(void)vex_status_of(r->status, &s);
	r->hidden = vex_status_denies(s) || str_eqz(p->origin, "header") ||
	    str_eqz(p->origin, "shadowed") ||
	    (r->severity == SEVERITY_NEGLIGIBLE &&
	    str_starts(p->namespace, "Debian:"));
}

int
match_decide_traced(const struct match_package *p, const struct advisory *a,
    const struct match_trace *t, struct match_result *ret, struct diag *d)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(p->namespace);
	struct match_result r = { .rule = "no entry" };
	struct keys keys = { .n = 0 };
	const struct match_key *owner = NULL;
	struct match_key owner_key;
	struct pool *pool = NULL;
	int rc = 0;

	if (s == NULL)
		r.rule = "no version order";
	else if (a->withdrawn.n != 0)
		r.rule = "withdrawn";
	else if (str_eqz(p->origin, "third_party"))
		r.rule = "third party";	/* shares a name, not its fixes */
	else if (str_eqz(p->origin, "owned"))
		r.rule = "owned";	/* the distribution's data decides */
	else if (str_eqz(p->origin, "unpacked") && is_malware(a))
		r.rule = "malware elsewhere";	/* of no registry */
	else {
		pool = pool_new(8 * (LIMIT_PACKAGE_TEXT + LIMIT_VERSION_KEY));
		rc = match_package_keys(p, pool, keys.v, &keys.n, d);
	}
	if (rc == 0 && keys.n > 0 && keys.v[keys.n - 1].owner) {
		owner_key = keys.v[--keys.n];
		owner = &owner_key;
	}
	if (rc == 0 && keys.n > 0 && match_has_binary_name(p))
		keys.v[keys.n++] = (struct match_key) { .binary = true,
		    .namespace = p->namespace, .name = p->name,
		    .version = p->version };
	if (rc == 0 && keys.n > 0 && str_starts(p->namespace, "Ubuntu:"))
		decide_ubuntu(p, &keys, s, a, t, &r);
	else if (rc == 0 && keys.n > 0 && !hear(p, &keys, s, a, true, t, &r) &&
	    !r.applies && channel_main(p->namespace).n != 0)
		(void)hear(p, &keys, s, a, false, t, &r);
	if (owner != NULL && !r.applies)
		hear_owner(owner, a, t, &r);
	pool_free(pool);
	if (r.applies)
		weigh(p, &r);
	if (rc == 0)
		*ret = r;
	return (rc);
}

int
match_decide(const struct match_package *p, const struct advisory *a,
    struct match_result *ret, struct diag *d)
{
	return (match_decide_traced(p, a, NULL, ret, d));
}
