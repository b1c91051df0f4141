/*
 * wordpress: the core, its plug-ins and themes.  Format: WordPress's headers, a
 * comment with "Name: value" lines in the first 8 KiB of a plug-in's main file
 * or a theme's style.css; $wp_version in wp-includes/version.php.  Plug-ins and
 * themes go by the name of their folder, as on WordPress's own lists.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

#define HEADER 8192	/* WordPress reads no further */

enum part { NONE, CORE, PLUGIN, THEME };

/* The folder or file that names it goes to *${slug}. */
static enum part
part_of(struct str path, struct str *slug)
{
	struct str dir = path_dir(path), base = path_base(path);

	*slug = path_base(dir);
	if (str_eqz(base, "version.php"))
		return (str_eqz(*slug, "wp-includes") ? CORE : NONE);
	if (str_eqz(base, "style.css"))
		return (str_eqz(where_folder(dir), "themes") ? THEME : NONE);
	if (!str_ends(base, ".php"))
		return (NONE);
	if (str_eqz(*slug, "plugins") || str_eqz(*slug, "mu-plugins")) {
		*slug = str_sub(base, 0, base.n - 4);	/* plugins/hello.php */
		dir = path_dir(path);
	} else {
		dir = path_dir(dir);
	}
	return ((str_eqz(path_base(dir), "plugins") ||
	    str_eqz(path_base(dir), "mu-plugins")) &&
	    str_eqz(where_folder(dir), "wp-content") ? PLUGIN : NONE);
}

static bool
wants(const struct analyzer_file *f)
{
	struct str slug;

	return ((str_ends(f->path, ".php") || str_ends(f->path, "style.css")) &&
	    part_of(f->path, &slug) != NONE);
}

/* The value of "${name}: value" in a line of a comment, or "". */
static struct str
header(struct str line, const char *name)
{
	size_t at = 0, n = strlen(name);

	while (at < line.n && strchr(" \t/*#@", line.p[at]) != NULL)
		at++;
	if (!str_caseeqz(str_sub(line, at, at + n), name) ||
	    at + n >= line.n || line.p[at + n] != ':')
		return (str_of(""));
	line = str_trim(str_sub(line, at + n + 1, line.n));
	while (line.n > 0 && strchr("*/?> \t", line.p[line.n - 1]) != NULL)
		line.n--;
	return (line);
}

/* $wp_version = '6.4.1'; */
static struct str
core_version(struct str line)
{
	size_t from = str_find(line, '\'');

	if (!str_starts(line, "$wp_version"))
		return (str_of(""));
	line = str_sub(line, from + 1, line.n);
	return (str_sub(line, 0, str_find(line, '\'')));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str slug, line, version = { NULL, 0 }, title = { NULL, 0 }, s;
	enum part part = part_of(f->path, &slug);
	struct package p = { .type = STR_LIT("generic"),
	    .name = STR_LIT("wordpress") };

	c = cur_str(str_sub(cur_rest(&c), 0, HEADER));
	while (cur_line(&c, &line)) {
		line = str_trim(line);
		s = part == CORE ? core_version(line) : header(line, "Version");
		if (version.n == 0)
			version = s;
		if (part == CORE)
			title = version;
		else if (title.n == 0)
			title = header(line, part == THEME ? "Theme Name" :
			    "Plugin Name");
	}
	if (title.n == 0)	/* some other file */
		return (0);
	if (part != CORE) {
		p.type = str_of(part == THEME ? "wordpress-theme" :
		    "wordpress-plugin");
		p.name = slug;
	}
	p.version = version;
	return (analyzer_package(out, &p, d));
}

const struct analyzer analyzer_wordpress = {
	.name = "wordpress",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
