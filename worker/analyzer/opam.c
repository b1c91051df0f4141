/*
 * opam: installed OCaml packages.  Format: opam's switch, which copies the opam
 * file of what it installed to .opam-switch/packages/NAME.VERSION/opam.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str packages;

	if (!str_eqz(path_base(f->path), "opam"))
		return (false);
	packages = path_dir(path_dir(f->path));
	return (str_eqz(path_base(packages), "packages") &&
	    str_eqz(where_folder(packages), ".opam-switch"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str folder = where_folder(f->path);
	size_t dot = str_find(folder, '.');	/* names have none */
	const struct package p = { .type = STR_LIT("opam"),
	    .name = str_sub(folder, 0, dot),
	    .version = str_sub(folder, dot + 1, folder.n) };

	(void)c;
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_opam = {
	.name = "opam",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
