/*
 * epss: FIRST's Exploit Prediction Scoring System, one CSV a day:
 *
 *	#model_version:v2025.03.14,score_date:2025-07-05T00:00:00+0000
 *	cve,epss,percentile
 *	CVE-1999-0001,0.01025,0.76335
 *
 * Source: https://www.first.org/epss/data_stats.  Nothing is quoted.  Columns go
 * by their names; copies without percentiles are about.
 */
#include "../exploit.h"
#include "../feed.h"
#include "common/limits.h"

enum column { CVE, EPSS, PERCENTILE, NCOLUMNS };

static bool
next_line(struct str *left, struct str *line)
{
	if (left->n == 0 || !str_split(left, '\n', line))
		return (false);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return (true);
}

/* Where each column stands; SIZE_MAX = nowhere. */
static int
read_header(struct str line, size_t at[NCOLUMNS], struct diag *d)
{
	static const char *const names[] = { "cve", "epss", "percentile" };
	struct str cell;
	size_t n = 0;

	for (size_t i = 0; i < NCOLUMNS; i++)
		at[i] = SIZE_MAX;
	for (; str_split(&line, ',', &cell); n++)
		for (size_t i = 0; i < NCOLUMNS; i++)
			if (str_caseeqz(str_trim(cell), names[i]))
				at[i] = n;
	if (at[CVE] == SIZE_MAX || at[EPSS] == SIZE_MAX)
		return (diag_set(d, ERR_MALFORMED, 0, "epss document: its header "
		    "names no columns cve and epss"));
	return (0);
}

static const char *
read_row(struct str line, const size_t at[NCOLUMNS], struct exploit *e)
{
	struct str cells[NCOLUMNS] = { { NULL, 0 } }, cell;

	for (size_t n = 0; str_split(&line, ',', &cell); n++)
		for (size_t i = 0; i < NCOLUMNS; i++)
			if (at[i] == n)
				cells[i] = str_trim(cell);
	*e = (struct exploit) { .cve = cells[CVE], .percentile = -1 };
	if (!exploit_is_cve(e->cve))
		return ("no CVE in column cve");
	if (!exploit_score_of(cells[EPSS], &e->score))
		return ("epss is no number from 0 to 1");
	if (at[PERCENTILE] != SIZE_MAX &&
	    !exploit_score_of(cells[PERCENTILE], &e->percentile))
		return ("percentile is no number from 0 to 1");
	return (NULL);
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct str line = { NULL, 0 };
	size_t at[NCOLUMNS], number = 0, rows = 0;
	struct exploit e;
	struct diag why;
	char name[32];
	const char *wrong;
	int rc;

	while (next_line(&bytes, &line)) {
		number++;
		if (line.n > 0 && line.p[0] != '#')
			break;
		if (number == 1 && line.n > 1)
			snprintf(count->version, sizeof(count->version), "%.*s",
			    STR_ARG(str_sub(line, 1, line.n)));
	}
	if ((rc = read_header(line, at, d)) < 0)
		return (rc);
	while (rc == 0 && next_line(&bytes, &line)) {
		number++;
		if (line.n == 0)
			continue;
		rows++;
		if ((wrong = read_row(line, at, &e)) == NULL) {
			count->exploits++;
			rc = sink->exploit(sink->arg, &e, d);
			continue;
		}
		snprintf(name, sizeof(name), "epss line %zu", number);
		why = (struct diag) { .code = ERR_OK };
		diag_set(&why, ERR_MALFORMED, 0, "%s", wrong);
		rc = sink->malformed(sink->arg, str_of(name), &why, d);
	}
	if (rc == 0 && rows == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "epss document: no scores");
	return (rc);
}

const struct feed_importer feed_epss = {
	.name = "epss",
	.revision = 1,
	.mark = "\ncve,epss",
	.whole = true,
	.beside = true,
	.max = LIMIT_EPSS_BYTES,
	.document = document,
};
