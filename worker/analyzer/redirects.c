/* See redirects.h. */
#include "common/inventory.h"
#include "common/limits.h"
#include "common/path.h"
#include "redirects.h"

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
redirects_each(const struct records *links,
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	struct str link, target, rest;
	struct buf to;
	bool more = true;

	buf_init(&to, LIMIT_PATH + 1);
	for (size_t i = 0; more && i < links->n; i++) {
		if (!records_texts(links, i, &link, &target))
			continue;
		for (size_t k = 0; more && inventory_databases[k] != NULL; k++) {
			const char *known = inventory_databases[k];

			more = !behind(known, link, &rest) ||
			    path_resolve(path_dir(link), target, &to) < 0 ||
			    (one(known, rest, "", &to, found, arg) &&
			    one(known, rest, "-wal", &to, found, arg));
		}
	}
	buf_done(&to);
}
