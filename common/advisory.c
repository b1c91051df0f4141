/*
 * Advisories as msgpack arrays: what travels from the sandboxed importer to
 * the matcher and what the database keeps.  One array a struct, fields in the
 * order of advisory.h; readers skip what stands behind the fields they know.
 */
#include "advisory.h"
#include "pack.h"

#define N_RANGE 4		/* and lo_exclusive where it is set */
#define N_AFFECTED 8		/* what follows is there as far as it says something:
				   other records keep their bytes, thus digest */
#define N_ADVISORY 11

static int
write_strs(struct buf *b, const struct str *v, size_t n)
{
	int rc = pack_array(b, (uint32_t)n);

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = pack_str(b, v[i]);
	return (rc);
}

static int
write_range(struct buf *b, const struct advisory_range *r)
{
	int rc;

	if ((rc = pack_array(b, N_RANGE + r->lo_exclusive)) < 0 ||
	    (rc = pack_str(b, r->lo)) < 0 ||
	    (rc = pack_str(b, r->hi)) < 0 ||
	    (rc = pack_bool(b, r->hi_inclusive)) < 0 ||
	    (rc = pack_str(b, r->fixed)) < 0)
		return (rc);
	return (r->lo_exclusive ? pack_bool(b, true) : 0);
}

const char *
vex_status_name(enum vex_status s)
{
	static const char *const names[] = { "affected", "not_affected", "fixed",
		"under_investigation" };

	return (names[s]);
}

bool
vex_status_of(struct str name, enum vex_status *ret)
{
	for (int i = VEX_AFFECTED; i <= VEX_UNDER_INVESTIGATION; i++)
		if (str_eqz(name, vex_status_name((enum vex_status)i))) {
			*ret = (enum vex_status)i;
			return (true);
		}
	return (false);
}

bool
vex_status_denies(enum vex_status s)
{
	return (s == VEX_NOT_AFFECTED || s == VEX_FIXED);
}

/* How many of the fields behind the first N_AFFECTED say something. */
static uint32_t
more_of(const struct advisory_affected *a)
{
	return (a->by_binary ? 8 : a->binary.n != 0 ? 7 :
	    a->stated != 0 ? 6 : a->by_source ? 5 : a->source.n != 0 ? 4 :
	    a->channels.n != 0 ? 3 : a->module.n != 0 ? 2 :
	    a->status != VEX_AFFECTED);
}

static int
write_affected(struct buf *b, const struct advisory_affected *a)
{
	uint32_t more = more_of(a);
	int rc;

	if ((rc = pack_array(b, N_AFFECTED + more)) < 0 ||
	    (rc = pack_str(b, a->ecosystem)) < 0 ||
	    (rc = pack_str(b, a->name)) < 0 ||
	    (rc = pack_str(b, a->range_type)) < 0 ||
	    (rc = pack_array(b, (uint32_t)a->nranges)) < 0)
		return (rc);
	for (size_t i = 0; i < a->nranges; i++)
		if ((rc = write_range(b, &a->ranges[i])) < 0)
			return (rc);
	if ((rc = write_strs(b, a->versions, a->nversions)) < 0 ||
	    (rc = pack_u64(b, a->severity)) < 0 ||
	    (rc = pack_str(b, a->cvss)) < 0 ||
	    (rc = pack_str(b, a->status_reason)) < 0 ||
	    (more > 0 && (rc = pack_u64(b, a->status)) < 0) ||
	    (more > 1 && (rc = pack_str(b, a->module)) < 0) ||
	    (more > 2 && (rc = pack_str(b, a->channels)) < 0) ||
	    (more > 3 && (rc = pack_str(b, a->source)) < 0) ||
	    (more > 4 && (rc = pack_bool(b, a->by_source)) < 0) ||
	    (more > 5 && (rc = pack_i64(b, a->stated)) < 0) ||
	    (more > 6 && (rc = pack_str(b, a->binary)) < 0) ||
	    (more > 7 && (rc = pack_bool(b, a->by_binary)) < 0))
		return (rc);
	return (0);
}

