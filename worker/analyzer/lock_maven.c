/*
 * lock_maven: gradle.lockfile and buildscript-gradle.lockfile of Gradle ("Locking
 * Versions"): GROUP:ARTIFACT:VERSION=CONFIGURATION,...  What only tests use is
 * "dev", what the build script uses "build".
 */
#include "common/path.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "gradle.lockfile",
	    "buildscript-gradle.lockfile", NULL };

	return (lock_is(f->path, names));
}

static bool
only_tests(struct str configurations)
{
	struct str one;

	if (configurations.n == 0)
		return (false);
	while (str_split(&configurations, ',', &one))
		if (!str_starts(one, "test"))
			return (false);
	return (true);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	bool build = str_starts(path_base(f->path), "buildscript");
	struct str line, what;
	size_t eq, colon;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		eq = str_find(line, '=');
		what = str_sub(line, 0, eq);
		colon = str_rfind(what, ':');
		/* comments, and "empty=" with configurations that lock nothing */
		if (str_starts(line, "#") || colon == what.n ||
		    str_find(what, ':') == colon)
			continue;
		rc = lock_row(out, "maven", str_sub(what, 0, colon),
		    str_sub(what, colon + 1, what.n), build ? LOCK_BUILD :
		    only_tests(str_sub(line, eq + 1, line.n)) ? LOCK_DEV :
		    LOCK_DECLARED, d);
	}
	return (rc);
}

const struct analyzer analyzer_lock_maven = {
	.name = "lock_maven",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
