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

bool
finding_counts(const struct finding *f)
{
	return (f->overruled || !denies(f));
}

/*
 * Which of two decides?  > 0 when ${a} does.  The weightier status; a known fix beats none, the
 * farther fix the nearer (bytewise where no order knows them), and the smaller
 * id settles the rest.  *${rule} names what settled it.
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

void
finding_merge(struct str namespace, struct finding *into,
    const struct finding *more)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(namespace);
	enum severity worst = into->severity > more->severity ?
	    into->severity : more->severity;
	bool overruled = into->overruled || more->overruled ||
	    denies(into) != denies(more);
	bool hidden = into->hidden && more->hidden;
	const char *rule;

	if (decides(s, more, into, &rule) > 0)
		*into = *more;
	into->severity = worst;
	into->overruled = overruled;
	into->hidden = hidden;
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
		for (size_t k = 0; k < hits[i].nvulnerabilities; k++)
			v[total++] = (struct finding) {
				.package = hits[i].package,
				.vulnerability = hits[i].vulnerabilities[k],
				.advisory = hits[i].advisory,
				.status = hits[i].result.status,
				.fixed_version = hits[i].result.fixed_version,
				.severity = hits[i].result.severity,
				.rule = hits[i].result.rule,
				.hidden = hits[i].result.hidden,
			};
	qsort(v, total, sizeof(*v), finding_cmp);
	for (size_t i = 0; i < total; i++) {
		if (count > 0 && v[count - 1].package == v[i].package &&
		    str_eq(v[count - 1].vulnerability, v[i].vulnerability))
			finding_merge(index_package_at(x, v[i].package)->namespace,
			    &v[count - 1], &v[i]);
		else
			v[count++] = v[i];
	}
	total = count;
	count = 0;
	for (size_t i = 0; i < total; i++)
		if (finding_counts(&v[i]))
			v[count++] = v[i];
	*ret_n = count;
	return (v);
}
