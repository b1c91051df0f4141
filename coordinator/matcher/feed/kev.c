/*
 * kev: CISA's Known Exploited Vulnerabilities Catalog, one JSON document:
 *
 *	{ catalogVersion, dateReleased, vulnerabilities: [{ cveID, dateAdded, dueDate,
 *	  knownRansomwareCampaignUse, ... }] }
 *
 * Source: known_exploited_vulnerabilities_schema.json of cisagov/kev-data.
 */
#include "../exploit.h"
#include "../feed.h"
#include "common/json.h"
#include "common/limits.h"

static int
take(const struct json *o, size_t i, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct exploit e = { .known = true, .score = -1, .percentile = -1,
		.cve = json_get_str(o, "cveID"),
		.added = json_get_str(o, "dateAdded"),
		.due = json_get_str(o, "dueDate"),
		.ransomware = str_caseeqz(json_get_str(o,
		    "knownRansomwareCampaignUse"), "Known") };
	struct diag why = { 0 };
	char name[64];

	if (!exploit_is_cve(e.cve)) {
		snprintf(name, sizeof(name), "vulnerabilities[%zu]", i);
		diag_set(&why, ERR_MALFORMED, 0, "no CVE in cveID");
		return (sink->malformed(sink->arg, str_of(name), &why, d));
	}
	if (!exploit_is_date(e.added) ||
	    (e.due.n != 0 && !exploit_is_date(e.due))) {
		diag_set(&why, ERR_MALFORMED, 0, "dateAdded and dueDate are no "
		    "dates YYYY-MM-DD");
		return (sink->malformed(sink->arg, e.cve, &why, d));
	}
	count->exploits++;
	return (sink->exploit(sink->arg, &e, d));
}

/* "2025.08.25, released 2025-08-25T17:04:19.9796Z" */
static void
note_version(const struct json *root, struct feed_count *count)
{
	struct str version = json_get_str(root, "catalogVersion");
	struct str released = json_get_str(root, "dateReleased");

	snprintf(count->version, sizeof(count->version), "%.*s%s%.*s",
	    STR_ARG(version), released.n > 0 ? ", released " : "",
	    STR_ARG(released));
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct json *root = NULL;
	const struct json *v;
	int rc = json_parse_file(bytes, LIMIT_KEV_BYTES, &root, d);

	v = json_get(root, "vulnerabilities");
	/* none at all is no catalogue: it would take the marks off everything */
	if (rc == 0 && json_len(v) == 0)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "kev document: no list of vulnerabilities");
	for (size_t i = 0; rc == 0 && i < json_len(v); i++)
		rc = take(json_at(v, i), i, sink, count, d);
	if (rc == 0)
		note_version(root, count);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_kev = {
	.name = "kev",
	.revision = 1,
	.mark = "catalogVersion",
	.whole = true,
	.beside = true,
	.max = LIMIT_KEV_BYTES,
	.document = document,
};
