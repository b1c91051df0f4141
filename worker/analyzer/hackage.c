/*
 * hackage: installed Haskell packages.  Format: package.conf.d/NAME-VERSION-HASH
 * .conf of GHC's package database (GHC User's Guide, "InstalledPackageInfo").
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_ends(f->path, ".conf") &&
	    str_eqz(where_folder(f->path), "package.conf.d"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("hackage") };
	struct deb822_field h;

	(void)f;
	while (deb822_next(&c, &h)) {
		if (str_eqz(h.name, "name") && p.name.n == 0)
			p.name = deb822_first_line(h.value);
		else if (str_eqz(h.name, "package-name"))
			/* of an internal library, whose own name is mangled */
			p.name = deb822_first_line(h.value);
		else if (str_eqz(h.name, "version"))
			p.version = deb822_first_line(h.value);
	}
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_hackage = {
	.name = "hackage",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
