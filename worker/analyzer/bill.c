/* See bill.h. */
#include "bill.h"
#include "common/format/xml.h"
#include "common/limits.h"
#include "common/purl.h"

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

/*
 * The types of package URLs that are registered, and those that others here state.
 * The packages of an image are counted, judged and stored by type, so a bill may not
 * make up as many as it likes: what is of none is "generic".
 */
static const char *const types[] = { "alpm", "apk", "bitbucket", "bitnami", "brew",
    "cargo", "chrome-extension", "cocoapods", "composer", "conan", "conda", "cpan",
    "cran", "deb", "ebuild", "elm", "gem", "generic", "github", "golang", "hackage",
    "helm", "hex", "huggingface", "julia", "luarocks", "maven", "mlflow", "nix",
    "npm", "nuget", "opam", "opkg", "otp", "p2", "pear", "pecl", "pub", "pypi",
    "qpkg", "rpm", "snap", "swid", "swift", "vcpkg", "vscode-extension",
    "yocto", NULL };

/* Name and version as the type's own database would state them. */
static void
from_purl(struct bill *s, const struct purl *u, struct package *p)
{
	/* their namespace says who packed it, not what it is called */
	static const char *const distribution[] = { "deb", "rpm", "apk", "alpm",
	    "bitnami", NULL };
	struct str epoch;

	p->type = one_of(u->type, types) ? u->type : str_of("generic");
	p->version = u->version;
	p->arch = purl_qualifier(u, "arch", s->pool);
	if (one_of(u->type, distribution)) {
		p->name = u->name;
		source_of(purl_qualifier(u, "upstream", s->pool), p);
		epoch = purl_qualifier(u, "epoch", s->pool);
		if (str_find(u->version, ':') == u->version.n &&
		    (str_eqz(u->type, "rpm") || str_eqz(u->type, "deb")))
			p->version = join(s, epoch, ':', u->version);
	} else {
		p->name = join(s, u->space, str_eqz(u->type, "maven") ? ':' : '/',
		    u->name);
	}
}

void
bill_component(struct bill *s, struct str url)
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
		p.scope = str_of(s->bitnami && str_eqz(p.type, "bitnami") ? "" :
		    s->scope);
		if (s->rc == 0)
			s->rc = analyzer_package(s->out, &p, s->d);
	} else if (rc == ERR_LIMIT) {
		s->rc = diag_set(s->d, rc, 0, "its package URLs do not fit");
	}
}

void
bill_spdx(struct bill *s, const struct json *j)
{
	const struct json *list = json_get(j, "packages"), *refs, *ref;

	for (size_t i = 0; i < json_len(list); i++) {
		refs = json_get(json_at(list, i), "externalRefs");
		for (size_t k = 0; k < json_len(refs); k++) {
			ref = json_at(refs, k);
			if (!str_eqz(json_get_str(ref, "referenceType"), "purl"))
				continue;
			bill_component(s, json_get_str(ref, "referenceLocator"));
			break;
		}
	}
}

/* ExternalRef: PACKAGE-MANAGER purl pkg:... */
static bool
purl_of(struct str ref, struct str *ret)
{
	struct str word[2];

	for (size_t i = 0; i < 2; i++) {
		ref = str_trim(ref);
		word[i] = str_sub(ref, 0, str_find(ref, ' '));
		ref = str_sub(ref, word[i].n, ref.n);
	}
	*ret = str_trim(ref);
	return (str_eqz(word[1], "purl"));
}

void
bill_spdx_tags(struct bill *s, struct str text)
{
	static const char tag[] = "ExternalRef:", name[] = "PackageName:";
	struct cur c = cur_str(text);
	struct str line, url;
	bool quoted = false, told = false;

	while (cur_line(&c, &line)) {
		/* <text>several lines</text> */
		if (quoted || memmem(line.p, line.n, "<text>", 6) != NULL) {
			quoted = memmem(line.p, line.n, "</text>", 7) == NULL;
			continue;
		}
		if (str_starts(line, name))
			told = false;	/* the first of each package counts */
		if (!told && str_starts(line, tag) && purl_of(str_sub(line,
		    sizeof(tag) - 1, line.n), &url)) {
			bill_component(s, url);
			told = true;
		}
	}
}

