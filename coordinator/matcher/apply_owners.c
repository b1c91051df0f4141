/*
 * Which package of the visible databases a file belongs to, and since when.
 */
#include "common/path.h"
#include "common/siphash.h"
#include "common/version.h"
#include "coordinator/matcher/apply_parts.h"
#include "coordinator/matcher/owner.h"

/* Only says who owns what. */
bool
apply_owners_only(const struct seen *s)
{
	return (str_eqz(s->file->kind, "dpkg_files") ||
	    str_eqz(s->file->kind, "pacman_files"));
}

/* What a single program says, or seems to be: a distribution that ships the file
 * says it better. */
bool
apply_told_by_program(const struct seen *s)
{
	return (str_eqz(s->file->kind, "binary") ||
	    str_eqz(s->file->kind, "linked") ||
	    str_eqz(s->file->kind, "elf_note"));
}

/*
 * Rows of visible databases, found by the SipHash of their type, the name under which
 * their ecosystem knows them (of PyPI's psycopg2_binary and psycopg2-binary are one)
 * and a third text: of databases the architecture or none, of languages the version.
 * Of one key the first counts.  It is what a table of owners does with paths.
 */
static bool
row_hash(struct apply *a, const struct package *p, struct str third,
    uint64_t *ret)
{
	char ns[NAMESPACE_TEXT];
	struct str key;

	(void)namespace_of(apply_distribution(a->res, p->type), p->type, ns);
	buf_clear(&a->path);
	if (version_name_key(str_of(ns), p->name, &a->path) < 0)
		return (false);
	key = apply_key(a, p->type, buf_view(&a->path), third);
	*ret = siphash(a->sip_key, key);
	return (key.n > 0);
}

static void
index_row(struct apply *a, struct owners *rows, const struct package *p,
    uint32_t since, struct str third)
{
	uint64_t hash;
	uint32_t other;

	if (row_hash(a, p, third, &hash) &&
	    owners_find(rows, hash, &other) == NULL)
		owners_put(rows, hash, p, since, false);
}

/* With *${since}, the layer in which it was introduced, when there is one. */
static const struct package *
find_row(struct apply *a, const struct owners *rows, const struct package *p,
    struct str third, uint32_t *since)
{
	uint64_t hash;

	return (row_hash(a, p, third, &hash) ?
	    owners_find(rows, hash, since) : NULL);
}

static const struct package *
row_of(struct apply *a, const struct owners *rows, const struct package *p,
    uint32_t *since)
{
	const struct package *row = find_row(a, rows, p, p->arch, since);

	/* "libc6:amd64.list" is written for the native architecture, too */
	return (row != NULL ? row : find_row(a, rows, p, str_of(""), since));
}

/* Is there a row that says better what bill row ${p} says?  Of a database any
 * version of the name: its own is the right one. */
bool
apply_is_stated(struct apply *a, const struct owners *rows, const struct package *p)
{
	uint32_t since;

	return (find_row(a, rows, p, distribution_is_os_type(p->type) ?
	    str_of("") : p->version, &since) != NULL);
}

static bool
has_bills(const struct apply *a)
{
	for (size_t i = 0; i < a->nseen; i++)
		for (size_t k = 0; k < a->seen[i]->file->n; k++)
			if (apply_is_billed(&a->seen[i]->file->packages[k]))
				return (true);
	return (false);
}

/* ${rows} gets the packages of the visible databases, and, where bills are compared
 * with them, those of languages. */
void
apply_gather_rows(struct apply *a, struct owners *rows)
{
	bool bills = has_bills(a);

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden != 0 || apply_owners_only(s) || apply_told_by_program(s))
			continue;
		for (size_t k = 0; k < s->file->n; k++) {
			const struct package *p = &s->file->packages[k];
			bool os = distribution_is_os_type(p->type);

			if (apply_is_billed(p) || (!bills && !os))
				continue;
			index_row(a, rows, p, s->since[k],
			    os ? p->arch : p->version);
			if (os)
				index_row(a, rows, p, s->since[k], str_of(""));
		}
	}
}

static uint32_t
later(uint32_t x, uint32_t y)
{
	return (x > y ? x : y);
}

