/* See explain.h. */
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/message.h"
#include "common/limits.h"
#include "coordinator/matcher/feed.h"

/* An explanation as text. */
#define TEXT_MAX ((size_t)1 << 30)

static bool
is_id(const char *word)
{
	static const char *const local[] = { "dir:", "oci:", "docker-archive:",
		"sha256:" };

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (str_starts(str_of(word), local[i]))
			return (false);
	return (strchr(word, '/') == NULL);
}

bool
explain_option_take(struct explain_option *o, const char *command,
    const char *value)
{
	o->on = true;
	if (value == NULL)
		return (true);
	if (value[0] == '\0' || strlen(value) >= sizeof(o->id)) {
		args_mistake(command, "--explain wants the id of a "
		    "vulnerability or advisory, such as CVE-2024-3094");
		return (false);
	}
	snprintf(o->id, sizeof(o->id), "%s", value);
	/* CVE's ids have capitals; others are what they are */
	if (strncasecmp(o->id, "cve-", 4) == 0)
		memcpy(o->id, "CVE", 3);
	return (true);
}

bool
explain_option_word(struct explain_option *o, struct args *a)
{
	int n = 0;

	for (int i = 0; i < a->n; i++) {
		if (!o->on || !is_id(a->words[i])) {
			a->words[n++] = a->words[i];
			continue;
		}
		if (o->id[0] != '\0') {
			args_mistake(a->command, "--explain takes one "
			    "vulnerability, \"%s\" or \"%s\"", o->id,
			    a->words[i]);
			return (false);
		}
		if (!explain_option_take(o, a->command, a->words[i]))
			return (false);
	}
	a->n = n;
	if (a->format == OUTPUT_TSV && o->on) {
		args_mistake(a->command, "an explanation is no table: --format "
		    "table or json");
		return (false);
	}
	return (true);
}

/* ---------------------------------------------------------- local advisories */

struct reading {
	struct index *index;
	struct explain *const *v;
	size_t n;
	size_t number;		/* of the document */
};

static int
take_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct reading *r = arg;
	struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);
	struct explain_document doc = { .feed = str_of("") };
	struct str *names;
	int rc;

	if (index_outdated(r->index, r->number++))
		doc.ignored = "a newer copy of the document counts";
	if ((rc = index_about(r->index, a, pool, &names, &doc.n)) < 0)
		diag_set(d, rc, 0, "advisory: too many names");
	doc.names = names;
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = explain_advisory(r->v[i], &doc, a, d);
	pool_free(pool);
	return (rc);
}

static int
take_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	(void)arg;
	(void)name;
	(void)why;
	(void)d;
	return (0);	/* it was told the first time */
}

int
explain_local_names(struct index *index, const char *id,
    const struct finding *findings, size_t n, struct explain *x, struct diag *d)
{
	struct str *names;
	int rc = 0;

	if (id[0] == '\0') {
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = explain_name(x, findings[i].vulnerability, d);
		return (rc);
	}
	if ((rc = index_asked(index, &names, &n, d)) < 0)
		return (rc);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = explain_name(x, names[i], d);
	return (rc);
}

int
explain_local_read(const char *feed, struct index *index,
    struct explain *const *v, size_t n, struct diag *d)
{
	struct reading r = { .index = index, .v = v, .n = n };
	struct feed_sink sink = { .arg = &r, .advisory = take_advisory,
	    .malformed = take_malformed };
	struct feed_count count = { 0 };
	int rc;

	progress("reading advisories of %s again, to explain", feed);
	rc = feed_import_path(NULL, feed, &sink, &count, d);
	progress_end();
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = explain_finish(v[i], d);
	return (rc);
}

int
explain_local_print(const struct explain *x, FILE *out, struct diag *d)
{
	struct buf b;
	int rc;

	buf_init(&b, TEXT_MAX);
	if ((rc = explain_text(x, &b, d)) == 0)
		fwrite(b.p, 1, b.n, out);
	buf_done(&b);
	return (rc);
}
