/*
 * lock_gem: Gemfile.lock of Bundler (lockfile_parser.rb): in each source's
 * section a line of four blanks, "NAME (VERSION[-PLATFORM])", is a gem; deeper
 * ones say what it needs.
 */
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "Gemfile.lock", "gems.locked", NULL };

	return (lock_is(f->path, names));
}

static int
gem(struct str line, struct analyzer_out *out, struct diag *d)
{
	size_t open = str_find(line, '(');
	struct str version = str_sub(line, open + 1, line.n);

	version = str_sub(version, 0, str_find(version, ')'));
	version = str_sub(version, 0, str_find(version, '-'));
	return (lock_row(out, "gem", str_trim(str_sub(line, 0, open)), version,
	    LOCK_DECLARED, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	static const char *const sources[] = { "GEM", "GIT", "PATH",
	    "PLUGIN SOURCE" };
	bool inside = false, specs = false;
	struct str line;
	int rc = 0;

	(void)f;
	while (rc == 0 && cur_line(&c, &line)) {
		if (line.n == 0)
			continue;
		if (line.p[0] != ' ') {
			inside = specs = false;
			for (size_t i = 0; i < 4; i++)
				inside = inside || str_eqz(line, sources[i]);
		} else if (str_eqz(line, "  specs:")) {
			specs = inside;
		} else if (specs && str_starts(line, "    ") && line.n > 4 &&
		    line.p[4] != ' ') {
			rc = gem(str_sub(line, 4, line.n), out, d);
		}
	}
	return (rc);
}

const struct analyzer analyzer_lock_gem = {
	.name = "lock_gem",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
