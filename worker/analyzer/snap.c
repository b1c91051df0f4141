/*
 * snap: an unpacked snap and the Debian packages that were put into it.
 * Formats: meta/snap.yaml (name, version, architectures) and snap/manifest.yaml
 * (primed-stage-packages: NAME=VERSION) of snapcraft.  Of YAML only what they
 * use at the top level is read: plain and quoted scalars, block and flow lists
 * of them.
 */
#include "analyzer.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "meta/snap.yaml",
	    "snap/manifest.yaml" };
	size_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		if (str_ends(f->path, names[i]) && (f->path.n == n ||
		    f->path.p[f->path.n - n - 1] == '/'))
			return (true);
	}
	return (false);
}

/* A scalar without its quotes or the comment behind it. */
static struct str
scalar(struct str s)
{
	size_t end;

	s = str_trim(s);
	if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
		end = str_find(str_sub(s, 1, s.n), s.p[0]);
		return (str_sub(s, 1, end + 1));
	}
	for (end = 0; end < s.n; end++)
		if (s.p[end] == '#' && end > 0 && s.p[end - 1] == ' ')
			break;
	return (str_trim(str_sub(s, 0, end)));
}

/* "- x" or "[x, ...": its first item. */
static struct str
first_item(struct str s)
{
	s = str_trim(s);
	s = str_sub(s, 1, s.n);
	return (scalar(str_sub(s, 0, str_find(str_sub(s, 0,
	    str_find(s, ',')), ']'))));
}

/* "libc6=2.31-0ubuntu9" */
static int
staged(struct str item, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("deb"), .scope = STR_LIT("bundled") };
	size_t at = str_find(item, '=');

	p.name = str_sub(item, 0, at);
	p.version = str_sub(item, at + 1, item.n);
	return (p.name.n == 0 || p.version.n == 0 ? 0 :
	    analyzer_package(out, &p, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	bool is_manifest = str_ends(f->path, "manifest.yaml");
	struct package p = { .type = STR_LIT("snap") };
	struct str line, key = { NULL, 0 }, value;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line)) {
		value = str_trim(line);
		if (value.n == 0 || value.p[0] == '#')
			continue;
		if (value.p[0] == '-') {
			/* of the list below a top-level key; inner lists stand
			 * below a line that begins with a blank */
			if (str_eqz(key, "architectures") && p.arch.n == 0)
				p.arch = first_item(value);
			else if (str_eqz(key, "primed-stage-packages") &&
			    is_manifest)
				rc = staged(scalar(str_sub(value, 1, value.n)),
				    out, d);
			continue;
		}
		if (line.p[0] == ' ') {
			key = str_of("");
			continue;
		}
		key = scalar(str_sub(line, 0, str_find(line, ':')));
		value = str_sub(line, str_find(line, ':') + 1, line.n);
		if (str_eqz(key, "name"))
			p.name = scalar(value);
		else if (str_eqz(key, "version"))
			p.version = scalar(value);
		else if (str_eqz(key, "architectures") &&
		    str_starts(str_trim(value), "["))
			p.arch = first_item(value);
	}
	/* The manifest repeats the snap's own name. */
	if (rc < 0 || is_manifest || p.name.n == 0 || p.version.n == 0)
		return (rc);
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_snap = {
	.name = "snap",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
