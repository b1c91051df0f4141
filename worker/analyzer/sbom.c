/*
 * sbom: bills of material inside an image.  Formats: SPDX 2 and CycloneDX in
 * JSON, packages by their package URL; Bitnami's component lists.  A bill says
 * what somebody thought was there: its rows have scope "sbom", and a package
 * database or an installed tree that says the same goes first.  Bitnami's own
 * components (opt/bitnami) are described nowhere else and count in full.
 */
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "common/purl.h"
#include "where.h"

#define BITNAMI "opt/bitnami/"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const endings[] = { ".spdx", ".spdx.json", ".cdx.json",
	    "/bom.json", "/sbom.json", "/.bitnami_components.json" };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(f->path, endings[i]))
			return (!where_is_sample(f->path));
	return (str_starts(f->path, "var/lib/db/sbom/") &&
	    str_ends(f->path, ".json"));
}

struct bill {
	struct pool *pool;		/* texts of the rows */
	struct analyzer_out *out;
	bool bitnami;			/* stands below opt/bitnami */
	int rc;
	struct diag *d;
};

/* ${a} ${between} ${b}, or ${b} alone. */
static struct str
join(struct bill *s, struct str a, char between, struct str b)
{
	char *to;

	if (a.n == 0)
		return (b);
	if ((to = pool_alloc(s->pool, a.n + b.n + 2)) == NULL) {
		s->rc = diag_set(s->d, ERR_LIMIT, 0,
		    "its package URLs do not fit");
		return (b);
	}
	memcpy(to, a.p, a.n);
	to[a.n] = between;
	if (b.n > 0)
		memcpy(to + a.n + 1, b.p, b.n);
	return (str_n(to, a.n + 1 + b.n));
}

static bool
one_of(struct str type, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		if (str_eqz(type, list[i]))
			return (true);
	return (false);
}

/* "glibc@2.36" of a deb, "bash-5.1-1.src.rpm" of an rpm. */
static void
source_of(struct str upstream, struct package *p)
{
	size_t at = str_find(upstream, '@');

	if (str_ends(upstream, ".src.rpm")) {
		upstream.n -= sizeof(".src.rpm") - 1;
		at = str_rfind(upstream, '-');
		at = str_rfind(str_sub(upstream, 0, at), '-');
	}
	p->source_name = str_sub(upstream, 0, at);
	p->source_version = str_sub(upstream, at + 1, upstream.n);
}

/* Name and version as the type's own database would state them. */
static void
from_purl(struct bill *s, const struct purl *u, struct package *p)
{
	/* their namespace says who packed it, not what it is called */
	static const char *const distribution[] = { "deb", "rpm", "apk", "alpm",
	    "bitnami", NULL };
	struct str epoch;

	p->type = u->type;
	p->version = u->version;
	p->arch = purl_qualifier(u, "arch", s->pool);
	if (one_of(u->type, distribution)) {
		p->name = u->name;
		source_of(purl_qualifier(u, "upstream", s->pool), p);
		epoch = purl_qualifier(u, "epoch", s->pool);
		if (str_eqz(u->type, "rpm"))
			p->version = join(s, epoch, ':', u->version);
	} else {
		p->name = join(s, u->space, str_eqz(u->type, "maven") ? ':' : '/',
		    u->name);
	}
}

static void
component(struct bill *s, struct str url)
{
	struct package p = { .type = STR_LIT("") };
	struct purl u;
	int rc;

	if (s->rc < 0)
		return;
	rc = purl_read(url, s->pool, &u);
	if (rc == 0) {
		/* the image that the bill is about */
		if (str_eqz(u.type, "oci") || str_eqz(u.type, "docker"))
			return;
		from_purl(s, &u, &p);
		/* without a version: what it needs, not what is there */
		if (p.version.n == 0)
			return;
		if (!s->bitnami || !str_eqz(p.type, "bitnami"))
			p.scope = str_of("sbom");
		if (s->rc == 0)
			s->rc = analyzer_package(s->out, &p, s->d);
	} else if (rc == ERR_LIMIT) {
		s->rc = diag_set(s->d, rc, 0, "its package URLs do not fit");
	}
}

static void
spdx(struct bill *s, const struct json *j)
{
	const struct json *list = json_get(j, "packages"), *refs, *ref;

	for (size_t i = 0; i < json_len(list); i++) {
		refs = json_get(json_at(list, i), "externalRefs");
		for (size_t k = 0; k < json_len(refs); k++) {
			ref = json_at(refs, k);
			if (!str_eqz(json_get_str(ref, "referenceType"), "purl"))
				continue;
			component(s, json_get_str(ref, "referenceLocator"));
			break;
		}
	}
}

/* Components may hold components. */
static void
cyclonedx(struct bill *s, const struct json *j)
{
	struct { const struct json *list; size_t at; } open[LIMIT_JSON_DEPTH];
	const struct json *c;
	size_t depth = 0;

	open[depth].list = json_get(j, "components");
	open[depth++].at = 0;
	while (depth > 0) {
		if (open[depth - 1].at == json_len(open[depth - 1].list)) {
			depth--;
			continue;
		}
		c = json_at(open[depth - 1].list, open[depth - 1].at++);
		component(s, json_get_str(c, "purl"));
		if (json_len(json_get(c, "components")) > 0) {
			/* each level is two of the document's */
			open[depth].list = json_get(c, "components");
			open[depth++].at = 0;
		}
	}
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

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct bill s = { .out = out, .d = d,
	    .bitnami = str_starts(f->path, BITNAMI) };
	struct json *j = NULL;

	if (str_starts(str_trim(cur_rest(&c)), "SPDXVersion:"))
		return (0);	/* the tag-value form is not read: only Bitnami's
				   bills are the sole evidence, and JSON */
	s.pool = pool_new(LIMIT_INVENTORY_BYTES);
	s.rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	if (s.rc == 0) {
		if (str_ends(f->path, "/.bitnami_components.json"))
			bitnami_components(&s, j);
		else if (json_get_str(j, "spdxVersion").n > 0)
			spdx(&s, j);
		else if (str_eqz(json_get_str(j, "bomFormat"), "CycloneDX"))
			cyclonedx(&s, j);
	}
	json_free(j);
	pool_free(s.pool);
	return (s.rc);
}

const struct analyzer analyzer_sbom = {
	.name = "sbom",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
