/*
 * csaf: advisories and VEX documents of CSAF 2.0 and 2.1, among them Red Hat's
 * and SUSE's.  Followed: CSAF 2.0, sections 3.1.2 (branches), 3.2.2 (product
 * tree), 3.2.3 (vulnerabilities).
 *
 * A status names products by id.  The id is that of a product, which has a purl
 * or CPE, or of a relationship: "component as part of platform", where either
 * side may be a relationship again (package of a module of a platform).  Ids are
 * never taken apart, their form has changed over time.
 *
 * "fixed" on a platform means that builds before are affected: Red Hat names
 * the builds of every erratum and architecture.  Of one package in one channel
 * (channel.h) the lowest fixed build counts: later errata of the same line carry
 * the fix on.  "fixed" of a product without platform says just that of the one
 * version.
 *
 * What others than a distribution say of its packages, or anybody of a language's,
 * are statements like OpenVEX's: of several documents the last is in force.  Of a
 * distribution's own only a denial has to be later than what is claimed.
 *
 * A product of a range of versions (VERS, vers.h) speaks of those; where the range
 * cannot be read, of none that can be compared.
 *
 * Red Hat's documents name thousands of products.  One entry is made of all
 * channels that say the same of a package; builds that hold no code that runs
 * (debuginfo) make none; what is said of products that no package here is looked
 * up in is recorded without ranges, once a package.
 */
#include <stdlib.h>
#include "../channel.h"
#include "../csaf_tree.h"
#include "../feed_product.h"
#include "../feed_rows.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/version.h"

/* Components of components of platforms; two steps are in use. */
#define STEPS_MAX 8

/* What is said of an id beside its status. */
enum mark_kind { MARK_REASON, MARK_FLAG, MARK_IMPACT, MARK_CVSS };
struct mark {
	enum mark_kind kind;
	struct str id, text;
};

/* One product with one status, resolved. */
struct statement {
	struct feed_product p;
	bool on_platform;
	enum vex_status status;
	bool fixed_here;	/* "fixed": affected below the version */
	bool by_source;		/* Red Hat: of all binaries of that source */
	bool by_binary;		/* deb, apk: of that binary alone */
	struct str source;	/* only builds of it */
	struct str id;
	struct str reason, cvss;	/* marks of the id */
	enum severity severity;
};

/* A source package that builds another's binaries, for other architectures. */
struct alternative {
	struct str name, ecosystem, version;
};

struct doc {
	struct feed_rows rows;
	struct str name;	/* publisher and id of the document */
	struct advisory shared;	/* dates, severity */
	struct csaf_tree tree;
	struct mark *marks;
	size_t nmarks, marks_cap;
	struct statement *v;
	size_t n, cap;
	struct alternative *alternatives;
	size_t nalternatives, alternatives_cap;
};

static int
too_large(struct doc *c)
{
	return (diag_set(c->rows.d, ERR_LIMIT, 0,
	    "csaf document: more than its memory holds"));
}

/* ------------------------------------------------------------------ resolving an id */

/* "openssl-libs-1.1.1d-2.1.x86_64", as SUSE named packages before it had
 * purls. */
static bool
take_nevra(struct str s, struct feed_product *ret)
{
	size_t arch = str_rfind(s, '.'), release, version;
	struct str nevr = str_sub(s, 0, arch);

	release = str_rfind(nevr, '-');
	version = str_rfind(str_sub(nevr, 0, release), '-');
	if (arch == s.n || release == nevr.n || version >= release ||
	    version == 0)
		return (false);
	ret->name = str_sub(nevr, 0, version);
	ret->version = str_sub(nevr, version + 1, nevr.n);
	ret->arch = str_sub(s, arch + 1, s.n);
	return (true);
}

/* A product that is a module: "pkg:rpmmod/redhat/nodejs@18:8090020240301:..." */
static int
take_module(struct doc *c, const struct csaf_product *p, struct feed_product *ret)
{
	struct str label;

	if (!str_starts(p->purl, "pkg:rpmmod/"))
		return (0);
	label = str_sub(p->purl, 0, str_find(p->purl, '?'));
	label = str_sub(label, str_rfind(label, '/') + 1, label.n);
	if (feed_rows_print(&c->rows, &label, "%.*s:%.*s",
	    STR_ARG(str_sub(label, 0, str_find(label, '@'))),
	    STR_ARG(str_sub(label, str_find(label, '@') + 1, label.n))) < 0)
		return (ERR_LIMIT);
	return (feed_product_module(label, &ret->module) ? 0 : ERR_MALFORMED);
}

