/*
 * Which distribution an image is: os-release as the file system shows it, else
 * what older releases have, and what package databases of another family say
 * of themselves.  What contradicts the file that counts is noted.
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

/* "11" with PATCHLEVEL 4 is 11.4, as os-release of later releases says it. */
static void
add_patch_level(struct apply *a, struct str level, struct str *version)
{
	uint64_t n;

	if (!str_u64(level, &n) || n == 0 ||
	    str_find(*version, '.') < version->n)
		return;
	buf_clear(&a->text);
	if (buf_printf(&a->text, "%.*s.%llu", STR_ARG(*version),
	    (unsigned long long)n) == 0 &&
	    pool_str(a->res->pool, buf_view(&a->text), version) < 0)
		apply_out_of_room(a);
}

/* By which releases are known beside os-release, or before there was one.  Ubuntu
 * has lsb-release and Debian's name of the release that it came from. */
static const char *const release_files[] = { "etc/alpine-release",
    "etc/oracle-release", "etc/centos-release", "etc/rocky-release",
    "etc/almalinux-release", "etc/fedora-release", "etc/redhat-release",
    "etc/system-release", "etc/SuSE-release", "etc/photon-release",
    "etc/mariner-release", "etc/azurelinux-release", "etc/lsb-release",
    "etc/debian_version" };
#define NRELEASE_FILES (sizeof(release_files) / sizeof(release_files[0]))

/* What ${file}, one of these, says; false when it is not there or says nothing
 * known. */
static bool
read_release_file(struct apply *a, const char *file, struct distribution *ret)
{
	const struct seen *s = visible(a, file, "os_release");
	struct str name = path_base(str_of(file));
	bool known;

	if (s == NULL)
		return (false);
	if (str_eqz(name, "lsb-release"))
		known = distribution_of_lsb(apply_attribute(s->file, "DISTRIB_ID"),
		    apply_attribute(s->file, "DISTRIB_RELEASE"), ret);
	else
		known = distribution_of_line(name,
		    apply_attribute(s->file, "LINE"), ret);
	if (!known)
		return (false);
	if (str_eqz(ret->id, "sles"))
		add_patch_level(a, apply_attribute(s->file, "PATCHLEVEL"),
		    &ret->version);
	ret->path = s->path;
	ret->confidence = str_of("release file");
	return (true);
}

static bool
read_os_release(struct apply *a, const char *file, struct distribution *ret)
{
	const struct seen *s = visible(a, file, "os_release");

	if (s == NULL)
		return (false);
	*ret = (struct distribution) { .path = s->path,
	    .confidence = str_of("stated"),
	    .id = apply_attribute(s->file, "ID"),
	    .version = apply_attribute(s->file, "VERSION_ID"),
	    .codename = apply_attribute(s->file, "VERSION_CODENAME"),
	    .name = apply_attribute(s->file, "NAME"),
	    .pretty_name = apply_attribute(s->file, "PRETTY_NAME"),
	    .cpe = apply_attribute(s->file, "CPE_NAME") };
	if (ret->id.n == 0)
		ret->id = str_of("linux");
	return (true);
}

static void
note_conflict(struct apply *a, const struct distribution *said)
{
	const struct distribution *os = &a->res->os;

	if (!str_eq(os->path, said->path) && distribution_contradicts(os, said))
		apply_note(a, "%.*s says %.*s %.*s, %.*s says %.*s %.*s: the "
		    "former counts", STR_ARG(os->path), STR_ARG(os->id),
		    STR_ARG(os->version), STR_ARG(said->path), STR_ARG(said->id),
		    STR_ARG(said->version));
}

/* Each file is asked, by whatever links it is reached; one is told once. */
static void
note_conflicts(struct apply *a)
{
	struct distribution said, told[NRELEASE_FILES];
	size_t n = 0, k;

	if (read_os_release(a, "usr/lib/os-release", &said))
		note_conflict(a, &said);
	for (size_t i = 0; i < NRELEASE_FILES; i++) {
		if (!read_release_file(a, release_files[i], &said))
			continue;
		for (k = 0; k < n && !str_eq(told[k].path, said.path); k++)
			;
		if (k < n)
			continue;
		told[n++] = said;
		note_conflict(a, &said);
	}
}

/* "v3.20" as os-release says it. */
static struct str
version_of_branch(struct str branch)
{
	return (branch.n > 0 && branch.p[0] == 'v' ?
	    str_sub(branch, 1, branch.n) : branch);
}

/* File ${i} of those that tell where apk's packages come from, or NULL. */
static const struct seen *
repositories(struct apply *a, size_t i)
{
	static const char more[] = "/apk/repositories.d";
	const struct seen *s;

	if (i == a->nseen)
		return (visible(a, "etc/apk/repositories", "os_release"));
	s = a->seen[i];
	return (s->hidden == 0 && str_eqz(s->file->kind, "os_release") &&
	    str_ends(path_dir(s->path), more) ? s : NULL);
}

/* Of which branch of Alpine's are packages, by where they come from?  Of "edge" as
 * soon as anything says so. */
static struct str
alpine_branch(struct apply *a)
{
	struct str branch = { NULL, 0 }, b;
	const struct seen *s;

	for (size_t i = a->nseen + 1; i-- > 0; ) {
		if ((s = repositories(a, i)) == NULL)
			continue;
		b = apply_attribute(s->file, "ALPINE_BRANCH");
		if (branch.n == 0 || str_eqz(b, "edge"))
			branch = b;
	}
	return (version_of_branch(branch));
}

