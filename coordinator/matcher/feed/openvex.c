/*
 * openvex: statements of OpenVEX 0.0.1 to 0.2.0 about products that are packages.
 *
 * A statement about a component within a product (an image, another package)
 * holds nowhere else; it is counted and matches nothing, since a package is one
 * thing wherever it is found.  Of several statements about one product and
 * vulnerability the last counts (finding.h: of all documents'); it was made when it
 * was last updated, else at its timestamp, else at those of its document.
 */
#include <stdlib.h>
#include "../feed_product.h"
#include "../feed_rows.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"

struct statement {
	struct str vulnerability;
	struct str product;		/* its purl, "" = cannot be expressed */
	const struct json *aliases;
	enum vex_status status;
	struct str reason;
	struct str written;
	int64_t at;			/* microseconds since 1970 */
	size_t number;
};

struct doc {
	struct feed_rows rows;
	struct str id, written;
	bool canonical;			/* about releases, see add_canonical() */
	struct statement *v;
	size_t n, cap;
};

/* ----------------------------------------------------------------------- statements */

static int
add(struct doc *c, struct statement s, struct str product)
{
	s.product = product;
	s.number = c->n;
	MEM_ADD(c->v, c->n, c->cap, s);
	return (0);
}

/* A product: a purl (0.0.1), or an object with @id, identifiers and what of it
 * is meant. */
static int
take_product(struct doc *c, const struct statement *s, const struct json *o)
{
	struct str purl = json_get_str(json_get(o, "identifiers"), "purl");

	if (json_is_string(o))
		return (add(c, *s, json_str(o)));
	if (!json_is_object(o))
		return (feed_rows_malformed(&c->rows, "a product is neither text "
		    "nor object"));
	if (json_len(json_get(o, "subcomponents")) > 0)
		return (add(c, *s, str_of("")));
	return (add(c, *s, purl.n != 0 ? purl : json_get_str(o, "@id")));
}

/* Canonical begins what it has to say of an affected package with one of these. */
static struct str
ubuntu_reason(const struct doc *c, struct str s)
{
	static const char head[] = "This package (for the given release) is ";
	static const char *const t[][2] = {
		{ "vulnerable to the CVE, the problem is understood, but the "
		  "Ubuntu Security Team decided to not fix it", "will not fix" },
		{ "no longer supported", "end-of-life" },
		{ "vulnerable to the CVE and needs fixing", "needed" },
	};

	if (!c->canonical || !str_starts(s, head))
		return (s);
	s = str_sub(s, strlen(head), s.n);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_starts(s, t[i][0]))
			return (str_of(t[i][1]));
	return (s);
}

/* When a statement, or its document, was made. */
static struct str
written(const struct json *o)
{
	struct str updated = json_get_str(o, "last_updated");

	return (updated.n != 0 ? updated : json_get_str(o, "timestamp"));
}

static int
take_statement(struct doc *c, const struct json *o)
{
	const struct json *v = json_get(o, "vulnerability");
	const struct json *products = json_get(o, "products");
	struct statement s = { .aliases = json_get(v, "aliases") };
	int rc = 0;

	s.vulnerability = json_is_string(v) ? json_str(v) :
	    json_get_str(v, "name");
	if (s.vulnerability.n == 0)	/* 0.2.0 lets name be left to @id */
		s.vulnerability = json_get_str(v, "@id");
	if (s.vulnerability.n == 0)
		return (feed_rows_malformed(&c->rows,
		    "a statement without vulnerability"));
	if (!vex_status_of(json_get_str(o, "status"), &s.status))
		return (feed_rows_malformed(&c->rows, "a statement whose status "
		    "is none of VEX's"));
	s.reason = json_get_str(o, "justification");
	if (s.reason.n == 0)
		s.reason = json_get_str(o, s.status == VEX_NOT_AFFECTED ?
		    "impact_statement" : "action_statement");
	s.reason = ubuntu_reason(c, feed_summary(s.reason));
	s.written = written(o);
	if (s.written.n == 0)
		s.written = c->written;
	s.at = feed_time(s.written);
	for (size_t i = 0; rc == 0 && i < json_len(products); i++)
		rc = take_product(c, &s, json_at(products, i));
	return (rc);
}

static int
statement_about_cmp(const struct statement *x, const struct statement *y)
{
	int r = str_cmp(x->vulnerability, y->vulnerability);

	return (r != 0 ? r : str_cmp(x->product, y->product));
}

static int
statement_cmp(const void *a, const void *b)
{
	const struct statement *x = a, *y = b;
	int r = statement_about_cmp(x, y);

	if (r != 0)
		return (r);
	if (x->at != y->at)
		return (x->at < y->at ? -1 : 1);
	return (x->number < y->number ? -1 : x->number > y->number);
}

static int
add_head(struct doc *c, const struct statement *s, struct advisory **ret)
{
	struct str id, *aliases, alias;
	struct advisory *a;
	size_t n = json_len(s->aliases), naliases = 0;
	int rc;

	if ((rc = feed_rows_print(&c->rows, &id, "%.*s/%.*s", STR_ARG(c->id),
	    STR_ARG(s->vulnerability))) < 0 ||
	    (rc = feed_rows_head(&c->rows, id, s->vulnerability, &a)) < 0)
		return (rc);
	a->modified = s->written;
	*ret = a;
	if (n == 0)
		return (0);
	/* with its own name, they make one class; pages about it are no names,
	 * and one of a notice would glue all that it is about together */
	if ((aliases = pool_alloc(c->rows.pool, (n + 1) * sizeof(*aliases))) ==
	    NULL)
		return (diag_set(c->rows.d, ERR_LIMIT, 0,
		    "openvex document: more than its memory holds"));
	aliases[0] = s->vulnerability;
	for (size_t i = 0; i < n; i++) {
		alias = json_str(json_at(s->aliases, i));
		if (alias.n > 0 && str_find(alias, '/') == alias.n)
			aliases[++naliases] = alias;
	}
	a->aliases = aliases;
	a->naliases = naliases > 0 ? naliases + 1 : 0;
	return (0);
}

