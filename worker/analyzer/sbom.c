/*
 * sbom: bills of material inside an image.  Formats: SPDX 2 in JSON and
 * tag-value, CycloneDX in JSON and XML, packages by their package URL; Bitnami's
 * component lists and Canonical's dpkg.query.  A bill says what somebody thought
 * was there: its rows have scope "sbom", and a package database or an installed
 * tree that says the same goes first.  Bitnami's own components (opt/bitnami) are described nowhere else
 * and count in full.
 */
#include "bill.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"

#define BITNAMI "opt/bitnami/"
/* Canonical's images of a single program ("rocks") say so what they were cut of. */
#define DPKG_QUERY "usr/share/rocks/dpkg.query"

/* In a wheel's folder of bills (PEP 770) any name is one's. */
static bool
is_of_wheel(struct str path)
{
	struct str dir = path_dir(path);

	return (str_eqz(path_base(dir), "sboms") && str_ends(path, ".json") &&
	    str_ends(path_dir(dir), ".dist-info"));
}

static bool
wants(const struct analyzer_file *f)
{
	static const char *const endings[] = { ".spdx", ".spdx.json", ".cdx",
	    ".cdx.json", ".cdx.xml", "/bom.json", ".bom.json", "/bom.xml",
	    "/sbom.json", "/.bitnami_components.json", DPKG_QUERY };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(f->path, endings[i]))
			return (!where_is_sample(f->path));
	return (is_of_wheel(f->path) || (str_ends(f->path, ".json") &&
	    str_starts(f->path, "var/lib/db/sbom/")));
}

/* {"apache": {"version": "2.4.57-2", "arch": "amd64", ...}, ...} */
static void
bitnami_components(struct bill *s, const struct json *j)
{
	const struct json *v;
	void *at = NULL;
	struct str name;

	while (s->rc == 0 && json_next(j, &at, &name, &v)) {
		const struct package p = { .type = STR_LIT("bitnami"),
		    .name = name, .version = json_get_str(v, "version"),
		    .arch = json_get_str(v, "arch") };

		if (p.version.n > 0)
			s->rc = analyzer_package(s->out, &p, s->d);
	}
}

/* Does a file called *.cdx, bom.xml or *.bom.json begin like a bill?  Others call
 * indexes, drawings and lists of parts so. */
static bool
is_bill(struct str path, struct str s)
{
	return ((!str_ends(path, ".cdx") && !str_ends(path, ".xml") &&
	    !str_ends(path, ".bom.json")) ||
	    str_starts(s, "{") || str_starts(s, "<"));
}

/* Its version comes first, behind comments. */
static bool
is_tag_value(struct cur c)
{
	struct str line;

	while (cur_line(&c, &line))
		if (str_trim(line).n > 0 && line.p[0] != '#')
			return (str_starts(line, "SPDXVersion:"));
	return (false);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct bill s = { .out = out, .d = d, .scope = "sbom",
	    .bitnami = str_starts(f->path, BITNAMI) };
	struct str text = cur_rest(&c);
	struct json *j = NULL;

	if (str_starts(text, "\xef\xbb\xbf"))	/* the order of its bytes */
		text = str_sub(text, 3, text.n);
	text = str_trim(text);
	if (!is_bill(f->path, text))
		return (0);
	s.pool = pool_new(LIMIT_INVENTORY_BYTES);
	if (str_ends(f->path, DPKG_QUERY))
		bill_dpkg_query(&s, cur_rest(&c));
	else if (is_tag_value(c))
		bill_spdx_tags(&s, cur_rest(&c));
	else if (str_starts(text, "<"))
		bill_cyclonedx_xml(&s, text);
	else if ((s.rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j,
	    d)) == 0) {
		if (str_ends(f->path, "/.bitnami_components.json"))
			bitnami_components(&s, j);
		else if (json_get_str(j, "spdxVersion").n > 0)
			bill_spdx(&s, j);
		else if (str_eqz(json_get_str(j, "bomFormat"), "CycloneDX"))
			bill_cyclonedx(&s, j);
	}
	json_free(j);
	pool_free(s.pool);
	return (s.rc);
}

const struct analyzer analyzer_sbom = {
	.name = "sbom",
	.revision = 6,
	.wants_revision = 4,
	.wants = wants,
	.analyze = analyze,
};
