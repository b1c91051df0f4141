/*
 * pacman_files: which files a package of pacman owns.  Format: libalpm's local
 * database, files: paths without leading slash behind %FILES%, directories with
 * one at their end.  The folder is NAME-VERSION-RELEASE.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str rest = where_pacman(f->path), folder = path_dir(rest);

	return (folder.n > 0 && path_dir(folder).n == 0 &&
	    str_eqz(path_base(rest), "files"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str name = path_base(path_dir(f->path)), line;
	struct package p = { .type = STR_LIT("alpm") };
	bool files = false;
	int rc;

	for (int i = 0; i < 2; i++)
		name = str_sub(name, 0, str_rfind(name, '-'));
	p.name = name;
	if (name.n == 0)
		return (0);
	rc = analyzer_package(out, &p, d);
	while (rc == 0 && cur_line(&c, &line)) {
		if (str_starts(line, "%"))
			files = str_eqz(line, "%FILES%");
		else if (files && line.n > 0 && !str_ends(line, "/"))
			rc = analyzer_owns(out, line, str_of(""), d);
	}
	return (rc);
}

const struct analyzer analyzer_pacman_files = {
	.name = "pacman_files",
	.revision = 2,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
