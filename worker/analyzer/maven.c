/*
 * maven: Java archives, those inside them included.  Each pom.properties is a
 * package (a shaded archive has several), else the pom.xml beside it; an
 * archive that has none of its own is named by maven_name.c.
 *
 * Nested archives wait on a stack of levels.  A stored one is a view into the
 * archive around it, an inflated one is held while its level is open; whatever
 * the input does, depth, bytes, entries and members are counted.  One member
 * that cannot be read does not hide the others: the first failure is told, by
 * the names that lead to it, after all rows.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/format/properties.h"
#include "common/format/zip.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "maven_name.h"
#include "pom.h"
#include "where.h"

enum member_kind { MANIFEST, DESCRIPTOR, ARCHIVE };

struct member {
	enum member_kind kind;
	struct zip_entry e;
};

struct level {
	struct str path;	/* in the archive around it */
	struct buf bytes;	/* when it was inflated */
	struct zip zip;
	struct member *member;	/* by kind and name */
	size_t n, at;
	bool has_classes;
};

struct row {
	struct str name, version;
};

struct jar {
	const struct analyzer_file *file;
	struct analyzer_out *out;
	struct diag *d;
	int error;		/* the first; ${d} tells */
	struct inflate_one *inf;
	struct buf room;	/* one descriptor */
	struct buf text;	/* one property */
	struct pool *pool;
	uint64_t inflated, texts, entries, members;
	size_t held;
	struct row *row;	/* open addressing: what was handed over */
	size_t nrow, nslot;
	struct level level[LIMIT_JAR_DEPTH];
	size_t depth;
};

static bool
is_archive(struct str name)
{
	static const char *const suffix[] = { "jar", "war", "ear", "par", "sar",
	    "nar", "jpi", "hpi", "kar", "lpkg", "rar", "aar" };
	size_t dot = str_rfind(name, '.');
	struct str s = str_sub(name, dot + 1, name.n);

	if (s.n < 3 || s.n > 4)
		return (false);
	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++)
		if (str_caseeqz(s, suffix[i]))
			return (true);
	return (false);
}

/* Remember the first failure: member ${name} of the innermost archive. */
static void
fail(struct jar *j, int code, struct str name, const char *why)
{
	struct buf path;

	if (j->error < 0)
		return;
	j->error = code;
	buf_init(&path, DIAG_TEXT);
	for (size_t i = 1; i < j->depth; i++)
		(void)!(buf_str(&path, str_sub(j->level[i].path, 0, 100)) < 0 ||
		    buf_str(&path, str_of("!/")) < 0);
	(void)!buf_str(&path, str_sub(name, 0, 100));
	/* of a long way the end says more */
	diag_set(j->d, code, 0, "%s%.*s%s%s", path.n > 300 ? "..." : "",
	    STR_ARG(str_sub(buf_view(&path), path.n > 300 ? path.n - 300 : 0,
	    path.n)), path.n > 0 ? ": " : "", why);
	buf_done(&path);
}

/* ----------------------------------------------------------------- rows -- */

static struct row *
row_slot(struct row *table, size_t nslot, const struct row *r)
{
	static const uint8_t key[16];
	size_t i = (siphash(key, r->name) ^ siphash(key, r->version)) &
	    (nslot - 1);

	while (table[i].name.p != NULL && !(str_eq(table[i].name, r->name) &&
	    str_eq(table[i].version, r->version)))
		i = (i + 1) & (nslot - 1);
	return (&table[i]);
}

/* True the first time that ${r} comes. */
static bool
row_is_new(struct jar *j, const struct row *r)
{
	struct row *old = j->row, *slot;
	size_t n = j->nslot;

	if (j->nrow * 2 >= j->nslot) {
		j->nslot = n == 0 ? 64 : n * 2;
		j->row = mem_array(j->nslot, sizeof(*j->row));
		for (size_t i = 0; i < n; i++)
			if (old[i].name.p != NULL)
				*row_slot(j->row, j->nslot, &old[i]) = old[i];
		free(old);
	}
	slot = row_slot(j->row, j->nslot, r);
	if (slot->name.p != NULL)
		return (false);
	if (pool_str(j->pool, r->name, &slot->name) < 0 ||
	    pool_str(j->pool, r->version, &slot->version) < 0) {
		slot->name.p = NULL;
		fail(j, ERR_LIMIT, str_of(""), "too many names");
		return (false);
	}
	j->nrow++;
	return (true);
}

