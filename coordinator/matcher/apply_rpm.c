/*
 * Which of several rpm databases is the one that rpm would open.  Followed: rpm
 * 4.18, lib/rpmdb.c and what its binary does.  In its directory it takes the
 * file of the backend that is configured (macro _db_backend: ndb at SUSE, now
 * sqlite elsewhere), else the first there is of rpmdb.sqlite, Packages,
 * Packages.db.  The others are left over from before the format was changed.
 * rpm-ostree keeps a copy of the tree's database as it was composed.
 */
#include "coordinator/matcher/apply_parts.h"
#include "common/path.h"

#define OSTREE_BASE "usr/lib/sysimage/rpm-ostree-base-db"
/* A flatpak runtime is a system of its own. */
#define FLATPAK "files/lib/sysimage/rpm"

static bool
configures_ndb(struct str os)
{
	return (str_starts(os, "sle") || str_starts(os, "opensuse"));
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

/* Would rpm open ${b} and not ${a}?  One without packages hides nothing. */
static bool
goes_first(const struct seen *b, const struct seen *a, bool ndb)
{
	if (b->file->n == 0)
		return (false);
	if (is_ostree_base(a->path) != is_ostree_base(b->path))
		return (is_ostree_base(a->path) &&
		    !str_ends(path_dir(b->path), FLATPAK));
	return (str_eq(path_dir(a->path), path_dir(b->path)) &&
	    rank(b->path, ndb) < rank(a->path, ndb));
}

static bool
is_live(const struct seen *s)
{
	return (s->hidden == 0 && str_eqz(s->file->kind, "rpm"));
}

void
apply_rpm(struct apply *a)
{
	bool ndb = configures_ndb(a->res->os.id);

	for (size_t i = 0; i < a->nseen; i++) {
		struct seen *s = a->seen[i];

		for (size_t k = 0; k < a->nseen && is_live(s); k++) {
			const struct seen *other = a->seen[k];

			if (!is_live(other) || !goes_first(other, s, ndb))
				continue;
			apply_note(a, "database %.*s (%zu packages) is left over: "
			    "rpm opens %.*s", STR_ARG(s->path), s->file->n,
			    STR_ARG(other->path));
			s->hidden = (uint32_t)a->nlayers;
		}
	}
}
