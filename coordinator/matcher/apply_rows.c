/*
 * Visible files to packages: where each was introduced, whose it is, and which
 * of two statements about one thing counts.
 */
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "common/path.h"
#include "common/version.h"
#include "coordinator/matcher/apply_parts.h"
#include "coordinator/matcher/origin.h"
#include "coordinator/matcher/owner.h"

/* What a bill of material in the image says: somebody's word about packages,
 * which any database or installed tree that names them says better. */
bool
apply_is_billed(const struct package *p)
{
	return (str_eqz(p->scope, "sbom"));
}

static int
package_order(const void *x, const void *y)
{
	const struct apply_package *a = x, *b = y;
	int c = str_cmp(a->path, b->path);

	if (c == 0)
		c = package_cmp(&a->p, &b->p);
	if (c == 0)
		c = str_cmp(a->p.state, b->p.state);
	return (c != 0 ? c : (a->layer > b->layer) - (a->layer < b->layer));
}

/* The layer + 1 in which each database was hidden, what of it was last; SIZE_MAX
 * where some is visible. */
static void
find_ends(const struct apply *a, size_t ends[APPLY_DATABASES])
{
	size_t db, end;

	for (db = 0; db < APPLY_DATABASES; db++)
		ends[db] = 0;
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->file->n == 0 || !apply_is_of_database(s, &db))
			continue;
		end = s->hidden == 0 ? SIZE_MAX : s->hidden;
		if (end > ends[db])
			ends[db] = end;
	}
}

/* Are the programs there still that ${s} told of before it was hidden?  With an
 * os-release there is a system; without, if nothing took all of it since. */
static bool
system_stays(const struct apply *a, const struct seen *s)
{
	return (a->res->os.path.n > 0 ||
	    (a->release_lost && a->system_gone < s->hidden));
}

/*
 * The last state of a database that was removed while its system stayed: the
 * programs are still there, without anything that tells their versions.  Not of
 * one that was moved.
 */
static bool
is_residual(const struct apply *a, const size_t ends[APPLY_DATABASES],
    const struct seen *s)
{
	size_t db;

	return (s->hidden != 0 && s->file->n > 0 && system_stays(a, s) &&
	    apply_is_of_database(s, &db) && ends[db] == s->hidden);
}

/* A file that would state all packages of a system, if it had any. */
static bool
is_empty_database(const struct seen *s)
{
	return (s->emptied || (s->hidden == 0 && s->file->n == 0 &&
	    s->file->error == 0 && apply_is_whole_database(s)));
}

/* Does a database of the image's own system list a package? */
static bool
lists_system(const struct apply *a, const size_t ends[APPLY_DATABASES])
{
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (is_residual(a, ends, s) || (s->hidden == 0 && s->file->n > 0 &&
		    !apply_told_by_program(s) &&
		    distribution_is_os_type(s->file->packages[0].type)))
			return (true);
	}
	return (false);
}

/* No system is without packages: an image whose databases are all empty had
 * them emptied, or made by something else than their tool.  One without any whose
 * os-release names a distribution with a database lost it where no layer shows
 * (an image squashed after "rm -rf /var/lib/dpkg"); other systems may have none. */
static void
check_empty(struct apply *a, const size_t ends[APPLY_DATABASES])
{
	const struct distribution *os = &a->res->os;
	const struct seen *empty = NULL;

	if (lists_system(a, ends))
		return;
	for (size_t i = 0; i < a->nseen; i++)
		if (is_empty_database(a->seen[i]))
			empty = a->seen[i];
	if (empty != NULL)
		apply_incomplete(a, "%.*s lists no package, nor does another "
		    "database: what is installed is not known",
		    STR_ARG(empty->path));
	else if (os->path.n > 0 && !distribution_has_type(os->id, str_of("")))
		apply_incomplete(a, "%.*s says %.*s, of whose packages no "
		    "database tells: what is installed is not known",
		    STR_ARG(os->path), STR_ARG(os->id));
	else if (os->path.n > 0)
		apply_note(a, "%.*s says %.*s, of whose packages no database "
		    "tells", STR_ARG(os->path), STR_ARG(os->id));
}

/* A database that was removed with what said which system it is of: its packages
 * are judged by nothing. */
static void
check_lost(struct apply *a, const size_t ends[APPLY_DATABASES])
{
	for (size_t i = 0; i < a->nseen && a->res->os.path.n == 0; i++) {
		const struct seen *s = a->seen[i];

		if (!is_residual(a, ends, s))
			continue;
		apply_incomplete(a, "%.*s is gone since layer %u, and what said "
		    "of which system it was: what is installed is not known",
		    STR_ARG(s->path), s->hidden - 1);
		return;
	}
}

