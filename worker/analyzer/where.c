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

/* lib/python3.11: Python's own library. */
static bool
is_python(struct str folder, struct str parent)
{
	static const char *const parents[] = { "lib", "lib64", NULL };

	if (!str_starts(folder, "python") || folder.n == 6 ||
	    !one_of(parent, parents))
		return (false);
	for (size_t i = 6; i < folder.n; i++)
		if (folder.p[i] != '.' &&
		    (folder.p[i] < '0' || folder.p[i] > '9'))
			return (false);
	return (true);
}

/* A folder that holds installed dependencies. */
static bool
holds_dependencies(struct str folder, struct str parent)
{
	static const char *const folders[] = { "node_modules", "site-packages",
	    "dist-packages", "gems", "vendor", NULL };

	return (one_of(folder, folders) || is_python(folder, parent));
}

/* Is what follows a name, which may be "test": node_modules/NAME,
 * node_modules/@SCOPE/NAME, gems/NAME, vendor/VENDOR? */
static bool
holds_names(struct str folder)
{
	return (str_eqz(folder, "node_modules") || str_eqz(folder, "gems") ||
	    str_eqz(folder, "vendor"));
}

static bool
is_sample(struct str path, bool inside)
{
	static const char *const samples[] = { "test", "tests", "__tests__",
	    "testdata", "fixtures", "__fixtures__", "example", "examples", NULL };
	struct str dir = path_dir(path), part, before = { NULL, 0 };
	bool name = false, vendor = false, sample = false;

	for (; str_split(&dir, '/', &part); before = part) {
		if (inside && !name && one_of(part, samples))
			sample = true;
		if (sample && !vendor)
			return (true);
		name = holds_names(part) || (name && str_starts(part, "@"));
		if (!holds_dependencies(part, before))
			continue;
		/* People call anybody's programs "vendor": what is installed
		 * below one is not taken for somebody's test. */
		if (!str_eqz(part, "vendor"))
			vendor = sample = false;
		else if (!inside)
			vendor = true;
		inside = true;
	}
	return (sample);
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
		if (holds_dependencies(part, before) || (one_of(part, caches) &&
		    (part.p[0] == '.' || str_eqz(before, "pkg"))))
			return (true);
	return (false);
}

/* ${path} behind one of two folders. */
static struct str
behind(struct str path, const char *dir, const char *other)
{
	if (str_starts(path, dir))
		return (str_sub(path, strlen(dir), path.n));
	if (str_starts(path, other))
		return (str_sub(path, strlen(other), path.n));
	return (str_of(""));
}

struct str
where_dpkg(struct str path)
{
	return (behind(path, "var/lib/dpkg/", "usr/lib/sysimage/dpkg/"));
}

struct str
where_pacman(struct str path)
{
	return (behind(path, "var/lib/pacman/local/",
	    "usr/lib/sysimage/lib/pacman/local/"));
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
