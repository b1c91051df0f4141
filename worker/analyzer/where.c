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

/* A folder that holds installed dependencies. */
static bool
holds_dependencies(struct str folder)
{
	static const char *const folders[] = { "node_modules", "site-packages",
	    "dist-packages", "gems", "vendor", NULL };

	return (one_of(folder, folders) ||
	    (str_starts(folder, "python") && folder.n > 6 &&
	    folder.p[6] >= '0' && folder.p[6] <= '9'));
}

static bool
is_sample(struct str path, bool inside)
{
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
		inside = inside || holds_dependencies(part);
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

bool
where_is_dependency(struct str path)
{
	/* caches of sources that cargo, go and pub download */
	static const char *const caches[] = { ".cargo", ".pub-cache", "mod", NULL };
	struct str dir = path_dir(path), part, before = { NULL, 0 };

	for (; str_split(&dir, '/', &part); before = part)
		if (holds_dependencies(part) || (one_of(part, caches) &&
		    (part.p[0] == '.' || str_eqz(before, "pkg"))))
			return (true);
	return (false);
}

struct str
where_unhashed(struct str name, char text[WHERE_NAME])
{
	const char *p = name.n > 0 ? memmem(name.p, name.n, ".so", 3) : NULL;
	size_t so = p != NULL ? (size_t)(p - name.p) : 0;

	if (so < 1 + 8 || name.n >= WHERE_NAME || name.p[so - 9] != '-')
		return (name);
	for (size_t i = so - 8; i < so; i++)
		if (memchr("0123456789abcdef", name.p[i], 16) == NULL)
			return (name);
	memcpy(text, name.p, so - 9);
	memcpy(text + so - 9, name.p + so, name.n - so);
	return (str_n(text, name.n - 9));
}
