/*
 * CVSS 4.0 scores.  Source: FIRST's specification 4.0, sections 7 and 8: a
 * vector belongs to one of 270 equivalence classes, each with a score that
 * experts gave it; the score lies between that of the class and those of the
 * next lower ones, by how far the vector is from the worst of its class.
 *
 * Threat and environmental metrics count where they are stated, as publishers'
 * own scores do; supplemental ones are checked and do not.
 */
#include <math.h>
#include "cvss_version.h"

enum metric {
	AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, NBASE,
	E = NBASE, CR, IR, AR, MAV, MAC, MAT, MPR, MUI, MVC, MVI, MVA, MSC, MSI,
	MSA, S, AU, R, V, RE, U, NMETRICS
};
/* Values from the worst on, so that an index is a distance in tenths; those of
 * the modified metrics begin with X, "as the base says". */
static const struct {
	const char *name;
	const char *values;
} metrics[NMETRICS] = {
	[AV] = { "AV", "NALP" }, [AC] = { "AC", "LH" }, [AT] = { "AT", "NP" },
	[PR] = { "PR", "NLH" }, [UI] = { "UI", "NPA" }, [VC] = { "VC", "HLN" },
	[VI] = { "VI", "HLN" }, [VA] = { "VA", "HLN" }, [SC] = { "SC", "HLN" },
	[SI] = { "SI", "HLN" }, [SA] = { "SA", "HLN" },
	[E] = { "E", "APUX" }, [CR] = { "CR", "HMLX" }, [IR] = { "IR", "HMLX" },
	[AR] = { "AR", "HMLX" },
	[MAV] = { "MAV", "NALPX" }, [MAC] = { "MAC", "LHX" },
	[MAT] = { "MAT", "NPX" }, [MPR] = { "MPR", "NLHX" },
	[MUI] = { "MUI", "NPAX" }, [MVC] = { "MVC", "HLNX" },
	[MVI] = { "MVI", "HLNX" }, [MVA] = { "MVA", "HLNX" },
	[MSC] = { "MSC", "HLNX" }, [MSI] = { "MSI", "SHLNX" },
	[MSA] = { "MSA", "SHLNX" },
	[S] = { "S", "XNP" }, [AU] = { "AU", "XNY" }, [R] = { "R", "XAUI" },
	[V] = { "V", "XDC" }, [RE] = { "RE", "XLMH" }, [U] = { "U", "XCGAR" },
};

/*
 * Tenths of the classes.  Rows are EQ1 EQ2 EQ3 as one number of base 3, 2, 3;
 * columns run EQ4, in it EQ5, in it EQ6.  With EQ3 = 2 only EQ6 = 1 exists.
 */
static const uint8_t classes[18][18] = {
	{ 100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68 },
	{ 98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48 },
	{ 0, 92, 0, 82, 0, 72, 0, 79, 0, 69, 0, 50, 0, 69, 0, 55, 0, 27 },
	{ 99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53 },
	{ 95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30 },
	{ 0, 86, 0, 75, 0, 52, 0, 71, 0, 52, 0, 29, 0, 63, 0, 29, 0, 17 },
	{ 98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49 },
	{ 94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25 },
	{ 0, 83, 0, 70, 0, 54, 0, 65, 0, 58, 0, 26, 0, 53, 0, 21, 0, 13 },
	{ 95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30 },
	{ 89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16 },
	{ 0, 71, 0, 59, 0, 30, 0, 58, 0, 26, 0, 15, 0, 23, 0, 13, 0, 6 },
	{ 93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22 },
	{ 85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8 },
	{ 0, 64, 0, 51, 0, 20, 0, 47, 0, 21, 0, 11, 0, 24, 0, 9, 0, 4 },
	{ 88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11 },
	{ 75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2 },
	{ 0, 53, 0, 24, 0, 14, 0, 24, 0, 12, 0, 5, 0, 10, 0, 3, 0, 1 },
};

/* Of a vector: the value of each effective metric as a distance from the worst
 * there is, in tenths. */
enum effective {
	EFF_AV, EFF_PR, EFF_UI, EFF_AC, EFF_AT, EFF_VC, EFF_VI, EFF_VA, EFF_CR,
	EFF_IR, EFF_AR, EFF_SC, EFF_SI, EFF_SA, EFF_E, NEFF
};

/* Which effective metrics an EQ is made of, its worst vectors by level, and how
 * deep each level is.  EQ3 and EQ6 go together, levels 00 01 10 11 21. */
struct worst {
	uint8_t level;
	int8_t at[6];
};
static const struct worst eq1[] = { { 0, { 0, 0, 0 } }, { 1, { 1, 0, 0 } },
    { 1, { 0, 1, 0 } }, { 1, { 0, 0, 1 } }, { 2, { 3, 0, 0 } }, { 2, { 1, 1, 1 } } };
