/* See bill.h. */
#include "bill.h"
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
