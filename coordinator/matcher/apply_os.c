/*
 * Which distribution an image is: os-release as the file system shows it, else
 * what older releases have, and what package databases of another family say
 * of themselves.
 */
#include "common/path.h"
#include "coordinator/matcher/apply_parts.h"

struct str
apply_attribute(const struct inventory_file *f, const char *key)
{
	struct str rest = f->attributes, line, value = { NULL, 0 };
	size_t eq;

	while (str_split(&rest, '\n', &line)) {
		eq = str_find(line, '=');
		if (eq < line.n && str_eqz(str_sub(line, 0, eq), key))
			value = str_sub(line, eq + 1, line.n);
	}
	return (value);
}

/* What the file system shows at ${path}, links followed. */
static const struct seen *
visible(struct apply *a, const char *path, const char *kind)
{
	const struct seen *s;

	if (pathmap_resolve(&a->links, str_of(path), true, &a->path) < 0)
		return (NULL);
	s = apply_find(a, buf_view(&a->path), str_of(kind));
	return (s != NULL && s->hidden == 0 ? s : NULL);
}

/* By the files of older releases, which have no os-release. */
static void
identify_by_line(struct apply *a, struct distribution *os)
{
	static const char *const files[] = { "etc/alpine-release",
	    "etc/oracle-release", "etc/redhat-release", "etc/system-release",
	    "etc/SuSE-release", "etc/photon-release", "etc/mariner-release",
	    "etc/azurelinux-release", "etc/debian_version" };
	const struct seen *s;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		s = visible(a, files[i], "os_release");
		if (s != NULL && distribution_of_line(path_base(str_of(files[i])),
		    apply_attribute(s->file, "LINE"), os)) {
			os->path = s->path;
			return;
		}
	}
}

/* Packages come from there, whatever os-release says. */
static void
heed_alpine_branch(struct apply *a, struct distribution *os)
{
	const struct seen *s = visible(a, "etc/apk/repositories", "os_release");
	struct str branch;

	if (!str_eqz(os->id, "alpine"))
		return;
	if (str_find(os->version, '_') < os->version.n)
		os->version = str_of("edge");	/* 3.21.0_alpha20240606 */
	if (s == NULL ||
	    (branch = apply_attribute(s->file, "ALPINE_BRANCH")).n == 0)
		return;
	if (branch.p[0] == 'v')
		branch = str_sub(branch, 1, branch.n);
	if (str_eq(str_sub(os->version, 0, branch.n), branch))
		return;
	apply_note(a, "os-release says Alpine %.*s, its repositories are of %.*s: "
	    "those count", STR_ARG(os->version), STR_ARG(branch));
	os->version = branch;
}

/* Debian's testing and unstable state no version, and both the name of the release
 * that they will be. */
static void
heed_debian_codename(struct apply *a, struct distribution *os)
{
	struct distribution release;

	if (!str_eqz(os->id, "debian") || os->version.n > 0 ||
	    !distribution_of_codename(os->codename, &release))
		return;
	os->version = release.version;
	apply_note(a, "testing or unstable, which name themselves alike: taken for "
	    "Debian %.*s, whose advisories for them are not complete",
	    STR_ARG(os->version));
}

static void
identify(struct apply *a)
{
	struct distribution *os = &a->res->os;
	const struct seen *s = visible(a, "etc/os-release", "os_release");

	if (s == NULL)
		s = visible(a, "usr/lib/os-release", "os_release");
	if (s != NULL) {
		os->path = s->path;
		os->id = apply_attribute(s->file, "ID");
		if (os->id.n == 0)
			os->id = str_of("linux");
		os->version = apply_attribute(s->file, "VERSION_ID");
		os->codename = apply_attribute(s->file, "VERSION_CODENAME");
		os->name = apply_attribute(s->file, "NAME");
		os->pretty_name = apply_attribute(s->file, "PRETTY_NAME");
		os->cpe = apply_attribute(s->file, "CPE_NAME");
	} else {
		identify_by_line(a, os);
	}
	heed_alpine_branch(a, os);
	heed_debian_codename(a, os);
}

/* The packages of type ${type} cannot be the image's distribution's own (or it
 * is not known): what do they say themselves? */
static void
infer(struct apply *a, struct str type)
{
	struct apply_result *r = a->res;
	struct apply_foreign *f;

	for (size_t i = 0; i < r->nforeign; i++)
		if (str_eq(r->foreign[i].type, type))
			return;
	if (r->nforeign == sizeof(r->foreign) / sizeof(r->foreign[0]))
		return;
	f = &r->foreign[r->nforeign++];
	*f = (struct apply_foreign) { .type = type };
	for (size_t i = 0; i < a->nseen && f->os.id.n == 0; i++)
		for (size_t k = 0; k < a->seen[i]->file->n &&
		    f->os.id.n == 0; k++)
			if (a->seen[i]->hidden == 0 &&
			    str_eq(a->seen[i]->file->packages[k].type, type))
				(void)distribution_of_package(
				    &a->seen[i]->file->packages[k], &f->os);
	apply_note(a, "%.*s packages in %s%.*s: %s%.*s%s%.*s", STR_ARG(type),
	    r->os.id.n > 0 ? "an image of " : "an image of no known distribution",
	    STR_ARG(r->os.id), f->os.id.n > 0 ? "taken for " :
	    "not known whose", STR_ARG(f->os.id), f->os.id.n > 0 ? " " : "",
	    STR_ARG(f->os.version));
}

static void
check_types(struct apply *a)
{
	const struct distribution *os = &a->res->os;

	for (size_t i = 0; i < a->nseen; i++) {
		const struct seen *s = a->seen[i];

		if (s->hidden == 0 && s->file->n > 0 && !apply_owners_only(s) &&
		    !apply_is_billed(&s->file->packages[0]) &&
		    distribution_is_os_type(s->file->packages[0].type) && (os->id.n == 0 ||
		    !distribution_has_type(os->id, s->file->packages[0].type)))
			infer(a, s->file->packages[0].type);
	}
}

/* Said a file which distribution it is, and is there no more? */
static bool
is_release_lost(const struct apply *a)
{
	for (size_t i = 0; i < a->nseen && a->res->os.path.n == 0; i++)
		if (a->seen[i]->hidden != 0 &&
		    str_eqz(a->seen[i]->file->kind, "os_release"))
			return (true);
	return (false);
}

void
apply_os(struct apply *a)
{
	identify(a);
	a->release_lost = is_release_lost(a);
	check_types(a);
}
