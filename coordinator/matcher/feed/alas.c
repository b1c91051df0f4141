/*
 * alas: Amazon Linux's security updates, the updateinfo.xml of its repositories
 * (the form of createrepo's updateinfo).  It lists fixed issues only.
 *
 * The release stands in the builds' names (".amzn2", ".amzn2023").  Amazon Linux 2
 * has topics beside its core, repositories with other versions of packages of the
 * same names; an update of one is called after it ("ALASKERNEL-5.10-2022-001").
 * Which of them a package is from the system does not keep, but versions of a topic
 * begin with the number in its name: where the fixed one does, only those are meant.
 */
#include <stdlib.h>
#include "../feed_rows.h"
#include "common/format/xml.h"
#include "common/mem.h"

/* One update while it is read. */
struct update {
	bool security;
	struct str id, issued, updated, severity, title;
	struct str *cves;
	size_t ncves, cves_cap;
	struct xml_event *packages;
	size_t npackages, packages_cap;
};

struct doc {
	struct feed_rows rows;
	struct update u;
	struct str *text;	/* where the text that comes belongs, or NULL */
	bool in_update;
};

/* "Amazon Linux:2" of "1.amzn2.0.3"; "" for others. */
static int
ecosystem_of(struct feed_rows *r, struct str release, struct str *ret)
{
	static const char mark[] = ".amzn";
	size_t n = sizeof(mark) - 1, from, to;

	*ret = (struct str) { NULL, 0 };
	for (from = 0; from + n <= release.n; from++)
		if (memcmp(release.p + from, mark, n) == 0)
			break;
	from += n;
	for (to = from; to < release.n && release.p[to] >= '0' &&
	    release.p[to] <= '9'; to++)
		;
	if (from >= release.n || to == from)
		return (0);
	/* the first one is 2018.03 in os-release */
	if (str_eqz(str_sub(release, from, to), "1"))
		return (feed_rows_print(r, ret, "Amazon Linux:2018"));
	return (feed_rows_print(r, ret, "Amazon Linux:%.*s",
	    STR_ARG(str_sub(release, from, to))));
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* "KERNEL-5.10" of "ALASKERNEL-5.10-2022-001", "" of an update of the core. */
static struct str
topic_of(struct str id)
{
	size_t from = strlen("ALAS"), to = str_rfind(id, '-');

	if (!str_starts(id, "ALAS"))
		return ((struct str) { NULL, 0 });
	while (from < id.n && is_digit(id.p[from]))
		from++;
	to = str_rfind(str_sub(id, 0, to), '-');	/* before the year */
	return (to < id.n && to > from ? str_sub(id, from, to) :
	    (struct str) { NULL, 0 });
}

/* "5.10" of that topic, where ${version} is one of the line; else "". */
static struct str
line_of(struct str topic, struct str version)
{
	size_t from = topic.n;
	struct str line;

	while (from > 0 && (is_digit(topic.p[from - 1]) ||
	    topic.p[from - 1] == '.'))
		from--;
	line = str_sub(topic, from, topic.n);
	if (line.n == 0 || !is_digit(line.p[0]) || version.n < line.n ||
	    !str_eq(str_sub(version, 0, line.n), line) ||
	    (version.n > line.n && is_digit(version.p[line.n])))
		return ((struct str) { NULL, 0 });
	return (line);
}

static int
add_package(struct doc *c, const struct advisory *head,
    const struct xml_event *p)
{
	struct str epoch = xml_attribute(p, "epoch"), fixed;
	struct str version = xml_attribute(p, "version");
	struct str release = xml_attribute(p, "release");
	struct advisory_affected e = { .name = xml_attribute(p, "name") };
	struct str line = line_of(topic_of(head->id), version);
	struct advisory_range range;
	int rc;

	if (str_eqz(xml_attribute(p, "arch"), "src"))
		return (0);
	if (e.name.n == 0 || version.n == 0 || release.n == 0)
		return (feed_rows_malformed(&c->rows,
		    "a package without name, version or release"));
	if ((rc = ecosystem_of(&c->rows, release, &e.ecosystem)) < 0 ||
	    (rc = feed_rows_print(&c->rows, &fixed, "%.*s%s%.*s-%.*s",
	    STR_ARG(epoch), epoch.n != 0 ? ":" : "", STR_ARG(version),
	    STR_ARG(release))) < 0)
		return (rc);
	range = feed_range_below(fixed);
	if (line.n != 0 && (rc = feed_rows_print(&c->rows, &range.lo,
	    "%.*s%s%.*s", STR_ARG(epoch), epoch.n != 0 ? ":" : "",
	    STR_ARG(line))) < 0)
		return (rc);
	return (feed_rows_add(&c->rows, head, &e, e.ecosystem.n != 0 ? &range :
	    NULL));
}

static int
end_update(struct doc *c)
{
	struct update *u = &c->u;
	struct advisory *head;
	int rc;

	if (!u->security)
		return (0);
	if ((rc = feed_rows_head(&c->rows, str_trim(u->id), str_of(""),
	    &head)) < 0 ||
	    (rc = feed_rows_upstream(&c->rows, head, u->cves, u->ncves)) < 0)
		return (rc);
	head->published = u->issued;
	head->modified = u->updated.n != 0 ? u->updated : u->issued;
	head->severity = severity_of_word(str_trim(u->severity));
	head->summary = feed_summary(str_trim(u->title));
	for (size_t i = 0; rc == 0 && i < u->npackages; i++)
		rc = add_package(c, head, &u->packages[i]);
	return (rc);
}

static void
begin_update(struct doc *c, const struct xml_event *e)
{
	struct update *u = &c->u;

	u->security = str_eqz(xml_attribute(e, "type"), "security");
	u->id = u->issued = u->updated = u->severity = u->title =
	    (struct str) { NULL, 0 };
	u->ncves = u->npackages = 0;
	c->in_update = true;
}

static void
take_start(struct doc *c, const struct xml_event *e)
{
	struct update *u = &c->u;

	c->text = NULL;
	if (str_eqz(e->text, "update"))
		begin_update(c, e);
	else if (!c->in_update)
		return;
	else if (str_eqz(e->text, "id") && u->id.n == 0)
		c->text = &u->id;
	else if (str_eqz(e->text, "severity"))
		c->text = &u->severity;
	else if (str_eqz(e->text, "title"))
		c->text = &u->title;
	else if (str_eqz(e->text, "issued"))
		u->issued = xml_attribute(e, "date");
	else if (str_eqz(e->text, "updated"))
		u->updated = xml_attribute(e, "date");
	else if (str_eqz(e->text, "reference") &&
	    str_eqz(xml_attribute(e, "type"), "cve"))
		MEM_ADD(u->cves, u->ncves, u->cves_cap, xml_attribute(e, "id"));
	else if (str_eqz(e->text, "package"))
		MEM_ADD(u->packages, u->npackages, u->packages_cap, *e);
}

static int
take_event(struct doc *c, const struct xml_event *e)
{
	switch (e->kind) {
	case XML_START:
		take_start(c, e);
		break;
	case XML_TEXT:
		if (c->text != NULL)
			*c->text = e->text;
		c->text = NULL;
		break;
	case XML_END:
		c->text = NULL;
		if (str_eqz(e->text, "update") && c->in_update) {
			c->in_update = false;
			return (end_update(c));
		}
		break;
	}
	return (0);
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { .text = NULL };
	struct xml_event e;
	struct xml x;
	int rc;

	feed_rows_init(&c.rows, "alas", d);
	xml_init(&x, cur_str(bytes));
	while ((rc = xml_next(&x, &e, d)) > 0)
		if ((rc = take_event(&c, &e)) < 0)
			break;
	if (rc == 0 && !str_ends(str_trim(bytes), "</updates>"))
		rc = feed_rows_malformed(&c.rows, "it does not end with </updates>");
	if (rc == 0)
		rc = feed_rows_give(&c.rows, sink, count);
	feed_rows_done(&c.rows);
	free(c.u.cves);
	free(c.u.packages);
	return (rc);
}

const struct feed_importer feed_alas = {
	.name = "alas",
	.revision = 2,
	.mark = "<updates",
	.whole = true,
	.document = document,
};
