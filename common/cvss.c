/* CVSS 3.0 and 3.1 base scores, and which version a vector is of; see cvss.h. */
#include <math.h>
#include "cvss.h"
#include "cvss_version.h"

/*
 * Every metric of 3.x with the values it may have.  The first eight are the
 * base metrics, in this order in score(); the weights stand beside the letters.
 */
enum metric { AV, AC, PR, UI, S, C, I, A, NBASE };
static const struct {
	const char *name;
	const char *values;
	double weight[4];
} metrics[] = {
	[AV] = { "AV", "NALP", { .85, .62, .55, .2 } },
	[AC] = { "AC", "LH", { .77, .44 } },
	[PR] = { "PR", "NLH", { .85, .62, .27 } },
	[UI] = { "UI", "NR", { .85, .62 } },
	[S] = { "S", "UC", { 0, 1 } },
	[C] = { "C", "HLN", { .56, .22, 0 } },
	[I] = { "I", "HLN", { .56, .22, 0 } },
	[A] = { "A", "HLN", { .56, .22, 0 } },
	{ "E", "XUPFH", { 0 } }, { "RL", "XOTWU", { 0 } },
	{ "RC", "XURC", { 0 } }, { "CR", "XLMH", { 0 } },
	{ "IR", "XLMH", { 0 } }, { "AR", "XLMH", { 0 } },
	{ "MAV", "XNALP", { 0 } }, { "MAC", "XLH", { 0 } },
	{ "MPR", "XNLH", { 0 } }, { "MUI", "XNR", { 0 } },
	{ "MS", "XUC", { 0 } }, { "MC", "XNLH", { 0 } },
	{ "MI", "XNLH", { 0 } }, { "MA", "XNLH", { 0 } },
};
#define NMETRICS (sizeof(metrics) / sizeof(metrics[0]))
/* Privileges required weigh more when the scope changes. */
static const double pr_changed[] = { .85, .68, .50 };

/* Index of the value chosen for each metric, -1 = not stated. */
struct choice {
	int v[NMETRICS];
};

static int
parse_metric(struct str item, struct choice *ret, struct diag *d)
{
	size_t colon = str_find(item, ':');
	struct str name = str_sub(item, 0, colon);
	struct str value = str_sub(item, colon + 1, item.n);
	const char *at;

	for (size_t i = 0; i < NMETRICS; i++) {
		if (!str_eqz(name, metrics[i].name))
			continue;
		if (ret->v[i] >= 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s stands twice", metrics[i].name));
		at = value.n == 1 && value.p[0] != '\0' ?
		    strchr(metrics[i].values, value.p[0]) : NULL;
		if (at == NULL)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s has no such value",
			    metrics[i].name));
		ret->v[i] = (int)(at - metrics[i].values);
		return (0);
	}
	return (diag_set(d, ERR_MALFORMED, 0, "CVSS vector: unknown metric"));
}

static int
parse(struct str vector, struct choice *ret, struct diag *d)
{
	struct str item;
	int rc;

	for (size_t i = 0; i < NMETRICS; i++)
		ret->v[i] = -1;
	if (!str_starts(vector, "CVSS:3.0/") && !str_starts(vector, "CVSS:3.1/"))
		return (diag_set(d, ERR_UNSUPPORTED, 0,
		    "CVSS vector: a version we do not know"));
	vector = str_sub(vector, strlen("CVSS:3.x/"), vector.n);
	while (str_split(&vector, '/', &item))
		if ((rc = parse_metric(item, ret, d)) < 0)
			return (rc);
	for (size_t i = 0; i < NBASE; i++)
		if (ret->v[i] < 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s is missing", metrics[i].name));
	return (0);
}

static double
weight(const struct choice *c, enum metric m)
{
	if (m == PR && c->v[S] == 1)
		return (pr_changed[c->v[PR]]);
	return (metrics[m].weight[c->v[m]]);
}

/* Round up to tenths, by integers as 3.1 prescribes. */
static int
round_up(double x)
{
	long n = lround(x * 100000);

	return ((int)(n % 10000 == 0 ? n / 10000 : n / 10000 + 1));
}

static int
score(const struct choice *c)
{
	bool changed = c->v[S] == 1;
	double iss, impact, exploit, sum;

	iss = 1 - (1 - weight(c, C)) * (1 - weight(c, I)) * (1 - weight(c, A));
	impact = changed ? 7.52 * (iss - 0.029) - 3.25 * pow(iss - 0.02, 15) :
	    6.42 * iss;
	exploit = 8.22 * weight(c, AV) * weight(c, AC) * weight(c, PR) *
	    weight(c, UI);
	if (impact <= 0)
		return (0);
	sum = (impact + exploit) * (changed ? 1.08 : 1);
	return (round_up(sum < 10 ? sum : 10));
}

/* 2.0 has no prefix of its own; it is written in parentheses, too. */
static bool
is_version_2(struct str vector)
{
	return (str_starts(vector, "AV:") || str_starts(vector, "(AV:") ||
	    str_starts(vector, "CVSS:2.0/"));
}

static struct str
bare(struct str vector)
{
	if (str_starts(vector, "CVSS:2.0/"))
		vector = str_sub(vector, strlen("CVSS:2.0/"), vector.n);
	if (str_starts(vector, "(") && str_ends(vector, ")"))
		vector = str_sub(vector, 1, vector.n - 1);
	return (vector);
}

int
cvss_base(struct str vector, int *ret, struct diag *d)
{
	struct choice c;
	int rc;

	/* a trailing slash occurs in published vectors and changes nothing */
	if (vector.n > 0 && vector.p[vector.n - 1] == '/')
		vector.n--;
	if (str_starts(vector, "CVSS:4.0/"))
		return (cvss4_base(str_sub(vector, strlen("CVSS:4.0/"),
		    vector.n), ret, d));
	if (is_version_2(vector))
		return (cvss2_base(bare(vector), ret, d));
	if ((rc = parse(vector, &c, d)) == 0)
		*ret = score(&c);
	return (rc);
}

enum severity
cvss_severity(struct str vector, int tenths)
{
	if (is_version_2(vector))
		return (tenths >= 70 ? SEVERITY_HIGH : tenths >= 40 ?
		    SEVERITY_MEDIUM : tenths > 0 ? SEVERITY_LOW :
		    SEVERITY_NEGLIGIBLE);
	if (tenths >= 90)
		return (SEVERITY_CRITICAL);
	if (tenths >= 70)
		return (SEVERITY_HIGH);
	if (tenths >= 40)
		return (SEVERITY_MEDIUM);
	return (tenths > 0 ? SEVERITY_LOW : SEVERITY_NEGLIGIBLE);
}