/* The platform's ecosystem and channel and, on the way to it, the module. */
static int
take_platform(struct doc *c, const struct csaf_product *p, struct feed_product *ret)
{
	const struct csaf_product *of;
	int rc;

	for (int i = 0; p != NULL && p->platform.n != 0; i++) {
		if (i == STEPS_MAX)
			return (ERR_MALFORMED);
		of = csaf_tree_find(&c->tree, p->component);
		if (of != NULL && (rc = take_module(c, of, ret)) < 0)
			return (rc);
		p = csaf_tree_find(&c->tree, p->platform);
	}
	if (p == NULL)
		return (ERR_MALFORMED);
	if (p->cpe.n == 0)
		return (feed_product_of_name(p->name, c->rows.pool,
		    &ret->ecosystem));
	return (feed_product_of_cpe(p->cpe, c->rows.pool, &ret->ecosystem,
	    &ret->channel));
}

/* Red Hat and SUSE call branches of theirs after packages and builds, which are their
 * ids: no versions. */
static bool
branch_is_version(const struct csaf_product *p, struct str name)
{
	return (p->branch.n != 0 && !p->is_range && !str_eq(p->branch, name) &&
	    !str_eq(p->branch, p->name) && !str_eq(p->branch, p->id));
}

/* SUSE's URLs of packages without a version have one where the name looks like it:
 * "libjavascriptcoregtk@4_0-18".  Builds have an architecture. */
static void
mend_suse(struct str name, struct feed_product *p)
{
	struct str rest = str_sub(name, p->name.n, name.n);

	if (p->arch.n != 0 || p->version.n == 0 || !str_starts(rest, "-") ||
	    !str_eq(str_sub(name, 0, p->name.n), p->name) ||
	    !str_eq(str_sub(rest, 1, rest.n), p->version))
		return;
	p->name = name;
	p->version = (struct str) { NULL, 0 };
}

/* The package that ${leaf} is, ${component} of a platform or by itself. */
static int
take_leaf(struct doc *c, const struct csaf_product *leaf, bool component,
    struct feed_product *ret)
{
	int rc;

	*ret = (struct feed_product) { .name = leaf->name };
	if (leaf->purl.n != 0 && !str_starts(leaf->purl, "pkg:rpmmod/")) {
		if ((rc = feed_product_of_purl(leaf->purl, c->rows.pool,
		    ret)) < 0)
			return (rc);
		if (component && str_starts(leaf->purl, "pkg:rpm/suse/"))
			mend_suse(leaf->name, ret);
	} else if (component && !take_nevra(leaf->name, ret) &&
	    leaf->product.n != 0 && leaf->purl.n == 0 && (leaf->is_range ||
	    branch_is_version(leaf, leaf->product))) {
		/* its own name is for people, and has the version in it */
		ret->name = leaf->product;
	}
	if (leaf->is_range) {
		ret->vers = leaf->branch.n != 0 ? leaf->branch :
		    str_of("unnamed");
		ret->version = (struct str) { NULL, 0 };
	} else if (ret->version.n == 0 && ret->vers.n == 0 &&
	    branch_is_version(leaf, ret->name)) {
		ret->version = leaf->branch;
	}
	return (0);
}

/* What ${id} names; an ecosystem "" where it is nothing that we match.  0,
 * ERR_LIMIT, or ERR_MALFORMED when the tree does not say. */
