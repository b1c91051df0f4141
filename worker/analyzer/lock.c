/* See lock.h. */
#include "common/format/toml.h"
#include "common/path.h"
#include "lock.h"
#include "where.h"

bool
lock_is(struct str path, const char *const *names)
{
	struct str base = path_base(path);

	for (size_t i = 0; names[i] != NULL; i++)
		if (str_eqz(base, names[i]))
			return (!where_is_dependency(path));
	return (false);
}

int
lock_row(struct analyzer_out *out, const char *type, struct str name,
    struct str version, const char *scope, struct diag *d)
{
	const struct package p = { .type = str_of(type), .name = name,
	    .version = version, .scope = str_of(scope) };

	return (name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

int
lock_toml(struct cur c, const char *table,
    int (*row)(void *arg, const struct lock_entry *, struct diag *), void *arg,
    struct diag *d)
{
	struct toml t = { c, false };
	struct lock_entry e = { .name = STR_LIT("") };
	bool inside = false;
	struct toml_item i;
	int rc = 0;

	while (rc == 0 && toml_next(&t, &i)) {
		if (i.kind != TOML_PAIR) {
			if (inside)
				rc = row(arg, &e, d);
			e = (struct lock_entry) { .name = STR_LIT("") };
			inside = str_eqz(i.name, table);
		} else if (inside && i.string) {
			if (str_eqz(i.name, "name"))
				e.name = i.value;
			else if (str_eqz(i.name, "version"))
				e.version = i.value;
			else if (str_eqz(i.name, "category"))
				e.category = i.value;
		} else if (inside && str_eqz(i.name, "groups")) {
			e.groups = i.value;
		}
	}
	if (rc == 0 && inside)
		rc = row(arg, &e, d);
	if (rc == 0 && t.broken)
		rc = diag_set(d, ERR_MALFORMED, 0, "part of it is no TOML");
	return (rc);
}