/* Components may hold components. */
void
bill_cyclonedx(struct bill *s, const struct json *j)
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
		bill_component(s, json_get_str(c, "purl"));
		if (json_len(json_get(c, "components")) > 0) {
			/* each level is two of the document's */
			open[depth].list = json_get(c, "components");
			open[depth++].at = 0;
		}
	}
}

/* ${s} with its ampersands, which stand between a URL's qualifiers, as written in
 * XML. */
static struct str
without_entities(struct bill *b, struct str s)
{
	static const char amp[] = "&amp;";
	size_t n = 0;
	char *to;

	s = str_trim(s);
	if (str_find(s, '&') == s.n)
		return (s);
	if ((to = pool_alloc(b->pool, s.n)) == NULL) {
		b->rc = diag_set(b->d, ERR_LIMIT, 0,
		    "its package URLs do not fit");
		return (str_of(""));
	}
	while (s.n > 0) {
		size_t take = str_starts(s, amp) ? sizeof(amp) - 1 : 1;

		to[n++] = s.p[0];
		s = str_sub(s, take, s.n);
	}
	return (str_n(to, n));
}

/* What holds components that are not those of the image: tools, ancestors. */
static bool
is_aside(struct str tag)
{
	static const char *const tags[] = { "metadata", "pedigree", "evidence",
	    "formulation", "annotations", "declarations", NULL };

	return (one_of(tag, tags));
}

void
bill_cyclonedx_xml(struct bill *s, struct str text)
{
	size_t depth = 0, aside = 0, purl = 0;	/* the last two: of what is open */
	struct xml_event e;
	struct str tag;
	struct xml x;
	int rc = 0;

	xml_init(&x, cur_str(text));
	while (s->rc == 0 && (rc = xml_next(&x, &e, s->d)) > 0) {
		tag = xml_local(e.text);
		switch (e.kind) {
		case XML_START:
			/* others call theirs so, too: Maven a pom.xml */
			if (depth++ == 0 && (!str_eqz(tag, "bom") || memmem(
			    e.attributes.p, e.attributes.n, "cyclonedx", 9) ==
			    NULL))
				return;
			if (aside == 0 && is_aside(tag))
				aside = depth;
			purl = str_eqz(tag, "purl") ? depth : 0;
			break;
		case XML_TEXT:
			if (purl > 0 && purl == depth && aside == 0)
				bill_component(s, without_entities(s, e.text));
			break;
		case XML_END:
			aside = aside == depth ? 0 : aside;
			depth -= depth > 0;
			purl = 0;
			break;
		}
	}
	/* what begins with a DOCTYPE is none */
	rc = rc == ERR_UNSUPPORTED && depth == 0 ? 0 : rc;
	if (s->rc == 0 && rc == 0 && depth > 0)
		rc = diag_set(s->d, ERR_MALFORMED, text.n, "it ends early");
	if (s->rc == 0 && rc < 0)
		s->rc = rc;
}

void
bill_dpkg_query(struct bill *s, struct str text)
{
	struct cur c = cur_str(text);
	struct str line, cell[5];
	bool list = false;
	size_t n, colon;

	if ((s->rc = analyzer_whole_lines(text, s->d)) < 0)
		return;
	while (s->rc == 0 && cur_line(&c, &line)) {
		if (str_starts(line, "#"))
			list = str_eqz(str_trim(line), "# dpkg-query");
		if (!list || str_starts(line, "#") || line.n == 0)
			continue;
		for (n = 0; n < 5 && str_split(&line, ',', &cell[n]); n++)
			;
		if (n < 5 || cell[0].n < 2 || cell[1].n == 0 ||
		    cell[2].n == 0) {
			analyzer_skip(s->out, "no version");
			continue;
		}
		/* its files are not there, or its configuration alone */
		if (cell[0].p[1] == 'n' || cell[0].p[1] == 'c')
			continue;
		colon = str_find(cell[1], ':');
		s->rc = analyzer_package(s->out, &(struct package) {
		    .type = STR_LIT("deb"), .name = str_sub(cell[1], 0, colon),
		    .version = cell[2], .arch = str_sub(cell[1], colon + 1,
		    cell[1].n), .source_name = cell[3],
		    .source_version = cell[4], .scope = str_of(s->scope) },
		    s->d);
	}
}