static void
hand_over(struct jar *j, const struct maven_id *id)
{
	struct package p = { .type = STR_LIT("maven"), .version = id->version };
	struct row r = { .version = id->version };
	struct diag d = { 0 };
	struct buf name;
	int rc;

	if (id->artifact.n == 0 || id->group.n == 0)
		return;
	buf_init(&name, 2 * LIMIT_PACKAGE_TEXT);
	if (buf_str(&name, id->group) < 0 || buf_byte(&name, ':') < 0 ||
	    buf_str(&name, id->artifact) < 0) {
		fail(j, ERR_LIMIT, str_of(""), "a name is too long");
	} else {
		r.name = p.name = buf_view(&name);
		if (row_is_new(j, &r) &&
		    (rc = analyzer_package(j->out, &p, &d)) < 0)
			fail(j, rc, str_of(""), d.text);
	}
	buf_done(&name);
}

/* ---------------------------------------------------------- descriptors -- */

/* A short member's text, in j->room or the archive; false when that fails. */
static bool
text_of(struct jar *j, const struct zip *z, const struct zip_entry *e,
    bool beginning, struct cur *ret)
{
	struct diag d = { 0 };
	struct str s;
	int rc;

	if (j->texts > LIMIT_JAR_TEXTS) {
		fail(j, ERR_LIMIT, e->name, "too many descriptors");
		return (false);
	}
	rc = zip_content(z, e, j->inf, &j->room, &s, &d);
	if (rc == ERR_LIMIT && beginning) {
		s = buf_view(&j->room);
		rc = 0;
	}
	if (rc < 0) {
		j->texts += j->room.n;
		fail(j, rc, e->name, d.text);
		return (false);
	}
	s = str_sub(s, 0, LIMIT_JAR_TEXT);	/* it may be stored */
	j->texts += s.n;
	*ret = cur_str(s);
	return (true);
}

static bool
resolved(struct str s)
{
	return (s.n > 0 && str_find(s, '$') == s.n);
}

/* pom.properties.  True when all three are there. */
static bool
properties(struct jar *j, struct cur c, struct maven_id *ret)
{
	struct maven_id id = { .group = { NULL, 0 } };
	const struct { const char *key; struct str *value; } t[] = {
		{ "groupId", &id.group }, { "artifactId", &id.artifact },
		{ "version", &id.version },
	};
	struct str key, value;

	while (properties_next(&c, &j->text, &key, &value))
		for (size_t i = 0; i < 3; i++)
			if (str_eqz(key, t[i].key) && pool_str(j->pool,
			    str_trim(value), t[i].value) < 0)
				fail(j, ERR_LIMIT, str_of(""), "too many names");
	*ret = id;
	return (resolved(id.group) && resolved(id.artifact) &&
	    resolved(id.version));
}

/* What the archive itself may be. */
struct own {
	struct str stem;	/* of its file name */
	struct str main;	/* of the archive whose tests, sources or
				   documentation it is by its name, else ${stem} */
	bool guessed;
	struct maven_id guess;
	size_t poms;
	bool matched;		/* one of them is its own */
};

static bool
is_beside(const struct own *own)
{
	return (own->main.n < own->stem.n);
}

static void
found(struct jar *j, struct own *own, const struct maven_id *id)
{
	struct maven_id full = *id;

	/* tests carry the descriptor of what they test */
	if (is_beside(own) && maven_stem_is(own->main, id))
		return;
	if (maven_stem_is(own->stem, id))
		full.version = maven_full_version(own->stem, id);
	hand_over(j, &full);
	own->poms++;
	/* with the archive's version it is its own, under another name */
	own->matched = own->matched || maven_stem_is(own->stem, id) ||
	    (own->guessed && str_eq(own->guess.version, id->version));
}