int
advisory_write(struct buf *b, const struct advisory *a)
{
	size_t before = b->n;
	int rc;

	if ((rc = pack_array(b, N_ADVISORY)) < 0 ||
	    (rc = pack_str(b, a->id)) < 0 ||
	    (rc = pack_str(b, a->modified)) < 0 ||
	    (rc = pack_str(b, a->published)) < 0 ||
	    (rc = pack_str(b, a->withdrawn)) < 0 ||
	    (rc = pack_str(b, a->summary)) < 0 ||
	    (rc = write_strs(b, a->aliases, a->naliases)) < 0 ||
	    (rc = write_strs(b, a->upstream, a->nupstream)) < 0 ||
	    (rc = write_strs(b, a->related, a->nrelated)) < 0 ||
	    (rc = pack_u64(b, a->severity)) < 0 ||
	    (rc = pack_str(b, a->cvss)) < 0 ||
	    (rc = pack_array(b, (uint32_t)a->naffected)) < 0)
		goto out;
	for (size_t i = 0; i < a->naffected && rc == 0; i++)
		rc = write_affected(b, &a->affected[i]);
out:
	if (rc < 0)
		b->n = before;
	return (rc);
}

/* The readers below return ERR_MALFORMED and ERR_LIMIT without a text; one
 * place says which record it was. */

static int
read_str(struct cur *c, struct pool *pool, struct str *ret)
{
	struct str s;

	if (!unpack_str(c, &s))
		return (ERR_MALFORMED);
	return (pool_str(pool, s, ret));
}

/*
 * An array of things of ${size} bytes each.  Its count is a claim: each element
 * takes at least one byte of what is left.
 */
static int
read_array(struct cur *c, struct pool *pool, size_t size, void *ret, size_t *n)
{
	uint32_t count;
	void *v = NULL;

	if (!unpack_array(c, &count) || count > cur_left(c))
		return (ERR_MALFORMED);
	if (count > 0 && (v = pool_alloc(pool, (size_t)count * size)) == NULL)
		return (ERR_LIMIT);
	memcpy(ret, &v, sizeof(v));
	*n = count;
	return (0);
}

static int
read_strs(struct cur *c, struct pool *pool, struct str **ret, size_t *n)
{
	int rc = read_array(c, pool, sizeof(**ret), ret, n);

	for (size_t i = 0; rc == 0 && i < *n; i++)
		rc = read_str(c, pool, &(*ret)[i]);
	return (rc);
}

static int
read_severity(struct cur *c, enum severity *ret)
{
	uint64_t v;

	if (!unpack_u64(c, &v) || v > SEVERITY_CRITICAL)
		return (ERR_MALFORMED);
	*ret = (enum severity)v;
	return (0);
}

static int
read_status(struct cur *c, enum vex_status *ret)
{
	uint64_t v;

	if (!unpack_u64(c, &v) || v > VEX_UNDER_INVESTIGATION)
		return (ERR_MALFORMED);
	*ret = (enum vex_status)v;
	return (0);
}

/* The head of a record of at least ${known} fields; *${more} = unknown ones. */
static int
read_head(struct cur *c, uint32_t known, uint32_t *more)
{
	uint32_t n;

	if (!unpack_array(c, &n) || n < known)
		return (ERR_MALFORMED);
	*more = n - known;
	return (0);
}

static int
read_range(struct cur *c, struct pool *pool, struct advisory_range *r)
{
	uint32_t more;
	int rc;

	if ((rc = read_head(c, N_RANGE, &more)) < 0 ||
	    (rc = read_str(c, pool, &r->lo)) < 0 ||
	    (rc = read_str(c, pool, &r->hi)) < 0)
		return (rc);
	if (!unpack_bool(c, &r->hi_inclusive))
		return (ERR_MALFORMED);
	if ((rc = read_str(c, pool, &r->fixed)) < 0)
		return (rc);
	if (more > 0 && !unpack_bool(c, &r->lo_exclusive))
		return (ERR_MALFORMED);
	more -= more > 0;
	return (unpack_skip(c, more) ? 0 : ERR_MALFORMED);
}

