/*
 * Which of several rpm databases is the one that rpm would open.  Followed: rpm
 * 4.18, lib/rpmdb.c and what its binary does.  In its directory it takes the
 * file of the backend that is configured (macro _db_backend: ndb at SUSE, now
 * sqlite elsewhere), else the first there is of rpmdb.sqlite, Packages,
 * Packages.db.  The others are left over from before the format was changed.
 * But rpm has SQLite since 4.16 and ndb since 4.14: an older one opens Packages
 * whatever stands beside it.  Where the distribution does not tell us which of
 * them it opens, each counts that is no copy of another.
 * rpm-ostree keeps a copy of the tree's database as it was composed.
 *
 * The directory (macro _dbpath) moved from /var/lib/rpm to /usr/lib/sysimage/rpm
 * with SUSE 15, Fedora 36 and Red Hat 10, a link in the old place.  Where both
 * are directories one is a copy, or a builder of another distribution installed
 * into the image by its own macros: then both tell of what is there.  So a
 * database in another directory counts unless it is an older copy.
 */
#include <stdlib.h>
#include "common/mem.h"
#include "common/path.h"
#include "coordinator/matcher/apply_parts.h"

#define OSTREE_BASE "usr/lib/sysimage/rpm-ostree-base-db"
/* A flatpak runtime is a system of its own. */
#define FLATPAK "files/lib/sysimage/rpm"
#define VAR "var/lib/rpm"
#define SYSIMAGE "usr/lib/sysimage/rpm"

static bool
is_suse(struct str os)
{
	return (str_starts(os, "sle") || str_starts(os, "opensuse"));
}

/* Tumbleweed's version is a day, Amazon's a year. */
static unsigned
major_of(const struct distribution *os)
{
	unsigned major = 0;

	for (size_t i = 0; i < os->version.n && i < 8 &&
	    os->version.p[i] >= '0' && os->version.p[i] <= '9'; i++)
		major = major * 10 + (unsigned)(os->version.p[i] - '0');
	return (major);
}

/* A distribution and since when something is so there. */
struct since {
	const char *id;
	unsigned major;
};

static bool
is_since(const struct distribution *os, const struct since *list)
{
	for (; list->id != NULL; list++)
		if (str_eqz(os->id, list->id))
			return (major_of(os) >= list->major);
	return (false);
}

/* The directory that the distribution's macros name. */
static const char *
configured_dir(const struct distribution *os)
{
	static const struct since moved[] = { { "fedora", 36 }, { "rhel", 10 },
	    { "centos", 10 }, { "almalinux", 10 }, { "rocky", 10 },
	    { "ol", 10 }, { NULL, 0 } };

	if (is_suse(os->id))
		return (major_of(os) >= 15 ? SYSIMAGE : VAR);
	return (is_since(os, moved) ? SYSIMAGE : VAR);
}

/* Is its rpm one of those whose choice is known, 4.16 or later? */
static bool
has_sqlite(const struct distribution *os)
{
	static const struct since list[] = { { "fedora", 33 }, { "rhel", 9 },
	    { "centos", 9 }, { "almalinux", 9 }, { "rocky", 9 }, { "ol", 9 },
	    { "amzn", 2022 }, { "photon", 5 }, { "mariner", 2 },
	    { "azurelinux", 3 }, { "openEuler", 22 }, { NULL, 0 } };

	return (is_since(os, list));
}

static bool
has_ndb(const struct distribution *os)
{
	return (is_suse(os->id) && major_of(os) >= 15);
}

/* The place of a database among those of one directory: the lowest is opened. */
static int
rank(struct str path, bool ndb)
{
	struct str base = path_base(path);

	return (str_eqz(base, "Packages.db") ? (ndb ? -1 : 2) :
	    str_eqz(base, "Packages") ? 1 : 0);
}

static bool
is_ostree_base(struct str path)
{
	return (str_eqz(path_dir(path), OSTREE_BASE));
}

static bool
is_flatpak(struct str path)
{
	return (str_ends(path_dir(path), FLATPAK));
}

static int
name_cmp(const struct package *a, const struct package *b)
{
	int c = str_cmp(a->name, b->name);

	return (c != 0 ? c : str_cmp(a->arch, b->arch));
}

static int
row_cmp(const void *a, const void *b)
{
	const struct package *p = *(const struct package *const *)a;
	const struct package *q = *(const struct package *const *)b;
	int c = name_cmp(p, q);

	return (c != 0 ? c : str_cmp(p->version, q->version));
}

static const struct package **
sorted(const struct inventory_file *f)
{
	const struct package **v = mem_array(f->n + 1, sizeof(*v));

	for (size_t i = 0; i < f->n; i++)
		v[i] = &f->packages[i];
	qsort(v, f->n, sizeof(*v), row_cmp);
	return (v);
}

