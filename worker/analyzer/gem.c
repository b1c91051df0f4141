/*
 * gem: installed RubyGems.  Format: the gemspec that RubyGems writes to
 * specifications/NAME-VERSION[-PLATFORM].gemspec (RubyGems, specification.rb,
 * to_ruby), and what Debian's gem2deb makes of it.  It is Ruby, never evaluated:
 * assignments of literals are read line by line, a comment "# stub: NAME VERSION
 * PLATFORM ..." and the file's name stand in for what is no literal.  Gems that
 * Bundler takes from git have the gemspec of their authors.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str dir;

	if (!str_ends(f->path, ".gemspec"))
		return (false);
	dir = path_dir(f->path);
	if (str_eqz(path_base(dir), "default"))
		dir = path_dir(dir);
	if (str_eqz(path_base(dir), "specifications"))
		return (!where_is_sample(f->path));
	/* Bundler's clones of git sources: bundler/gems/NAME-REVISION/ */
	dir = path_dir(dir);
	return (str_eqz(path_base(dir), "gems") &&
	    str_eqz(where_folder(dir), "bundler"));
}

/* As RubyGems writes it. */
static bool
looks(struct str head)
{
	return (str_starts(head, "# -*- encoding: utf-8 -*-\n# stub: ") ||
	    str_starts(head, "Gem::Specification.new"));
}

static bool
is_word(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

/* The leading identifier of *${s}, taken from it with blanks behind. */
static struct str
word(struct str *s)
{
	struct str w;
	size_t n = 0;

	while (n < s->n && is_word(s->p[n]))
		n++;
	w = str_sub(*s, 0, n);
	*s = str_trim(str_sub(*s, n, s->n));
	return (w);
}

/* The literal that ${s} begins with: "x", 'x' or %q<x>, without escapes. */
static struct str
literal(struct str s)
{
	static const char pairs[] = "<>()[]{}";
	const char *open;
	char end;

	if (str_starts(s, "Gem::Version.new")) {
		s = str_trim(str_sub(s, sizeof("Gem::Version.new") - 1, s.n));
		if (str_starts(s, "("))
			s = str_trim(str_sub(s, 1, s.n));
	}
	if (s.n < 2)
		return (str_of(""));
	if (s.p[0] == '"' || s.p[0] == '\'') {
		end = s.p[0];
		s = str_sub(s, 1, s.n);
	} else if ((str_starts(s, "%q") || str_starts(s, "%Q")) && s.n > 3 &&
	    (open = strchr(pairs, s.p[2])) != NULL && *open != '\0') {
		end = open[1];
		s = str_sub(s, 3, s.n);
	} else {
		return (str_of(""));
	}
	if (str_find(s, end) == s.n)
		return (str_of(""));
	s = str_sub(s, 0, str_find(s, end));
	if (str_find(s, '\\') < s.n || str_find(s, '#') < s.n)
		return (str_of(""));	/* an escape or interpolation */
	return (s);
}

struct spec {
	struct str name, version;
	struct str constant;	/* what version was assigned, if no literal */
};

/* "s.name = ...", with whatever variable. */
static void
assignment(struct str line, struct spec *s)
{
	struct str field, value;

	(void)word(&line);
	if (!str_starts(line, "."))
		return;
	line = str_sub(line, 1, line.n);
	field = word(&line);
	if (!str_starts(line, "=") || str_starts(line, "=="))
		return;
	value = str_trim(str_sub(line, 1, line.n));
	if (str_eqz(field, "name") && s->name.n == 0) {
		s->name = literal(value);
	} else if (str_eqz(field, "version") && s->version.n == 0) {
		s->version = literal(value);
		s->constant = word(&value);
		if (value.n > 0)	/* an expression */
			s->constant.n = 0;
	}
}

/* The literal of "CONSTANT = ..." at the start of a line. */
static struct str
constant(struct cur c, struct str name)
{
	struct str line, left;

	while (cur_line(&c, &line)) {
		line = str_trim(line);
		left = word(&line);
		if (name.n > 0 && str_eq(left, name) && str_starts(line, "="))
			return (literal(str_trim(str_sub(line, 1, line.n))));
	}
	return (str_of(""));
}

/* "# stub: NAME VERSION PLATFORM PATHS" */
static void
stub(struct cur c, struct spec *s)
{
	struct str line, w;

	while (cur_line(&c, &line)) {
		if (!str_starts(line, "# stub: "))
			continue;
		line = str_sub(line, sizeof("# stub: ") - 1, line.n);
		if (str_split(&line, ' ', &w) && s->name.n == 0)
			s->name = w;
		if (str_split(&line, ' ', &w) && s->version.n == 0)
			s->version = w;
		return;
	}
}

/* NAME-VERSION[-PLATFORM].gemspec.  A name not known otherwise ends at the first
 * '-' before a digit. */
static void
file_name(struct str path, struct spec *s)
{
	struct str base = path_base(path);
	size_t at;

	base = str_sub(base, 0, base.n - (sizeof(".gemspec") - 1));
	if (s->name.n == 0) {
		for (at = 0; at + 1 < base.n; at++)
			if (base.p[at] == '-' && base.p[at + 1] >= '0' &&
			    base.p[at + 1] <= '9')
				break;
		s->name = at + 1 < base.n ? str_sub(base, 0, at) : base;
	}
	if (s->version.n > 0 || base.n < s->name.n + 2 ||
	    !str_eq(str_sub(base, 0, s->name.n), s->name) ||
	    base.p[s->name.n] != '-')
		return;
	base = str_sub(base, s->name.n + 1, base.n);
	s->version = str_sub(base, 0, str_find(base, '-'));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("gem") };
	struct spec s = { .name = STR_LIT("") };
	struct cur at = c;
	struct str line;

	while (cur_line(&at, &line))
		assignment(str_trim(line), &s);
	if (s.version.n == 0)
		s.version = constant(c, s.constant);
	stub(c, &s);
	file_name(f->path, &s);
	p.name = s.name;
	p.version = s.version;
	/* Gems that Ruby itself brings; a copy in specifications/ goes first. */
	if (str_eqz(where_folder(f->path), "default"))
		p.scope = str_of("default");
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_gem = {
	.name = "gem",
	.revision = 1,
	.wants_revision = 3,
	.wants = wants,
	.looks = looks,
	.in_folder = true,
	.analyze = analyze,
};
