/* See where.h. */
#include "common/path.h"
#include "where.h"

struct str
where_folder(struct str path)
{
	return (path_base(path_dir(path)));
}

bool
where_below(struct str path, const char *name)
{
	struct str dir = path_dir(path), part;

	while (str_split(&dir, '/', &part))
		if (str_eqz(part, name))
			return (true);
	return (false);
}

static bool
one_of(struct str s, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		if (str_eqz(s, list[i]))
			return (true);
	return (false);
}

static bool
is_sample(struct str path, bool inside)
{
	static const char *const dependencies[] = { "node_modules",
	    "site-packages", "dist-packages", "gems", "vendor", NULL };
	static const char *const samples[] = { "test", "tests", "__tests__",
	    "testdata", "fixtures", "__fixtures__", "example", "examples", NULL };
	struct str dir = path_dir(path), part;
	bool name = false;

	while (str_split(&dir, '/', &part)) {
		if (inside && !name && one_of(part, samples))
			return (true);
		/* What follows is a package's name, "test" and the like too:
		 * node_modules/NAME, node_modules/@SCOPE/NAME. */
		name = str_eqz(part, "node_modules") ||
		    (name && str_starts(part, "@"));
		inside = inside || one_of(part, dependencies) ||
		    (str_starts(part, "python") && part.n > 6 &&
		    part.p[6] >= '0' && part.p[6] <= '9');
	}
	return (false);
}

bool
where_is_sample(struct str path)
{
	return (is_sample(path, false));
}

bool
where_is_sample_inside(struct str path)
{
	return (is_sample(path, true));
}