/* Was what ${s} names read after all, by the name of a link that leads there? */
static bool
is_read_by_link(const struct apply *a, const struct seen *s)
{
	const struct seen *other = pathmap_get(&a->files, s->path);
	size_t db;

	for (; other != NULL; other = other->next)
		if (other->hidden == 0 && apply_is_of_database(other, &db))
			return (true);
	return (false);
}

/* Databases that nobody reads: one of the image's own system, or of one in a
 * folder, which is all there is of a system, or material of the image's program. */
static void
check_unread(struct apply *a, const size_t ends[APPLY_DATABASES])
{
	const struct seen *own = NULL, *other = NULL;
	struct str system;

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden != 0 || !str_eqz(s->file->kind, "unread"))
			continue;
		if (apply_attribute(s->file, "SYSTEM").n == 0)
			own = own != NULL ? own : s;
		else if (!is_read_by_link(a, s))
			other = other != NULL ? other : s;
	}
	if (own != NULL)
		apply_incomplete(a, "%.*s: a database of %.*s, which is not read",
		    STR_ARG(own->path),
		    STR_ARG(apply_attribute(own->file, "TOOL")));
	if (other == NULL)
		return;
	system = apply_attribute(other->file, "SYSTEM");
	if (lists_system(a, ends))
		apply_note(a, "the system in folder %.*s was not looked at",
		    STR_ARG(system));
	else
		apply_incomplete(a, "the only system lies in folder %.*s: its "
		    "packages were not read", STR_ARG(system));
}

/* What dpkg knew when it was killed stands in its journal, newer than its status:
 * states of packages, none of which is read.  Its next run ends it. */
static void
check_journal(struct apply *a)
{
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden != 0 || apply_attribute(s->file, "JOURNAL").n == 0)
			continue;
		apply_incomplete(a, "%.*s: dpkg was killed, and what it installed "
		    "last is told only here, which is not read",
		    STR_ARG(s->path));
		return;
	}
}

/*
 * Does bill row ${p} of ${s} speak of another system's package?  What a wheel
 * brings along was taken from the system that built it (auditwheel: pkg:rpm/...),
 * and neither a database nor an advisory of the image's can say a word about it.
 */
static bool
is_elsewhere(const struct apply *a, const struct seen *s, const struct package *p)
{
	static const char wheel[] = ".dist-info/sboms/";
	const struct distribution *os = apply_distribution(a->res, p->type);
	char ns[NAMESPACE_TEXT];

	if (!apply_is_billed(p) || !distribution_is_os_type(p->type) ||
	    namespace_of(os, p->type, ns) > 0)
		return (false);
	return (!distribution_has_type(os->id, p->type) ||
	    memmem(s->path.p, s->path.n, wheel, strlen(wheel)) != NULL);
}

/* One package of a database that is there still, whose file a later layer removed
 * and that no other states. */
static bool
is_dropped(struct apply *a, const struct owners *rows, const struct seen *s)
{
	return (s->hidden != 0 && s->file->n > 0 && a->res->os.path.n > 0 &&
	    apply_is_unmanaged(s) && !apply_is_stated(a, rows, &s->file->packages[0]));
}

/* Tell of these, of each layer in one, but for those that went with the last of
 * their database. */
static void
note_dropped(struct apply *a, const struct owners *rows,
    const size_t ends[APPLY_DATABASES])
{
	const struct seen **first = mem_array(a->nlayers + 1, sizeof(*first));
	size_t *n = mem_array(a->nlayers + 1, sizeof(*n));

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (!is_dropped(a, rows, s) || is_residual(a, ends, s))
			continue;
		if (n[s->hidden - 1]++ == 0)
			first[s->hidden - 1] = s;
	}
	for (size_t i = 0; i < a->nlayers; i++)
		if (n[i] > 0)
			apply_note(a, "%zu files of database %.*s %s in layer %zu "
			    "(first had package %.*s %.*s)", n[i],
			    STR_ARG(path_dir(first[i]->path)),
			    first[i]->emptied ? "emptied" : "removed", i,
			    STR_ARG(first[i]->file->packages[0].name),
			    STR_ARG(first[i]->file->packages[0].version));
	free(first);
	free(n);
}

/* Does the distribution answer for what ${owner} (which may be NULL) brings? */
static bool
is_shipped(const struct apply *a, const struct package *owner)
{
	return (owner != NULL && origin_is_surely(
	    apply_distribution(a->res, owner->type)->id, owner));
}

