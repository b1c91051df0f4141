/*
 * brew: formulae that Homebrew installed.  Each version is a folder
 * Cellar/NAME/VERSION[_REVISION] with a receipt; the folders alone say what it
 * is.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str name;

	if (!str_eqz(path_base(f->path), "INSTALL_RECEIPT.json"))
		return (false);
	name = path_dir(path_dir(f->path));
	return (path_base(name).n > 0 &&
	    str_eqz(path_base(path_dir(name)), "Cellar"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str folder = path_dir(f->path);
	const struct package p = { .type = STR_LIT("brew"),
	    .name = path_base(path_dir(folder)), .version = path_base(folder) };

	(void)c;
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_brew = {
	.name = "brew",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