static int
read_affected(struct cur *c, struct pool *pool, struct advisory_affected *a)
{
	uint32_t more;
	int rc;

	if ((rc = read_head(c, N_AFFECTED, &more)) < 0 ||
	    (rc = read_str(c, pool, &a->ecosystem)) < 0 ||
	    (rc = read_str(c, pool, &a->name)) < 0 ||
	    (rc = read_str(c, pool, &a->range_type)) < 0 ||
	    (rc = read_array(c, pool, sizeof(*a->ranges), &a->ranges,
	    &a->nranges)) < 0)
		return (rc);
	for (size_t i = 0; i < a->nranges; i++)
		if ((rc = read_range(c, pool, &a->ranges[i])) < 0)
			return (rc);
	if ((rc = read_strs(c, pool, &a->versions, &a->nversions)) < 0 ||
	    (rc = read_severity(c, &a->severity)) < 0 ||
	    (rc = read_str(c, pool, &a->cvss)) < 0 ||
	    (rc = read_str(c, pool, &a->status_reason)) < 0 ||
	    (more > 0 && (rc = read_status(c, &a->status)) < 0) ||
	    (more > 1 && (rc = read_str(c, pool, &a->module)) < 0) ||
	    (more > 2 && (rc = read_str(c, pool, &a->channels)) < 0) ||
	    (more > 3 && (rc = read_str(c, pool, &a->source)) < 0))
		return (rc);
	if ((more > 4 && !unpack_bool(c, &a->by_source)) ||
	    (more > 5 && !unpack_i64(c, &a->stated)))
		return (ERR_MALFORMED);
	if (more > 6 && (rc = read_str(c, pool, &a->binary)) < 0)
		return (rc);
	if (more > 7 && !unpack_bool(c, &a->by_binary))
		return (ERR_MALFORMED);
	more -= more < 8 ? more : 8;
	return (unpack_skip(c, more) ? 0 : ERR_MALFORMED);
}

static int
read_advisory(struct cur *c, struct pool *pool, struct advisory *a)
{
	uint32_t more;
	int rc;

	if ((rc = read_head(c, N_ADVISORY, &more)) < 0 ||
	    (rc = read_str(c, pool, &a->id)) < 0 ||
	    (rc = read_str(c, pool, &a->modified)) < 0 ||
	    (rc = read_str(c, pool, &a->published)) < 0 ||
	    (rc = read_str(c, pool, &a->withdrawn)) < 0 ||
	    (rc = read_str(c, pool, &a->summary)) < 0 ||
	    (rc = read_strs(c, pool, &a->aliases, &a->naliases)) < 0 ||
	    (rc = read_strs(c, pool, &a->upstream, &a->nupstream)) < 0 ||
	    (rc = read_strs(c, pool, &a->related, &a->nrelated)) < 0 ||
	    (rc = read_severity(c, &a->severity)) < 0 ||
	    (rc = read_str(c, pool, &a->cvss)) < 0 ||
	    (rc = read_array(c, pool, sizeof(*a->affected), &a->affected,
	    &a->naffected)) < 0)
		return (rc);
	for (size_t i = 0; i < a->naffected; i++)
		if ((rc = read_affected(c, pool, &a->affected[i])) < 0)
			return (rc);
	return (unpack_skip(c, more) ? 0 : ERR_MALFORMED);
}

int
advisory_read(struct cur *c, struct pool *pool, struct advisory *ret,
    struct diag *d)
{
	struct advisory a = { .severity = SEVERITY_UNKNOWN };
	struct cur at = *c;
	int rc;

	if ((rc = read_advisory(&at, pool, &a)) < 0)
		return (diag_set(d, rc, cur_left(c) - cur_left(&at),
		    rc == ERR_LIMIT ? "advisory: larger than its memory" :
		    "advisory: not the record we write"));
	*c = at;
	*ret = a;
	return (0);
}