static const struct worst eq2[] = { { 0, { 0, 0 } }, { 1, { 1, 0 } }, { 1, { 0, 1 } } };
static const struct worst eq36[] = { { 0, { 0, 0, 0, 0, 0, 0 } },
    { 1, { 0, 0, 1, 1, 1, 0 } }, { 1, { 0, 0, 0, 1, 1, 1 } },
    { 2, { 1, 0, 0, 0, 0, 0 } }, { 2, { 0, 1, 0, 0, 0, 0 } },
    { 3, { 1, 0, 1, 0, 1, 0 } }, { 3, { 1, 0, 0, 0, 1, 1 } },
    { 3, { 0, 1, 0, 1, 0, 1 } }, { 3, { 0, 1, 1, 1, 0, 0 } },
    { 3, { 1, 1, 0, 0, 0, 1 } }, { 4, { 1, 1, 1, 0, 0, 0 } } };
static const struct worst eq4[] = { { 0, { 1, 0, 0 } }, { 1, { 1, 1, 1 } },
    { 2, { 2, 2, 2 } } };

static const struct {
	enum effective first;
	size_t metrics;
	const struct worst *worst;
	size_t nworst;
	uint8_t depth[5];
} groups[] = {
	{ EFF_AV, 3, eq1, sizeof(eq1) / sizeof(*eq1), { 1, 4, 5 } },
	{ EFF_AC, 2, eq2, sizeof(eq2) / sizeof(*eq2), { 1, 2 } },
	{ EFF_VC, 6, eq36, sizeof(eq36) / sizeof(*eq36), { 7, 6, 8, 8, 10 } },
	{ EFF_SC, 3, eq4, sizeof(eq4) / sizeof(*eq4), { 6, 5, 4 } },
};

struct levels {
	int eq1, eq2, eq3, eq4, eq5, eq6;
};

static int
take(struct str item, int chosen[NMETRICS], struct diag *d)
{
	static const char *const urgency[] = { "X", "Clear", "Green", "Amber",
	    "Red" };
	size_t colon = str_find(item, ':');
	struct str name = str_sub(item, 0, colon);
	struct str value = str_sub(item, colon + 1, item.n);
	const char *at;

	for (int m = 0; m < NMETRICS; m++) {
		if (!str_eqz(name, metrics[m].name))
			continue;
		if (chosen[m] >= 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s stands twice", metrics[m].name));
		for (int u = 0; m == U && u < 5; u++)
			if (str_eqz(value, urgency[u]))
				value = str_sub(value, 0, 1);
		at = value.n == 1 && value.p[0] != '\0' ?
		    strchr(metrics[m].values, value.p[0]) : NULL;
		if (at == NULL)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s has no such value",
			    metrics[m].name));
		chosen[m] = (int)(at - metrics[m].values);
		return (0);
	}
	return (diag_set(d, ERR_MALFORMED, 0, "CVSS vector: unknown metric"));
}

/* The letter of a metric; 'X' where it is not stated. */
static char
letter(const int chosen[NMETRICS], enum metric m)
{
	return (chosen[m] < 0 ? 'X' : metrics[m].values[chosen[m]]);
}

/* Of a base metric, what its modified form says, if it does. */
static int
modified(const int chosen[NMETRICS], enum metric base, enum metric mod)
{
	bool safety = mod == MSI || mod == MSA;	/* has S before the base's H */

	if (letter(chosen, mod) != 'X')
		return (chosen[mod]);
	return (chosen[base] + safety);
}

static void
effective_of(const int chosen[NMETRICS], int e[NEFF])
{
	static const enum metric base[] = { AV, PR, UI, AC, AT, VC, VI, VA };
	static const enum metric mod[] = { MAV, MPR, MUI, MAC, MAT, MVC, MVI,
	    MVA };

	for (int i = 0; i < 8; i++)
		e[EFF_AV + i] = modified(chosen, base[i], mod[i]);
	for (int i = 0; i < 3; i++)
		e[EFF_CR + i] = letter(chosen, (enum metric)(CR + i)) == 'X' ?
		    0 : chosen[CR + i];
	e[EFF_SC] = modified(chosen, SC, MSC) + 1;
	e[EFF_SI] = modified(chosen, SI, MSI);
	e[EFF_SA] = modified(chosen, SA, MSA);
	e[EFF_E] = letter(chosen, E) == 'X' ? 0 : chosen[E];
}

