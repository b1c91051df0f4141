/* Findings; see finding.h. */
#include "finding.h"
#include "common/mem.h"
#include "common/version.h"

/* Denials before claims, and of those the certain ones first. */
static int
weight(const struct finding *f)
{
	enum vex_status s = VEX_AFFECTED;

	vex_status_of(f->status, &s);
	return (vex_status_denies(s) ? 2 : s == VEX_AFFECTED);
}

static bool
denies(const struct finding *f)
{
	return (weight(f) == 2);
}

/* Debian's words for what is not worth an update of its own. */
static bool
is_minor(struct str reason)
{
	static const char *const words[] = { "no-dsa", "ignored",
		"postponed" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(reason, words[i]))
			return (true);
	return (false);
}

/* Does ${s} begin with ${word}, written in any way?  "Will not fix", "will_not_fix". */
static bool
begins(struct str s, const char *word)
{
	for (size_t i = 0; word[i] != '\0'; i++) {
		int c = i < s.n ? (unsigned char)s.p[i] : 0;

		c = c == '_' || c == '-' ? ' ' : c >= 'A' && c <= 'Z' ?
		    c - 'A' + 'a' : c;
		if (c != word[i])
			return (false);
	}
	return (true);
}

const char *
finding_fix_state(struct str status, struct str fixed, struct str reason)
{
	/* Debian's tracker, Red Hat's and SUSE's remediations, Ubuntu's */
	static const struct {
		const char *word, *state;
	} t[] = {
		{ "end of life", "end_of_life" },
		{ "out of support", "end_of_life" },
		{ "ignored (end of", "end_of_life" },
		{ "will not fix", "will_not_fix" },
		{ "won't fix", "will_not_fix" },
		{ "ignored", "will_not_fix" },
		{ "no fix planned", "will_not_fix" },
		{ "fix deferred", "fix_deferred" },
		{ "deferred", "fix_deferred" },
		{ "postponed", "fix_deferred" },
	};

	if (!str_eqz(status, "affected"))
		return ("");
	if (fixed.n != 0)
		return ("fixed");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (begins(reason, t[i].word))
			return (t[i].state);
	return ("not_fixed");
}

struct finding
finding_of_match(size_t package, const struct match_result *r)
{
	struct finding_rating rating = { r->rated, r->severity };
	struct finding f = { .package = package, .status = r->status,
		.reason = r->reason, .fixed_version = r->fixed_version,
		.severity = r->severity, .worst = r->severity, .rule = r->rule,
		.stated = r->stated, .hidden = r->hidden };

	if (denies(&f))
		return (f);
	f.minor = is_minor(r->reason);
	if (r->hidden) {
		f.unseen = rating;
		return (f);
	}
	f.seen = rating;
	f.claimed = true;
	f.fixable = r->fixed_version.n != 0;
	return (f);
}

bool
finding_end(struct finding *f)
{
	struct finding_rating r;

	f->hidden = !f->claimed || (f->unseen.by == MATCH_RATED_PACKAGE &&
	    f->seen.by < MATCH_RATED_PACKAGE && !f->fixable);
	r = f->hidden || f->seen.by == MATCH_RATED_NOT ? f->unseen : f->seen;
	f->severity = r.by == MATCH_RATED_NOT && f->hidden ? f->worst :
	    r.severity;
	/* a score says nothing of how the distribution built it */
	if (f->minor && r.by < MATCH_RATED_PACKAGE &&
	    f->severity > SEVERITY_MEDIUM)
		f->severity = SEVERITY_MEDIUM;
	return (f->overruled || !denies(f));
}

/*
 * Which of two decides?  > 0 when ${a} does.  The weightier status; a known fix beats none, the
 * farther fix the nearer (bytewise where no order knows them), a reason beats
 * none, and the smaller id settles the rest.  *${rule} names what settled it.
 */
static int
decides(const struct version_scheme *s, const struct finding *a,
    const struct finding *b, const char **rule)
{
	int c = weight(a) - weight(b);

	*rule = denies(a) || denies(b) ? "denial" : "certain";
	if (c != 0)
		return (c);
	*rule = "known_fix";
	if ((a->fixed_version.n != 0) != (b->fixed_version.n != 0))
		return (a->fixed_version.n != 0 ? 1 : -1);
	*rule = "farthest_fix";
	if (s == NULL || version_cmp(s, a->fixed_version, b->fixed_version, &c,
	    NULL) < 0)
		c = str_cmp(a->fixed_version, b->fixed_version);
	if (c != 0)
		return (c);
	*rule = "with_reason";
	if ((a->reason.n != 0) != (b->reason.n != 0))
		return (a->reason.n != 0 ? 1 : -1);
	*rule = "first_id";
	return (str_cmp(b->advisory, a->advisory));
}

