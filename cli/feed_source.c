/* The table of sources; see feed_source.h. */
#include <stdlib.h>
#include "cli/farm.h"
#include "cli/feed_source.h"
#include "common/mem.h"

#define QUOTED 400

static const struct {
	const char *feed;	/* one * may stand for anything without a slash */
	enum feed_protocol protocol;
	const char *base, *path;	/* %: what the * stands for */
} sources[] = {
	{ "osv/*", FEED_OSV,
	    "https://storage.googleapis.com/osv-vulnerabilities", "/%" },
	/* BRANCH-REPOSITORY: v3.20-main, edge-community */
	{ "secdb/alpine-*", FEED_FILE, "https://secdb.alpinelinux.org",
	    "/%.json" },
	{ "secdb/wolfi", FEED_FILE, "https://packages.wolfi.dev",
	    "/os/security.json" },
	{ "secdb/chainguard", FEED_FILE, "https://packages.cgr.dev",
	    "/chainguard/security.json" },
	{ "debian_tracker/debian", FEED_FILE,
	    "https://security-tracker.debian.org", "/tracker/data/json" },
	{ "openvex/ubuntu", FEED_FILE, "https://security-metadata.canonical.com",
	    "/vex/vex-all.tar.xz" },
	{ "csaf/redhat", FEED_CSAF, "https://security.access.redhat.com",
	    "/data/csaf/v2/vex" },
	{ "csaf/suse", FEED_CSAF, "https://ftp.suse.com",
	    "/pub/projects/security/csaf-vex" },
	{ "redhat_repositories", FEED_FILE,
	    "https://security.access.redhat.com",
	    "/data/metrics/repository-to-cpe.json" },
	{ "alas/2", FEED_UPDATEINFO, "https://cdn.amazonlinux.com",
	    "/2/core/latest/x86_64/mirror.list" },
	{ "alas/2-extras-*", FEED_UPDATEINFO, "https://cdn.amazonlinux.com",
	    "/2/extras/%/latest/x86_64/mirror.list" },
	{ "alas/2023", FEED_UPDATEINFO, "https://cdn.amazonlinux.com",
	    "/al2023/core/mirrors/latest/x86_64/mirror.list" },
	{ "oval/oracle", FEED_FILE, "https://linux.oracle.com",
	    "/security/oval/com.oracle.elsa-all.xml.bz2" },
	/* azurelinux-3.0, cbl-mariner-2.0 */
	{ "oval/azurelinux-*", FEED_FILE,
	    "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main",
	    "/azurelinux-%-oval.xml" },
	{ "oval/cbl-mariner-*", FEED_FILE,
	    "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main",
	    "/cbl-mariner-%-oval.xml" },
	/* photon-5 */
	{ "oval/photon-*", FEED_FILE, "https://packages.broadcom.com",
	    "/photon/photon_oval_definitions/com.vmware.phsa-photon%.xml.gz" },
	{ "kev", FEED_FILE, "https://www.cisa.gov",
	    "/sites/default/files/feeds/known_exploited_vulnerabilities.json" },
	{ "epss", FEED_FILE, "https://epss.empiricalsecurity.com",
	    "/epss_scores-current.csv.gz" },
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

/* Does ${name} fit the pattern?  *${ret} is what its * stands for. */
static bool
fits(struct str name, const char *pattern, struct str *ret)
{
	size_t head = strcspn(pattern, "*");

	*ret = (struct str) { NULL, 0 };
	if (pattern[head] == '\0')
		return (str_eqz(name, pattern));
	if (name.n <= head || memcmp(name.p, pattern, head) != 0)
		return (false);
	*ret = str_sub(name, head, name.n);
	return (str_find(*ret, '/') == ret->n);
}

/* Of Alpine the last word is a folder's file: BRANCH/REPOSITORY. */
static char *
path_of(const char *path, struct str star, bool alpine)
{
	size_t at = strcspn(path, "%"), cut = str_rfind(star, '-');
	char a[QUOTED], b[QUOTED] = "";

	if (path[at] == '\0')
		return (mem_strdup(path));
	farm_quote(alpine ? str_sub(star, 0, cut) : star, a, sizeof(a));
	if (alpine)
		farm_quote(str_sub(star, cut + 1, star.n), b, sizeof(b));
	return (mem_printf("%.*s%s%s%s%s", (int)at, path, a, alpine ? "/" : "",
	    b, path + at + 1));
}

bool
feed_source_find(struct str name, const char *base, struct feed_source *ret)
{
	struct str star;

	for (size_t i = 0; i < SOURCES; i++) {
		bool alpine = strcmp(sources[i].feed, "secdb/alpine-*") == 0;
		struct str b = str_of(base != NULL ? base : sources[i].base);
		char *path;

		if (!fits(name, sources[i].feed, &star) ||
		    (alpine && str_rfind(star, '-') == star.n))
			continue;
		while (b.n > 0 && b.p[b.n - 1] == '/')
			b.n--;
		path = path_of(sources[i].path, star, alpine);
		ret->protocol = sources[i].protocol;
		ret->url = mem_printf("%.*s%s", STR_ARG(b), path);
		free(path);
		return (true);
	}
	return (false);
}

void
feed_source_done(struct feed_source *s)
{
	free(s->url);
	s->url = NULL;
}

struct output *
feed_source_listing(void)
{
	static const char *const columns[] = { "feed", "source" };
	struct output *o = output_new(columns, 2);

	for (size_t i = 0; i < SOURCES; i++) {
		char *url = mem_printf("%s%s", sources[i].base,
		    sources[i].path);
		struct str cells[2] = { str_of(sources[i].feed), str_of(url) };

		for (char *p = url; *p != '\0'; p++)
			if (*p == '%')
				*p = '*';
		output_row(o, cells);
		free(url);
	}
	return (o);
}
