/* lock_cargo: Cargo.lock of Rust (The Cargo Book, "Cargo.toml vs Cargo.lock"):
 * the root crate and everything it needs, for any platform. */
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "Cargo.lock", NULL };

	return (lock_is(f->path, names));
}

static int
row(void *arg, const struct lock_entry *e, struct diag *d)
{
	return (lock_row(arg, "cargo", e->name, e->version, LOCK_DECLARED, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	(void)f;
	return (lock_toml(c, "package", row, out, d));
}

const struct analyzer analyzer_lock_cargo = {
	.name = "lock_cargo",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
