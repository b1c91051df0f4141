/*
 * kernel: Linux kernels whose modules are in the image, by the name of their
 * folder lib/modules/RELEASE, as "make modules_install" calls it.  Advisories of
 * the kernel are the distributions': a kernel of no package is only listed.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str dir = path_dir(f->path), base = path_base(f->path);

	return ((str_eqz(dir, "lib/modules") ||
	    str_eqz(dir, "usr/lib/modules")) && base.n > 0 &&
	    base.p[0] >= '0' && base.p[0] <= '9' && str_find(base, '.') < base.n);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct package p = { .type = STR_LIT("generic"),
	    .name = STR_LIT("linux-kernel"), .version = path_base(f->path) };

	(void)c;
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_kernel = {
	.name = "kernel",
	.revision = 1,
	.wants_revision = 2,
	.directories = true,
	.wants = wants,
	.analyze = analyze,
};
