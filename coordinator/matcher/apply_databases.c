/*
 * Package databases: which files are some, what became of them, and which were
 * not read where a link leads to.
 */
#include <stdlib.h>
#include "common/path.h"
#include "common/siphash.h"
#include "coordinator/matcher/apply_parts.h"
#include "coordinator/matcher/distribution.h"

/* Who states the packages of a system: one file all of them, or files one each,
 * in the folder so many components up. */
static const struct {
	const char *kind, *end;
	unsigned up;
} databases[APPLY_DATABASES] = {
	{ "dpkg", "/status", 0 }, { "dpkg", "", 1 }, { "apk", "", 0 },
	{ "rpm", "", 0 }, { "rpm_manifest", "", 0 }, { "chisel", "", 0 },
	{ "opkg", "", 0 }, { "pacman", "", 2 }, { "portage", "", 3 },
};

bool
apply_is_of_database(const struct seen *s, size_t *ret)
{
	for (size_t i = 0; i < APPLY_DATABASES; i++)
		if (str_eqz(s->file->kind, databases[i].kind) &&
		    str_ends(s->path, databases[i].end)) {
			*ret = i;
			return (true);
		}
	return (false);
}

bool
apply_is_whole_database(const struct seen *s)
{
	size_t i;

	return (apply_is_of_database(s, &i) && databases[i].up == 0);
}

bool
apply_is_unmanaged(const struct seen *s)
{
	size_t i;

	return (apply_is_of_database(s, &i) && databases[i].up == 1);
}

static void
note_one(struct apply *a, struct str path, bool emptied, uint32_t layer, size_t n)
{
	apply_note(a, "database %.*s %s in layer %u (had %zu packages)",
	    STR_ARG(path), emptied ? "emptied" : "removed", layer, n);
}

/* What this layer hid and did not bring back.  A folder of files is gone when the
 * last of them is: a package that is removed takes one.  Where none can be it is
 * told of that one at the end, see apply_rows.c. */
void
apply_note_removed(struct apply *a, uint32_t layer)
{
	const struct seen *first[APPLY_DATABASES] = { NULL };
	size_t n[APPLY_DATABASES] = { 0 }, db;
	bool stays[APPLY_DATABASES] = { false };

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->file->n == 0 || !apply_is_of_database(s, &db))
			continue;
		stays[db] = stays[db] || s->hidden == 0;
		if (s->hidden != layer + 1)
			continue;
		if (databases[db].up == 0) {
			note_one(a, s->path, s->emptied, layer, s->file->n);
		} else {
			first[db] = first[db] == NULL ? s : first[db];
			n[db] += s->file->n;
		}
	}
	for (db = 0; db < APPLY_DATABASES; db++) {
		struct str path;

		if (first[db] == NULL || stays[db])
			continue;
		path = first[db]->path;
		for (unsigned k = 0; k < databases[db].up; k++)
			path = path_dir(path);
		note_one(a, path, first[db]->emptied, layer, n[db]);
	}
}

/* Was a database read at ${path}, in that folder or in one of its own (status.d), by
 * the name of a link to it?  ${owners}: one that only says who owns files. */
static bool
is_read(const struct apply *a, struct str path, bool owners)
{
	for (size_t i = 0; i < a->nseen && path.n > 0; i++) {
		const struct seen *s = a->seen[i];
		struct str dir = path_dir(s->path);

		if (s->hidden == 0 && s->file->n > 0 &&
		    apply_owners_only(s) == owners &&
		    distribution_is_os_type(s->file->packages[0].type) &&
		    (str_eq(s->path, path) || str_eq(dir, path) ||
		    str_eq(path_dir(dir), path)))
			return (true);
	}
	return (false);
}

/* Has the layer a file or folder ${at}?  Without hashes it cannot be ruled out,
 * unless something else of the same folder was read: what else there is like a
 * database would have been, too. */
static bool
may_hold(const struct apply *a, const struct layer_inventory *l, struct str at,
    uint64_t hash)
{
	struct hash_pieces nondir = apply_pieces(l, TREE_NONDIR);
	struct hash_pieces dirs = apply_pieces(l, TREE_DIR);
	bool ret = nondir.n == 0 ? !is_read(a, path_dir(at), false) :
	    apply_in_pieces(&nondir, hash) || apply_in_pieces(&dirs, hash);

	free(nondir.v);
	free(dirs.v);
	return (ret);
}

/* A database behind a link that leads to where no analyzer looks was not read,
 * unless link and file are of one layer: that must not look like a system without
 * packages.  Without owners what a package brought is judged as if somebody else
 * had: more is found, nothing less. */
void
apply_check_redirected(struct apply *a)
{
	const char *const *known = inventory_databases;
	uint64_t hash;
	struct str at;
	bool there, is_known, owners;

	for (size_t i = 0; known[i] != NULL; i++) {
		if (pathmap_resolve(&a->links, str_of(known[i]), true, &a->path) < 0) {
			apply_incomplete(a, "%s lies behind too many links", known[i]);
			continue;
		}
		at = buf_view(&a->path);
		owners = str_eqz(str_of(known[i]), INVENTORY_DPKG_INFO);
		is_known = is_read(a, at, owners);
		for (size_t k = 0; known[k] != NULL && !is_known; k++)
			is_known = str_eqz(at, known[k]);
		if (is_known)
			continue;
		hash = siphash(a->sip_key, at);
		there = false;
		for (size_t k = 0; k < a->nlayers && !there; k++) {
			if (a->layers[k] == NULL)
				continue;
			there = may_hold(a, a->layers[k], at, hash);
		}
		if (there && owners)
			apply_note(a, "%s leads to %.*s, which was not read: "
			    "what owns a file is not known", known[i],
			    STR_ARG(at));
		else if (there)
			apply_incomplete(a, "%s leads to %.*s, where no package "
			    "database was looked for", known[i], STR_ARG(at));
	}
}
