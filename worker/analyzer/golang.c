/*
 * golang: what Go programs were built of, from the build information in ELF, PE
 * and Mach-O files: the main module, its dependencies after replacement, and
 * the toolchain as "stdlib", the go command as "toolchain", too; of universal files
 * in each slice.  Lines as runtime/debug.BuildInfo writes them.
 */
#include "analyzer.h"
#include "go_find.h"
#include "slices.h"
#include "where.h"

struct line {
	struct str kind;	/* path mod dep => build */
	struct str path, version;
};

struct build {
	struct str flags;		/* value of -ldflags, as written */
	struct line mod;
	bool without_modules;		/* mod is taken from the package's name */
};

/*
 * The module of a program that was built without modules, as Docker's are, of the
 * package that is its "path": repositories of these hosts are modules, whose names
 * have three parts.  It is told where flags say its version.
 */
static struct str
module_of_package(struct str path)
{
	static const char *const hosts[] = { "github.com/", "gitlab.com/",
	    "bitbucket.org/" };
	struct str rest = path, part = { NULL, 0 };
	size_t i = 0, n = sizeof(hosts) / sizeof(hosts[0]), parts = 0;

	while (i < n && !str_starts(path, hosts[i]))
		i++;
	if (i == n)
		return (str_of(""));
	while (parts < 3 && str_split(&rest, '/', &part))
		parts++;
	return (parts == 3 && part.n > 0 ?
	    str_n(path.p, (size_t)(part.p + part.n - path.p)) : str_of(""));
}

static bool
next_line(struct cur *c, struct line *ret)
{
	struct str s;

	if (!cur_line(c, &s))
		return (false);
	*ret = (struct line) { .kind = { NULL, 0 } };
	(void)(str_split(&s, '\t', &ret->kind) &&
	    str_split(&s, '\t', &ret->path) && str_split(&s, '\t', &ret->version));
	return (true);
}

/* A replacement in the file system has no version of its own. */
static bool
is_local(const struct line *l)
{
	return (l->version.n == 0 || str_eqz(l->version, "(devel)") ||
	    str_starts(l->path, "./") || str_starts(l->path, "../") ||
	    str_starts(l->path, "/") || (l->path.n > 2 && l->path.p[1] == ':'));
}

/* ------------------------------------------------- the main module's version */

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* "1.2", "v1.2.3-rc.1": no hashes, no words, no dates without dots. */
static bool
like_version(struct str s)
{
	size_t i = str_starts(s, "v"), dots = 0;

	if (i == s.n || !is_digit(s.p[i]) || s.n > 64)
		return (false);
	for (; i < s.n && (is_digit(s.p[i]) || s.p[i] == '.'); i++)
		dots += s.p[i] == '.';
	if (dots == 0 || (i < s.n && memchr("-+_", s.p[i], 3) == NULL))
		return (false);
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '$')
			return (false);
	return (true);
}

/* Variables that hold the program's own version, by long custom ... */
static const char *const sure_names[] = { "version", "appversion",
    "buildversion", "gitversion", "releaseversion", "progversion",
    "programversion", "currentversion", NULL };
/* ... and what counts where there is none of those: Vault has the first, Consul the
 * second, Trivy the third. */
static const char *const other_names[] = { "fullversion", "gitdescribe", "ver",
    "versionstring", "release", "gittag", "tag", NULL };

static bool
is_version_name(const struct build *b, struct str name,
    const char *const *names)
{
	static const char *const known[] = {
		"github.com/prometheus/common/version.Version",
		"k8s.io/component-base/version.gitVersion",
		"k8s.io/client-go/pkg/version.gitVersion",
	};
	size_t dot = str_rfind(name, '.');
	struct str package = str_sub(name, 0, dot);
	struct str var = str_sub(name, dot + 1, name.n);
	struct str mod = b->mod.path;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqz(name, known[i]))
			return (true);
	if (!str_eqz(package, "main") && !(mod.n > 0 &&
	    str_eq(str_sub(package, 0, mod.n), mod) &&
	    (package.n == mod.n || package.p[mod.n] == '/')))
		return (false);
	for (size_t i = 0; names[i] != NULL; i++)
		if (str_caseeqz(var, names[i]))
			return (true);
	return (false);
}

