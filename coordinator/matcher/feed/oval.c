/*
 * oval: OVAL definitions of distributions that publish fixes in them: Oracle
 * Linux, Photon OS, Azure Linux.  Followed: OVAL 5.11, the parts that such
 * documents use (rpminfo tests).
 *
 * A definition's criteria are a tree of tests, which stand behind all
 * definitions, as do the objects (names) and states (builds) that these refer
 * to.  Of the tree only this is kept: each test of a package "earlier than", with
 * the release and the module that criteria around it ask for, as their comments
 * say ("Oracle Linux 8 is installed", "Module nodejs:18 is enabled").  Tests of
 * keys and architectures take nothing away.
 */
#include <stdlib.h>
#include "../feed_rows.h"
#include "common/format/xml.h"
#include "common/limits.h"
#include "common/mem.h"

/* Nesting of criteria; those in use have up to six. */
#define CRITERIA_MAX 64

struct definition {
	struct str id, title, severity, platform, published, updated;
	size_t first_cve, ncves;
};

/* A test that a definition asks for, and what stands around it. */
struct criterion {
	size_t definition;
	struct str test, release, module;
};

/* What others refer to by id: tests to object and state, objects to a name,
 * states to a build. */
enum kind { KIND_TEST, KIND_OBJECT, KIND_STATE };
struct entry {
	enum kind kind;
	struct str id;
	struct str object, state;	/* of tests */
	struct str name;		/* of objects */
	struct str evr, operation;	/* of states */
};

struct around {
	struct str release, module;
};

struct doc {
	struct feed_rows rows;
	struct definition *definitions;
	size_t ndefinitions, definitions_cap;
	struct str *cves;
	size_t ncves, cves_cap;
	struct criterion *criteria;
	size_t ncriteria, criteria_cap;
	struct entry *entries;
	size_t nentries, entries_cap;
	struct around around[CRITERIA_MAX];
	size_t depth;
	struct entry now;		/* the test, object or state being read */
	bool in_entry, in_definition;
	struct str *text;		/* where the text that comes belongs */
};

/* ------------------------------------------------------------------------- reading */

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* "nodejs:18" of "Module nodejs:18 is enabled". */
static struct str
module_of(struct str comment)
{
	struct str s = str_sub(comment, strlen("Module "), comment.n);

	s = str_sub(s, 0, str_find(s, ' '));
	return (str_starts(comment, "Module ") && str_find(s, ':') < s.n ? s :
	    (struct str) { NULL, 0 });
}

static int
take_criterion(struct doc *c, const struct xml_event *e)
{
	struct str comment = xml_attribute(e, "comment");
	struct str module = module_of(comment);
	struct around *a = &c->around[c->depth > 0 ? c->depth - 1 : 0];
	struct criterion one = { .definition = c->ndefinitions - 1,
		.test = xml_attribute(e, "test_ref") };

	if (str_ends(comment, " is installed"))
		a->release = str_sub(comment, 0, comment.n -
		    strlen(" is installed"));
	if (module.n != 0)
		a->module = module;
	one.release = a->release;
	one.module = a->module;
	MEM_ADD(c->criteria, c->ncriteria, c->criteria_cap, one);
	return (0);
}

static int
begin_criteria(struct doc *c)
{
	if (c->depth == CRITERIA_MAX)
		return (feed_rows_malformed(&c->rows,
		    "criteria nested too deeply"));
	c->around[c->depth] = c->depth > 0 ? c->around[c->depth - 1] :
	    (struct around) { .release = { NULL, 0 } };
	c->depth++;
	return (0);
}

static void
begin_definition(struct doc *c, const struct xml_event *e)
{
	struct definition d = { .id = xml_attribute(e, "id"),
		.first_cve = c->ncves };

	MEM_ADD(c->definitions, c->ndefinitions, c->definitions_cap, d);
	c->in_definition = true;
	c->depth = 0;
	c->around[0] = (struct around) { .release = { NULL, 0 } };
}

