/* Verdicts; see policy.h. */
#include <stdarg.h>
#include "distribution.h"
#include "policy.h"

const struct policy policy_default = { .fail_on = SEVERITY_HIGH };

const char *
verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return ("pass");
	case VERDICT_FAIL:
		return ("fail");
	default:
		return ("unknown");
	}
}

/* Is ${type}, a purl type, one of an operating system's own packages?  Those that
 * nobody has advisories for make a verdict unknown. */
static bool
is_os_type(struct str type)
{
	/* a store is no database, but what it holds is a system */
	return (distribution_is_os_type(type) || str_eqz(type, "nix"));
}

/* A list of texts with a ceiling; what does not fit is counted. */
struct texts {
	struct pool *pool;
	struct str *v;
	size_t n;
	uint64_t left_out;
	int rc;			/* the first failure sticks */
};

static void
texts_init(struct texts *t, struct pool *pool)
{
	*t = (struct texts) { .pool = pool };
	t->v = pool_alloc(pool, (POLICY_REASONS_MAX + 1) * sizeof(*t->v));
	if (t->v == NULL)
		t->rc = ERR_LIMIT;
}

static void texts_add(struct texts *, const char *fmt, ...) PRINTF(2, 3);

static void
texts_add(struct texts *t, const char *fmt, ...)
{
	char s[DIAG_TEXT];
	va_list ap;

	if (t->rc < 0)
		return;
	if (t->n >= POLICY_REASONS_MAX) {
		t->left_out++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if ((t->rc = pool_str(t->pool, str_of(s), &t->v[t->n])) == 0)
		t->n++;
}

static int
texts_end(struct texts *t, struct str **ret, size_t *n)
{
	char s[64];

	if (t->rc == 0 && t->left_out > 0) {
		snprintf(s, sizeof(s), "and %llu more",
		    (unsigned long long)t->left_out);
		if ((t->rc = pool_str(t->pool, str_of(s), &t->v[t->n])) == 0)
			t->n++;
	}
	*ret = t->v;
	*n = t->n;
	return (t->rc);
}

/* Texts of images in reasons: long ones are cut, 100 bytes tell enough. */
#define SHOWN(s) (int)((s).n < 100 ? (s).n : 100), (s).p != NULL ? (s).p : ""

int
policy_cell(const struct policy_finding *f)
{
	if (!str_eqz(f->status, "affected") || f->hidden)
		return (-1);
	return (2 * (int)f->severity + (f->fixed_version.n != 0));
}

bool
policy_fails(const struct policy *p, int cell)
{
	return (cell >= 0 && cell / 2 >= (int)p->fail_on &&
	    (!p->only_fixed || cell % 2 == 1));
}

bool
policy_refuses(const struct policy *p, const struct policy_finding *f)
{
	int cell = policy_cell(f);

	return (policy_fails(p, cell) || (p->fail_on_kev && f->kev &&
	    cell >= 0 && (!p->only_fixed || cell % 2 == 1)));
}

static bool
judge_findings(const struct policy *p, const struct policy_input *in,
    struct texts *reasons, struct texts *notes)
{
	uint64_t unrated = 0;
	bool fails = false;

	for (size_t i = 0; i < in->nfindings; i++) {
		const struct policy_finding *f = &in->findings[i];

		if (!policy_refuses(p, f)) {
			unrated += f->severity == SEVERITY_UNKNOWN &&
			    policy_cell(f) >= 0;
			continue;
		}
		fails = true;
		texts_add(reasons, "%.*s in %.*s %.*s: %s%s%s%.*s",
		    SHOWN(f->vulnerability), SHOWN(f->name), SHOWN(f->version),
		    severity_name(f->severity),
		    p->fail_on_kev && f->kev ? ", known exploited" : "",
		    f->fixed_version.n != 0 ? ", fixed in " : ", no fix known",
		    SHOWN(f->fixed_version));
	}
	if (unrated > 0)
		texts_add(notes, "%llu findings of unknown severity did not count",
		    (unsigned long long)unrated);
	return (fails);
}

/* Why the packages of one namespace were not looked at; NULL = they were. */
static const char *
gap_of(const struct policy *p, const struct policy_coverage *c)
{
	if (c->namespace.n == 0)
		return ("no distribution known for them");
	if (c->waits)
		return ("their advisories wait to be matched for the first time");
	if (!c->has_feed)
		return ("no advisories for them");
	if (!c->ordered)
		return ("their versions cannot be ordered yet");
	if (p->max_feed_age_s != 0 && (c->feed_age_s < 0 ||
	    (uint64_t)c->feed_age_s > p->max_feed_age_s))
		return ("their advisories are older than allowed");
	return (NULL);
}

void
policy_gap(const struct policy *p, const struct policy_coverage *c,
    bool *weighs, char out[DIAG_TEXT])
{
	const char *gap = gap_of(p, c);
	char ended[100];

	if ((gap == NULL || c->has_feed) && c->support_ended.n > 0) {
		snprintf(ended, sizeof(ended), "their advisories end on %.*s, what "
		    "was found since is not told", SHOWN(c->support_ended));
		gap = ended;
	}
	out[0] = '\0';
	*weighs = gap != NULL && (is_os_type(c->type) || c->waits ||
	    (c->has_feed && c->ordered));
	if (gap == NULL)
		return;
	if (c->namespace.n == 0 && !is_os_type(c->type))
		gap = "no ecosystem known for them";
	snprintf(out, DIAG_TEXT, "%.*s packages%s%.*s: %s", SHOWN(c->type),
	    c->namespace.n != 0 ? " of " : "", SHOWN(c->namespace), gap);
}

static bool
judge_coverage(const struct policy *p, const struct policy_input *in,
    struct texts *reasons, struct texts *notes)
{
	bool unknown = false, weighs;
	uint64_t packages = 0;
	char gap[DIAG_TEXT];

	for (size_t i = 0; i < in->ncoverage; i++) {
		const struct policy_coverage *c = &in->coverage[i];

		packages += c->packages;
		policy_gap(p, c, &weighs, gap);
		if (gap[0] == '\0' || c->packages == 0)
			continue;
		unknown |= weighs;
		texts_add(weighs ? reasons : notes, "%llu %s",
		    (unsigned long long)c->packages, gap);
	}
	if (packages == 0)
		texts_add(notes, "no_packages");
	return (unknown);
}

enum verdict
policy_verdict(bool fails, bool gap, bool incomplete)
{
	return (fails ? VERDICT_FAIL : gap || incomplete ? VERDICT_UNKNOWN :
	    VERDICT_PASS);
}

int
policy_decide(const struct policy *p, const struct policy_input *in,
    struct pool *pool, struct policy_result *ret)
{
	struct policy_result r = { .verdict = VERDICT_PASS };
	struct texts reasons, notes;
	bool fails, unknown;

	texts_init(&reasons, pool);
	texts_init(&notes, pool);
	fails = judge_findings(p, in, &reasons, &notes);
	unknown = judge_coverage(p, in, &reasons, &notes);
	for (size_t i = 0; i < in->nreasons; i++)
		texts_add(in->incomplete ? &reasons : &notes, "%.*s",
		    (int)(in->reasons[i].n < DIAG_TEXT ? in->reasons[i].n :
		    DIAG_TEXT), in->reasons[i].p != NULL ? in->reasons[i].p : "");
	if (in->incomplete && in->nreasons == 0)
		texts_add(&reasons, "part of the image could not be read");
	if (in->unread.n > 0)
		texts_add(&reasons, "%.*s", (int)(in->unread.n < DIAG_TEXT ?
		    in->unread.n : DIAG_TEXT), in->unread.p);
	r.verdict = policy_verdict(fails, unknown,
	    in->incomplete || in->unread.n > 0);
	if (texts_end(&reasons, &r.reasons, &r.nreasons) < 0 ||
	    texts_end(&notes, &r.notes, &r.nnotes) < 0)
		return (ERR_LIMIT);
	*ret = r;
	return (0);
}
