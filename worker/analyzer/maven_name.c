/*
 * Names are files' first, manifests' second: a build tool writes
 * artifact-version.jar, while titles are written by people.  The manifest says
 * where the version begins, though: in spring-3.0.0-1.0.jar with version 1.0 it
 * is not Spring.  Quarkus and sbt's native packager put the group before it,
 * group.artifact-version.jar.
 */
#include "common/buf.h"
#include "maven_name.h"

/* ----------------------------------------------------------- manifests -- */

/* A line with its continuations, which begin with one space. */
static bool
unfolded(struct cur *c, struct buf *room, struct str *ret)
{
	struct str line, rest;

	if (!cur_line(c, &line) || line.n == 0)
		return (false);
	buf_clear(room);
	(void)!buf_str(room, line);
	while (rest = cur_rest(c), rest.n > 0 && rest.p[0] == ' ' &&
	    cur_line(c, &line))
		(void)!buf_str(room, str_sub(line, 1, line.n));
	*ret = buf_view(room);
	return (true);
}

int
maven_manifest_read(struct cur c, struct pool *pool, struct maven_manifest *ret)
{
	struct maven_manifest m = { .title = { NULL, 0 } };
	const struct { const char *key; struct str *value; } t[] = {
		{ "Implementation-Title", &m.title },
		{ "Implementation-Version", &m.version },
		{ "Implementation-Vendor-Id", &m.vendor_id },
		{ "Bundle-SymbolicName", &m.symbolic_name },
		{ "Bundle-Name", &m.bundle_name },
		{ "Bundle-Version", &m.bundle_version },
		{ "Extension-Name", &m.extension_name },
		{ "Specification-Version", &m.specification_version },
		{ "Automatic-Module-Name", &m.module_name },
		{ "Group-Id", &m.group_id },
		{ "Short-Name", &m.short_name },
		{ "Plugin-Version", &m.plugin_version },
	};
	struct str line, key, value;
	struct buf room;
	int rc = 0;

	buf_init(&room, 64 << 10);	/* of longer lines the beginning */
	while (rc == 0 && unfolded(&c, &room, &line)) {
		key = str_sub(line, 0, str_find(line, ':'));
		value = str_trim(str_sub(line, key.n + 1, line.n));
		for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
			if (str_caseeqz(key, t[i].key))
				rc = pool_str(pool, value, t[i].value);
	}
	buf_done(&room);
	if (rc == 0)
		*ret = m;
	return (rc);
}

/* --------------------------------------------------------------- names -- */

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* What may stand in coordinates: no blanks, no placeholders. */
static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		if (!is_digit(s.p[i]) && !(c >= 'a' && c <= 'z') &&
		    memchr("._-+~", s.p[i], 5) == NULL)
			return (false);
	}
	return (s.n > 0);
}

static bool
is_version(struct str s)
{
	bool digit = false;

	for (size_t i = 0; i < s.n; i++)
		digit = digit || is_digit(s.p[i]);
	return (digit && is_word(s));
}

/* Files are renamed with other separators (OSGi's, Debian's). */
static bool
same_name(struct str a, struct str b)
{
	if (a.n != b.n)
		return (false);
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && (memchr("-_.", a.p[i], 3) == NULL ||
		    memchr("-_.", b.p[i], 3) == NULL))
			return (false);
	return (true);
}

bool
maven_stem_is(struct str stem, const struct maven_id *id)
{
	struct str rest, group = str_sub(stem, 0, id->group.n);

	if (str_eq(group, id->group) && group.n < stem.n &&
	    stem.p[group.n] == '.')
		stem = str_sub(stem, group.n + 1, stem.n);
	if (!same_name(str_sub(stem, 0, id->artifact.n), id->artifact))
		return (false);
	rest = str_sub(stem, id->artifact.n, stem.n);
	return (rest.n == 0 || (rest.n > 1 &&
	    memchr("-_", rest.p[0], 2) != NULL && (is_digit(rest.p[1]) ||
	    str_eq(str_sub(rest, 1, 1 + id->version.n), id->version))));
}

struct str
maven_full_version(struct str stem, const struct maven_id *id)
{
	size_t dot = str_rfind(stem, '.'), n = id->version.n;
	struct str java = str_sub(stem, dot, stem.n);

	if (!str_starts(java, ".jre") || java.n == 4 || dot < n + 1 ||
	    stem.p[dot - n - 1] != '-' ||
	    !str_eq(str_sub(stem, dot - n, dot), id->version))
		return (id->version);
	for (size_t i = 4; i < java.n; i++)
		if (!is_digit(java.p[i]))
			return (id->version);
	return (str_sub(stem, dot - n, stem.n));
}

struct str
maven_main_stem(struct str stem)
{
	/* the longer before its end */
	static const char *const ends[] = { "-test-sources", "-test-javadoc",
	    "-sources", "-javadoc", "-tests" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(stem, ends[i]))
			return (str_sub(stem, 0, stem.n - strlen(ends[i])));
	return (stem);
}