/*
 * The last layer that may have files of owner ${k} of ${s}.  A list is written
 * whenever its package is unpacked, also by a version with the same files; who only
 * touches it (chmod -R) brings none.  A diversion is older than what it diverts.
 */
static uint32_t
owned_since(struct apply *a, const struct seen *s, size_t k,
    const struct owners *rows, bool diverted)
{
	uint32_t since = 0;

	if (!apply_owners_only(s))
		return (s->since[k]);
	(void)row_of(a, rows, &s->file->packages[k], &since);
	return (later(diverted ? 0 : s->content_layer, since));
}

/* Who owns what, of the visible databases with packages ${rows}. */
struct owners *
apply_gather_owners(struct apply *a, const struct owners *rows)
{
	struct owners *o = owners_new();

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];
		bool diverted = str_eqz(path_base(s->path), "diversions") &&
		    apply_owners_only(s);

		for (size_t k = 0; k < s->file->n && s->hidden == 0; k++)
			owners_add(o, &s->file->packages[k],
			    owned_since(a, s, k, rows, diverted), diverted);
	}
	return (o);
}

/* The first layer that had what row ${row} of ${s} tells of, in the state in which it
 * is there. */
static uint32_t
here_since(const struct seen *s, size_t row)
{
	return (s->since[row] < s->content_layer ? s->since[row] :
	    s->content_layer);
}

/*
 * Whose ${s} is by the name that ${link} gives it, of which ${n} bytes are the
 * folder that the link leads to.  What a package unpacked through the link is its
 * own; so is what was moved to where the link leads, if it is the same still.
 */
static const struct package *
owner_by_link(struct apply *a, const struct seen *s, size_t row, size_t n,
    const struct link *link, const struct owners *o)
{
	const struct package *by;
	const struct seen *moved;
	struct buf *name = &a->path;
	uint32_t layer = 0;

	buf_clear(name);
	if (buf_str(name, link->path) < 0 ||
	    buf_str(name, str_sub(s->path, n, s->path.n)) < 0 ||
	    (by = owners_find(o, siphash(a->sip_key, buf_view(name)),
	    &layer)) == NULL)
		return (NULL);
	if (link->since <= layer && here_since(s, row) <= layer &&
	    s->altered <= layer)
		return (by);
	moved = apply_find(a, buf_view(name), s->file->kind);
	return (moved != NULL && moved->content_layer <= layer &&
	    apply_same_content(moved->file, s->file) ? by : NULL);
}

/* The same, by any of the names that links to its folders give it. */
static const struct package *
owner_by_links(struct apply *a, const struct seen *s, size_t row,
    const struct owners *o)
{
	const struct package *by;
	struct siphash name;
	struct str folder;
	unsigned ways = 0;

	siphash_begin(&name, a->sip_key);
	for (size_t n = 0; path_next_folder(s->path, &n, &name, &folder) &&
	    n < s->path.n && ways < APPLY_WAYS; ) {
		const struct link *link = pathmap_get_hashed(&a->ways, folder,
		    siphash_end(&name));

		for (; link != NULL && ways++ < APPLY_WAYS; link = link->next)
			if (apply_link_stands(a, link) && (by =
			    owner_by_link(a, s, row, n, link, o)) != NULL)
				return (by);
	}
	return (NULL);
}

/*
 * The row of the package that owns ${s} with what was found there, or NULL.  What
 * came in a later layer than the package, in the state in which it is there, was
 * put in the place of the package's file (COPY, npm install -g, pip); so was what
 * is in the package's layer, or before, other than the package lists.
 */
const struct package *
apply_owner_of(struct apply *a, const struct seen *s, size_t row,
    const struct owners *o, const struct owners *rows)
{
	uint32_t layer = 0;
	const struct package *by = owners_find(o, siphash(a->sip_key, s->path),
	    &layer);

	if (by == NULL)
		by = owner_by_links(a, s, row, o);
	else if (here_since(s, row) > layer || s->altered > layer)
		by = NULL;
	return (by != NULL ? row_of(a, rows, by, &layer) : NULL);
}
