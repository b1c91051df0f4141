/* CVSS 2.0 base scores.  Source: FIRST, "A Complete Guide to the Common
 * Vulnerability Scoring System Version 2.0", section 3.2. */
#include <math.h>
#include "cvss_version.h"

enum metric { AV, AC, AU, C, I, A, NBASE };
static const struct {
	const char *name;
	const char *values[6];
	double weight[3];
} metrics[] = {
	[AV] = { "AV", { "L", "A", "N" }, { .395, .646, 1 } },
	[AC] = { "AC", { "H", "M", "L" }, { .35, .61, .71 } },
	[AU] = { "Au", { "M", "S", "N" }, { .45, .56, .704 } },
	[C] = { "C", { "N", "P", "C" }, { 0, .275, .660 } },
	[I] = { "I", { "N", "P", "C" }, { 0, .275, .660 } },
	[A] = { "A", { "N", "P", "C" }, { 0, .275, .660 } },
	/* temporal and environmental: checked, do not count */
	{ "E", { "U", "POC", "F", "H", "ND" }, { 0 } },
	{ "RL", { "OF", "TF", "W", "U", "ND" }, { 0 } },
	{ "RC", { "UC", "UR", "C", "ND" }, { 0 } },
	{ "CDP", { "N", "L", "LM", "MH", "H", "ND" }, { 0 } },
	{ "TD", { "N", "L", "M", "H", "ND" }, { 0 } },
	{ "CR", { "L", "M", "H", "ND" }, { 0 } },
	{ "IR", { "L", "M", "H", "ND" }, { 0 } },
	{ "AR", { "L", "M", "H", "ND" }, { 0 } },
};
#define NMETRICS (sizeof(metrics) / sizeof(metrics[0]))

static int
take(struct str item, int chosen[NMETRICS], struct diag *d)
{
	size_t colon = str_find(item, ':');
	struct str name = str_sub(item, 0, colon);
	struct str value = str_sub(item, colon + 1, item.n);

	for (size_t m = 0; m < NMETRICS; m++) {
		if (!str_eqz(name, metrics[m].name))
			continue;
		if (chosen[m] >= 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s stands twice", metrics[m].name));
		for (int v = 0; v < 6 && metrics[m].values[v] != NULL; v++)
			if (str_eqz(value, metrics[m].values[v])) {
				chosen[m] = v;
				return (0);
			}
		return (diag_set(d, ERR_MALFORMED, 0,
		    "CVSS vector: %s has no such value", metrics[m].name));
	}
	return (diag_set(d, ERR_MALFORMED, 0, "CVSS vector: unknown metric"));
}

int
cvss2_base(struct str metrics_text, int *ret, struct diag *d)
{
	int chosen[NMETRICS], rc;
	double w[NBASE], impact, exploit;
	struct str item;

	for (size_t m = 0; m < NMETRICS; m++)
		chosen[m] = -1;
	while (str_split(&metrics_text, '/', &item))
		if ((rc = take(item, chosen, d)) < 0)
			return (rc);
	for (int m = 0; m < NBASE; m++) {
		if (chosen[m] < 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s is missing", metrics[m].name));
		w[m] = metrics[m].weight[chosen[m]];
	}
	impact = 10.41 * (1 - (1 - w[C]) * (1 - w[I]) * (1 - w[A]));
	exploit = 20 * w[AV] * w[AC] * w[AU];
	*ret = (int)lround(10 * (.6 * impact + .4 * exploit - 1.5) *
	    (impact > 0 ? 1.176 : 0));
	return (0);
}