/* "-jdk15": for which Java an artifact of several was built. */
static size_t
java_at(struct str version)
{
	static const char jdk[] = "-jdk";
	const char *at = version.n > 0 ? memmem(version.p, version.n, jdk,
	    strlen(jdk)) : NULL;
	size_t i = at != NULL ? (size_t)(at - version.p) : version.n;

	return (i + strlen(jdk) < version.n &&
	    is_digit(version.p[i + strlen(jdk)]) ? i : version.n);
}

/* Platform classifiers stand behind the version. */
static struct str
without_classifier(struct str version)
{
	static const char *const words[] = { "-linux-", "-osx-", "-macos-",
	    "-windows-", "-win-", "-natives-", "-jar-with-dependencies",
	    "-shaded", "-uber", "-standalone", "-nolog", "-noaop",
	    "-no_aop", "-jakarta" };
	const char *at;

	version.n = java_at(version);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		at = version.n > 0 ? memmem(version.p, version.n, words[i],
		    strlen(words[i])) : NULL;
		if (at != NULL)
			version.n = (size_t)(at - version.p);
	}
	return (version);
}

/* artifact-1.2.3: at the first dash before a digit. */
static bool
split_stem(struct str stem, struct maven_id *id)
{
	struct str version;

	for (size_t i = 1; i + 1 < stem.n; i++) {
		if (stem.p[i] != '-' || !is_digit(stem.p[i + 1]))
			continue;
		version = without_classifier(str_sub(stem, i + 1, stem.n));
		if (!is_version(version))
			return (false);
		id->artifact = str_sub(stem, 0, i);
		id->version = version;
		return (true);
	}
	return (false);
}

/* The same where the manifest knows the version. */
static bool
split_known(struct str stem, struct str version, struct maven_id *id)
{
	struct str rest;

	if (!is_version(version) || stem.n <= version.n + 1)
		return (false);
	for (size_t i = 1; i + version.n < stem.n; i++) {
		if (stem.p[i] != '-' || !str_eq(str_sub(stem, i + 1,
		    i + 1 + version.n), version))
			continue;
		rest = str_sub(stem, i + 1 + version.n, stem.n);
		if (rest.n > 0 && without_classifier(rest).n > 0)
			continue;
		id->artifact = str_sub(stem, 0, i);
		id->version = version;
		return (true);
	}
	return (false);
}

/* --------------------------------------------------------------- groups -- */

static const struct {
	const char *artifact, *group;
	unsigned since;		/* major version */
} groups[] = {
#define GROUP(artifact, group) { artifact, group, 0 },
#define SINCE(artifact, major, group) { artifact, group, major },
#include "maven_group_list.h"
#undef GROUP
#undef SINCE
};

static unsigned
major_of(struct str version)
{
	unsigned v = 0;

	for (size_t i = 0; i < version.n && i < 6 && is_digit(version.p[i]); i++)
		v = v * 10 + (unsigned)(version.p[i] - '0');
	return (v);
}

/* Does the row fit, and how well: its length, one more when it is exact. */
static size_t
row_fits(struct str row, struct str artifact)
{
	if (row.p[row.n - 1] != '*')
		return (str_eq(row, artifact) ? row.n + 1 : 0);
	return (str_eq(str_sub(artifact, 0, row.n - 1),
	    str_sub(row, 0, row.n - 1)) ? row.n : 0);
}

static struct str
known_group(const struct maven_id *id)
{
	unsigned major = major_of(id->version), since = 0;
	size_t best = 0, fit;
	const char *ret = "";

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		fit = row_fits(str_of(groups[i].artifact), id->artifact);
		if (fit == 0 || fit < best || groups[i].since > major ||
		    (fit == best && groups[i].since < since))
			continue;
		best = fit;
		since = groups[i].since;
		ret = groups[i].group;
	}
	return (str_of(ret));
}

/* A dotted name as group: without its last component when that is (the end of)
 * the artifact's name. */
static struct str
as_group(struct str dotted, struct str artifact)
{
	struct str name = str_trim(str_sub(dotted, 0, str_find(dotted, ';')));
	size_t dot = str_rfind(name, '.');
	struct str last = str_sub(name, dot + 1, name.n);

	if (!is_word(name) || dot == name.n)
		return (str_of(""));
	/* Java's names have no dashes: http_client of micronaut-http-client */
	if (last.n > 0 && last.n <= artifact.n && same_name(last,
	    str_sub(artifact, artifact.n - last.n, artifact.n)))
		name = str_sub(name, 0, dot);
	return (name);
}