static void
set_origin(struct apply *a, struct apply_package *q, const struct seen *s,
    size_t row, const struct owners *o, const struct owners *rows)
{
	struct str os = apply_distribution(a->res, q->p.type)->id;
	const char *class;

	if (apply_is_billed(&q->p)) {
		q->origin = "sbom";
		return;
	}
	if (str_eqz(q->p.type, "apk"))
		q->apk_namespace = apply_apk_namespace(a, &q->p);
	if (distribution_is_os_type(q->p.type)) {
		q->origin = !origin_is_distribution(os, &q->p) ? "third_party" :
		    (class = origin_class(q->p.type, q->p.name,
		    q->p.source_name)) != NULL ? class : "distro";
		if (s->hidden != 0) {
			q->origin = "residual";
			q->p.state = str_of("residual");
		}
		return;
	}
	q->owner = apply_owner_of(a, s, row, o, rows);
	if (q->owner != NULL && str_eqz(q->owner->type, "apk"))
		q->apk_namespace = apply_apk_namespace(a, q->owner);
	q->origin = !is_shipped(a, q->owner) ? "installed" :
	    origin_lists_unfixed(apply_distribution(a->res,
	    q->owner->type)->id) ? "owned" : "shipped";
	if (q->owner == NULL && str_eqz(q->p.scope, "unpacked"))
		q->origin = "unpacked";
}

/* Has ${p} a version that its ecosystem's order does not know, or none?  It meets
 * only advisories that enumerate the very text. */
static bool
is_unordered(const struct match_package *p)
{
	const struct version_scheme *scheme =
	    version_scheme_of_ecosystem(p->namespace);
	int c;

	return (scheme != NULL && !str_eqz(p->origin, "owned") &&
	    version_cmp(scheme, p->version, p->version, &c, NULL) < 0);
}

/* The first row whose path does not come before ${path}. */
static size_t
first_at(const struct apply_result *r, struct str path)
{
	size_t from = 0, to = r->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (str_cmp(r->packages[mid].path, path) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return (from);
}

/* Is there a newer copy of ${p}, a gem that Ruby itself brings, in the folder that
 * ${before} begins the names of?  Of a few: nobody has many. */
static bool
has_newer_gem(const struct apply_result *r, const struct package *p,
    struct str before)
{
	const struct version_scheme *scheme =
	    version_scheme_of_ecosystem(str_of("RubyGems"));
	size_t at = first_at(r, before);
	int c;

	for (size_t i = at; i < r->n && i < at + 32; i++) {
		const struct package *by = &r->packages[i].p;

		if (!str_eq(str_sub(r->packages[i].path, 0, before.n), before))
			return (false);
		if (str_eqz(by->type, "gem") && str_eq(by->name, p->name) &&
		    version_cmp(scheme, by->version, p->version, &c, NULL) == 0 &&
		    c > 0)
			return (true);
	}
	return (false);
}

/* specifications/default/json-2.6.3.gemspec beside specifications/json-2.7.1.gemspec:
 * programs get the latter. */
static void
shadow_gems(struct apply *a)
{
	const struct apply_result *r = a->res;
	struct buf *before = &a->path;

	for (size_t i = 0; i < r->n; i++) {
		struct apply_package *q = &r->packages[i];

		if (!str_eqz(q->p.type, "gem") || !str_eqz(q->p.scope, "default") ||
		    !str_eqz(str_of(q->origin), "installed"))
			continue;
		buf_clear(before);
		if (buf_str(before, path_dir(path_dir(q->path))) == 0 &&
		    buf_byte(before, '/') == 0 &&
		    buf_str(before, q->p.name) == 0 &&
		    buf_byte(before, '-') == 0 &&
		    has_newer_gem(r, &q->p, buf_view(before)))
			q->origin = "shadowed";
	}
}

/* Packages that a repository with a tag brought are not of the release. */
static void
note_tagged(struct apply *a)
{
	const struct apply_result *r = a->res;
	const struct apply_package *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (str_eqz(r->packages[i].p.type, "apk") &&
		    r->packages[i].apk_namespace.n > 0 &&
		    !str_eqz(r->packages[i].apk_namespace, r->apk_namespace) &&
		    n++ == 0)
			first = &r->packages[i];
	if (first != NULL)
		apply_note(a, "%zu packages of repositories with a tag are judged "
		    "by their branch: first %.*s %.*s by %.*s", n,
		    STR_ARG(first->p.name), STR_ARG(first->p.version),
		    STR_ARG(first->apk_namespace));
}

static void
note_third_parties(struct apply *a)
{
	const struct apply_result *r = a->res;
	const struct package *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (str_eqz(str_of(r->packages[i].origin), "third_party") &&
		    n++ == 0)
			first = &r->packages[i].p;
	if (first != NULL)
		apply_note(a, "%zu packages of third parties were not judged, for "
		    "no distribution answers for them: first %.*s %.*s %.*s", n,
		    STR_ARG(first->type), STR_ARG(first->name),
		    STR_ARG(first->version));
}

static void
note_unordered(struct apply *a)
{
	const struct apply_result *r = a->res;
	const struct package *first = NULL;
	char ns[NAMESPACE_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct match_package p = apply_match_package(r, i, ns);

		if (is_unordered(&p) && n++ == 0)
			first = &r->packages[i].p;
	}
	if (first != NULL)
		apply_note(a, "%zu packages have no version that their ecosystem "
		    "can order: first %.*s %.*s %.*s", n, STR_ARG(first->type),
		    STR_ARG(first->name), STR_ARG(first->version));
}

void
apply_rows(struct apply *a)
{
	struct apply_result *r = a->res;
	struct owners *o, *rows = owners_new();
	const struct package *first = NULL;
	size_t total = 0, elsewhere = 0, ends[APPLY_DATABASES];

	find_ends(a, ends);
	check_empty(a, ends);
	check_lost(a, ends);
	check_unread(a, ends);
	check_journal(a);
	apply_gather_rows(a, rows);
	o = apply_gather_owners(a, rows);
	for (size_t i = 0; i < a->nseen; i++)
		total += a->seen[i]->file->n;
	r->packages = mem_array(total + 1, sizeof(*r->packages));
	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (apply_owners_only(s) ||
		    (s->hidden != 0 && !is_residual(a, ends, s) &&
		    !is_dropped(a, rows, s)))
			continue;
		if (apply_told_by_program(s) && s->file->n > 0 &&
		    is_shipped(a, apply_owner_of(a, s, 0, o, rows)))
			continue;
		for (size_t k = 0; k < s->file->n; k++) {
			if (apply_is_billed(&s->file->packages[k]) &&
			    apply_is_stated(a, rows, &s->file->packages[k]))
				continue;
			if (is_elsewhere(a, s, &s->file->packages[k])) {
				if (elsewhere++ == 0)
					first = &s->file->packages[k];
				continue;
			}
			r->packages[r->n] = (struct apply_package) {
				.p = s->file->packages[k], .path = s->path,
				.kind = s->file->kind, .layer = s->since[k],
				.file_layer = s->file_layer,
			};
			set_origin(a, &r->packages[r->n++], s, k, o, rows);
		}
	}
	note_dropped(a, rows, ends);
	if (first != NULL)
		apply_note(a, "%zu packages of another system in bills of material "
		    "were not looked at: first %.*s %.*s %.*s", elsewhere,
		    STR_ARG(first->type), STR_ARG(first->name),
		    STR_ARG(first->version));
	owners_free(o);
	owners_free(rows);
	qsort(r->packages, r->n, sizeof(*r->packages), package_order);
	shadow_gems(a);
	note_third_parties(a);
	note_tagged(a);
	note_unordered(a);
}

