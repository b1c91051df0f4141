/* lock_pub: pubspec.lock of Dart (YAML): packages with "source: hosted"; others
 * come with the SDK, from git or from the project. */
#include "common/format/yaml.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "pubspec.lock", NULL };

	return (lock_is(f->path, names));
}

struct entry {
	struct str name, version;
	bool hosted, dev;
};

static int
row(const struct entry *e, struct analyzer_out *out, struct diag *d)
{
	return (e->hosted ? lock_row(out, "pub", e->name, e->version,
	    e->dev ? LOCK_DEV : LOCK_DECLARED, d) : 0);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct entry e = { .hosted = false };
	bool inside = false;
	struct yaml_line l;
	int rc = 0;

	(void)f;
	while (rc == 0 && yaml_next(&c, &l)) {
		if (l.indent == 0) {
			inside = str_eqz(l.key, "packages");
		} else if (inside && l.indent == 2) {
			rc = row(&e, out, d);
			e = (struct entry) { .name = l.key };
		} else if (inside && l.indent == 4) {
			if (str_eqz(l.key, "version"))
				e.version = l.value;
			else if (str_eqz(l.key, "source"))
				e.hosted = str_eqz(l.value, "hosted");
			else if (str_eqz(l.key, "dependency"))
				e.dev = str_eqz(l.value, "direct dev");
		}
	}
	return (rc == 0 ? row(&e, out, d) : rc);
}

const struct analyzer analyzer_lock_pub = {
	.name = "lock_pub",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
