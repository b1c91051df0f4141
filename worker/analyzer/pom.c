/* Elements are told by their depth and the names above them; only three levels
 * matter: project, its children, theirs. */
#include "common/buf.h"
#include "common/format/xml.h"
#include "pom.h"

#define PROPERTIES 256
#define TEXT 1024		/* of a value with its properties replaced */

struct property {
	struct str name, value;
};

struct pom {
	struct maven_id own, parent;
	struct property property[PROPERTIES];
	size_t n;
};

/* The text of element ${path}, which stands in ${c}. */
static void
element(struct pom *p, const struct str path[3], size_t depth, struct str text)
{
	const struct { const char *name; struct str *own, *parent; } t[] = {
		{ "groupId", &p->own.group, &p->parent.group },
		{ "artifactId", &p->own.artifact, &p->parent.artifact },
		{ "version", &p->own.version, &p->parent.version },
	};

	if (depth < 2 || !str_eqz(path[0], "project"))
		return;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (depth == 2 && str_eqz(path[1], t[i].name))
			*t[i].own = text;
		else if (depth == 3 && str_eqz(path[1], "parent") &&
		    str_eqz(path[2], t[i].name))
			*t[i].parent = text;
	if (depth == 3 && str_eqz(path[1], "properties") && p->n < PROPERTIES)
		p->property[p->n++] = (struct property) { path[2], text };
}

static int
elements(struct cur c, struct pom *p, struct diag *d)
{
	struct str path[3], text = { NULL, 0 };
	struct xml_event e;
	size_t depth = 0;
	struct xml x;
	int rc;

	xml_init(&x, c);
	while ((rc = xml_next(&x, &e, d)) > 0) {
		if (e.kind == XML_TEXT) {
			if (text.n == 0)
				text = str_trim(e.text);
			continue;
		}
		if (e.kind == XML_START) {
			if (depth < 3)
				path[depth] = e.text;
			depth++;
		} else if (depth > 0) {
			if (depth <= 3)
				element(p, path, depth, text);
			depth--;
		}
		text = str_of("");
	}
	return (rc);
}

static struct str
property(const struct pom *p, struct str name)
{
	static const char *const prefix[] = { "project.", "pom." };

	for (size_t i = 0; i < 2; i++)
		if (str_starts(name, prefix[i]))
			name = str_sub(name, strlen(prefix[i]), name.n);
	if (str_eqz(name, "version"))
		return (p->own.version);
	if (str_eqz(name, "groupId"))
		return (p->own.group);
	if (str_eqz(name, "artifactId"))
		return (p->own.artifact);
	if (str_eqz(name, "parent.version"))
		return (p->parent.version);
	if (str_eqz(name, "parent.groupId"))
		return (p->parent.group);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->property[i].name, name))
			return (p->property[i].value);
	return (str_of(""));
}

/* One round of replacing; false when there was nothing to replace, or a name
 * without a value. */
static bool
replace(const struct pom *p, struct str in, struct buf *out, bool *failed)
{
	struct str name, value;
	bool any = false;
	size_t i;

	buf_clear(out);
	for (i = 0; i < in.n; i++) {
		if (!str_starts(str_sub(in, i, in.n), "${")) {
			*failed = buf_byte(out, (uint8_t)in.p[i]) < 0 || *failed;
			continue;
		}
		name = str_sub(in, i + 2, in.n);
		name = str_sub(name, 0, str_find(name, '}'));
		value = property(p, name);
		*failed = *failed || value.n == 0 || buf_str(out, value) < 0;
		i += name.n + 2;
		any = true;
	}
	return (any && !*failed);
}

/* Values may name properties whose values do so, too: a few rounds. */
static int
resolve(const struct pom *p, struct str *text, struct pool *pool)
{
	struct buf room[2];
	bool failed = false;
	int round = 0, rc;

	for (int i = 0; i < 2; i++)
		buf_init(&room[i], TEXT);
	while (round < 8 && replace(p, *text, &room[round % 2], &failed))
		*text = buf_view(&room[round++ % 2]);
	if (failed || round == 8)
		*text = str_of("");
	rc = pool_str(pool, *text, text);
	for (int i = 0; i < 2; i++)
		buf_done(&room[i]);
	return (rc);
}

int
pom_read(struct cur c, struct pool *pool, struct maven_id *ret, struct diag *d)
{
	struct pom p = { .n = 0 };
	struct maven_id id;
	int rc;

	if ((rc = elements(c, &p, d)) < 0)
		return (rc);
	if (p.own.group.n == 0)
		p.own.group = p.parent.group;
	if (p.own.version.n == 0)
		p.own.version = p.parent.version;
	id = p.own;
	if (resolve(&p, &id.group, pool) < 0 ||
	    resolve(&p, &id.artifact, pool) < 0 ||
	    resolve(&p, &id.version, pool) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "the texts do not fit"));
	*ret = id;
	return (0);
}
