/* Path keys: one left-to-right pass over components. */
#include "limits.h"
#include "path.h"

/* Take components of ${in} onto the key in ${out}. */
static int
add_components(struct str in, struct buf *out, unsigned *flags)
{
	struct str part;
	size_t slash;

	while (str_split(&in, '/', &part)) {
		if (part.n == 0 || str_eqz(part, "."))
			continue;
		if (str_eqz(part, "..")) {
			*flags |= out->n == 0 ? PATH_ESCAPED : PATH_DOTDOT;
			slash = str_rfind(buf_view(out), '/');
			out->n = slash < out->n ? slash : 0;
			continue;
		}
		if (out->n > 0 && buf_byte(out, '/') < 0)
			return (ERR_LIMIT);
		if (buf_str(out, part) < 0)
			return (ERR_LIMIT);
	}
	return (0);
}

int
path_normalise(struct str in, struct buf *out, unsigned *ret)
{
	buf_clear(out);
	*ret = 0;
	if (in.n > LIMIT_PATH)
		return (ERR_LIMIT);
	return (add_components(in, out, ret));
}

int
path_resolve(struct str base_dir, struct str target, struct buf *out)
{
	unsigned flags = 0;
	int rc = 0;

	buf_clear(out);
	if (target.n > LIMIT_PATH || base_dir.n > LIMIT_PATH)
		return (ERR_LIMIT);
	if (target.n == 0 || target.p[0] != '/')
		rc = add_components(base_dir, out, &flags);
	return (rc < 0 ? rc : add_components(target, out, &flags));
}

/* Put ${first}, a slash and ${rest} into ${to}. */
static int
join(struct buf *to, struct str first, struct str rest)
{
	buf_clear(to);
	return (buf_str(to, first) < 0 || buf_byte(to, '/') < 0 ||
	    buf_str(to, rest) < 0 ? ERR_LIMIT : 0);
}

bool
path_next_folder(struct str key, size_t *n, struct siphash *hash,
    struct str *ret)
{
	size_t from = *n;

	if (from >= key.n)
		return (false);
	*n += 1 + str_find(str_sub(key, from + 1, key.n), '/');
	siphash_add(hash, str_sub(key, from, *n));
	*ret = str_sub(key, 0, *n);
	return (true);
}

/* Components of the longest path. */
#define PARTS (LIMIT_PATH / 2 + 1)

int
path_follow(const struct path_links *links, struct str path, bool follow_last,
    struct buf *out)
{
	struct buf work[2];	/* what is still to walk, in turns */
	struct siphash hash[PARTS + 1];	/* of each folder above, from the root */
	struct str rest = path, part, target;
	size_t parent, depth = 0;
	int hops = 0, rc = 0;

	buf_init(&work[0], 4 * LIMIT_PATH);
	buf_init(&work[1], 4 * LIMIT_PATH);
	buf_clear(out);
	siphash_begin(&hash[0], links->sip_key);
	while (rc == 0 && str_split(&rest, '/', &part)) {
		parent = out->n;
		if (part.n == 0 || str_eqz(part, "."))
			continue;
		if (str_eqz(part, "..")) {
			size_t slash = str_rfind(buf_view(out), '/');

			out->n = slash < out->n ? slash : 0;
			depth -= depth > 0;
			continue;
		}
		if (depth == PARTS ||
		    (parent > 0 && buf_byte(out, '/') < 0) ||
		    buf_str(out, part) < 0) {
			rc = ERR_LIMIT;
			break;
		}
		hash[depth + 1] = hash[depth];
		siphash_add(&hash[depth + 1], str_sub(buf_view(out), parent,
		    out->n));
		if (rest.p == NULL && !follow_last)
			break;
		if (!links->target(links->arg, buf_view(out),
		    siphash_end(&hash[depth + 1]), &target)) {
			depth++;
			continue;
		}
		if (++hops > PATH_HOPS) {
			rc = ERR_LIMIT;
			break;
		}
		if (target.n > 0 && target.p[0] == '/') {
			out->n = 0;
			depth = 0;
		} else {
			out->n = parent;
		}
		rc = join(&work[hops % 2], target, rest);
		rest = buf_view(&work[hops % 2]);
	}
	buf_done(&work[0]);
	buf_done(&work[1]);
	return (rc);
}
