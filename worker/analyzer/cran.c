/*
 * cran: installed R packages.  Format: DESCRIPTION (R's "Writing R Extensions",
 * 1.1.1).  Its field "Built" is written by R CMD INSTALL: without it the file
 * lies in a source tree.
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "DESCRIPTION") &&
	    path_dir(f->path).n > 0 && !where_is_sample(f->path));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("cran") };
	struct deb822_field h;
	bool built = false;

	(void)f;
	while (deb822_next(&c, &h)) {
		if (str_eqz(h.name, "Package"))
			p.name = deb822_first_line(h.value);
		else if (str_eqz(h.name, "Version"))
			p.version = deb822_first_line(h.value);
		else if (str_eqz(h.name, "Built"))
			built = true;
		else if (str_eqz(h.name, "biocViews"))
			p.type = str_of("bioconductor");
		else if (str_eqz(h.name, "Priority") &&
		    str_eqz(deb822_first_line(h.value), "base"))
			p.scope = str_of("default");	/* part of R itself */
	}
	return (built && p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_cran = {
	.name = "cran",
	.revision = 1,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