/* Within a definition. */
static int
definition_start(struct doc *c, struct str name, const struct xml_event *e)
{
	struct definition *d = &c->definitions[c->ndefinitions - 1];

	if (str_eqz(name, "criteria"))
		return (begin_criteria(c));
	if (str_eqz(name, "criterion"))
		return (take_criterion(c, e));
	if (str_eqz(name, "title"))
		c->text = &d->title;
	else if (str_eqz(name, "severity"))
		c->text = &d->severity;
	else if (str_eqz(name, "platform"))
		c->text = &d->platform;
	else if (str_eqz(name, "advisory_date"))
		c->text = &d->published;
	else if (str_eqz(name, "issued"))
		d->published = xml_attribute(e, "date");
	else if (str_eqz(name, "updated"))
		d->updated = xml_attribute(e, "date");
	else if (str_eqz(name, "reference") &&
	    str_eqz(xml_attribute(e, "source"), "CVE")) {
		struct str id = xml_attribute(e, "ref_id");

		/* Photon writes "CVE:00001:CVE-2019-16168" */
		id = str_sub(id, str_rfind(id, ':') < id.n ?
		    str_rfind(id, ':') + 1 : 0, id.n);
		MEM_ADD(c->cves, c->ncves, c->cves_cap, id);
		d->ncves++;
	}
	return (0);
}

/* Within a test, an object or a state, or one of their beginnings. */
static void
entry_start(struct doc *c, struct str name, const struct xml_event *e)
{
	static const char *const kinds[] = { "rpminfo_test", "rpminfo_object",
		"rpminfo_state" };

	for (int i = 0; i < 3; i++)
		if (str_eqz(name, kinds[i])) {
			c->now = (struct entry) { .kind = (enum kind)i,
			    .id = xml_attribute(e, "id") };
			c->in_entry = true;
		}
	if (!c->in_entry)
		return;
	if (str_eqz(name, "object"))
		c->now.object = xml_attribute(e, "object_ref");
	else if (str_eqz(name, "state"))
		c->now.state = xml_attribute(e, "state_ref");
	else if (str_eqz(name, "name"))
		c->text = &c->now.name;
	else if (str_eqz(name, "evr")) {
		c->now.operation = xml_attribute(e, "operation");
		c->text = &c->now.evr;
	}
}

static void
take_end(struct doc *c, struct str name)
{
	if (str_eqz(name, "definition")) {
		c->in_definition = false;
	} else if (str_eqz(name, "criteria")) {
		c->depth -= c->depth > 0;
	} else if (c->in_entry && str_starts(name, "rpminfo_")) {
		MEM_ADD(c->entries, c->nentries, c->entries_cap, c->now);
		c->in_entry = false;
	}
}

static int
take_event(struct doc *c, const struct xml_event *e)
{
	struct str name = xml_local(e->text), *text = c->text;
	int rc = 0;

	c->text = NULL;
	if (e->kind == XML_TEXT) {
		if (text != NULL)
			*text = str_trim(e->text);
	} else if (e->kind == XML_END) {
		take_end(c, name);
	} else if (str_eqz(name, "definition")) {
		begin_definition(c, e);
	} else if (c->in_definition) {
		rc = definition_start(c, name, e);
	} else {
		entry_start(c, name, e);
	}
	return (rc);
}

/* ---------------------------------------------------------------------- statements */

static int
entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) :
	    str_cmp(x->id, y->id));
}

static const struct entry *
find(const struct doc *c, enum kind kind, struct str id)
{
	struct entry key = { .kind = kind, .id = id };

	return (c->nentries == 0 ? NULL : bsearch(&key, c->entries, c->nentries,
	    sizeof(key), entry_cmp));
}

/* The number behind the last ${mark} in ${s}. */
static struct str
number_behind(struct str s, const char *mark)
{
	size_t n = strlen(mark), to;

	for (size_t at = s.n; at-- > 0; ) {
		if (!str_starts(str_sub(s, at, s.n), mark))
			continue;
		for (to = at + n; to < s.n && is_digit(s.p[to]); to++)
			;
		return (str_sub(s, at + n, to));
	}
	return ((struct str) { NULL, 0 });
}

/* By the release that is asked for, else the platform, else the build's name:
 * Azure's documents name no release. */
