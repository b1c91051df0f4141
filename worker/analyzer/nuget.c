/*
 * nuget: packages of .NET applications and the shared runtime, as *.deps.json
 * lists them.  Beside it, the folders of unpacked packages with their .nuspec
 * (NuGet's documentation).
 */
#include <strings.h>
#include "analyzer.h"
#include "common/path.h"
#include "deps_json.h"
#include "where.h"

#define NUSPEC ".nuspec"

/* ID/VERSION/ID.nuspec: an unpacked package (.nuget/packages, the store of
 * tools); names of folders are in lower case, and so may the file's be. */
static bool
is_nuspec(struct str path)
{
	struct str id = where_folder(path_dir(path)), base = path_base(path);

	return (str_ends(base, NUSPEC) && id.n == base.n - strlen(NUSPEC) &&
	    id.n > 0 && strncasecmp(id.p, base.p, id.n) == 0);
}

static bool
wants(const struct analyzer_file *f)
{
	return ((str_ends(f->path, DEPS_JSON) || is_nuspec(f->path)) &&
	    !where_is_sample(f->path));
}

/* shared/FRAMEWORK/VERSION/FRAMEWORK.deps.json without a package in it. */
static int
framework(struct str path, struct analyzer_out *out, struct diag *d)
{
	struct str dir = path_dir(path), base = path_base(path);
	struct package p = { .type = STR_LIT("nuget"),
	    .name = where_folder(dir), .version = path_base(dir) };

	if (!str_eqz(where_folder(path_dir(dir)), "shared") ||
	    !str_eq(p.name, str_sub(base, 0, base.n - (sizeof(DEPS_JSON) - 1))))
		return (0);
	return (analyzer_package(out, &p, d));
}

/* The text of the first <tag> element of the metadata, or "". */
static struct str
text_of(struct str s, const char *tag)
{
	const char *p = s.n > 0 ? memmem(s.p, s.n, tag, strlen(tag)) : NULL;

	if (p == NULL)
		return (str_of(""));
	s = str_sub(s, (size_t)(p - s.p) + strlen(tag), s.n);
	return (str_trim(str_sub(s, 0, str_find(s, '<'))));
}

/* The name as its authors write it; folders have it in lower case.  The version
 * of the folder is the normalised one. */
static int
nuspec(struct str path, struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("nuget"),
	    .name = text_of(cur_rest(&c), "<id>"),
	    .version = where_folder(path) };
	struct str folder = where_folder(path_dir(path));

	if (p.name.n != folder.n ||
	    strncasecmp(p.name.p, folder.p, folder.n) != 0)
		p.name = folder;
	return (analyzer_package(out, &p, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	int n;

	if (is_nuspec(f->path))
		return (nuspec(f->path, c, out, d));
	if ((n = deps_json_packages(cur_rest(&c), out, d)) < 0)
		return (n);
	return (n > 0 ? 0 : framework(f->path, out, d));
}

const struct analyzer analyzer_nuget = {
	.name = "nuget",
	.revision = 1,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
