/*
 * secdb: which version of a package fixed which vulnerabilities, as Alpine
 * publishes it for each branch and repository, and Wolfi and Chainguard for
 * their one.  There is no specification; the form is that of alpine-secdb.
 *
 * Packages are those of the recipe (apk's origin).  "0" as version says that
 * they never were affected.  An id may be several words: CVEs and what else the
 * same thing is called ("CVE-2017-14316 XSA-231"), or remarks.
 */
#include "../feed_rows.h"
#include "common/json.h"
#include "common/limits.h"

/* One document: whose packages it is about. */
struct doc {
	struct feed_rows rows;
	struct str prefix;	/* of ids */
	struct str ecosystem;
	struct str place;	/* "v3.11/main"; behind ids, which would meet
				   those of other branches */
};

/* "v3.11". */
static bool
is_branch(struct str s)
{
	struct str major;
	uint64_t v;

	if (!str_starts(s, "v"))
		return (false);
	s = str_sub(s, 1, s.n);
	return (str_split(&s, '.', &major) && str_u64(major, &v) &&
	    str_u64(s, &v));
}

static int
take_place(struct doc *c, const struct json *o)
{
	struct str branch = json_get_str(o, "distroversion");
	struct str repo = json_get_str(o, "reponame");
	int rc;

	if (str_eqz(branch, "edge") || is_branch(branch)) {
		if (repo.n == 0)
			return (feed_rows_malformed(&c->rows, "no reponame"));
		c->prefix = str_of("ALPINE");
		if ((rc = feed_rows_print(&c->rows, &c->ecosystem,
		    "Alpine:%.*s", STR_ARG(branch))) < 0)
			return (rc);
		return (feed_rows_print(&c->rows, &c->place, "%.*s/%.*s",
		    STR_ARG(branch), STR_ARG(repo)));
	}
	if (branch.n != 0)
		return (feed_rows_malformed(&c->rows, "distroversion is neither "
		    "edge nor a branch like v3.20"));
	c->place = repo;
	if (str_eqz(repo, "os")) {
		c->prefix = str_of("WOLFI");
		c->ecosystem = str_of("Wolfi");
	} else if (str_eqz(repo, "chainguard") ||
	    str_eqz(repo, "extra-packages")) {
		c->prefix = c->ecosystem = str_of("Chainguard");
	} else {
		return (feed_rows_malformed(&c->rows, "neither a distroversion "
		    "nor a reponame that tells whose packages these are"));
	}
	return (0);
}

static bool
is_id_byte(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.');
}

/* The next word of ${s} that may be an id: "CVE-2019-1," is one, "(+" none. */
static bool
next_id(struct str *s, struct str *ret)
{
	struct str word;
	size_t n;

	while (str_split(s, ' ', &word)) {
		word = str_trim(word);
		for (n = 0; n < word.n && is_id_byte(word.p[n]); n++)
			;
		*ret = str_sub(word, 0, n);
		if (str_find(*ret, '-') < n)
			return (true);
	}
	return (false);
}

static int
add(struct doc *c, struct str id, struct str package, struct str version)
{
	struct advisory_affected e = { .ecosystem = c->ecosystem,
	    .name = package };
	struct advisory_range range = feed_range_below(version);
	struct advisory *head;
	struct str name;
	int rc;

	if (str_eqz(version, "0")) {
		e.status = VEX_NOT_AFFECTED;
		range = feed_range_all();
	}
	if ((rc = feed_rows_print(&c->rows, &name, "%.*s-%.*s/%.*s",
	    STR_ARG(c->prefix), STR_ARG(id), STR_ARG(c->place))) < 0 ||
	    (rc = feed_rows_head(&c->rows, name, id, &head)) < 0)
		return (rc);
	return (feed_rows_add(&c->rows, head, &e, &range));
}

/* The CVEs of one text, or its first id where it has none. */
static int
take_ids(struct doc *c, struct str text, struct str package, struct str version)
{
	struct str rest = text, id, first = { NULL, 0 };
	bool any = false;
	int rc;

	while (next_id(&rest, &id)) {
		if (first.n == 0)
			first = id;
		if (!str_starts(id, "CVE-"))
			continue;
		any = true;
		if ((rc = add(c, id, package, version)) < 0)
			return (rc);
	}
	return (any || first.n == 0 ? 0 : add(c, first, package, version));
}

/* Alpine writes "" for what is empty. */
static bool
is_list(const struct json *v)
{
	return (json_is_array(v) || json_is_null(v) ||
	    (json_is_string(v) && json_str(v).n == 0));
}

static int
take_package(struct doc *c, const struct json *o)
{
	struct str name = json_get_str(o, "name"), version;
	const struct json *fixes = json_get(o, "secfixes"), *ids;
	void *at = NULL;
	int rc;

	if (name.n == 0)
		return (feed_rows_malformed(&c->rows, "a package without name"));
	if (!json_is_object(fixes) && !json_is_null(fixes))
		return (feed_rows_malformed(&c->rows, "secfixes is no object"));
	while (json_next(fixes, &at, &version, &ids)) {
		if (!is_list(ids))
			return (feed_rows_malformed(&c->rows,
			    "the ids of a version are no list"));
		for (size_t i = 0; i < json_len(ids); i++) {
			if (!json_is_string(json_at(ids, i)))
				return (feed_rows_malformed(&c->rows,
				    "an id is no text"));
			if ((rc = take_ids(c, json_str(json_at(ids, i)), name,
			    version)) < 0)
				return (rc);
		}
	}
	return (0);
}

static int
take_document(struct doc *c, const struct json *o)
{
	const struct json *list = json_get(o, "packages");
	int rc;

	if (!is_list(list))
		return (feed_rows_malformed(&c->rows, "packages is no list"));
	if ((rc = take_place(c, o)) < 0)
		return (rc);
	for (size_t i = 0; i < json_len(list); i++)
		if ((rc = take_package(c, json_get(json_at(list, i),
		    "pkg"))) < 0)
			return (rc);
	return (0);
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { .ecosystem = { NULL, 0 } };
	struct json *root = NULL;
	int rc;

	if ((rc = json_parse(bytes, LIMIT_ADVISORY_BYTES, &root, d)) < 0)
		return (rc);
	feed_rows_init(&c.rows, "secdb", d);
	if ((rc = take_document(&c, root)) == 0)
		rc = feed_rows_give(&c.rows, sink, count);
	feed_rows_done(&c.rows);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_secdb = {
	.name = "secdb",
	.revision = 1,
	.mark = "reponame",
	.whole = true,
	.document = document,
};