static int
resolve(struct doc *c, struct str id, struct statement *s)
{
	const struct csaf_product *p = csaf_tree_find(&c->tree, id), *leaf = p;
	struct feed_product platform = { .ecosystem = { NULL, 0 } };
	int rc;

	for (int i = 0; leaf != NULL && leaf->component.n != 0; i++) {
		if (i == STEPS_MAX)
			return (ERR_MALFORMED);
		leaf = csaf_tree_find(&c->tree, leaf->component);
	}
	if (leaf == NULL)
		return (ERR_MALFORMED);
	s->on_platform = leaf != p;
	if ((rc = take_leaf(c, leaf, leaf != p, &s->p)) < 0)
		return (rc);
	if (leaf == p)
		return (0);
	if ((rc = take_platform(c, p, &platform)) < 0)
		return (rc);
	/* a container or a jar that a platform ships is found by its own name */
	if (leaf->purl.n != 0 && !str_starts(leaf->purl, "pkg:rpm")) {
		s->p.ecosystem = (struct str) { NULL, 0 };
	} else {
		s->p.ecosystem = platform.ecosystem;
		s->p.channel = platform.channel;
		s->p.type = str_of("rpm");
	}
	if (platform.module.n != 0)
		s->p.module = platform.module;
	return (str_starts(leaf->purl, "pkg:rpmmod/") ? ERR_MALFORMED : 0);
}

/* ---------------------------------------------------------------------------- marks */

static int
mark_cmp(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return (x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) :
	    str_cmp(x->id, y->id));
}

static struct str
find_mark(const struct doc *c, enum mark_kind kind, struct str id)
{
	struct mark key = { .kind = kind, .id = id }, *m;

	m = c->nmarks == 0 ? NULL : bsearch(&key, c->marks, c->nmarks,
	    sizeof(key), mark_cmp);
	return (m != NULL ? m->text : (struct str) { NULL, 0 });
}

static int
add_mark(struct doc *c, enum mark_kind kind, struct str text,
    const struct json *ids)
{
	struct mark m = { .kind = kind, .text = text };

	for (size_t i = 0; i < json_len(ids); i++) {
		if ((c->nmarks + 1) * sizeof(m) > LIMIT_ADVISORY_POOL)
			return (too_large(c));
		m.id = json_str(json_at(ids, i));
		MEM_ADD(c->marks, c->nmarks, c->marks_cap, m);
	}
	return (0);
}

/* ${text} about the products and groups that ${o} names. */
static int
add_marks(struct doc *c, enum mark_kind kind, struct str text,
    const struct json *o)
{
	const struct json *ids = json_get(o, "group_ids");
	int rc;

	if (text.n == 0)
		return (0);
	rc = add_mark(c, kind, text, json_get(o, "product_ids"));
	for (size_t i = 0; rc == 0 && i < json_len(ids); i++)
		rc = add_mark(c, kind, text, csaf_tree_group(&c->tree,
		    json_str(json_at(ids, i))));
	return (rc);
}

static struct str
vector_of(const struct json *score)
{
	static const char *const versions[] = { "cvss_v3", "cvss_v4",
		"cvss_v2" };
	const struct json *content = json_get(score, "content");	/* 2.1 */
	struct str v = { NULL, 0 };

	for (size_t i = 0; v.n == 0 && i < 3; i++)
		v = json_get_str(json_get(content != NULL ? content : score,
		    versions[i]), "vectorString");
	return (v);
}

/* What keeps a fix away; "Affected" says nothing more. */
static int
take_remediation(struct doc *c, const struct json *o)
{
	struct str category = json_get_str(o, "category");
	struct str details = json_get_str(o, "details");

	if ((!str_eqz(category, "no_fix_planned") &&
	    !str_eqz(category, "none_available") &&
	    !str_eqz(category, "fix_planned")) || str_eqz(details, "Affected"))
		return (0);
	return (add_marks(c, MARK_REASON, feed_summary(details.n != 0 ?
	    details : category), o));
}

/* The impact on products, or, where none are named, on all of them. */
static int
take_threat(struct doc *c, const struct json *o, struct advisory *head)
{
	struct str details = json_get_str(o, "details");

	if (!str_eqz(json_get_str(o, "category"), "impact"))
		return (0);
	if (json_len(json_get(o, "product_ids")) == 0 &&
	    json_len(json_get(o, "group_ids")) == 0 &&
	    severity_of_word(details) != SEVERITY_UNKNOWN)
		head->severity = severity_of_word(details);
	return (add_marks(c, MARK_IMPACT, details, o));
}

