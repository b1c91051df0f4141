/*
 * pacman: installed packages of Arch Linux and its relatives.  Format: libalpm's
 * local database, one folder a package; in its desc a key between percent signs,
 * values a line each, an empty line.
 */
#include "analyzer.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str rest = where_pacman(f->path), folder = path_dir(rest);

	return (folder.n > 0 && path_dir(folder).n == 0 &&
	    str_eqz(path_base(rest), "desc"));
}

static bool
looks(struct str head)
{
	return (str_starts(head, "%NAME%\n"));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("alpm") };
	const struct { const char *key; struct str *to; } want[] = {
		{ "%NAME%", &p.name }, { "%VERSION%", &p.version },
		{ "%BASE%", &p.source_name }, { "%ARCH%", &p.arch },
		{ "%PACKAGER%", &p.vendor },
	};
	struct str all = cur_rest(&c), line, *to = NULL;
	int rc;

	(void)f;
	while (cur_line(&c, &line)) {
		if (to != NULL)
			*to = line;	/* the first value; the others stay */
		to = NULL;
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			if (str_eqz(line, want[i].key))
				to = want[i].to;
	}
	if (p.name.n == 0 || p.version.n == 0) {
		analyzer_skip(out, p.name.n == 0 ? "no name" : "no version");
		return (0);
	}
	if (p.source_name.n == 0)
		p.source_name = p.name;
	p.source_version = p.version;
	p.vendor = str_sub(p.vendor, 0, LIMIT_PACKAGE_TEXT);
	rc = analyzer_package(out, &p, d);
	return (rc == 0 ? analyzer_whole_lines(all, d) : rc);
}

const struct analyzer analyzer_pacman = {
	.name = "pacman",
	.revision = 3,
	.wants_revision = 3,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
