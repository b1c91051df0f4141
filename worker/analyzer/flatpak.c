/*
 * flatpak: installed applications.  A deployment is app/ID/ARCH/BRANCH/COMMIT;
 * its metadata says the name but no version, so the version is that of the
 * newest <release> in the AppStream file that it exports.
 */
#include "analyzer.h"
#include "common/path.h"

#define APPS "var/lib/flatpak/app/"

static bool
wants(const struct analyzer_file *f)
{
	return (str_starts(f->path, APPS) && str_ends(f->path, ".xml") &&
	    (str_ends(path_dir(f->path), "/export/share/metainfo") ||
	    str_ends(path_dir(f->path), "/export/share/appdata")));
}

/* What follows ${what} in ${s}, or "". */
static struct str
after(struct str s, const char *what)
{
	const char *p = s.n > 0 ? memmem(s.p, s.n, what, strlen(what)) : NULL;

	return (p == NULL ? str_of("") :
	    str_sub(s, (size_t)(p - s.p) + strlen(what), s.n));
}

/* version="..." of the first release; newest stand first. */
static struct str
version_of(struct str s)
{
	char quote;

	s = after(s, "<release ");
	s = after(str_sub(s, 0, str_find(s, '>')), "version=");
	if (s.n == 0 || (s.p[0] != '"' && s.p[0] != '\''))
		return (str_of(""));
	quote = s.p[0];
	s = str_sub(s, 1, s.n);
	return (str_sub(s, 0, str_find(s, quote)));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("flatpak") };
	struct str rest = str_sub(f->path, strlen(APPS), f->path.n);
	struct str base = path_base(f->path);

	/* Add-ons of an application have files beside its own. */
	if (!str_split(&rest, '/', &p.name) || !str_split(&rest, '/', &p.arch) ||
	    !str_eq(str_sub(base, 0, p.name.n), p.name) ||
	    !str_starts(str_sub(base, p.name.n, base.n), "."))
		return (0);
	p.version = version_of(cur_rest(&c));
	return (p.version.n == 0 ? 0 : analyzer_package(out, &p, d));
}

const struct analyzer analyzer_flatpak = {
	.name = "flatpak",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
