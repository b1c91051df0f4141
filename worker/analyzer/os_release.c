/*
 * os_release: which distribution the image is.  Format: os-release(5).  Gives
 * attributes, no packages; which of the files counts is decided on the whole
 * image (apply.c).
 */
#include "analyzer.h"
#include "common/path.h"

/* One-line companions, and the attribute each becomes. */
static const struct {
	const char *path, *key;
} lines[] = {
	{ "etc/debian_version", "DEBIAN_VERSION" },
	{ "etc/alpine-release", "ALPINE_RELEASE" },
};

static const char *const keys[] = { "ID", "VERSION_ID", "VERSION_CODENAME",
    "PRETTY_NAME", "NAME" };

static bool
is_os_release(struct str path)
{
	return (str_eqz(path, "etc/os-release") ||
	    str_eqz(path, "usr/lib/os-release"));
}

static bool
wants(const struct analyzer_file *f)
{
	if (is_os_release(f->path))
		return (true);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (str_eqz(f->path, lines[i].path))
			return (true);
	return (false);
}

static bool
looks(struct str head)
{
	return (str_starts(head, "PRETTY_NAME=") || str_starts(head, "NAME=") ||
	    str_starts(head, "ID="));
}

/* Shell quoting as os-release allows it: none, '...', or "..." with \ before
 * " $ \ and `.  What follows the closing quote is dropped. */
static int
unquote(struct str v, struct buf *to)
{
	char quote = v.n > 0 && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;
	size_t i = quote != 0 ? 1 : 0;
	int rc = 0;

	buf_clear(to);
	for (; i < v.n && rc == 0 && (quote == 0 || v.p[i] != quote); i++) {
		if (v.p[i] == '\\' && quote != '\'' && i + 1 < v.n)
			i++;
		rc = buf_byte(to, (uint8_t)v.p[i]);
	}
	return (rc);
}

static int
read_assignments(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct str line, key;
	struct buf value;
	size_t eq;
	int rc = 0;

	buf_init(&value, 4096);
	while (rc == 0 && cur_line(&c, &line)) {
		line = str_trim(line);
		eq = str_find(line, '=');
		if (eq == line.n || line.p[0] == '#')
			continue;
		key = str_trim(str_sub(line, 0, eq));
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (!str_eqz(key, keys[i]))
				continue;
			rc = unquote(str_trim(str_sub(line, eq + 1, line.n)), &value);
			rc = rc < 0 ? diag_set(d, rc, 0, "%s is too long", keys[i]) :
			    analyzer_attribute(out, keys[i], buf_view(&value), d);
			break;
		}
	}
	buf_done(&value);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str line;

	if (is_os_release(f->path))
		return (read_assignments(c, out, d));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (str_eqz(f->path, lines[i].path) && cur_line(&c, &line))
			return (analyzer_attribute(out, lines[i].key,
			    str_trim(line), d));
	return (0);
}

const struct analyzer analyzer_os_release = {
	.name = "os_release",
	.revision = 1,
	.wants_revision = 1,
	.max = 65536,		/* the largest known are below 1 KiB */
	.wants = wants,
	.looks = looks,
	.analyze = analyze,
};