/* Members come sorted: pom.properties before the pom.xml beside it. */
static void
descriptors(struct jar *j, struct level *l, struct own *own)
{
	struct str dir, done = { NULL, 0 };
	struct maven_id id, xml;
	struct diag d = { 0 };
	struct cur c;
	int rc;

	for (; l->at < l->n && l->member[l->at].kind == DESCRIPTOR; l->at++) {
		const struct zip_entry *e = &l->member[l->at].e;

		dir = path_dir(e->name);
		if (str_ends(e->name, ".properties")) {
			if (text_of(j, &l->zip, e, false, &c) &&
			    properties(j, c, &id)) {
				found(j, own, &id);
				done = dir;
			}
			continue;
		}
		if (str_eq(done, dir) || !text_of(j, &l->zip, e, false, &c))
			continue;
		if ((rc = pom_read(c, j->pool, &xml, &d)) < 0)
			fail(j, rc, e->name, d.text);
		else if (resolved(xml.group) && resolved(xml.artifact))
			found(j, own, &xml);
	}
}

/* Jars of agents are named after what they instrument. */
static bool
may_go_by_name(const struct jar *j)
{
	static const char *const agents[] = { "newrelic", "elastic-apm-agent",
	    "opentelemetry-javaagent", "dd-java-agent", "applicationinsights" };
	struct str outer = path_base(j->file->path);
	struct str dir = path_base(path_dir(j->level[j->depth - 1].path));

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (j->depth > 1 && str_starts(outer, agents[i]))
			return (false);
	return (!str_eqz(dir, "instrumentation"));
}

static void
manifest(struct jar *j, struct level *l, struct own *own)
{
	struct maven_manifest m = { .title = { NULL, 0 } };
	struct cur c;

	for (; l->at < l->n && l->member[l->at].kind == MANIFEST; l->at++)
		if (text_of(j, &l->zip, &l->member[l->at].e, true, &c) &&
		    maven_manifest_read(c, j->pool, &m) < 0)
			fail(j, ERR_LIMIT, str_of(""), "too many names");
	own->guessed = maven_guess(&m, own->stem, may_go_by_name(j), &own->guess);
}

/* --------------------------------------------------------------- levels -- */

/* "[...]META-INF/maven/GROUP/ARTIFACT/pom.properties" or pom.xml. */
static bool
is_descriptor(struct str name)
{
	struct str base = path_base(name), dir = path_dir(name), up;

	if (!str_eqz(base, "pom.properties") && !str_eqz(base, "pom.xml"))
		return (false);
	up = path_dir(path_dir(dir));
	return (str_eqz(path_base(up), "maven") &&
	    str_eqz(path_base(path_dir(up)), "META-INF") &&
	    path_base(dir).n > 0 && path_base(path_dir(dir)).n > 0);
}

static bool
member_of(const struct zip_entry *e, struct member *ret)
{
	ret->e = *e;
	if (str_ends(e->name, "/"))
		return (false);
	if (is_descriptor(e->name))
		ret->kind = DESCRIPTOR;
	else if (str_caseeqz(e->name, "META-INF/MANIFEST.MF"))
		ret->kind = MANIFEST;
	else if (is_archive(e->name))
		ret->kind = ARCHIVE;
	else
		return (false);
	return (true);
}

static int
member_cmp(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int rc = (x->kind > y->kind) - (x->kind < y->kind);

	return (rc != 0 ? rc : str_cmp(x->e.name, y->e.name));
}

static void
collect(struct jar *j, struct level *l)
{
	struct diag d = { 0 };
	struct zip_entry e;
	struct member m;
	int rc;

	while ((rc = zip_next(&l->zip, &e, &d)) > 0) {
		if (++j->entries > LIMIT_JAR_ENTRIES) {
			fail(j, ERR_LIMIT, str_of(""), "too many entries");
			break;
		}
		l->has_classes = l->has_classes || str_ends(e.name, ".class");
		if (!member_of(&e, &m))
			continue;
		if (++j->members > LIMIT_JAR_MEMBERS) {
			fail(j, ERR_LIMIT, e.name,
			    "too many descriptors and archives inside");
			break;
		}
		if ((l->n & (l->n - 1)) == 0)	/* grows at powers of two */
			l->member = mem_realloc(l->member, l->n == 0 ? 1 :
			    l->n * 2, sizeof(*l->member));
		l->member[l->n++] = m;
	}
	if (rc < 0)
		fail(j, rc, str_of(""), d.text);
	if (l->n > 1)
		qsort(l->member, l->n, sizeof(*l->member), member_cmp);
}

/*
 * Read the archive of the level on top, all but the archives in it.  Beside a
 * library lie its tests, sources and documentation, which are not it: their own
 * name is none, and where no classes are, descriptors are of what was documented.
 */
