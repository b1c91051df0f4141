/* See redirects.h. */
#include <stdlib.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "common/path.h"
#include "redirects.h"

#define REDIRECT_BYTES (64 * KIB)

void
redirects_init(struct redirects *r)
{
	buf_init(&r->links, REDIRECT_BYTES);
}

void
redirects_done(struct redirects *r)
{
	buf_done(&r->links);
}

/* What of ${known} lies behind a link at ${link}: "/Packages"; "" when it is
 * the link itself.  False when the link does not lead there. */
static bool
behind(const char *known, struct str link, struct str *ret)
{
	struct str s = str_of(known);

	if (link.n == 0 || !str_eq(str_sub(s, 0, link.n), link) ||
	    (s.n > link.n && s.p[link.n] != '/'))
		return (false);
	*ret = str_sub(s, link.n, s.n);
	return (true);
}

void
redirects_add(struct redirects *r, struct str path, struct str target)
{
	struct buf *b = &r->links;
	struct str rest;

	for (size_t i = 0; inventory_databases[i] != NULL; i++) {
		if (!behind(inventory_databases[i], path, &rest))
			continue;
		if (b->n + path.n + target.n + 2 <= b->max &&
		    (buf_str(b, path) < 0 || buf_byte(b, 0) < 0 ||
		    buf_str(b, target) < 0 || buf_byte(b, 0) < 0))
			abort();	/* it has room */
		return;
	}
}

void
redirects_drop(struct redirects *r, struct str path)
{
	struct str all = buf_view(&r->links), rest = all, link, target;
	size_t from, to;

	while (from = all.n - rest.n, str_split(&rest, '\0', &link) &&
	    str_split(&rest, '\0', &target)) {
		if (!str_eq(link, path))
			continue;
		to = all.n - rest.n;
		memmove(r->links.p + from, r->links.p + to, all.n - to);
		r->links.n -= to - from;
		return;		/* there is one of a path at most */
	}
}

/* ${known} or the log beside it lies at ${rest} behind where a link leads,
 * which ${to} says and says again afterwards. */
static bool
one(const char *known, struct str rest, const char *suffix, struct buf *to,
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	char place[LIMIT_PATH];
	size_t n = to->n;
	bool more = true;

	snprintf(place, sizeof(place), "%s%s", known, suffix);
	if (buf_str(to, rest) == 0 && buf_str(to, str_of(suffix)) == 0)
		more = found(arg, str_of(place), buf_view(to));
	to->n = n;
	return (more);
}

void
redirects_each(const struct redirects *r,
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	struct str all = buf_view(&r->links), link, target, rest;
	struct buf to;
	bool more = true;

	buf_init(&to, LIMIT_PATH + 1);
	while (more && str_split(&all, '\0', &link) &&
	    str_split(&all, '\0', &target)) {
		if (path_resolve(path_dir(link), target, &to) < 0)
			continue;
		for (size_t i = 0; more && inventory_databases[i] != NULL; i++) {
			const char *known = inventory_databases[i];

			more = !behind(known, link, &rest) ||
			    (one(known, rest, "", &to, found, arg) &&
			    one(known, rest, "-wal", &to, found, arg));
		}
	}
	buf_done(&to);
}