const struct distribution *
apply_distribution(const struct apply_result *r, struct str type)
{
	for (size_t i = 0; i < r->nforeign; i++)
		if (str_eq(r->foreign[i].type, type))
			return (&r->foreign[i].os);
	return (&r->os);
}

/* Not what an ecosystem's advisories speak about, whatever its name: a program's
 * own sources, a fork, what only built it, what the framework overrides. */
static bool
is_not_published(struct str scope)
{
	static const char *const t[] = { "application", "build", "git", "local",
	    "registry", "replaced", "framework" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(scope, t[i]))
			return (true);
	return (false);
}

struct match_package
apply_match_package(const struct apply_result *r, size_t i, char ns[NAMESPACE_TEXT])
{
	const struct package *p = &r->packages[i].p, *by = r->packages[i].owner;
	struct match_package q;

	if (is_not_published(p->scope))
		ns[0] = '\0';
	else if (r->packages[i].apk_namespace.n > 0 && str_eqz(p->type, "apk"))
		snprintf(ns, NAMESPACE_TEXT, "%.*s",
		    STR_ARG(r->packages[i].apk_namespace));
	else
		namespace_of(apply_distribution(r, p->type), p->type, ns);
	q = (struct match_package) { .namespace = str_of(ns),
		.type = p->type, .name = p->name, .version = p->version,
		.arch = p->arch, .source_name = p->source_name,
		.source_version = p->source_version,
		.origin = str_of(r->packages[i].origin),
		.channels = r->packages[i].channels };
	if (str_eqz(p->type, "rpm"))
		q.module = p->module;
	/* what apk's are built from is what their advisories speak of */
	if (strcmp(r->packages[i].origin, "shipped") == 0 &&
	    str_eqz(by->type, "apk")) {
		q.owner_namespace = r->packages[i].apk_namespace;
		q.owner_source = by->source_name.n > 0 ? by->source_name :
		    by->name;
		q.owner_version = by->version;
	}
	return (q);
}
