/* Words for how bad a vulnerability is, from every source we know. */
#include "advisory.h"

static const char *const names[] = {
	[SEVERITY_UNKNOWN] = "unknown",
	[SEVERITY_NEGLIGIBLE] = "negligible",
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

/* Compared without case.  Debian's and Ubuntu's, Red Hat's and its rebuilds',
 * SUSE's, Amazon's and GHSA's words. */
static const struct {
	const char *word;
	enum severity severity;
} words[] = {
	{ "critical", SEVERITY_CRITICAL },
	{ "high", SEVERITY_HIGH },
	{ "important", SEVERITY_HIGH },
	{ "medium", SEVERITY_MEDIUM },
	{ "moderate", SEVERITY_MEDIUM },
	{ "low", SEVERITY_LOW },
	{ "minor", SEVERITY_LOW },
	{ "negligible", SEVERITY_NEGLIGIBLE },
	{ "unimportant", SEVERITY_NEGLIGIBLE },
	{ "none", SEVERITY_NEGLIGIBLE },
};

const char *
severity_name(enum severity s)
{
	if ((unsigned)s >= sizeof(names) / sizeof(names[0]))
		s = SEVERITY_UNKNOWN;
	return (names[s]);
}

enum severity
severity_of_word(struct str w)
{
	w = str_trim(w);
	/* the Debian tracker marks what it took from elsewhere: "high**" */
	while (w.n > 0 && w.p[w.n - 1] == '*')
		w.n--;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_caseeqz(w, words[i].word))
			return (words[i].severity);
	return (SEVERITY_UNKNOWN);
}
