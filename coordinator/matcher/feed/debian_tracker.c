/*
 * debian_tracker: what Debian's security team knows of every source package in
 * every release, as its tracker serves it in one JSON document:
 *
 *	{ SOURCE: { CVE: { description, releases: { CODENAME: { status,
 *	  fixed_version, urgency, nodsa, nodsa_reason } } } } }
 *
 * Source: security-tracker, lib/python/security_db.py and bin/tracker_service.py.
 * Beside fixes it lists what is not fixed and why.  The document is too large to
 * be one tree: it is taken apart at its first level, and each source is parsed.
 */
#include "../distribution.h"
#include "../feed_rows.h"
#include "common/json.h"
#include "common/limits.h"

/* A source package, or another part that can be named: what is wrong with it is
 * told, the others count. */
struct doc {
	const struct feed_sink *sink;
	struct feed_count *count;
	struct diag *d;
};

/* ---------------------------------------------------------------- taking it apart */

static size_t
skip_space(struct str s, size_t at)
{
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' ||
	    s.p[at] == '\n' || s.p[at] == '\r'))
		at++;
	return (at);
}

/* Behind the text whose quote stands at ${at}; s.n + 1 when it never ends. */
static size_t
skip_text(struct str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		if (s.p[at] == '\\')
			at++;
	return (at < s.n ? at + 1 : s.n + 1);
}

/* Behind the object at ${at}; s.n + 1 when it never ends. */
static size_t
skip_object(struct str s, size_t at)
{
	size_t depth = 0;

	while (at < s.n) {
		if (s.p[at] == '"') {
			at = skip_text(s, at);
			continue;
		}
		depth += s.p[at] == '{';
		depth -= s.p[at] == '}' && depth > 0;
		at++;
		if (depth == 0)
			return (at);
	}
	return (s.n + 1);
}

static int
broken(struct diag *d, size_t at)
{
	return (diag_set(d, ERR_MALFORMED, at, "debian_tracker document: no "
	    "complete object of objects"));
}

/*
 * The next member of the outermost object: its name, quotes included, and the
 * text of its value, an object.  *${at} is 0 at the start.  Return 1, 0 at the
 * end, or ERR_MALFORMED.
 */
static int
next_source(struct str s, size_t *at, struct str *name, struct str *value,
    struct diag *d)
{
	size_t i = skip_space(s, *at), end;
	char before = *at == 0 ? '{' : ',';

	if (*at != 0 && i < s.n && s.p[i] == '}') {
		*at = skip_space(s, i + 1);
		return (*at == s.n ? 0 : broken(d, *at));
	}
	if (i >= s.n || s.p[i] != before)
		return (broken(d, i));
	i = skip_space(s, i + 1);
	if (before == '{' && i < s.n && s.p[i] == '}')
		return (skip_space(s, i + 1) == s.n ? 0 : broken(d, i));
	if (i >= s.n || s.p[i] != '"' || (end = skip_text(s, i)) > s.n)
		return (broken(d, i));
	*name = str_sub(s, i, end);
	i = skip_space(s, end);
	if (i >= s.n || s.p[i] != ':')
		return (broken(d, i));
	i = skip_space(s, i + 1);
	if (i >= s.n || s.p[i] != '{' || (end = skip_object(s, i)) > s.n)
		return (broken(d, i));
	*value = str_sub(s, i, end);
	*at = end;
	return (1);
}

/* -------------------------------------------------------------------- statements */

/* By the names of releases; testing and sid have no number in os-release. */
static struct str
ecosystem_of(struct feed_rows *r, struct str codename)
{
	struct distribution os = { .version = codename };
	struct str ret = { NULL, 0 };

	/* one that is newer than our table shows among the feed's names */
	(void)distribution_of_codename(codename, &os);
	if (feed_rows_print(r, &ret, "Debian:%.*s", STR_ARG(os.version)) < 0)
		ret = (struct str) { NULL, 0 };
	return (ret);
}

/* Why it is not fixed, in the tracker's words. */
static struct str
reason_of(const struct json *o, struct str urgency)
{
	struct str why = json_get_str(o, "nodsa_reason");

	if (str_eqz(urgency, "end-of-life") || str_eqz(urgency, "unimportant"))
		return (urgency);
	if (why.n != 0)
		return (why);		/* ignored, postponed */
	return (str_of(json_is_string(json_get(o, "nodsa")) ? "no-dsa" : ""));
}

static int
add_release(struct feed_rows *r, const struct advisory *head, struct str source,
    struct str codename, const struct json *o)
{
	struct str status = json_get_str(o, "status");
	struct str fixed = json_get_str(o, "fixed_version");
	struct str urgency = json_get_str(o, "urgency");
	struct advisory_range range = feed_range_all();
	struct advisory_affected e = { .name = source };