static int
ecosystem_of(struct doc *c, struct str release, struct str platform,
    struct str evr, struct str *ret)
{
	static const struct {
		const char *words, *name, *after;
	} t[] = {
		{ "Oracle Linux ", "Oracle Linux:", "" },
		{ "Photon OS ", "Photon OS:", ".0" },
		{ "Photon ", "Photon OS:", ".0" },
	};
	struct str texts[] = { release, platform }, n;

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
			n = str_starts(texts[i], t[k].words) ?
			    number_behind(texts[i], t[k].words) :
			    (struct str) { NULL, 0 };
			if (n.n != 0)
				return (feed_rows_print(&c->rows, ret,
				    "%s%.*s%s", t[k].name, STR_ARG(n),
				    t[k].after));
		}
	n = number_behind(evr, ".azl");
	if (n.n == 0)
		n = number_behind(evr, ".cm");
	if (n.n != 0)
		return (feed_rows_print(&c->rows, ret, "Azure Linux:%.*s",
		    STR_ARG(n)));
	*ret = (struct str) { NULL, 0 };
	return (0);
}

static int
add_criterion(struct doc *c, const struct advisory *head,
    const struct criterion *k)
{
	const struct entry *test = find(c, KIND_TEST, k->test), *object, *state;
	struct advisory_affected e = { .module = k->module };
	struct advisory_range range;
	bool ordered = true;
	int rc;

	if (test == NULL)
		return (0);	/* of a file, of the system */
	object = find(c, KIND_OBJECT, test->object);
	state = find(c, KIND_STATE, test->state);
	if (object == NULL || state == NULL)
		return (feed_rows_malformed(&c->rows,
		    "a test without its object or state"));
	if (state->evr.n == 0)
		return (0);	/* of a key, an architecture, a release */
	e.name = object->name;
	range = feed_range_below(state->evr);
	if (str_eqz(state->operation, "less than or equal")) {
		range.hi_inclusive = true;
		range.fixed = (struct str) { NULL, 0 };
	} else if (!str_eqz(state->operation, "less than")) {
		ordered = false;
	}
	if ((rc = ecosystem_of(c, k->release, c->definitions[k->definition]
	    .platform, state->evr, &e.ecosystem)) < 0)
		return (rc);
	return (feed_rows_add(&c->rows, head, &e, ordered &&
	    e.ecosystem.n != 0 ? &range : NULL));
}

static int
add_definition(struct doc *c, size_t i, size_t *at)
{
	const struct definition *d = &c->definitions[i];
	struct advisory *head;
	int rc;

	if ((rc = feed_rows_head(&c->rows, d->id, str_of(""), &head)) < 0 ||
	    (rc = feed_rows_upstream(&c->rows, head, c->cves == NULL ? NULL :
	    c->cves + d->first_cve, d->ncves)) < 0)
		return (rc);
	head->published = d->published;
	head->modified = d->updated.n != 0 ? d->updated : d->published;
	head->severity = severity_of_word(d->severity);
	head->summary = feed_summary(d->title);
	for (; rc == 0 && *at < c->ncriteria && c->criteria[*at].definition == i;
	    (*at)++)
		rc = add_criterion(c, head, &c->criteria[*at]);
	return (rc);
}

static int
take_document(struct doc *c, struct str bytes)
{
	struct xml_event e;
	struct xml x;
	size_t at = 0;
	int rc;

	xml_init(&x, cur_str(bytes));
	while ((rc = xml_next(&x, &e, c->rows.d)) > 0)
		if ((rc = take_event(c, &e)) < 0)
			break;
	if (rc == 0 && !str_ends(str_trim(bytes), "</oval_definitions>"))
		rc = feed_rows_malformed(&c->rows,
		    "it does not end with </oval_definitions>");
	if (c->nentries > 0)
		qsort(c->entries, c->nentries, sizeof(*c->entries), entry_cmp);
	for (size_t i = 0; rc == 0 && i < c->ndefinitions; i++)
		rc = add_definition(c, i, &at);
	return (rc);
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc *c = mem_alloc(sizeof(*c));
	int rc;

	feed_rows_init(&c->rows, "oval", d);
	if ((rc = take_document(c, bytes)) == 0)
		rc = feed_rows_give(&c->rows, sink, count);
	feed_rows_done(&c->rows);
	free(c->definitions);
	free(c->cves);
	free(c->criteria);
	free(c->entries);
	free(c);
	return (rc);
}

const struct feed_importer feed_oval = {
	.name = "oval",
	.revision = 1,
	.mark = "<oval_definitions",
	.whole = true,
	.max = LIMIT_FEED_DOCUMENT,
	.document = document,
};
