/*
 * unread: databases of packages that nothing here reads, so that what they list
 * is not taken for nothing: of systems by a table of their tools, and those of a
 * whole system that lies in a folder of the image (a chroot, a builder's root, the
 * layers of containers in a container).  The name is the find.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

/* Older Slackwares list there, where others may write logs. */
#define LOGS "var/log/packages/"

/* Files below a path that ends with a slash, or that file. */
static const struct {
	const char *path, *tool;
} tools[] = {
	{ ".moss/db/", "moss (AerynOS)" },
	{ "Files/Windows/System32/ntdll.dll", "Windows" },
	{ "Windows/System32/ntdll.dll", "Windows" },
	{ "etc/cos-package-info.json", "Container-Optimized OS" },
	{ "usr/lib/hadron/components.json", "Hadron" },
	{ "usr/local/tce.installed/", "Tiny Core" },
	{ "usr/share/bottlerocket/application-inventory.json", "Bottlerocket" },
	{ "usr/share/clear/bundles/", "swupd (Clear Linux)" },
	{ "var/db/kiss/installed/", "kiss" },
	{ "var/db/paludis/repositories/installed/", "paludis (Exherbo)" },
	{ "var/db/pkg/local.sqlite", "pkg (FreeBSD)" },
	{ "var/db/xbps/", "xbps (Void)" },
	{ "var/guix/db/db.sqlite", "Guix" },
	{ "var/lib/conarydb/conarydb", "conary" },
	{ "var/lib/eopkg/package/", "eopkg (Solus)" },
	{ "var/lib/pisi/package/", "pisi" },
	{ "var/lib/pkg/db", "pkgutils (CRUX)" },
	{ "var/lib/pkgtools/packages/", "pkgtools (Slackware)" },
	{ LOGS, "pkgtools (Slackware)" },
	{ "var/state/sorcery/packages", "sorcery (Source Mage)" },
};

/* What others read at the root, besides inventory_databases. */
static const char *const roots[] = { "var/lib/dpkg/status.d/base",
    "var/lib/pacman/local/ALPM_DB_VERSION", NULL };

/* NAME-VERSION-ARCH-BUILD, without an extension. */
static bool
is_slackware_name(struct str name)
{
	size_t dashes = 0;

	for (size_t i = 0; i < name.n; i++)
		dashes += name.p[i] == '-';
	return (dashes >= 3 && !str_ends(name, ".log") &&
	    !str_ends(name, ".gz"));
}

static const char *
tool_of(struct str path)
{
	if (str_starts(path, LOGS) && !is_slackware_name(path_base(path)))
		return (NULL);
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		size_t n = strlen(tools[i].path);

		if (tools[i].path[n - 1] == '/' ?
		    path.n > n && str_starts(path, tools[i].path) :
		    str_eqz(path, tools[i].path))
			return (tools[i].tool);
	}
	return (NULL);
}

/* The folder below which ${path} is one of ${known}; "" for none, and the root. */
static struct str
folder_before(struct str path, const char *const *known)
{
	for (size_t i = 0; known[i] != NULL; i++) {
		size_t n = strlen(known[i]);

		if (path.n > n + 1 && str_ends(path, known[i]) &&
		    path.p[path.n - n - 1] == '/')
			return (str_sub(path, 0, path.n - n - 1));
	}
	return (str_of(""));
}

/* The folder in which a system lies whose database is ${path}. */
static struct str
system_of(struct str path)
{
	struct str dir = folder_before(path, inventory_databases);

	if (dir.n == 0)
		dir = folder_before(path, roots);
	/* "usr" of usr/lib/apk/db/installed, also in a folder */
	if (str_eqz(dir, "usr") || where_is_dependency(path) ||
	    where_below(path, "testdata") || where_below(path, "fixtures"))
		return (str_of(""));
	return (str_eqz(path_base(dir), "usr") ? path_dir(dir) : dir);
}

static bool
wants(const struct analyzer_file *f)
{
	/* a folder that is prepared for a system has an empty database */
	return (tool_of(f->path) != NULL ||
	    (f->size > 0 && system_of(f->path).n > 0));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const char *tool = tool_of(f->path);

	(void)c;
	return (tool != NULL ?
	    analyzer_attribute(out, "TOOL", str_of(tool), d) :
	    analyzer_attribute(out, "SYSTEM", system_of(f->path), d));
}

const struct analyzer analyzer_unread = {
	.name = "unread",
	.revision = 2,
	.wants_revision = 3,
	.names = true,
	.wants = wants,
	.analyze = analyze,
};