	if (str_eqz(codename, "sid"))
		return (0);
	e.ecosystem = ecosystem_of(r, codename);
	while (urgency.n > 0 && urgency.p[urgency.n - 1] == '*')
		urgency.n--;	/* "low**": not a person's judgement */
	e.severity = severity_of_word(urgency);
	if (str_eqz(status, "resolved") && fixed.n != 0) {
		if (str_eqz(fixed, "0"))
			e.status = VEX_NOT_AFFECTED;
		else
			range = feed_range_below(fixed);
	} else if (str_eqz(status, "open")) {
		e.status_reason = reason_of(o, urgency);
	} else if (str_eqz(status, "undetermined")) {
		e.status = VEX_UNDER_INVESTIGATION;
		e.status_reason = status;
	} else {
		return (feed_rows_malformed(r, "a status that is neither open, "
		    "resolved with a version nor undetermined"));
	}
	return (feed_rows_add(r, head, &e, &range));
}

/* Releases that have the source, by what is said of any of its issues. */
struct releases {
	const char *codename[16];	/* more than there are names we know */
	size_t n;
};

static void
find_releases(const struct json *issues, struct releases *ret)
{
	const struct json *issue, *one;
	void *at = NULL, *in;
	struct distribution os;
	struct str id, name;
	size_t i;

	ret->n = 0;
	while (json_next(issues, &at, &id, &issue))
		for (in = NULL; json_next(json_get(issue, "releases"), &in,
		    &name, &one); ) {
			if (!distribution_of_codename(name, &os))
				continue;
			for (i = 0; i < ret->n; i++)
				if (str_eqz(name, ret->codename[i]))
					break;
			if (i == ret->n && i < 16)
				ret->codename[ret->n++] = name.p;
		}
}

/* Is there a release that never was affected? */
static bool
any_spared(const struct json *releases)
{
	const struct json *one;
	struct str name;
	void *at = NULL;

	while (json_next(releases, &at, &name, &one))
		if (str_eqz(json_get_str(one, "fixed_version"), "0"))
			return (true);
	return (false);
}

/* A release that has the source and no entry for an issue is judged by sid's fix,
 * unless some release was spared: then this one may have been, too. */
static int
add_missing(struct feed_rows *r, const struct advisory *head, struct str source,
    const struct json *releases, const struct releases *all)
{
	const struct json *sid = json_get(releases, "sid");
	int rc = 0;

	if (!str_eqz(json_get_str(sid, "status"), "resolved") ||
	    any_spared(releases))
		return (0);
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		if (json_get(releases, all->codename[i]) == NULL)
			rc = add_release(r, head, source,
			    str_of(all->codename[i]), sid);
	return (rc);
}

static int
add_issue(struct feed_rows *r, struct str source, struct str id,
    const struct json *o, const struct releases *all)
{
	const struct json *releases = json_get(o, "releases"), *one;
	struct advisory *head;
	struct str name, codename;
	void *at = NULL;
	int rc;

	if (!json_is_object(releases))
		return (feed_rows_malformed(r, "releases is no object"));
	if ((rc = feed_rows_print(r, &name, "DEBIAN-%.*s/%.*s", STR_ARG(id),
	    STR_ARG(source))) < 0 ||
	    (rc = feed_rows_head(r, name, id, &head)) < 0)
		return (rc);
	head->summary = feed_summary(json_get_str(o, "description"));
	while (json_next(releases, &at, &codename, &one))
		if ((rc = add_release(r, head, source, codename, one)) < 0)
			return (rc);
	return (add_missing(r, head, source, releases, all));
}

/* What is known of one source; ${name} as it stands in the document. */
static int
take_source(struct doc *c, struct str name, struct str bytes)
{
	struct str source = str_sub(name, 1, name.n - 1), id;
	const struct json *issue;
	struct json *root = NULL;
	struct releases all;
	struct diag why = { 0 };
	struct feed_rows r;
	void *at = NULL;
	int rc, given = 0;

	feed_rows_init(&r, "debian_tracker", &why);
	rc = json_parse(bytes, LIMIT_ADVISORY_BYTES, &root, &why);
	if (rc == 0)
		find_releases(root, &all);
	while (rc == 0 && json_next(root, &at, &id, &issue))
		rc = add_issue(&r, source, id, issue, &all);
	if (rc == 0)
		given = feed_rows_give(&r, c->sink, c->count);
	feed_rows_done(&r);
	json_free(root);
	if (given < 0 && c->d != NULL)
		*c->d = why;
	return (given < 0 ? given : rc < 0 ? c->sink->malformed(c->sink->arg,
	    source, &why, c->d) : 0);
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { sink, count, d };
	struct str name, value;
	size_t at = 0;
	int rc;

	/* first to its end: what was cut gives nothing */
	while ((rc = next_source(bytes, &at, &name, &value, d)) > 0)
		;
	at = 0;
	while (rc >= 0 &&
	    (rc = next_source(bytes, &at, &name, &value, d)) > 0)
		rc = take_source(&c, name, value);
	return (rc);
}

const struct feed_importer feed_debian_tracker = {
	.name = "debian_tracker",
	.revision = 2,
	.mark = "*.*.releases",
	.whole = true,
	.max = LIMIT_FEED_DOCUMENT,
	.document = document,
};