static int
take_marks(struct doc *c, const struct json *o, struct advisory *head)
{
	static const char *const scores[] = { "scores", "metrics" /* 2.1 */ };
	const struct json *list = json_get(o, "remediations"), *one;
	int rc = 0;

	c->nmarks = 0;
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = take_remediation(c, json_at(list, i));
	list = json_get(o, "flags");
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = add_marks(c, MARK_FLAG, json_get_str(json_at(list, i),
		    "label"), json_at(list, i));
	list = json_get(o, "threats");
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = take_threat(c, json_at(list, i), head);
	for (size_t k = 0; k < 2; k++) {
		list = json_get(o, scores[k]);
		for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
			one = json_at(list, i);
			rc = add_mark(c, MARK_CVSS, vector_of(one),
			    vector_of(one).n != 0 ? json_get(one, "products") :
			    NULL);
		}
	}
	if (c->nmarks > 0)
		qsort(c->marks, c->nmarks, sizeof(*c->marks), mark_cmp);
	return (rc);
}

/* ----------------------------------------------------------------------- statements */

/* What it is about, and what it says of it, but for the channel and the build. */
static int
about_cmp(const struct statement *x, const struct statement *y)
{
	int r;

	if ((r = str_cmp(x->p.ecosystem, y->p.ecosystem)) != 0 ||
	    (r = str_cmp(x->p.name, y->p.name)) != 0 ||
	    (r = str_cmp(x->p.module, y->p.module)) != 0 ||
	    (r = str_cmp(x->source, y->source)) != 0 ||
	    (r = str_cmp(x->p.vers, y->p.vers)) != 0 ||
	    (r = (int)x->by_source - (int)y->by_source) != 0 ||
	    (r = (int)x->by_binary - (int)y->by_binary) != 0 ||
	    (r = (int)x->status - (int)y->status) != 0)
		return (r);
	return ((int)x->fixed_here - (int)y->fixed_here);
}

static int
statement_cmp(const void *a, const void *b)
{
	const struct statement *x = a, *y = b;
	int r;

	if ((r = about_cmp(x, y)) != 0 ||
	    (r = str_cmp(x->p.channel, y->p.channel)) != 0 ||
	    (r = str_cmp(x->p.version, y->p.version)) != 0)
		return (r);
	return (str_cmp(x->id, y->id));
}

/* Do both say the same of one channel, be it of other builds? */
static bool
is_same(const struct statement *x, const struct statement *y)
{
	return (about_cmp(x, y) == 0 && str_eq(x->p.channel, y->p.channel) &&
	    (x->fixed_here || str_eq(x->p.version, y->p.version)));
}

/* What becomes an entry of its own, but for the channel. */
static int
entry_cmp(const struct statement *x, const struct statement *y)
{
	int r;

	if ((r = about_cmp(x, y)) != 0 ||
	    (r = str_cmp(x->p.version, y->p.version)) != 0 ||
	    (r = str_cmp(x->reason, y->reason)) != 0 ||
	    (r = (int)x->severity - (int)y->severity) != 0)
		return (r);
	return (str_cmp(x->cvss, y->cvss));
}

static int
channel_cmp(const void *a, const void *b)
{
	const struct statement *x = a, *y = b;
	int r = entry_cmp(x, y);

	/* of a whole release: not one channel of several */
	return (r != 0 ? r : str_cmp(x->p.channel, y->p.channel));
}

/* "go-toolset@rhel8" of a module's stream is every build of it. */
static bool
is_build(const struct feed_product *p)
{
	return (p->module.n == 0 ||
	    str_find(p->version, '-') < p->version.n);
}

/* A product whose packages are looked up somewhere. */
static bool
is_matched(const struct feed_product *p)
{
	return (p->ecosystem.n != 0 && (!str_starts(p->ecosystem, "Red Hat:") ||
	    channel_main(p->ecosystem).n != 0));
}

