/*
 * julia: packages in a Julia depot (packages/NAME/SLUG/Project.toml) and the
 * libraries that come with Julia (stdlib/vX.Y/NAME/Project.toml).  Format:
 * Pkg.jl's documentation, "Project.toml and Manifest.toml".
 */
#include "analyzer.h"
#include "common/format/toml.h"
#include "common/path.h"
#include "where.h"

static bool
in_stdlib(struct str path)
{
	return (str_eqz(where_folder(path_dir(path_dir(path))), "stdlib"));
}

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "Project.toml") &&
	    (str_eqz(where_folder(path_dir(path_dir(f->path))), "packages") ||
	    in_stdlib(f->path)));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("julia") };
	struct toml t = { c, false };
	struct toml_item i;

	while (toml_next(&t, &i) && i.kind == TOML_PAIR)
		if (i.string && str_eqz(i.name, "name"))
			p.name = i.value;
		else if (i.string && str_eqz(i.name, "version"))
			p.version = i.value;
	if (in_stdlib(f->path))
		p.scope = str_of("default");
	if (p.name.n > 0)
		return (analyzer_package(out, &p, d));
	/* a folder of nothing but tests has none, either */
	return (t.broken ? diag_set(d, ERR_MALFORMED, 0,
	    "part of it is no TOML, and nothing names the package") : 0);
}

const struct analyzer analyzer_julia = {
	.name = "julia",
	.revision = 2,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
