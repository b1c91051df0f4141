/* lock_julia: Manifest.toml of Julia (Pkg.jl's documentation): [[deps.NAME]],
 * before Julia 1.6 [[NAME]].  What has no version belongs to Julia. */
#include "common/format/toml.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "Manifest.toml", NULL };

	return (lock_is(f->path, names));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct toml t = { c, false };
	struct str name = { NULL, 0 };
	struct toml_item i;
	int rc = 0;

	(void)f;
	while (rc == 0 && toml_next(&t, &i)) {
		if (i.kind == TOML_TABLE_ITEM)
			name = str_starts(i.name, "deps.") ?
			    str_sub(i.name, 5, i.name.n) : i.name;
		else if (i.kind == TOML_TABLE)
			name = str_of("");
		else if (i.string && str_eqz(i.name, "version"))
			rc = lock_row(out, "julia", name, i.value, LOCK_DECLARED,
			    d);
	}
	if (rc == 0 && t.broken)
		rc = diag_set(d, ERR_MALFORMED, 0, "part of it is no TOML");
	return (rc);
}

const struct analyzer analyzer_lock_julia = {
	.name = "lock_julia",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
