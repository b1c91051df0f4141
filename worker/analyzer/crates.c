/*
 * crates: programs that "cargo install" put into a folder.  Format: .crates.toml
 * beside its bin/ (Cargo, src/cargo/ops/common_for_install_and_uninstall.rs), of
 * which each entry is a package id and the programs it brought:
 *
 *	[v1]
 *	"b3sum 1.5.0 (registry+https://...)" = ["b3sum"]
 *
 * What a program itself is made of cargo.c tells, where it was built so.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), ".crates.toml"));
}

/* NAME VERSION (SOURCE); only registries are what advisories speak of. */
static bool
package_of(struct str id, struct package *ret)
{
	struct package p = { .type = STR_LIT("cargo") };

	if (!str_split(&id, ' ', &p.name) || !str_split(&id, ' ', &p.version) ||
	    p.name.n == 0 || p.version.n == 0)
		return (false);
	if (str_starts(id, "(git+"))
		p.scope = str_of("git");
	else if (str_starts(id, "(path+"))
		p.scope = str_of("local");
	else if (!str_starts(id, "(registry+") && !str_starts(id, "(sparse+"))
		return (false);
	*ret = p;
	return (true);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str all = cur_rest(&c), line;
	struct package p;
	bool v1 = false;
	int rc = 0;

	(void)f;
	while (rc == 0 && cur_line(&c, &line)) {
		if (str_starts(line, "["))
			v1 = str_eqz(str_trim(line), "[v1]");
		if (!v1 || !str_starts(line, "\""))
			continue;
		line = str_sub(line, 1, line.n);
		if (package_of(str_sub(line, 0, str_find(line, '"')), &p))
			rc = analyzer_package(out, &p, d);
		else
			analyzer_skip(out, "no name, version or source");
	}
	return (rc == 0 ? analyzer_whole_lines(all, d) : rc);
}

const struct analyzer analyzer_crates = {
	.name = "crates",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
