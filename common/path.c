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