/* The next word of a command line, with its quotes removed, in ${room}. */
static bool
next_word(struct str *s, struct buf *room, struct str *ret)
{
	char quote = 0;
	size_t i;

	while (s->n > 0 && s->p[0] == ' ')
		*s = str_sub(*s, 1, s->n);
	buf_clear(room);
	for (i = 0; i < s->n && (quote != 0 || s->p[i] != ' '); i++)
		if (quote != 0 && s->p[i] == quote)
			quote = 0;
		else if (quote == 0 && (s->p[i] == '\'' || s->p[i] == '"'))
			quote = s->p[i];
		else if (buf_byte(room, (uint8_t)s->p[i]) < 0)
			return (false);
	*ret = buf_view(room);
	*s = str_sub(*s, i, s->n);
	return (i > 0);
}

/* The value of a build line, which is a Go string when it is quoted. */
static int
unquoted(struct str s, struct buf *ret)
{
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return (buf_str(ret, s));
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (s.p[i] == '\\' && i + 2 < s.n)
			i++;
		if (buf_byte(ret, (uint8_t)s.p[i]) < 0)
			return (ERR_LIMIT);
	}
	return (0);
}

/*
 * The one version that -X gives the program by variables of ${names}, into ${ret}
 * with a "v".  False when there is none, or several that differ.
 */
static bool
version_by_flags(const struct build *b, const char *const *names,
    struct buf *ret)
{
	struct buf line, word;
	struct str rest, w, value;
	bool x = false, sure = true;
	size_t eq;

	buf_init(&line, b->flags.n + 1);
	buf_init(&word, b->flags.n + 1);
	sure = unquoted(b->flags, &line) == 0;
	rest = buf_view(&line);
	while (sure && next_word(&rest, &word, &w)) {
		if (str_eqz(w, "-X") || str_eqz(w, "--X")) {
			x = true;
			continue;
		}
		if (str_starts(w, "-X="))
			w = str_sub(w, 3, w.n);
		else if (!x)
			continue;
		x = false;
		eq = str_find(w, '=');
		value = str_sub(w, eq + 1, w.n);
		if (!like_version(value) ||
		    !is_version_name(b, str_sub(w, 0, eq), names))
			continue;
		value = str_sub(value, str_starts(value, "v"), value.n);
		if (ret->n > 0)
			sure = str_eq(str_sub(buf_view(ret), 1, ret->n), value);
		else if (buf_byte(ret, 'v') < 0 || buf_str(ret, value) < 0)
			sure = false;
	}
	buf_done(&line);
	buf_done(&word);
	return (sure && ret->n > 0);
}

/* Versions that only say where in the history the source stood. */
static bool
says_nothing(struct str version)
{
	return (version.n == 0 || str_eqz(version, "(devel)") ||
	    str_starts(version, "v0.0.0-"));
}

/* ----------------------------------------------------------------- rows -- */

static int
module(struct analyzer_out *out, const struct line *l, const char *scope,
    struct diag *d)
{
	const struct package p = { .type = STR_LIT("golang"), .name = l->path,
	    .version = l->version, .scope = str_of(scope) };

	return (l->path.n > 0 ? analyzer_package(out, &p, d) : 0);
}

static int
main_module(struct analyzer_out *out, const struct build *b, struct diag *d)
{
	struct line l = b->mod;
	const char *scope = "";
	struct buf version;
	int rc = 0;

	buf_init(&version, 80);
	if (says_nothing(l.version)) {
		if (version_by_flags(b, sure_names, &version) ||
		    (version.n == 0 &&
		    version_by_flags(b, other_names, &version)))
			l.version = buf_view(&version);
		else
			scope = "application";
	}
	if (!b->without_modules || l.version.n > 0)
		rc = module(out, &l, scope, d);
	buf_done(&version);
	return (rc);
}

/* A module and the line that replaces it, if one follows. */
static int
dependency(struct analyzer_out *out, const struct line *l,
    const struct line *by, struct diag *d)
{
	if (by == NULL)
		return (module(out, l, is_local(l) ? "local" : "", d));
	return (is_local(by) ? module(out, l, "replaced", d) :
	    module(out, by, "", d));
}

/* ${go} is the version of what it was built by. */
static int
modules(struct str text, struct str go, struct analyzer_out *out,
    struct diag *d)
{
	const struct line toolchain = { .path = STR_LIT("toolchain"),
	    .version = go };
	struct cur c = cur_str(text), ahead;
	struct build b = { .flags = { NULL, 0 } };
	struct line l, next;
	struct str package = { NULL, 0 };
	bool replaced;
	int rc;