static struct levels
levels_of(const int e[NEFF])
{
	struct levels l;
	bool network = e[EFF_AV] == 0, none = e[EFF_PR] == 0,
	    alone = e[EFF_UI] == 0;

	l.eq1 = network && none && alone ? 0 :
	    (network || none || alone) && e[EFF_AV] != 3 ? 1 : 2;
	l.eq2 = e[EFF_AC] == 0 && e[EFF_AT] == 0 ? 0 : 1;
	l.eq3 = e[EFF_VC] == 0 && e[EFF_VI] == 0 ? 0 :
	    e[EFF_VC] == 0 || e[EFF_VI] == 0 || e[EFF_VA] == 0 ? 1 : 2;
	l.eq4 = e[EFF_SI] == 0 || e[EFF_SA] == 0 ? 0 :
	    e[EFF_SC] == 1 || e[EFF_SI] == 1 || e[EFF_SA] == 1 ? 1 : 2;
	l.eq5 = e[EFF_E];
	l.eq6 = (e[EFF_CR] == 0 && e[EFF_VC] == 0) ||
	    (e[EFF_IR] == 0 && e[EFF_VI] == 0) ||
	    (e[EFF_AR] == 0 && e[EFF_VA] == 0) ? 0 : 1;
	return (l);
}

/* Tenths of a class, or -1 where there is none. */
static int
class_of(struct levels l)
{
	if (l.eq1 > 2 || l.eq2 > 1 || l.eq3 > 2 || l.eq4 > 2 || l.eq5 > 2 ||
	    l.eq6 > 1 || (l.eq3 == 2 && l.eq6 == 0))
		return (-1);
	return (classes[l.eq1 * 6 + l.eq2 * 3 + l.eq3][l.eq4 * 6 + l.eq5 * 2 +
	    l.eq6]);
}

/* The class one level lower in group ${g}: 0 EQ1, 1 EQ2, 2 EQ3 with EQ6, 3 EQ4,
 * 4 EQ5; -1 where there is none. */
static int
lower_class(struct levels l, int g)
{
	struct levels other = l;
	int a, b;

	switch (g) {
	case 0:
		l.eq1++;
		break;
	case 1:
		l.eq2++;
		break;
	case 2:
		if (l.eq3 == 0 && l.eq6 == 0) {	/* two ways down: the higher */
			l.eq6 = 1;
			other.eq3 = 1;
			a = class_of(l);
			b = class_of(other);
			return (a > b ? a : b);
		}
		if (l.eq3 == 1 && l.eq6 == 0)
			l.eq6 = 1;
		else
			l.eq3++;
		break;
	case 3:
		l.eq4++;
		break;
	default:
		l.eq5++;
	}
	return (class_of(l));
}

/* How far the vector is from the first worst vector of its level that is in no
 * metric better than it, in tenths. */
static int
distance(const int e[NEFF], size_t g, int level)
{
	for (size_t w = 0; w < groups[g].nworst; w++) {
		int sum = 0, one = 0;
		size_t m;

		if (groups[g].worst[w].level != level)
			continue;
		for (m = 0; m < groups[g].metrics; m++) {
			one = e[groups[g].first + m] - groups[g].worst[w].at[m];
			if (one < 0)
				break;
			sum += one;
		}
		if (m == groups[g].metrics)
			return (sum);
	}
	return (0);
}

static int
score(const int e[NEFF])
{
	struct levels l = levels_of(e);
	const int level[] = { l.eq1, l.eq2, l.eq3 == 2 ? 4 : l.eq3 * 2 + l.eq6,
	    l.eq4 };
	int value = class_of(l), lower, count = 0;
	double sum = 0, tenths;
	bool impact = false;

	for (int i = EFF_VC; i <= EFF_VA; i++)
		impact = impact || e[i] != 2;
	impact = impact || e[EFF_SC] != 3 || e[EFF_SI] != 3 || e[EFF_SA] != 3;
	if (!impact)
		return (0);
	for (int g = 0; g < 5; g++) {
		if ((lower = lower_class(l, g)) < 0)
			continue;
		count++;
		if (g < 4)
			sum += (value - lower) * (double)distance(e, (size_t)g,
			    level[g]) / groups[g].depth[level[g]];
	}
	tenths = count > 0 ? value - sum / count : value;
	tenths = tenths < 0 ? 0 : tenths > 100 ? 100 : tenths;
	return ((int)floor(tenths + 1e-5 + .5));
}

int
cvss4_base(struct str text, int *ret, struct diag *d)
{
	int chosen[NMETRICS], e[NEFF], rc;
	struct str item;

	for (int m = 0; m < NMETRICS; m++)
		chosen[m] = -1;
	while (str_split(&text, '/', &item))
		if ((rc = take(item, chosen, d)) < 0)
			return (rc);
	for (int m = 0; m < NBASE; m++)
		if (chosen[m] < 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "CVSS vector: %s is missing", metrics[m].name));
	effective_of(chosen, e);
	*ret = score(e);
	return (0);
}