static void
enter(struct jar *j)
{
	struct level *l = &j->level[j->depth - 1];
	struct str base = path_base(l->path);
	struct own own = { .stem = str_sub(base, 0, str_rfind(base, '.')) };

	own.main = maven_main_stem(own.stem);
	collect(j, l);
	if (is_beside(&own) && !l->has_classes) {
		while (l->at < l->n && l->member[l->at].kind != ARCHIVE)
			l->at++;
		return;
	}
	manifest(j, l, &own);
	descriptors(j, l, &own);
	/* Beside foreign descriptors only a name counts that the file has. */
	if (!is_beside(&own) && own.guessed && !own.matched && (own.poms == 0 ||
	    maven_stem_is(own.stem, &own.guess)))
		hand_over(j, &own.guess);
}

static void
leave(struct jar *j)
{
	struct level *l = &j->level[--j->depth];

	j->held -= l->bytes.n;
	buf_done(&l->bytes);
	free(l->member);
}

/* Put the archive ${content} on top.  ${bytes} hold it, or nothing does. */
static void
push(struct jar *j, struct str path, struct str content, struct buf *bytes)
{
	struct level *l = &j->level[j->depth];
	struct diag d = { 0 };
	int rc;

	*l = (struct level) { .path = path };
	if ((rc = zip_open(cur_str(content), &l->zip, &d)) <= 0) {
		/* looking for its end took as long as reading entries */
		j->entries += str_sub(content, 0, 65536).n / 16;
		if (rc < 0)
			fail(j, rc, j->depth > 0 ? path : str_of(""), d.text);
		buf_done(bytes);
		return;
	}
	l->bytes = *bytes;
	j->held += bytes->n;
	j->depth++;
	enter(j);
}

static void
push_nested(struct jar *j, const struct level *l, const struct zip_entry *e)
{
	struct diag d = { 0 };
	struct str content;
	struct buf bytes;
	int rc;

	if (j->depth == LIMIT_JAR_DEPTH) {
		diag_set(&d, ERR_LIMIT, 0, "archives nested deeper than %d",
		    LIMIT_JAR_DEPTH);
		fail(j, ERR_LIMIT, e->name, d.text);
		return;
	}
	if (j->entries > LIMIT_JAR_ENTRIES) {
		fail(j, ERR_LIMIT, e->name, "too many entries");
		return;
	}
	if (e->method != ZIP_STORED && (e->size >= LIMIT_JAR_HELD - j->held ||
	    j->inflated + e->size > LIMIT_JAR_INFLATED)) {
		fail(j, ERR_LIMIT, e->name,
		    "too large beside the archives around it");
		return;
	}
	buf_init(&bytes, e->method != ZIP_STORED ? (size_t)e->size + 1 : 1);
	rc = zip_content(&l->zip, e, j->inf, &bytes, &content, &d);
	j->inflated += bytes.n;
	if (rc < 0) {
		fail(j, rc, e->name, d.text);
		buf_done(&bytes);
	} else {
		push(j, e->name, content, &bytes);
	}
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct jar *j = mem_alloc(sizeof(*j));
	struct buf none;
	struct level *l;
	int rc;

	*j = (struct jar) { .file = f, .out = out, .d = d };
	j->inf = inflate_one_new(INFLATE_BARE);
	j->pool = pool_new(2 * LIMIT_INVENTORY_BYTES);
	buf_init(&j->room, LIMIT_JAR_TEXT);
	buf_init(&j->text, 4 * LIMIT_JAR_TEXT);
	buf_init(&none, 1);
	push(j, f->path, cur_rest(&c), &none);
	while (j->depth > 0) {
		l = &j->level[j->depth - 1];
		if (l->at == l->n)
			leave(j);
		else
			push_nested(j, l, &l->member[l->at++].e);
	}
	rc = j->error;
	inflate_one_free(j->inf);
	pool_free(j->pool);
	buf_done(&j->room);
	buf_done(&j->text);
	free(j->row);
	free(j);
	return (rc);
}

static bool
wants(const struct analyzer_file *f)
{
	return (is_archive(f->path) && !where_is_sample(f->path));
}

const struct analyzer analyzer_maven = {
	.name = "maven",
	.revision = 5,
	.wants_revision = 3,
	.max = LIMIT_FILE_LARGE,
	.wants = wants,
	.analyze = analyze,
};