	while (next_line(&c, &l)) {
		if (str_eqz(l.kind, "path"))
			package = l.path;
		if (str_eqz(l.kind, "build") && str_starts(l.path,
		    "-ldflags="))
			b.flags = str_sub(l.path, 9, l.path.n);
		if (!str_eqz(l.kind, "dep") && !str_eqz(l.kind, "mod"))
			continue;
		ahead = c;
		replaced = next_line(&ahead, &next) && str_eqz(next.kind, "=>");
		if (replaced)
			c = ahead;
		if (str_eqz(l.kind, "mod")) {
			b.mod = replaced && !is_local(&next) ? next : l;
			continue;
		}
		if ((rc = dependency(out, &l, replaced ? &next : NULL, d)) < 0)
			return (rc);
	}
	/* Go's own command, built by itself: what is wrong with it and with the
	 * compiler is said of this "module" */
	if (str_eqz(package, "cmd/go") &&
	    (rc = module(out, &toolchain, "", d)) < 0)
		return (rc);
	b.without_modules = b.mod.path.n == 0;
	if (b.without_modules)
		b.mod.path = module_of_package(package);
	return (main_module(out, &b, d));
}

/*
 * "go1.22.3" without what is no version: GOEXPERIMENT ("-X:..." since Go 1.26,
 * " X:..." before), what a vendor adds behind a blank or a dash ("go1.22.3-1",
 * which Go itself takes for 1.22.3), and "devel", which says a version only in newer
 * toolchains.  What was built on the way to a release ("devel go1.23-abc",
 * "go1.26-devel_abc") keeps its end, which puts it before that.
 */
static struct str
toolchain(struct str s)
{
	bool devel = str_starts(s, "devel ");
	const char *x;
	size_t dash;

	if (devel)
		s = str_sub(s, 6, s.n);
	s = str_sub(s, 0, str_find(s, ' '));
	if (s.n > 0 && (x = memmem(s.p, s.n, "-X:", 3)) != NULL)
		s.n = (size_t)(x - s.p);
	dash = str_find(s, '-');
	if (!devel && !str_starts(str_sub(s, dash, s.n), "-devel"))
		s.n = dash;
	return (str_starts(s, "go") ? str_sub(s, 2, s.n) : str_of(""));
}

/* --------------------------------------------------------------- stream -- */

static bool
wants(const struct analyzer_file *f, struct str head)
{
	return (exe_kind(head) != EXE_NONE && !where_below(f->path, "testdata") &&
	    !where_is_sample(f->path));
}

struct state {
	struct fat fat;
	struct go_find go;	/* in the slice that is read */
	struct slices slices;
};

/* What it says without how it was built, which comes last and differs. */
static struct str
made_of(const struct go_info *info)
{
	static const char build[] = "\nbuild\t";
	struct str s = info->modules;
	const char *at = s.n == 0 ? NULL :
	    memmem(s.p, s.n, build, sizeof(build) - 1);

	return (s.n == 0 ? info->version :
	    at != NULL ? str_n(s.p, (size_t)(at - s.p)) : s);
}

/* The rows of one slice. */
static int
rows(struct state *s, struct analyzer_out *out, struct diag *d)
{
	struct line l = { .path = STR_LIT("stdlib") };
	struct go_info info;
	int rc, bad;

	rc = go_end(&s->go, &info, d);
	if (info.packed && analyzer_attribute(out, "packed", str_of("UPX"),
	    NULL) < 0)
		return (ERR_LIMIT);
	if (!info.is_go)
		return (rc);
	/* Before Go 1.13 there was nothing to find: version unknown. */
	l.version = toolchain(info.version);
	if (s->fat.is_fat && slices_told(&s->slices, made_of(&info)))
		return (rc);
	if ((bad = module(out, &l, "", d)) < 0 ||
	    (bad = modules(info.modules, l.version, out, d)) < 0)
		return (bad);
	return (rc);
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct diag why = { 0 };
	struct fat_bytes b;

	(void)f;
	while (fat_next(&s->fat, &piece, last, &b)) {
		go_feed(&s->go, cur_str(b.s), b.ends);
		if (!b.ends)
			continue;
		slices_error(&s->slices, rows(s, out, &why), &why);
		go_done(&s->go);
		s->go = (struct go_find) { .state = NULL };
	}
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;

	(void)out;
	return (slices_end(&s->slices, &s->fat, d));
}

static void
done(void *state)
{
	struct state *s = state;

	go_done(&s->go);
	fat_done(&s->fat);
}

const struct analyzer analyzer_golang = {
	.name = "golang",
	.revision = 6,
	.wants_revision = 2,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
