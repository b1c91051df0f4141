/*
 * pypi: installed Python distributions.  Format: core metadata (PyPA), e-mail
 * headers up to the first empty line, in *.dist-info/METADATA, *.egg-info as a
 * folder or a file, EGG-INFO, and inside zipped eggs, wheels and applications
 * (of pex, below .deps; of shiv, site-packages).  Names are reported as written;
 * the normalised form (PEP 503) is the matcher's business.
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"
#include "zipped.h"

static bool
is_zip(struct str path)
{
	static const char *const kinds[] = { ".egg", ".whl", ".pex", ".pyz" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_ends(path, kinds[i]))
			return (true);
	return (false);
}

/* The folder or file whose name holds the distribution's, or "". */
static struct str
owner_of(struct str path)
{
	struct str base = path_base(path), dir = where_folder(path);

	if (str_eqz(base, "METADATA"))
		return (str_ends(dir, ".dist-info") ? dir : str_of(""));
	if (str_eqz(base, "PKG-INFO")) {
		if (str_eqz(dir, "EGG-INFO"))
			return (where_folder(path_dir(path)));
		return (str_ends(dir, ".egg-info") ? dir : str_of(""));
	}
	return (str_ends(base, ".egg-info") ? base : str_of(""));
}

/* Metadata of a distribution; pip renames what it is removing to "~ackage",
 * and such leftovers are not importable. */
static bool
is_metadata(struct str path)
{
	struct str owner = owner_of(path);

	if (str_eqz(path_base(path), "PKG-INFO") &&
	    str_eqz(where_folder(path), "EGG-INFO"))
		return (!str_starts(owner, "~"));
	return (owner.n > 0 && !str_starts(owner, "~"));
}

static bool
wants(const struct analyzer_file *f)
{
	struct str base = path_base(f->path);

	if (base.n == 0 || (!is_metadata(f->path) && !is_zip(base)))
		return (false);
	return (!str_starts(base, "~") && !where_is_sample(f->path));
}

static bool
looks(struct str head)
{
	return (str_starts(head, "Metadata-Version:"));
}

/* NAME-VERSION.dist-info, NAME-VERSION-py3.11.egg-info, NAME.egg-info: names
 * and versions have no '-' there. */
static void
name_from_owner(struct str owner, struct package *p)
{
	size_t dash;

	owner = str_sub(owner, 0, str_rfind(owner, '.'));
	dash = str_find(owner, '-');
	p->name = str_sub(owner, 0, dash);
	owner = str_sub(owner, dash + 1, owner.n);
	p->version = str_sub(owner, 0, str_find(owner, '-'));
}

/* Metadata that names no version, in a folder that does. */
static struct str
version_from_owner(struct str owner)
{
	struct package p = { 0 };

	if (str_ends(owner, ".dist-info") || str_ends(owner, ".egg-info") ||
	    str_ends(owner, ".egg"))
		name_from_owner(owner, &p);
	return (p.version);
}

static int
metadata(struct str path, struct cur c, bool bundled, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("pypi") };
	struct str rest = cur_rest(&c);
	struct deb822_field h;

	if (str_starts(rest, "\xEF\xBB\xBF") && !cur_skip(&c, 3))
		return (0);
	while (deb822_next(&c, &h))
		if (str_caseeqz(h.name, "Name") && p.name.n == 0)
			p.name = deb822_first_line(h.value);
		else if (str_caseeqz(h.name, "Version") && p.version.n == 0)
			p.version = deb822_first_line(h.value);
	/* An emptied file: pip still lists what the folder is named after. */
	if (p.name.n == 0)
		name_from_owner(owner_of(path), &p);
	else if (p.version.n == 0)
		p.version = version_from_owner(owner_of(path));
	if (bundled || where_below(path, "_vendor"))
		p.scope = str_of("bundled");
	/* Without any version it is still installed: reported, not matched. */
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

static bool
wants_member(struct str path)
{
	return (is_metadata(path) && !where_is_sample_inside(path));
}

/* Eggs and applications are imported as they lie there; a wheel waits to be installed, as those
 * that venv and ensurepip carry do. */
struct zip {
	bool bundled;
	struct analyzer_out *out;
};

static int
member(void *arg, struct str path, struct str content, struct diag *d)
{
	const struct zip *z = arg;

	return (metadata(path, cur_str(content), z->bundled, z->out, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct zip zip = { str_ends(f->path, ".whl"), out };
	const struct zipped z = { wants_member, member, &zip,
	    LIMIT_PYTHON_METADATA };

	return (is_zip(f->path) ? zipped_read(cur_rest(&c), &z, d) :
	    metadata(f->path, c, false, out, d));
}

const struct analyzer analyzer_pypi = {
	.name = "pypi",
	.revision = 3,
	.wants_revision = 5,
	.max = LIMIT_FILE_LARGE,
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