/* Of [from, to), which differ in nothing but the channel. */
static int
add_row(struct doc *c, const struct advisory *head, size_t from, size_t to)
{
	const struct statement *s = &c->v[from];
	struct advisory_range range = feed_range_all();
	struct advisory_affected e = { .ecosystem = s->p.ecosystem,
	    .name = s->p.name, .module = s->p.module, .status = s->status,
	    .status_reason = s->reason, .severity = s->severity,
	    .cvss = s->cvss, .source = s->source, .by_source = s->by_source,
	    .by_binary = s->by_binary,
	    .stated = is_matched(&s->p) ? feed_time(head->modified) : 0 };
	struct str *channels = mem_array(to - from, sizeof(*channels));
	int rc;

	if (feed_covers(&feed_csaf, head->id, s->p.ecosystem))
		e.stated = -e.stated;
	for (size_t i = from; i < to; i++)
		channels[i - from] = c->v[i].p.channel;
	/* the channel "" is all of them */
	rc = s->p.channel.n == 0 ? 0 : channels_join(channels, to - from,
	    c->rows.pool, &e.channels);
	free(channels);
	if (rc < 0)
		return (too_large(c));
	if (s->p.vers.n != 0 && is_matched(&s->p))
		return (feed_rows_add_vers(&c->rows, head, &e, s->p.vers,
		    s->p.type));
	if (s->fixed_here)
		range = feed_range_below(s->p.version);
	else if (s->p.version.n != 0 && is_build(&s->p))
		range = feed_range_exact(s->p.version);
	return (feed_rows_add(&c->rows, head, &e, is_matched(&s->p) ? &range :
	    NULL));
}

/* Of one package in one channel the lowest fixed build: keep it, with what is
 * said of it. */
static void
keep_lowest(struct doc *c)
{
	const struct version_scheme *scheme;
	struct statement best;
	size_t i = 0, k, n = 0;
	int order;

	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), statement_cmp);
	for (; i < c->n; i = k) {
		best = c->v[i];
		scheme = version_scheme_of_ecosystem(best.p.ecosystem);
		for (k = i + 1; k < c->n && is_same(&best, &c->v[k]); k++)
			if (c->v[k].fixed_here && scheme != NULL &&
			    version_cmp(scheme, c->v[k].p.version,
			    best.p.version, &order, NULL) == 0 && order < 0)
				best = c->v[k];
		best.reason = find_mark(c, vex_status_denies(best.status) ?
		    MARK_FLAG : MARK_REASON, best.id);
		best.severity = severity_of_word(find_mark(c, MARK_IMPACT,
		    best.id));
		best.cvss = find_mark(c, MARK_CVSS, best.id);
		c->v[n++] = best;
	}
	c->n = n;
}

/* RHEL 7 builds its kernel a second time for other architectures: the same
 * binaries from another source, with higher versions. */
static void
take_alternative(struct doc *c, const struct feed_product *p)
{
	struct alternative a = { .name = p->name, .ecosystem = p->ecosystem,
		.version = p->version };

	if (str_eqz(p->name, "kernel-alt") || str_eqz(p->name, "kernel-aarch64"))
		MEM_ADD(c->alternatives, c->nalternatives, c->alternatives_cap,
		    a);
}

static int
alternative_cmp(const void *a, const void *b)
{
	const struct alternative *x = a, *y = b;
	int r = str_cmp(x->version, y->version);

	return (r != 0 ? r : str_cmp(x->ecosystem, y->ecosystem));
}

static void
set_sources(struct doc *c)
{
	const struct alternative *a;
	struct alternative key;

	if (c->nalternatives == 0)
		return;
	qsort(c->alternatives, c->nalternatives, sizeof(*c->alternatives),
	    alternative_cmp);
	for (size_t i = 0; i < c->n; i++) {
		if (!c->v[i].fixed_here)
			continue;
		key.version = c->v[i].p.version;
		key.ecosystem = c->v[i].p.ecosystem;
		a = bsearch(&key, c->alternatives, c->nalternatives,
		    sizeof(key), alternative_cmp);
		if (a != NULL)
			c->v[i].source = a->name;
	}
}

static int
add_rows(struct doc *c, const struct advisory *head)
{
	size_t from = 0, to;
	int rc = 0;

	set_sources(c);
	keep_lowest(c);
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), channel_cmp);
	for (; rc == 0 && from < c->n; from = to) {
		for (to = from + 1; to < c->n && entry_cmp(&c->v[from],
		    &c->v[to]) == 0 && (c->v[from].p.channel.n != 0 ||
		    c->v[to].p.channel.n == 0); to++)
			;
		rc = add_row(c, head, from, to);
	}
	return (rc);
}

/* Builds that hold nothing that runs. */
static bool
is_debug(struct str name)
{
	return (str_ends(name, "-debuginfo") || str_ends(name, "-debugsource") ||
	    memmem(name.p, name.n, "-debuginfo-common", 17) != NULL);
}

/* Which builds a statement of a platform is about: 1, 0 when it is kept for none,
 * or ERR_LIMIT. */
