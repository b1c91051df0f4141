/*
 * luarocks: installed Lua rocks.  Format: LuaRocks' tree, where a rock's files
 * lie in rocks[-LUA]/NAME/VERSION/, NAME-VERSION.rockspec among them.  The
 * rockspec is a Lua program; the names of the folders say the same.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str tree;

	if (!str_ends(f->path, ".rockspec"))
		return (false);
	tree = path_base(path_dir(path_dir(path_dir(f->path))));
	return (str_eqz(tree, "rocks") || str_starts(tree, "rocks-"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str dir = path_dir(f->path);
	const struct package p = { .type = STR_LIT("luarocks"),
	    .name = path_base(path_dir(dir)), .version = path_base(dir) };

	(void)c;
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_luarocks = {
	.name = "luarocks",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