/*
 * Canonical's statements are about a source package in a channel of a release; the
 * version is what that holds now, neither the fix nor the only one that is meant.
 * Binary packages are listed beside their source.  component_not_present says that
 * the channel has no such package.  False: nothing is said.
 */
static bool
speaks_of_release(const struct statement *s, const struct feed_product *p,
    struct advisory_range *range)
{
	if (!str_eqz(p->arch, "src") ||
	    str_eqz(s->reason, "component_not_present"))
		return (false);
	*range = feed_range_all();
	if (s->status == VEX_FIXED)
		range->lo = p->version;
	return (true);
}

static int
add_versions(struct doc *c, const struct advisory *head,
    const struct feed_product *p, const struct advisory_affected *e)
{
	struct advisory_range range = p->version.n != 0 ?
	    feed_range_exact(p->version) : feed_range_all();

	if (p->vers.n != 0)
		return (feed_rows_add_vers(&c->rows, head, e, p->vers, p->type));
	return (feed_rows_add(&c->rows, head, e, p->ecosystem.n != 0 ? &range :
	    NULL));
}

static int
add_row(struct doc *c, const struct statement *s, const struct advisory *head)
{
	struct advisory_affected e = { .status = s->status,
	    .status_reason = s->reason, .stated = s->at };
	struct advisory_range range;
	struct feed_product p = { .name = s->product };
	int rc;

	if (feed_product_of_purl(s->product, c->rows.pool, &p) == ERR_LIMIT)
		return (diag_set(c->rows.d, ERR_LIMIT, 0,
		    "openvex document: more than its memory holds"));
	e.ecosystem = p.ecosystem;
	e.name = p.name;
	e.module = p.module;
	e.by_source = str_eqz(p.type, "rpm") && str_eqz(p.arch, "src");
	if (c->canonical)
		return (speaks_of_release(s, &p, &range) ? feed_rows_add(
		    &c->rows, head, &e, p.ecosystem.n != 0 ? &range : NULL) : 0);
	if ((p.binary.n == 0 || p.either) &&
	    (rc = add_versions(c, head, &p, &e)) < 0)
		return (rc);
	if (p.binary.n == 0 || (p.either && p.ecosystem.n == 0))
		return (0);
	e.name = p.binary;
	e.by_binary = true;
	return (add_versions(c, head, &p, &e));
}

/* Behind the last statement about the product of statement ${i}. */
static size_t
end_of_product(const struct doc *c, size_t i)
{
	size_t end = i + 1;

	while (end < c->n && statement_about_cmp(&c->v[i], &c->v[end]) == 0)
		end++;
	return (end);
}

/* Of a product the statements of the last time; of what cannot be expressed all. */
static int
give_statements(struct doc *c)
{
	struct advisory *head = NULL;
	size_t end = 0;
	int64_t last = 0;
	int rc = 0;

	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), statement_cmp);
	for (size_t i = 0; rc == 0 && i < c->n; i++) {
		const struct statement *s = &c->v[i];

		if (i == 0 || !str_eq(s->vulnerability,
		    s[-1].vulnerability)) {
			rc = add_head(c, s, &head);
			last = s->at;
		}
		if (rc < 0)
			break;
		if (s->at > last) {
			head->modified = s->written;
			last = s->at;
		}
		if (i == end)
			end = end_of_product(c, i);
		if (s->product.n == 0 || s->at == c->v[end - 1].at)
			rc = add_row(c, s, head);
	}
	return (rc);
}

static int
take_document(struct doc *c, const struct json *o)
{
	const struct json *list = json_get(o, "statements");
	const struct json *head = json_get(o, "metadata");	/* Canonical's */
	int rc;

	if (head == NULL)
		head = o;
	c->id = json_get_str(head, "@id");
	c->written = written(head);
	c->canonical = str_starts(json_get_str(head, "author"), "Canonical ");
	if (c->id.n == 0)
		return (feed_rows_malformed(&c->rows, "no @id"));
	if (!json_is_array(list))
		return (feed_rows_malformed(&c->rows, "statements is no list"));
	for (size_t i = 0; i < json_len(list); i++)
		if ((rc = take_statement(c, json_at(list, i))) < 0)
			return (rc);
	return (give_statements(c));
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { .id = { NULL, 0 } };
	struct json *root = NULL;
	int rc;

	if ((rc = json_parse(bytes, LIMIT_ADVISORY_BYTES, &root, d)) < 0)
		return (rc);
	feed_rows_init(&c.rows, "openvex", d);
	if ((rc = take_document(&c, root)) == 0)
		rc = feed_rows_give(&c.rows, sink, count);
	feed_rows_done(&c.rows);
	free(c.v);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_openvex = {
	.name = "openvex",
	.revision = 7,
	.mark = "@context statements",
	.document = document,
};