static int
take_platform_statement(struct doc *c, struct statement *s)
{
	bool source = str_eqz(s->p.arch, "src");
	bool redhat = str_starts(s->p.ecosystem, "Red Hat:");

	if (s->p.name.n != 0 && is_debug(s->p.name))
		return (0);
	if (s->p.vers.n != 0) {
		/* says of itself which versions are fixed */
	} else if (s->status == VEX_FIXED) {
		/* binaries are matched, a fix without a version is nothing to
		 * compare with */
		if (source)
			take_alternative(c, &s->p);
		if (source || s->p.version.n == 0)
			return (0);
		s->status = VEX_AFFECTED;
		s->fixed_here = true;
		if (s->p.channel.n == 0)
			s->p.channel = channel_main(s->p.ecosystem);
	} else if (vex_status_denies(s->status) && source &&
	    s->p.version.n != 0) {
		return (0);	/* its binaries are named beside it */
	} else {
		s->by_source = redhat && (source || s->p.arch.n == 0);
	}
	/* of single builds of what is sold on top only fixes are looked up */
	if (redhat && !s->fixed_here && s->p.version.n != 0 &&
	    s->p.channel.n != 0 && !channel_is_release(s->p.channel)) {
		if (feed_rows_print(&c->rows, &s->p.ecosystem, "Red Hat:%.*s",
		    STR_ARG(s->p.channel)) < 0)
			return (ERR_LIMIT);
		s->p.channel.n = 0;
	}
	if (!is_matched(&s->p))
		s->p.version = s->p.vers = s->p.module =
		    (struct str) { NULL, 0 };
	return (1);
}

static int
take_status(struct doc *c, struct str word, const struct json *ids)
{
	static const struct {
		const char *word;
		enum vex_status status;
	} t[] = {
		{ "known_affected", VEX_AFFECTED },
		{ "first_affected", VEX_AFFECTED },
		{ "last_affected", VEX_AFFECTED },
		{ "known_not_affected", VEX_NOT_AFFECTED },
		{ "fixed", VEX_FIXED }, { "first_fixed", VEX_FIXED },
		{ "recommended", VEX_FIXED },	/* SUSE's word for it */
		{ "under_investigation", VEX_UNDER_INVESTIGATION },
	};
	size_t n = sizeof(t) / sizeof(t[0]), k = 0;
	struct statement s;
	int rc;

	while (k < n && !str_eqz(word, t[k].word))
		k++;
	for (size_t i = 0; k < n && i < json_len(ids); i++) {
		s = (struct statement) { .status = t[k].status,
			.id = json_str(json_at(ids, i)) };
		rc = resolve(c, s.id, &s);
		if (rc == ERR_LIMIT)
			return (too_large(c));
		if (rc < 0) {	/* counted as an entry that matches nothing */
			s.p = (struct feed_product) { .name = s.id };
			s.on_platform = false;
		}
		if (!s.on_platform || s.p.ecosystem.n == 0) {
			/* what to update to is no statement by itself */
			if (str_eqz(word, "recommended"))
				continue;
		} else if ((rc = take_platform_statement(c, &s)) < 0) {
			return (rc);
		} else if (rc == 0) {
			continue;
		}
		if (s.p.binary.n == 0 || s.p.either)
			MEM_ADD(c->v, c->n, c->cap, s);
		if (s.p.binary.n == 0 || (s.p.either &&
		    s.p.ecosystem.n == 0))
			continue;
		s.p.name = s.p.binary;
		s.by_binary = true;
		MEM_ADD(c->v, c->n, c->cap, s);
	}
	return (0);
}

static struct str
vulnerability_of(const struct json *o)
{
	struct str cve = json_get_str(o, "cve");

	return (cve.n != 0 ? cve : json_get_str(json_at(json_get(o, "ids"), 0),
	    "text"));
}

static int
add_head(struct doc *c, struct str about, const struct json *o,
    struct advisory **ret)
{
	struct str id = c->name;
	struct advisory *a;
	int rc;

