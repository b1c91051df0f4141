/*
 * lock_hackage: what Haskell's tools froze.  stack.yaml.lock (stack's
 * documentation, "Lock files"): packages[].completed with "hackage:
 * NAME-VERSION@sha256:HASH,SIZE", or name and version of what comes from
 * elsewhere.  cabal.project.freeze: constraints "any.NAME ==VERSION".
 */
#include "common/format/yaml.h"
#include "common/path.h"
#include "lock.h"

#define FREEZE "cabal.project.freeze"
#define TYPE "hackage"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "stack.yaml.lock", FREEZE, NULL };

	return (lock_is(f->path, names));
}

/* "NAME-VERSION@...": the version has no dash. */
static int
from_hackage(struct str s, struct analyzer_out *out, struct diag *d)
{
	size_t dash;

	s = str_sub(s, 0, str_find(s, '@'));
	dash = str_rfind(s, '-');
	return (lock_row(out, TYPE, str_sub(s, 0, dash),
	    str_sub(s, dash + 1, s.n), LOCK_DECLARED, d));
}

static int
stack_lock(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str name = { NULL, 0 };
	struct yaml_line y;
	size_t completed = 0;	/* the indent of its key, inside it; 0 = outside */
	int rc = 0;

	while (rc == 0 && yaml_next(&c, &y)) {
		if (str_eqz(y.key, "completed")) {
			completed = y.indent;
			name = str_of("");
		} else if (completed == 0 || y.indent <= completed) {
			completed = 0;
		} else if (str_eqz(y.key, "hackage")) {
			rc = from_hackage(y.value, out, d);
		} else if (str_eqz(y.key, "name")) {
			name = y.value;
		} else if (str_eqz(y.key, "version") && name.n > 0) {
			rc = lock_row(out, TYPE, name, y.value, LOCK_DECLARED, d);
		}
	}
	return (rc);
}

static int
constraint(struct str s, struct analyzer_out *out, struct diag *d)
{
	static const char any[] = "any.";
	size_t blank;

	s = str_trim(s);
	if (!str_starts(s, any))
		return (0);	/* flags of a package */
	s = str_sub(s, sizeof(any) - 1, s.n);
	blank = str_find(s, ' ');
	if (!str_starts(str_sub(s, blank, s.n), " =="))
		return (0);	/* "installed" */
	return (lock_row(out, TYPE, str_sub(s, 0, blank),
	    str_trim(str_sub(s, blank + 3, s.n)), LOCK_DECLARED, d));
}

static int
freeze(struct cur c, struct analyzer_out *out, struct diag *d)
{
	static const char field[] = "constraints:";
	struct str line, one;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		if (str_starts(line, field))
			line = str_sub(line, sizeof(field) - 1, line.n);
		while (rc == 0 && str_split(&line, ',', &one))
			rc = constraint(one, out, d);
	}
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	return (str_eqz(path_base(f->path), FREEZE) ? freeze(c, out, d) :
	    stack_lock(c, out, d));
}

const struct analyzer analyzer_lock_hackage = {
	.name = "lock_hackage",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
