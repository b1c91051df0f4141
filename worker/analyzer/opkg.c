/*
 * opkg: installed packages of OpenWrt and of images built by Yocto.  Format: as
 * dpkg's status (opkg's documentation); the third word of Status decides.
 */
#include "analyzer.h"
#include "common/format/deb822.h"
#include "common/limits.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(f->path, "usr/lib/opkg/status") ||
	    str_eqz(f->path, "var/lib/opkg/status"));
}

static bool
ends_in(struct str status, const char *const *words)
{
	struct str word = str_sub(status, str_rfind(status, ' ') + 1, status.n);

	for (size_t i = 0; words[i] != NULL; i++)
		if (str_eqz(word, words[i]))
			return (true);
	return (false);
}

static int
stanza(struct cur *c, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("opkg") };
	static const char *const there[] = { "installed", "unpacked",
	    "half-installed", "post-inst-failed", "removal-failed", NULL };
	static const char *const gone[] = { "not-installed", "config-files", NULL };
	struct str status = { NULL, 0 };
	const struct { const char *name; struct str *to; } want[] = {
		{ "Package", &p.name }, { "Version", &p.version },
		{ "Architecture", &p.arch }, { "SourceName", &p.source_name },
		{ "Maintainer", &p.vendor }, { "Status", &status },
	};
	struct deb822_field h;

	while (deb822_next(c, &h))
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			if (str_caseeqz(h.name, want[i].name))
				*want[i].to = deb822_first_line(h.value);
	if (ends_in(status, gone))
		return (0);
	if (p.name.n == 0 || p.version.n == 0 || !ends_in(status, there)) {
		analyzer_skip(out, p.name.n == 0 ? "no name" :
		    p.version.n == 0 ? "no version" :
		    "no state that opkg knows");
		return (0);
	}
	if (p.source_name.n > 0)
		p.source_version = p.version;
	p.vendor = str_sub(p.vendor, 0, LIMIT_PACKAGE_TEXT);
	return (analyzer_package(out, &p, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct str all = cur_rest(&c);
	int rc = 0;

	(void)f;
	while (rc == 0 && deb822_begin(&c))
		rc = stanza(&c, out, d);
	if (rc == 0)
		rc = analyzer_whole_lines(all, d);
	return (rc);
}

const struct analyzer analyzer_opkg = {
	.name = "opkg",
	.revision = 4,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