	/* Red Hat's VEX documents are named after their one vulnerability */
	if (about.n != 0 && !(id.n > about.n &&
	    str_eq(str_sub(id, id.n - about.n, id.n), about)) &&
	    (rc = feed_rows_print(&c->rows, &id, "%.*s/%.*s", STR_ARG(c->name),
	    STR_ARG(about))) < 0)
		return (rc);
	if ((rc = feed_rows_head(&c->rows, id, about, &a)) < 0)
		return (rc);
	a->modified = c->shared.modified;
	a->published = c->shared.published;
	a->severity = c->shared.severity;
	a->withdrawn = c->shared.withdrawn;
	a->summary = feed_summary(json_get_str(o, "title"));
	*ret = a;
	return (0);
}

static int
take_vulnerability(struct doc *c, const struct json *o)
{
	const struct json *status = json_get(o, "product_status"), *ids;
	struct str about = vulnerability_of(o), word;
	struct advisory *head;
	void *at = NULL;
	int rc;

	if (!json_is_object(o))
		return (feed_rows_malformed(&c->rows,
		    "a vulnerability is no object"));
	if ((rc = add_head(c, about, o, &head)) < 0)
		return (rc);
	if ((rc = take_marks(c, o, head)) < 0)
		return (rc);
	c->n = c->nalternatives = 0;
	while (json_next(status, &at, &word, &ids))
		if ((rc = take_status(c, word, ids)) < 0)
			return (rc);
	return (add_rows(c, head));
}

/* A deleted document keeps nothing but its id. */
static int
add_withdrawn(struct doc *c)
{
	struct advisory_affected e = { .status = VEX_AFFECTED };
	struct advisory *head;
	int rc;

	if ((rc = add_head(c, str_of(""), NULL, &head)) < 0)
		return (rc);
	return (feed_rows_add(&c->rows, head, &e, NULL));
}

static int
take_head(struct doc *c, const struct json *o)
{
	const struct json *tracking = json_get(o, "tracking");
	struct str id = json_get_str(tracking, "id");
	struct str publisher = json_get_str(json_get(o, "publisher"), "name");
	bool deleted = str_eqz(json_get_str(tracking, "status"), "deleted");

	if (id.n == 0)
		return (feed_rows_malformed(&c->rows, "no tracking id"));
	/* of a deleted document Red Hat keeps no more than its id */
	if (publisher.n == 0 && deleted)
		publisher = (struct str)STR_LIT("Red Hat Product Security");
	if (publisher.n == 0)
		return (feed_rows_malformed(&c->rows, "no publisher"));
	c->shared.modified = json_get_str(tracking, "current_release_date");
	c->shared.published = json_get_str(tracking, "initial_release_date");
	c->shared.severity = severity_of_word(json_get_str(json_get(o,
	    "aggregate_severity"), "text"));
	if (deleted)
		c->shared.withdrawn = c->shared.modified.n != 0 ?
		    c->shared.modified : str_of("deleted");
	return (feed_rows_print(&c->rows, &c->name, "%.*s/%.*s",
	    STR_ARG(publisher), STR_ARG(id)));
}

static int
take_document(struct doc *c, const struct json *o, const struct feed_sink *sink,
    struct feed_count *count)
{
	const struct json *list = json_get(o, "vulnerabilities");
	int rc;

	if ((rc = take_head(c, json_get(o, "document"))) < 0 ||
	    (rc = csaf_tree_read(&c->tree, json_get(o, "product_tree"), &c->rows)) < 0)
		return (rc);
	if (list != NULL && !json_is_array(list))
		return (feed_rows_malformed(&c->rows,
		    "vulnerabilities is no list"));
	for (size_t i = 0; i < json_len(list); i++)
		if ((rc = take_vulnerability(c, json_at(list, i))) < 0)
			return (rc);
	if (c->shared.withdrawn.n != 0 && c->rows.n == 0 &&
	    (rc = add_withdrawn(c)) < 0)
		return (rc);
	return (feed_rows_give(&c->rows, sink, count));
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { .name = { NULL, 0 } };
	struct json *root = NULL;
	int rc;

	if ((rc = json_parse(bytes, LIMIT_ADVISORY_BYTES, &root, d)) < 0)
		return (rc);
	feed_rows_init(&c.rows, "csaf", d);
	rc = take_document(&c, root, sink, count);
	feed_rows_done(&c.rows);
	csaf_tree_done(&c.tree);
	free(c.marks);
	free(c.v);
	free(c.alternatives);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_csaf = {
	.name = "csaf",
	.revision = 9,
	.mark = "document",
	.document = document,
};
