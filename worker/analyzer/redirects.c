/* See redirects.h. */
#include "common/inventory.h"
#include "common/limits.h"
#include "common/path.h"
#include "redirects.h"

/* Links to folders of languages' packages, for each of which all that is kept is
 * looked through; images have a handful. */
#define LANGUAGES 100

static bool
target_of(void *arg, struct str path, uint64_t hash, struct str *ret)
{
	const struct records *const *links = arg;
	size_t at = 0;

	return (records_of(*links, path, hash, &at, ret));
}

/* ${known} lies at ${at}, and the log beside it there. */
static bool
one(const char *known, struct buf *at,
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	char log[LIMIT_PATH];

	snprintf(log, sizeof(log), "%s-wal", known);
	return (found(arg, str_of(known), buf_view(at)) &&
	    (buf_str(at, str_of("-wal")) < 0 ||
	    found(arg, str_of(log), buf_view(at))));
}

void
redirects_each(const struct records *links, const uint8_t sip_key[16],
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	const struct path_links follow = { target_of, &links, sip_key };
	const char *const *const lists[] = { inventory_databases,
	    inventory_releases };
	struct buf at;
	bool more = true;

	buf_init(&at, LIMIT_PATH + 1);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; more && lists[i][k] != NULL; k++) {
			struct str known = str_of(lists[i][k]);

			if (path_follow(&follow, known, true, &at) == 0 &&
			    !str_eq(buf_view(&at), known))
				more = one(lists[i][k], &at, found, arg);
		}
	buf_done(&at);
}

int
redirects_of_languages(const struct records *links, const uint8_t sip_key[16],
    bool (*found)(void *arg, struct str place, struct str path), void *arg)
{
	static const char *const folders[] = { "specifications", "composer" };
	const struct path_links follow = { target_of, &links, sip_key };
	struct str path, target;
	bool more = true;
	struct buf at;
	size_t n = 0;

	buf_init(&at, LIMIT_PATH + 1);
	for (size_t i = 0; more && i < links->n; i++) {
		if (!records_texts(links, i, &path, &target) ||
		    (!str_eqz(path_base(path), folders[0]) &&
		    !str_eqz(path_base(path), folders[1])))
			continue;
		if (n++ == LANGUAGES)
			break;
		if (path_follow(&follow, path, true, &at) == 0 &&
		    !str_eq(buf_view(&at), path))
			more = found(arg, path, buf_view(&at));
	}
	buf_done(&at);
	return (n > LANGUAGES ? ERR_LIMIT : 0);
}
