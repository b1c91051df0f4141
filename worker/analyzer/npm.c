/*
 * npm: packages of Node.js.  Format: package.json (npm's documentation).
 * Installed is what lies directly in node_modules/NAME or
 * node_modules/@SCOPE/NAME, however deep; other package.json below node_modules
 * only tell a loader something ({"type":"module"}).  Elsewhere a name and a
 * version are an unpacked package (/opt/yarn-v1.22/package.json) or the
 * application itself, surely so when private.  Yarn's cache keeps packages as
 * zips, its linker "pnpm" in node_modules/.store/SLUG/package.
 *
 * What is installed npm lists (11, "npm ls") though it says little: without a
 * name by its folder's, a number as version by its text, without any version
 * with none; so of a file of no bytes the folder's name.
 */
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"
#include "zipped.h"

/* node_modules/.store/SLUG/package/package.json; links lead there. */
static bool
is_in_store(struct str path)
{
	struct str dir = path_dir(path), store = path_dir(path_dir(dir));

	return (str_eqz(path_base(dir), "package") &&
	    str_eqz(path_base(store), ".store") &&
	    str_eqz(where_folder(store), "node_modules"));
}

/* node_modules/NAME/package.json or node_modules/@SCOPE/NAME/package.json */
static bool
is_installed(struct str path)
{
	struct str name = path_dir(path), up = path_dir(name);
	char first;

	if (is_in_store(path))
		return (true);
	if (path_base(name).n == 0)
		return (false);
	first = path_base(name).p[0];
	if (str_starts(path_base(up), "@"))
		up = path_dir(up);
	return (str_eqz(path_base(up), "node_modules") && first != '.' &&
	    first != '@');
}

/* .yarn/cache/NAME-npm-VERSION-HASH.zip, or berry/cache for all projects. */
static bool
is_yarn_zip(struct str path)
{
	struct str dir = path_dir(path), owner = where_folder(dir);

	return (str_ends(path, ".zip") && str_eqz(path_base(dir), "cache") &&
	    (str_eqz(owner, ".yarn") || str_eqz(owner, "berry")));
}

static bool
wants(const struct analyzer_file *f)
{
	if (str_eqz(path_base(f->path), "package.json"))
		return ((is_installed(f->path) ||
		    !where_below(f->path, "node_modules")) &&
		    !where_is_sample(f->path));
	return (is_yarn_zip(f->path));
}

/* Files of pnpm's store, which are linked to where they are used.  Its index of
 * a package begins alike. */
static bool
looks(struct str head)
{
	static const char name[] = "\"name\"", index[] = "\"files\":{";

	head = str_trim(head);
	return (str_starts(head, "{") &&
	    memmem(head.p, head.n, name, sizeof(name) - 1) != NULL &&
	    memmem(head.p, head.n, index, sizeof(index) - 1) == NULL);
}

/* Templates ("{{name}}", "<%= name %>") are no packages. */
static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' ||
		    memchr("<>{}$\\\"`", s.p[i], 8) != NULL)
			return (false);
	return (s.n > 0);
}

/* NAME or @SCOPE/NAME of an installed one; the slug of one in Yarn's store. */
static struct str
folder_name(struct str path)
{
	struct str dir = path_dir(path), up = path_dir(dir);
	size_t n = path_base(dir).n;

	if (is_in_store(path))
		return (path_base(up));
	if (str_starts(path_base(up), "@"))
		n += path_base(up).n + 1;
	return (str_sub(dir, dir.n - n, dir.n));
}

static int
package(const struct json *j, struct str path, struct analyzer_out *out,
    struct diag *d)
{
	bool installed = is_installed(path);
	struct package p = { .type = STR_LIT("npm"),
	    .name = json_get_str(j, "name"),
	    .version = str_trim(json_get_str(j, "version")) };
	double number = json_number(json_get(j, "version"));
	bool named = is_name(p.name);
	char text[32];

	if (installed && number != 0) {
		snprintf(text, sizeof(text), "%.15g", number);
		p.version = str_of(text);
	}
	if (installed && !named)
		p.name = folder_name(path);
	/* only a word to the loader: {"type":"module"} */
	if (installed ? !named && p.version.n == 0 :
	    !named || p.version.n == 0)
		return (0);
	/* VS Code's extensions have an analyzer of their own. */
	if (!installed && json_get_str(json_get(j, "engines"), "vscode").n > 0)
		return (0);
	if (!installed)
		p.scope = str_of(json_bool(json_get(j, "private")) ?
		    "application" : "unpacked");
	return (analyzer_package(out, &p, d));
}

static int
document(struct str content, struct str path, struct analyzer_out *out,
    struct diag *d)
{
	const struct package nothing_said = { .type = STR_LIT("npm"),
	    .name = folder_name(path) };
	struct json *j = NULL;
	int rc;

	if (str_trim(content).n == 0)
		return (is_installed(path) ?
		    analyzer_package(out, &nothing_said, d) : 0);
	rc = json_parse_top(content, LIMIT_JSON_FILE, &j, d);
	if (rc == 0 && !json_is_object(j))
		rc = diag_set(d, ERR_MALFORMED, 0, "no object");
	if (rc == 0)
		rc = package(j, path, out, d);
	else if (rc == ERR_MALFORMED && !is_installed(path))
		rc = 0;		/* nobody's package: Node would not load it */
	json_free(j);
	return (rc);
}

static bool
wants_member(struct str path)
{
	return (str_eqz(path_base(path), "package.json") &&
	    is_installed(path) && !where_is_sample_inside(path));
}

static int
member(void *out, struct str path, struct str content, struct diag *d)
{
	return (document(content, path, out, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct zipped z = { wants_member, member, out, LIMIT_JSON_FILE };

	if (str_ends(f->path, ".zip"))
		return (zipped_read(cur_rest(&c), &z, d));
	return (document(cur_rest(&c), f->path, out, d));
}

const struct analyzer analyzer_npm = {
	.name = "npm",
	.revision = 7,
	.wants_revision = 4,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
