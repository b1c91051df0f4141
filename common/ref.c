/* Image references. */
#include <stdio.h>
#include "oci.h"
#include "ref.h"

static bool
low_alnum(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
}

/* One path component: alnum runs joined by . _ __ or dashes. */
static bool
component_ok(struct str s)
{
	if (s.n == 0 || !low_alnum(s.p[0]) || !low_alnum(s.p[s.n - 1]))
		return (false);
	for (size_t i = 0; i < s.n; i++) {
		size_t run = 0;
		char c = s.p[i];

		if (low_alnum(c))
			continue;
		if (c != '.' && c != '_' && c != '-')
			return (false);
		while (i + run < s.n && s.p[i + run] == c)
			run++;
		if ((c == '.' && run > 1) || (c == '_' && run > 2) ||
		    !low_alnum(s.p[i + run]))
			return (false);
		i += run - 1;
	}
	return (true);
}

bool
ref_name_ok(struct str s)
{
	struct str part;

	if (s.n == 0 || s.n > 255)
		return (false);
	while (str_split(&s, '/', &part))
		if (!component_ok(part))
			return (false);
	return (true);
}

bool
ref_tag_ok(struct str s)
{
	if (s.n == 0 || s.n > 128 || s.p[0] == '.' || s.p[0] == '-')
		return (false);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!low_alnum(c) && !(c >= 'A' && c <= 'Z') && c != '_' &&
		    c != '.' && c != '-')
			return (false);
	}
	return (true);
}

static bool
host_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!low_alnum(c) && !(c >= 'A' && c <= 'Z') && c != '.' &&
		    c != '-' && c != ':' && c != '[' && c != ']')
			return (false);
	}
	return (s.n > 0 && s.n < 256);
}

static void
set(char *to, size_t size, struct str s)
{
	snprintf(to, size, "%.*s", STR_ARG(s));
}

int
ref_parse(struct str s, struct ref *ret, struct diag *d)
{
	struct ref r = { .tag = "" };
	struct str rest = s, first, host, name, tag = { NULL, 0 };
	size_t at = str_find(s, '@'), slash, colon;

	if (s.n == 0 || s.n >= REF_TEXT)
		goto bad;
	if (at < s.n) {
		struct str digest = str_sub(s, at + 1, s.n);

		if (!oci_digest_ok(digest))
			return (diag_set(d, ERR_USAGE, 0,
			    "%.*s: a digest is sha256: and 64 lower-case hex digits",
			    STR_ARG(s)));
		set(r.digest, sizeof(r.digest), digest);
		rest = str_sub(s, 0, at);
	}
	slash = str_find(rest, '/');
	first = str_sub(rest, 0, slash);
	if (slash < rest.n && (str_find(first, '.') < first.n ||
	    str_find(first, ':') < first.n || str_eqz(first, "localhost"))) {
		host = first;
		rest = str_sub(rest, slash + 1, rest.n);
	} else
		host = str_of("docker.io");
	colon = str_rfind(rest, ':');
	name = str_sub(rest, 0, colon);
	if (colon < rest.n) {
		tag = str_sub(rest, colon + 1, rest.n);
		if (!ref_tag_ok(tag))
			goto bad;
	} else if (r.digest[0] == '\0')
		tag = str_of("latest");
	if (str_eqz(host, "index.docker.io") ||
	    str_eqz(host, "registry-1.docker.io"))
		host = str_of("docker.io");
	if (!host_ok(host) || !ref_name_ok(name))
		goto bad;
	set(r.host, sizeof(r.host), host);
	if (str_eqz(host, "docker.io") && str_find(name, '/') == name.n)
		snprintf(r.name, sizeof(r.name), "library/%.*s", STR_ARG(name));
	else
		set(r.name, sizeof(r.name), name);
	if (!ref_name_ok(str_of(r.name)))	/* with "library/" too long */
		goto bad;
	set(r.tag, sizeof(r.tag), tag);
	*ret = r;
	return (0);
bad:
	return (diag_set(d, ERR_USAGE, 0,
	    "\"%.*s\" is no image reference; one looks like "
	    "registry.example:5000/team/app:1.0 or ...@sha256:<64 hex digits>",
	    STR_ARG(s)));
}
