/*
 * pub: Dart packages in pub's cache, hosted/HOST/NAME-VERSION/pubspec.yaml,
 * which programs run from source import.  Compiled Dart programs tell nothing.
 */
#include "analyzer.h"
#include "common/format/yaml.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str package = path_dir(f->path);

	return (str_eqz(path_base(f->path), "pubspec.yaml") &&
	    str_eqz(where_folder(path_dir(package)), "hosted"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("pub") };
	struct yaml_line l;

	(void)f;
	while (yaml_next(&c, &l)) {
		if (l.indent > 0)
			continue;
		if (str_eqz(l.key, "name"))
			p.name = l.value;
		else if (str_eqz(l.key, "version"))
			p.version = l.value;
	}
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_pub = {
	.name = "pub",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
