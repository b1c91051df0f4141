/*
 * nix: what lies in a Nix store.  Every entry is a folder HASH-NAME-VERSION
 * [-OUTPUT] with a hash of 32 characters (Nix manual, "store path"); there is no
 * other list of them in an image.  A derivation that was split into outputs
 * gives a row for each.
 */
#include "analyzer.h"
#include "common/path.h"

#define HASH 32

static bool
wants(const struct analyzer_file *f)
{
	static const char letters[] = "0123456789abcdfghijklmnpqrsvwxyz";
	struct str base = path_base(f->path);

	if (!str_eqz(path_dir(f->path), "nix/store") || base.n <= HASH + 1 ||
	    base.p[HASH] != '-')
		return (false);
	for (size_t i = 0; i < HASH; i++)
		if (memchr(letters, base.p[i], sizeof(letters) - 1) == NULL)
			return (false);
	return (true);
}

/* Where the version begins: behind the first dash before a digit; or s.n. */
static size_t
version_at(struct str s)
{
	for (size_t i = 1; i + 1 < s.n; i++)
		if (s.p[i] == '-' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
			return (i + 1);
	return (s.n);
}

/* Without the name of an output, as those are usually called. */
static struct str
without_output(struct str version)
{
	static const char *const outputs[] = { "-bin", "-data", "-debug",
	    "-dev", "-devdoc", "-dist", "-doc", "-getent", "-info", "-lib",
	    "-libgcc", "-man", "-out", "-static" };

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
		if (str_ends(version, outputs[i]))
			return (str_sub(version, 0,
			    version.n - strlen(outputs[i])));
	return (version);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str base = path_base(f->path);
	struct str name = str_sub(base, HASH + 1, base.n);
	struct package p = { .type = STR_LIT("nix") };
	size_t at = version_at(name);

	(void)c;
	if (at == name.n)
		return (0);	/* sources, scripts, environments */
	p.name = str_sub(name, 0, at - 1);
	p.version = without_output(str_sub(name, at, name.n));
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_nix = {
	.name = "nix",
	.revision = 1,
	.wants_revision = 2,
	.directories = true,
	.wants = wants,
	.analyze = analyze,
};
