/*
 * rpm_manifest: what Azure Linux images without rpm leave of its database: the
 * text of `rpm -qa` with ten columns, separated by tabs.  container-manifest-1
 * beside it holds the same names without the columns.
 */
#include "analyzer.h"
#include "common/limits.h"
#include "rpm_source.h"

#define COLUMNS 10
enum column { NAME = 0, VERSION = 1, VENDOR = 4, ARCH = 7, EPOCH = 8,
	SOURCE = 9 };

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(f->path, "var/lib/rpmmanifest/container-manifest-2"));
}

/* False when the line has another form. */
static bool
columns_of(struct str line, struct str ret[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!str_split(&line, '\t', &ret[i]))
			return (false);
		if (str_eqz(ret[i], "(none)"))
			ret[i] = str_of("");
	}
	return (ret[NAME].n > 0 && ret[VERSION].n > 0);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("rpm") };
	struct str all = cur_rest(&c), line, t[COLUMNS];
	struct buf version;
	size_t wrong = 0, number = 0;
	int rc = 0;

	(void)f;
	buf_init(&version, LIMIT_PACKAGE_TEXT + 16);
	while (rc == 0 && cur_line(&c, &line)) {
		number++;
		if (line.n == 0)
			continue;
		if (!columns_of(line, t)) {
			wrong = wrong == 0 ? number : wrong;
			continue;
		}
		p.name = t[NAME];
		p.version = t[VERSION];
		p.vendor = str_sub(t[VENDOR], 0, LIMIT_PACKAGE_TEXT);
		p.arch = t[ARCH];
		rpm_source(t[SOURCE], &p.source_name, &p.source_version);
		buf_clear(&version);
		/* The query writes 0 for "has none". */
		if (t[EPOCH].n > 0 && !str_eqz(t[EPOCH], "0") &&
		    buf_str(&version, t[EPOCH]) == 0 &&
		    buf_byte(&version, ':') == 0 &&
		    buf_str(&version, t[VERSION]) == 0)
			p.version = buf_view(&version);
		rc = analyzer_package(out, &p, d);
	}
	buf_done(&version);
	if (rc == 0 && wrong > 0)
		rc = diag_set(d, ERR_MALFORMED, wrong,
		    "line %zu has no ten columns", wrong);
	return (rc == 0 ? analyzer_whole_lines(all, d) : rc);
}

const struct analyzer analyzer_rpm_manifest = {
	.name = "rpm_manifest",
	.revision = 2,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