/* Packages come from there, whatever os-release says. */
static void
heed_alpine_branch(struct apply *a, struct distribution *os)
{
	struct str branch = alpine_branch(a);

	if (!str_eqz(os->id, "alpine"))
		return;
	if (str_find(os->version, '_') < os->version.n)
		os->version = str_of("edge");	/* 3.21.0_alpha20240606 */
	if (branch.n == 0 ||
	    str_eq(str_sub(os->version, 0, branch.n), branch))
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

	if (!read_os_release(a, "etc/os-release", os) &&
	    !read_os_release(a, "usr/lib/os-release", os))
		for (size_t i = 0; i < NRELEASE_FILES && os->id.n == 0; i++)
			(void)read_release_file(a, release_files[i], os);
	note_conflicts(a);
	heed_alpine_branch(a, os);
	heed_debian_codename(a, os);
}

/* By marks of the packages of ${type}: the first that tells, and of its
 * distribution the first that tells of which release. */
static void
infer_by_packages(const struct apply *a, struct str type,
    struct distribution *ret)
{
	struct distribution said;

	for (size_t i = 0; i < a->nseen; i++) {
		const struct inventory_file *f = a->seen[i]->file;

		for (size_t k = 0; k < f->n && a->seen[i]->hidden == 0; k++) {
			if (!str_eq(f->packages[k].type, type) ||
			    !distribution_of_package(&f->packages[k], &said))
				continue;
			if (ret->id.n == 0 || (str_eq(ret->id, said.id) &&
			    said.version.n > 0))
				*ret = said;
			if (ret->version.n > 0)
				return;
		}
	}
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
	infer_by_packages(a, type, &f->os);
	if (f->os.id.n == 0 && str_eqz(type, "apk") &&
	    (f->os.version = alpine_branch(a)).n > 0)
		f->os.id = str_of("alpine");
	if (f->os.id.n > 0)
		f->os.confidence = str_of("inferred");
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

/* Is that looked at?  Others that look like os-release are told, too, for links
 * may lead to them. */
static bool
is_release(struct str name)
{
	for (size_t i = 0; inventory_releases[i] != NULL; i++)
		if (str_eqz(name, inventory_releases[i]))
			return (true);
	for (size_t i = 0; i < NRELEASE_FILES; i++)
		if (str_eqz(name, release_files[i]))
			return (true);
	return (false);
}

/* Said a file which distribution it is, and is there no more? */
static bool
is_release_lost(const struct apply *a)
{
	for (size_t i = 0; i < a->nseen && a->res->os.path.n == 0; i++)
		if (a->seen[i]->hidden != 0 &&
		    str_eqz(a->seen[i]->file->kind, "os_release") &&
		    is_release(a->seen[i]->name))
			return (true);
	return (false);
}

/* Packages of ${tag} are of ${branch}; the first word counts, or "edge". */
static void
add_tag(struct apply *a, struct str tag, struct str branch)
{
	struct distribution os = *apply_distribution(a->res, str_of("apk"));
	struct str *have = pathmap_get(&a->tags, tag);
	char text[NAMESPACE_TEXT];

	if (have != NULL && !str_eqz(branch, "edge"))
		return;
	os.version = version_of_branch(branch);
	if (namespace_of(&os, str_of("apk"), text) == 0)
		return;
	if (have == NULL && (have = apply_keep(a, sizeof(*have))) == NULL)
		return;
	*have = (struct str) { NULL, 0 };
	if (pool_str(a->res->pool, str_of(text), have) < 0)
		apply_out_of_room(a);
	pathmap_put(&a->tags, tag, have);
}

static void
read_tags(struct apply *a)
{
	struct str rest, line, tag;
	const struct seen *s;

	for (size_t i = 0; i <= a->nseen; i++) {
		if ((s = repositories(a, i)) == NULL)
			continue;
		rest = s->file->attributes;
		while (str_split(&rest, '\n', &line)) {
			if (!str_starts(line, "ALPINE_TAG="))
				continue;
			line = str_sub(line, strlen("ALPINE_TAG="), line.n);
			tag = str_sub(line, 0, str_find(line, ' '));
			add_tag(a, tag, str_sub(line, tag.n + 1, line.n));
		}
	}
}

/* The branch that ${tag} names where no repository has it any more. */
static struct str
branch_of_tag(struct str tag)
{
	if (str_starts(tag, "edge") || str_eqz(tag, "testing"))
		return (str_of("edge"));
	return (tag.n > 3 && tag.p[0] == 'v' && tag.p[1] >= '0' &&
	    tag.p[1] <= '9' ? tag : str_of(""));
}

struct str
apply_apk_namespace(struct apply *a, const struct package *p)
{
	struct str own = str_of(a->res->apk_namespace);
	const struct str *of;

	if (p->module.n == 0 || !str_eqz(apply_distribution(a->res,
	    str_of("apk"))->id, "alpine"))
		return (own);
	of = pathmap_get(&a->tags, p->module);
	if (of == NULL && branch_of_tag(p->module).n > 0) {
		add_tag(a, p->module, branch_of_tag(p->module));
		of = pathmap_get(&a->tags, p->module);
	}
	return (of != NULL ? *of : own);
}

const struct distribution *
apply_told_distribution(const struct apply_result *r)
{
	return (r->os.id.n == 0 && r->nforeign == 1 ? &r->foreign[0].os : &r->os);
}

void
apply_os(struct apply *a)
{
	identify(a);
	a->release_lost = is_release_lost(a);
	check_types(a);
	namespace_of(apply_distribution(a->res, str_of("apk")), str_of("apk"),
	    a->res->apk_namespace);
	read_tags(a);
}