/* Has ${b} every package of ${a}, of the same version or *${any} of some? */
static bool
has_all(const struct inventory_file *b, const struct inventory_file *a,
    bool *any)
{
	const struct package **p = sorted(a), **q = sorted(b);
	size_t same = 0, named = 0;

	for (size_t i = 0, k = 0; i < a->n; i++) {
		while (k < b->n && row_cmp(&q[k], &p[i]) < 0)
			k++;
		if (k < b->n && row_cmp(&q[k], &p[i]) == 0)
			same++;
		/* those of its name are around there */
		if ((k < b->n && name_cmp(q[k], p[i]) == 0) ||
		    (k > 0 && name_cmp(q[k - 1], p[i]) == 0))
			named++;
	}
	*any = named == a->n;
	free(p);
	free(q);
	return (same == a->n);
}

/* Is ${a}, in a directory of its own, a copy of ${b} or of what that was? */
static bool
is_copy(const struct seen *a, const struct seen *b, const char *configured)
{
	bool a_is_live = str_eqz(path_dir(a->path), configured);
	bool b_is_live = str_eqz(path_dir(b->path), configured), any;

	if (a_is_live || is_flatpak(a->path) || is_flatpak(b->path))
		return (false);
	return (has_all(b->file, a->file, &any) ||
	    (any && b_is_live && a->file_layer <= b->file_layer));
}

/* Of one directory: does rpm open ${b}, or is ${a} a copy of it, or of what it
 * was, if that is not known? */
static bool
is_opened(const struct seen *b, const struct seen *a,
    const struct distribution *os)
{
	bool ndb = has_ndb(os), any;
	int x = rank(b->path, ndb), y = rank(a->path, ndb);

	if (has_sqlite(os) || (ndb && (x < 0 || y < 0)))
		return (x < y);
	if (has_all(b->file, a->file, &any))
		return (x < y || a->file->n < b->file->n);
	return (any && x < y && a->file_layer <= b->file_layer);
}

/* Would rpm open ${b} and not ${a}?  One without packages hides nothing. */
static bool
goes_first(const struct seen *b, const struct seen *a,
    const struct distribution *os)
{
	if (b->file->n == 0)
		return (false);
	if (is_ostree_base(a->path) != is_ostree_base(b->path))
		return (is_ostree_base(a->path) && !is_flatpak(b->path));
	if (!str_eq(path_dir(a->path), path_dir(b->path)))
		return (is_copy(a, b, configured_dir(os)));
	return (is_opened(b, a, os));
}

static bool
is_live(const struct seen *s)
{
	return (s->hidden == 0 && str_eqz(s->file->kind, "rpm"));
}

/* Two of one directory are left. */
static void
tell_both(struct apply *a, const struct seen *s, const struct seen *other)
{
	if (str_eq(path_dir(s->path), path_dir(other->path)) &&
	    s->file->n > 0 && other->file->n > 0)
		apply_note(a, "databases %.*s (%zu packages) and %.*s (%zu) both "
		    "count: which of them this system opens is not known",
		    STR_ARG(s->path), s->file->n, STR_ARG(other->path),
		    other->file->n);
}

/* Those of one system: of flatpaks each is one, and an image may hold any number. */
static void
choose(struct apply *a, const size_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct seen *s = a->seen[v[i]];

		for (size_t k = 0; k < n && is_live(s); k++) {
			const struct seen *other = a->seen[v[k]];

			if (!is_live(other) || !goes_first(other, s, &a->res->os))
				continue;
			apply_note(a, "database %.*s (%zu packages) is left over: "
			    "%.*s counts", STR_ARG(s->path), s->file->n,
			    STR_ARG(other->path));
			s->hidden = (uint32_t)a->nlayers;
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && is_live(a->seen[v[i]]); k++)
			if (is_live(a->seen[v[k]]))
				tell_both(a, a->seen[v[i]], a->seen[v[k]]);
}

/* The directory of a flatpak, wherever its name leads; "" of all others. */
static struct str
system_of(const struct seen *s)
{
	return (is_flatpak(s->path) || is_flatpak(s->name) ?
	    path_dir(s->path) : str_of(""));
}

/* By system, and as the image has them. */
static int
system_cmp(const void *a, const void *b, void *arg)
{
	struct seen *const *seen = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int c = str_cmp(system_of(seen[x]), system_of(seen[y]));

	return (c != 0 ? c : (x > y) - (x < y));
}

void
apply_rpm(struct apply *a)
{
	size_t *v = mem_array(a->nseen + 1, sizeof(*v)), n = 0, end;

	for (size_t i = 0; i < a->nseen; i++)
		if (is_live(a->seen[i]))
			v[n++] = i;
	qsort_r(v, n, sizeof(*v), system_cmp, a->seen);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && str_eq(system_of(a->seen[v[end]]),
		    system_of(a->seen[v[i]])); end++)
			;
		choose(a, v + i, end - i);
	}
	free(v);
}