static struct str
group_of(const struct maven_manifest *m, const struct maven_id *id)
{
	struct str g = known_group(id), artifact = id->artifact;
	size_t before;

	if (g.n > 0)
		return (g);
	/* what Maven 1 wrote for all of Apache's, of groups of their own */
	if (is_word(m->vendor_id) && !str_eqz(m->vendor_id, "org.apache"))
		return (m->vendor_id);
	if ((g = as_group(m->symbolic_name, artifact)).n > 0 ||
	    (g = as_group(m->module_name, artifact)).n > 0)
		return (g);
	/* titles: com.acme#artifact;1.0 (Gradle), com.acme:artifact */
	for (size_t i = 0; i < 2; i++) {
		g = str_sub(m->title, 0, str_find(m->title, "#:"[i]));
		if (g.n < m->title.n && is_word(g))
			return (g);
	}
	/* com.acme.artifact */
	before = m->title.n - artifact.n;
	if (is_word(m->title) && m->title.n > artifact.n + 1 &&
	    m->title.p[before - 1] == '.' &&
	    str_eq(str_sub(m->title, before, m->title.n), artifact))
		return (str_sub(m->title, 0, before - 1));
	/* legacy artifacts are their own group */
	return (artifact);
}

/* Begins with a domain, backwards: "org.postgresql", not "javax.servlet". */
static bool
is_domain(struct str group)
{
	static const char *const longer[] = { "info", "software", "tech",
	    "cloud", "name" };
	struct str top = str_sub(group, 0, str_find(group, '.'));

	if (top.n == group.n)
		return (false);
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++)
		if (str_eqz(top, longer[i]))
			return (true);
	return (top.n == 2 || top.n == 3);
}

/*
 * group.artifact: at the dot where the group is the one known for the rest, or
 * the manifest's vendor; else at the last one (not that of "_2.13"), when that
 * gives a name twice or a domain.  A bundle of OSGi whose own name this is may be
 * an artifact with dots.
 */
static bool
split_group(const struct maven_manifest *m, struct maven_id *id)
{
	struct str n = id->artifact, symbolic = str_trim(str_sub(
	    m->symbolic_name, 0, str_find(m->symbolic_name, ';')));
	struct maven_id part = *id, last = { .group = { NULL, 0 } };

	if (known_group(id).n > 0)
		return (false);
	for (size_t i = n.n; i-- > 1;) {
		if (n.p[i] != '.' || i + 1 == n.n || is_digit(n.p[i + 1]))
			continue;
		part.group = str_sub(n, 0, i);
		part.artifact = str_sub(n, i + 1, n.n);
		if (str_eq(known_group(&part), part.group) ||
		    str_eq(m->vendor_id, part.group)) {
			*id = part;
			return (true);
		}
		if (last.group.n == 0)
			last = part;
	}
	if (last.group.n == 0 || (!str_eq(last.group, last.artifact) &&
	    (!is_domain(last.group) || str_eq(symbolic, n))))
		return (false);
	*id = last;
	return (true);
}

/*
 * A file name without a version: of the names in the manifest one whose group is
 * known, else the file's if that is, else the first, else the file's.
 */
static bool
by_manifest(const struct maven_manifest *m, struct str stem, struct maven_id *id)
{
	const struct str versions[] = { m->version, m->bundle_version,
	    m->specification_version };
	const struct str names[] = { m->title, m->bundle_name,
	    m->extension_name, str_trim(str_sub(m->symbolic_name, 0,
	    str_find(m->symbolic_name, ';'))), stem };
	struct str first = { NULL, 0 };

	id->version = str_of("");
	for (size_t i = 0; i < 3 && id->version.n == 0; i++)
		if (is_version(versions[i]))
			id->version = versions[i];
	if (id->version.n == 0)
		return (false);
	for (size_t i = 0; i < 5; i++) {
		if (!is_word(names[i]))
			continue;
		id->artifact = names[i];
		if (known_group(id).n > 0)
			return (true);
		if (first.n == 0)
			first = names[i];
	}
	id->artifact = first;
	return (first.n > 0);
}

bool
maven_guess(const struct maven_manifest *m, struct str stem, bool by_name,
    struct maven_id *ret)
{
	struct maven_id id = { .group = { NULL, 0 } };
	struct str group;
	size_t colon;
	bool named;

	if (is_word(m->short_name) && is_version(m->plugin_version)) {
		/* Jenkins: the group's default is the one of old plug-ins. */
		id = (struct maven_id) { is_word(m->group_id) ? m->group_id :
		    str_of("org.jenkins-ci.plugins"), m->short_name,
		    m->plugin_version };
		*ret = id;
		return (true);
	}
	named = split_known(stem, m->version, &id) ||
	    split_known(stem, m->bundle_version, &id) ||
	    (by_name && split_stem(stem, &id));
	if (!named && !by_manifest(m, stem, &id))
		return (false);
	if (!named || !split_group(m, &id)) {
		group = group_of(m, &id);
		colon = str_find(group, ':');
		id.group = str_sub(group, 0, colon);
		if (colon < group.n)
			id.artifact = str_sub(group, colon + 1, group.n);
	}
	*ret = id;
	return (true);
}
