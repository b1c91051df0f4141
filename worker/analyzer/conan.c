/*
 * conan: C and C++ packages in Conan's cache.  That of Conan 1 has folders which
 * say it, data/NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt ("_" = none).
 * Conan 2 cuts names short in p/b/NAME.../p, and neither conaninfo.txt nor
 * conanmanifest.txt there states one: its index p/cache.sqlite3 does, table
 * packages, as NAME/VERSION[@USER/CHANNEL].
 */
#include "analyzer.h"
#include "common/path.h"
#include "sqlite_rows.h"
#include "where.h"

static bool
is_index(struct str path)
{
	return (str_eqz(path_base(path), "cache.sqlite3") &&
	    str_eqz(where_folder(path), "p"));
}

static bool
wants(const struct analyzer_file *f)
{
	struct str at;

	if (is_index(f->path))
		return (true);
	if (!str_eqz(path_base(f->path), "conaninfo.txt"))
		return (false);
	at = path_dir(path_dir(f->path));
	if (!str_eqz(path_base(at), "package"))
		return (false);
	for (int i = 0; i < 5; i++)	/* channel, user, version, name */
		at = path_dir(at);
	return (str_eqz(path_base(at), "data"));
}

static int
from_path(struct str path, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("conan") };
	struct str at = path_dir(path_dir(path));

	for (int i = 0; i < 3; i++)
		at = path_dir(at);
	p.version = path_base(at);
	p.name = path_base(path_dir(at));
	return (analyzer_package(out, &p, d));
}

static int
from_reference(struct str s, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("conan") };
	size_t slash = str_find(s, '/');

	p.name = str_sub(s, 0, slash);
	p.version = str_sub(s, slash + 1, s.n);
	p.version = str_sub(p.version, 0, str_find(p.version, '@'));
	if (p.name.n > 0 && p.version.n > 0)
		return (analyzer_package(out, &p, d));
	analyzer_skip(out, p.name.n == 0 ? "no name" : "no version");
	return (0);
}

/* A package stands there once for each way it was built. */
static int
from_index(struct str content, struct analyzer_out *out, struct diag *d)
{
	struct sqlite_rows *rows = NULL;
	struct buf image, last;
	struct str reference;
	int rc, more = 0;

	buf_init(&image, content.n + 1);
	buf_init(&last, content.n + 1);
	if ((rc = buf_str(&image, content)) < 0 ||
	    (rc = sqlite_rows_open(&image, "packages", "reference", &rows,
	    d)) < 0)
		goto out;
	while (rc == 0 && (more = sqlite_rows_next(rows, &reference, d)) > 0) {
		if (str_eq(reference, buf_view(&last)))
			continue;
		buf_clear(&last);
		if ((rc = buf_str(&last, reference)) == 0)
			rc = from_reference(reference, out, d);
	}
	rc = rc < 0 ? rc : more;
out:
	sqlite_rows_close(rows);
	buf_done(&image);
	buf_done(&last);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	return (is_index(f->path) ? from_index(cur_rest(&c), out, d) :
	    from_path(f->path, out, d));
}

const struct analyzer analyzer_conan = {
	.name = "conan",
	.revision = 2,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
