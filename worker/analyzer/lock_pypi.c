/*
 * lock_pypi: lock files of Python: poetry.lock, uv.lock, pdm.lock and
 * pylock.toml (all TOML, one table a package), Pipfile.lock (JSON), and pinned
 * lines of requirements*.txt ("NAME[EXTRA]==VERSION ; MARKER").
 */
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "lock.h"
#include "where.h"

static bool
is_requirements(struct str path)
{
	struct str base = path_base(path);

	return (str_starts(base, "requirements") && str_ends(base, ".txt") &&
	    !where_is_dependency(path));
}

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "poetry.lock", "uv.lock", "pdm.lock",
	    "pylock.toml", "Pipfile.lock", NULL };

	return (lock_is(f->path, names) || is_requirements(f->path));
}

/* The group of what the project itself needs: poetry's, pdm's. */
static bool
is_dev(const struct lock_entry *e)
{
	static const char *const own[] = { "\"main\"", "\"default\"" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && e->groups.n > 0; i++)
		if (memmem(e->groups.p, e->groups.n, own[i],
		    strlen(own[i])) != NULL)
			return (false);
	return (e->groups.n > 0 || str_eqz(e->category, "dev"));
}

static int
row(void *arg, const struct lock_entry *e, struct diag *d)
{
	return (lock_row(arg, "pypi", e->name, e->version,
	    is_dev(e) ? LOCK_DEV : LOCK_DECLARED, d));
}

/* {"default": {"NAME": {"version": "==1.0"}}, "develop": {...}} */
static int
pipfile(struct cur c, struct analyzer_out *out, struct diag *d)
{
	const struct json *section, *e;
	struct str group, name, version;
	void *at = NULL, *in;
	struct json *j = NULL;
	int rc;

	rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	while (rc == 0 && json_next(j, &at, &group, &section)) {
		if (str_eqz(group, "_meta"))
			continue;
		for (in = NULL; rc == 0 && json_next(section, &in, &name, &e); ) {
			version = json_get_str(e, "version");
			while (str_starts(version, "="))
				version = str_sub(version, 1, version.n);
			rc = lock_row(out, "pypi", name, version,
			    str_eqz(group, "develop") ? LOCK_DEV : LOCK_DECLARED,
			    d);
		}
	}
	json_free(j);
	return (rc);
}

/* What is not pinned has no version, and is in no lock file either. */
static int
requirement(struct str line, struct analyzer_out *out, struct diag *d)
{
	size_t at = 0, eq;
	struct str name, version;

	line = str_sub(line, 0, str_find(line, ';'));
	eq = str_find(line, '=');
	version = str_sub(line, eq, line.n);
	if (!str_starts(version, "==") || line.p[0] == '-')
		return (0);
	name = str_trim(str_sub(line, 0, eq));
	name = str_trim(str_sub(name, 0, str_find(name, '[')));
	while (str_starts(version, "="))
		version = str_sub(version, 1, version.n);
	version = str_trim(version);
	while (at < version.n && strchr(" \t,\\#", version.p[at]) == NULL)
		at++;
	version = str_sub(version, 0, at);
	for (size_t i = 0; i < name.n; i++)
		if (strchr("!<>~ @:/", name.p[i]) != NULL)
			return (0);
	/* ==1.* is a range */
	if (version.n == 0 || str_find(version, '*') < version.n)
		return (0);
	return (lock_row(out, "pypi", name, version, LOCK_DECLARED, d));
}

static int
requirements(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str line;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		if (line.n > 0 && line.p[0] != '#')
			rc = requirement(line, out, d);
	}
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str base = path_base(f->path);

	if (str_ends(base, ".txt"))
		return (requirements(c, out, d));
	if (str_eqz(base, "Pipfile.lock"))
		return (pipfile(c, out, d));
	return (lock_toml(c, str_eqz(base, "pylock.toml") ? "packages" :
	    "package", row, out, d));
}

const struct analyzer analyzer_lock_pypi = {
	.name = "lock_pypi",
	.revision = 2,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
