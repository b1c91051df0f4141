/*
 * conan: C and C++ packages in the cache of Conan 1, whose folders say
 * data/NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt ("_" = none).  Conan 2
 * keeps names in an SQLite database and shortened ones in folders: not read.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str at;

	if (!str_eqz(path_base(f->path), "conaninfo.txt"))
		return (false);
	at = path_dir(path_dir(f->path));
	if (!str_eqz(path_base(at), "package"))
		return (false);
	for (int i = 0; i < 5; i++)	/* channel, user, version, name */
		at = path_dir(at);
	return (str_eqz(path_base(at), "data"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("conan") };
	struct str at = path_dir(path_dir(f->path));

	(void)c;
	for (int i = 0; i < 3; i++)
		at = path_dir(at);
	p.version = path_base(at);
	p.name = path_base(path_dir(at));
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_conan = {
	.name = "conan",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