const char *
finding_rule(struct str namespace, const struct finding *by,
    const struct finding *over)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(namespace);
	const char *rule;

	return (decides(s, by, over, &rule) > 0 ? rule : NULL);
}

/* Who is believed first, of equals the worse. */
static struct finding_rating
graver(struct finding_rating a, struct finding_rating b)
{
	return (a.by > b.by || (a.by == b.by && a.severity > b.severity) ? a :
	    b);
}

void
finding_merge(struct str namespace, struct finding *into,
    const struct finding *more)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(namespace);
	struct finding merged = *into;
	bool overruled = into->overruled || more->overruled ||
	    denies(into) != denies(more);
	const char *rule;

	if (decides(s, more, into, &rule) > 0)
		merged = *more;
	merged.overruled = overruled;
	merged.worst = into->worst > more->worst ? into->worst : more->worst;
	merged.seen = graver(into->seen, more->seen);
	merged.unseen = graver(into->unseen, more->unseen);
	merged.claimed = into->claimed || more->claimed;
	merged.fixable = into->fixable || more->fixable;
	merged.minor = into->minor || more->minor;
	*into = merged;
}

/* Which of two statements replaces the other?  > 0 when it is ${a}, 0 when both are in
 * force. */
static int
replaces(const struct finding *a, const struct finding *b)
{
	if (a->stated != b->stated)
		return (a->stated > b->stated ? 1 : -1);
	return ((int)denies(b) - (int)denies(a));
}

static bool
is_own_denial(const struct finding *f)
{
	return (f->stated < 0 && denies(f));
}

/* The distribution's own denial, where it claimed nothing since. */
static bool
denial_holds(const struct finding_fold *x, const struct finding *denial)
{
	return (-denial->stated > x->own_claim);
}

void
finding_fold_add(struct finding_fold *x, const struct finding *f)
{
	bool own = is_own_denial(f);
	struct finding *into = own ? &x->denial : f->stated > 0 ? &x->stated :
	    &x->others;
	bool *has = own ? &x->has_denial : f->stated > 0 ? &x->has_stated :
	    &x->has_others;
	int order = !*has ? 0 : f->stated > 0 ? replaces(f, into) :
	    own ? (into->stated > f->stated) - (into->stated < f->stated) : 0;

	x->claimed |= f->stated > 0 && !denies(f);
	if (f->stated < 0 && !own && -f->stated > x->own_claim)
		x->own_claim = -f->stated;
	if (!*has || order > 0)
		*into = *f;
	else if (order == 0)
		finding_merge(x->namespace, into, f);
	*has = true;
}

struct finding
finding_fold_end(const struct finding_fold *x)
{
	bool denied = x->has_denial && denial_holds(x, &x->denial);
	struct finding f = x->has_stated ? x->stated : x->has_others ?
	    x->others : x->denial;

	/* a claim that was taken back is shown as that */
	f.overruled |= x->has_stated && x->claimed && denies(&f);
	if (x->has_stated && x->has_others)
		finding_merge(x->namespace, &f, &x->others);
	if (denied && (x->has_stated || x->has_others))
		finding_merge(x->namespace, &f, &x->denial);
	return (f);
}

bool
finding_in_force(const struct finding_fold *x, const struct finding *f)
{
	return (f->stated > 0 ? replaces(f, &x->stated) == 0 :
	    !is_own_denial(f) || denial_holds(x, f));
}

static int
finding_cmp(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int r;

	if (x->package != y->package)
		return (x->package < y->package ? -1 : 1);
	if ((r = str_cmp(x->vulnerability, y->vulnerability)) != 0)
		return (r);
	return (str_cmp(x->advisory, y->advisory));
}

struct finding *
finding_list(const struct index *x, const struct index_hit *hits, size_t n,
    size_t *ret_n)
{
	size_t total = 0, count = 0;
	struct finding *v;

	for (size_t i = 0; i < n; i++)
		total += hits[i].nvulnerabilities;
	v = mem_array(total + 1, sizeof(*v));
	total = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < hits[i].nvulnerabilities; k++) {
			struct finding *f = &v[total++];

			*f = finding_of_match(hits[i].package, &hits[i].result);
			f->vulnerability = hits[i].vulnerabilities[k];
			f->advisory = hits[i].advisory;
		}
	qsort(v, total, sizeof(*v), finding_cmp);
	for (size_t i = 0, end; i < total; i = end) {
		struct finding_fold fold = { .namespace =
		    index_package_at(x, v[i].package)->namespace };

		for (end = i; end < total && v[end].package == v[i].package &&
		    str_eq(v[end].vulnerability, v[i].vulnerability); end++)
			finding_fold_add(&fold, &v[end]);
		v[count] = finding_fold_end(&fold);
		count += finding_end(&v[count]);
	}
	*ret_n = count;
	return (v);
}
