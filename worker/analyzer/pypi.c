/*
 * pypi: installed Python distributions.  Format: core metadata (PyPA), e-mail
 * headers up to the first empty line.  Names are reported as written; the
 * normalised form (PEP 503) is the matcher's business.
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str base = path_base(f->path), dir;
	bool yes = false;

	if (base.n == 0)
		return (false);
	dir = path_base(path_dir(f->path));
	if (str_eqz(base, "METADATA"))
		yes = str_ends(dir, ".dist-info");
	else if (str_eqz(base, "PKG-INFO"))
		yes = str_ends(dir, ".egg-info") || str_eqz(dir, "EGG-INFO");
	else if (str_ends(base, ".egg-info")) {
		yes = true;
		dir = base;
	}
	if (yes && str_eqz(dir, "EGG-INFO"))
		dir = path_base(path_dir(path_dir(f->path)));
	/* pip renames what it is removing to "~ackage"; leftovers are not
	 * importable. */
	return (yes && !str_starts(dir, "~"));
}

static bool
looks(struct str head)
{
	return (str_starts(head, "Metadata-Version:"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("pypi") };
	struct deb822_field h;

	(void)f;
	while (deb822_next(&c, &h))
		if (str_caseeqz(h.name, "Name") && p.name.n == 0)
			p.name = deb822_first_line(h.value);
		else if (str_caseeqz(h.name, "Version") && p.version.n == 0)
			p.version = deb822_first_line(h.value);
	/* Without a version it is still installed: reported, not matched. */
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_pypi = {
	.name = "pypi",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
