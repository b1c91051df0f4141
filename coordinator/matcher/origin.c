/* Tables of vendors, as they write themselves in package databases. */
#include <string.h>
#include "coordinator/matcher/origin.h"

/* Beginnings of VENDOR of rpm packages that the distribution answers for. */
static const struct {
	const char *os_id;
	const char *vendor[4];
} rpm_vendors[] = {
	{ "rhel", { "Red Hat" } },
	{ "centos", { "CentOS", "Red Hat" } },
	{ "fedora", { "Fedora Project" } },
	{ "ol", { "Oracle America" } },
	{ "almalinux", { "AlmaLinux", "CloudLinux" } },
	{ "rocky", { "Rocky" } },
	{ "sles", { "SUSE" } },
	{ "sled", { "SUSE" } },
	{ "sles_sap", { "SUSE" } },
	{ "sle-micro", { "SUSE" } },
	{ "sl-micro", { "SUSE" } },
	{ "sle-micro-rancher", { "SUSE" } },
	{ "opensuse-leap", { "openSUSE", "SUSE" } },
	{ "opensuse-tumbleweed", { "openSUSE", "SUSE" } },
	{ "photon", { "VMware" } },
	{ "mariner", { "Microsoft Corporation" } },
	{ "azurelinux", { "Microsoft Corporation" } },
	{ "amzn", { "Amazon" } },
	{ "mageia", { "Mageia" } },
};

/* What stands in a deb's version when it is not Debian's or Ubuntu's.  The last row
 * is of Launchpad's personal archives: git-core's, Mozilla's, deadsnakes', whose
 * maintainers are often developers of the distribution. */
static const char *const deb_versions[] = { ".pgdg", "~debian.", "~ubuntu.",
    "nodesource", "~bookworm", "~bullseye", "~buster", "~trixie", "~jammy",
    "~noble", "~focal", ".bookworm", ".bullseye", ".jammy", ".noble", ".focal",
    "+maria~", "+dotdeb", "+0~20", "sury.org",
    "0ppa", "~ppa", "~mt1", "~mt2", "+noble", "+jammy", "+focal", "+bionic" };

/*
 * How Maintainer begins in debs of a vendor's own archive, and the addresses in
 * it.  Who is taken for one of them meets no advisory of the distribution, so
 * neither stands here for a domain from which developers of Debian write.  No row
 * is about a package of Debian 12: look for each in what apt-cache dumpavail says
 * before another is added, and for those of deb_versions.
 */
static const char *const deb_vendors[] = { "ClickHouse", "Confluent",
    "Datadog", "Elasticsearch Team", "GitHub", "GitLab",
    "Grafana Labs", "HashiCorp", "InfluxData", "MariaDB Developers",
    "Microsoft", "MongoDB", "MySQL Release Engineering", "NGINX Packaging",
    "NodeSource", "Percona", "RabbitMQ Team" };
static const char *const deb_addresses[] = { "support@docker.com",
    "nginx-packaging@f5.com", "packaging@mongodb.com", "contact@grafana.com",
    "info@elastic.co", "support@nodesource.com", "mysql-dev@percona.com",
    "support@influxdb.com", "support@influxdata.com", "developers@lists.mariadb.org",
    "mysql-build@oss.oracle.com", "chromium-dev@chromium.org" };

/* Whose developers answer for the packages they maintain: all of Ubuntu's, and all
 * but some hundred languages' packages of Debian 12. */
static const struct {
	const char *type, *domain;
} developers[] = {
	{ "deb", "debian.org" }, { "deb", "alioth-lists.debian.net" },
	{ "deb", "ubuntu.com" }, { "deb", "canonical.com" },
	{ "alpm", "archlinux.org" },
};

static bool
has(struct str s, const char *what)
{
	return (s.n > 0 && memmem(s.p, s.n, what, strlen(what)) != NULL);
}

/* Of "Name <address>", or of an address alone. */
static struct str
address(struct str maintainer)
{
	size_t from = str_rfind(maintainer, '<');

	if (from == maintainer.n)
		return (str_trim(maintainer));
	maintainer = str_sub(maintainer, from + 1, maintainer.n);
	return (str_sub(maintainer, 0, str_find(maintainer, '>')));
}

/* NULL of a distribution whose vendor is not known. */
static const char *const *
vendors_of_rpm(struct str os_id)
{
	for (size_t i = 0; i < sizeof(rpm_vendors) / sizeof(rpm_vendors[0]); i++)
		if (str_eqz(os_id, rpm_vendors[i].os_id))
			return (rpm_vendors[i].vendor);
	return (NULL);
}

static bool
rpm_is_distribution(struct str os_id, const struct package *p)
{
	static const char *const tags[] = { ".el", ".fc", ".amzn", ".azl", ".cm",
	    ".ph", ".mga" };
	const char *const *vendor = vendors_of_rpm(os_id);

	if (vendor == NULL)
		return (true);
	for (size_t k = 0; k < 4 && vendor[k] != NULL; k++)
		if (str_starts(p->vendor, vendor[k]))
			return (true);
	/* a package note says of which system its package is, not who made it */
	if (p->vendor.n > 0 && !str_starts(p->vendor, "cpe:/o:"))
		return (false);
	/* where none is stated the build's own mark in the release tells */
	for (size_t k = 0; k < sizeof(tags) / sizeof(tags[0]); k++)
		if (has(p->version, tags[k]))
			return (true);
	return (str_eqz(p->name, "gpg-pubkey"));
}

/* rpmbuild states no vendor unless it is told one, and has the mark from the system
 * that it runs on.  Of the distributions only Amazon leaves it out, now and then. */
static bool
rpm_may_be_anybodys(struct str os_id, const struct package *p)
{
	return (p->vendor.n == 0 && vendors_of_rpm(os_id) != NULL &&
	    !(str_eqz(os_id, "amzn") && has(p->version, ".amzn")));
}

bool
origin_is_distribution(struct str os_id, const struct package *p)
{
	if (str_eqz(p->type, "rpm"))
		return (rpm_is_distribution(os_id, p));
	if (!str_eqz(p->type, "deb"))
		return (true);
	for (size_t i = 0; i < sizeof(deb_versions) / sizeof(deb_versions[0]); i++)
		if (has(p->version, deb_versions[i]))
			return (false);
	for (size_t i = 0; i < sizeof(deb_vendors) / sizeof(deb_vendors[0]); i++)
		if (str_starts(p->vendor, deb_vendors[i]))
			return (false);
	for (size_t i = 0; i < sizeof(deb_addresses) / sizeof(deb_addresses[0]);
	    i++)
		if (str_caseeqz(address(p->vendor), deb_addresses[i]))
			return (false);
	return (true);
}

bool
origin_is_surely(struct str os_id, const struct package *p)
{
	bool told = false;
	struct str domain = address(p->vendor);

	domain = str_sub(domain, str_rfind(domain, '@'), domain.n);
	domain = str_sub(domain, 1, domain.n);
	for (size_t i = 0; i < sizeof(developers) / sizeof(developers[0]); i++) {
		struct str d = str_of(developers[i].domain);

		if (!str_eqz(p->type, developers[i].type))
			continue;
		told = p->vendor.n > 0;
		if (str_eq(domain, d) || (str_ends(domain, developers[i].domain) &&
		    domain.p[domain.n - d.n - 1] == '.'))
			return (origin_is_distribution(os_id, p));
	}
	if (str_eqz(p->type, "rpm"))
		told = rpm_may_be_anybodys(os_id, p);
	return (!told && origin_is_distribution(os_id, p));
}

bool
origin_lists_unfixed(struct str os_id)
{
	static const char *const t[] = { "debian", "ubuntu", "rhel", "centos",
	    "mariner", "azurelinux", "arch" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(os_id, t[i]))
			return (true);
	return (false);
}

/* Names of packages: how they begin and end, and of which source they are. */
struct names {
	const char *type, *begin, *end, *source;
};

static const struct names headers[] = {
	{ "deb", "linux-libc-dev", "", "" },
	{ "deb", "linux-headers-", "", "" },
	{ "deb", "linux-", "-headers", "linux" },
	{ "deb", "linux-kbuild-", "", "" },
	{ "deb", "linux-source", "", "" },
	{ "deb", "linux-doc", "", "linux" },
	{ "deb", "linux-support-", "", "" },
	{ "deb", "", "-dbgsym", "" },
	/* others than libraries' may hold programs: python3.11-dbg */
	{ "deb", "lib", "-dbg", "" },
	{ "rpm", "kernel-headers", "", "" },
	{ "rpm", "kernel-", "-headers", "kernel" },
	{ "rpm", "kernel-", "-devel", "kernel" },
	{ "rpm", "kernel-", "-devel-matched", "kernel" },
	{ "rpm", "kernel-doc", "", "" },
	{ "rpm", "kernel-source", "", "" },
	{ "rpm", "kernel-macros", "", "" },
	{ "rpm", "kernel-syms", "", "" },
	{ "rpm", "kernel-abi-", "", "" },
	{ "rpm", "linux-glibc-devel", "", "" },
	{ "rpm", "linux-api-headers", "", "" },
	{ "rpm", "", "-debuginfo", "" },
	{ "rpm", "", "-debugsource", "" },
	{ "rpm", "", "-debuginfo-common", "" },
	{ "apk", "linux-headers", "", "" },
	{ "apk", "linux-", "-dev", "linux" },
	{ "apk", "", "-dbg", "" },
	{ "alpm", "linux", "-headers", "" },
};

static const struct names tools[] = {
	{ "deb", "bpftool", "", "linux" },
	{ "deb", "linux-perf", "", "linux" },
	{ "deb", "linux-tools-", "", "linux" },
	{ "deb", "linux-cloud-tools-", "", "linux" },
	{ "deb", "linux-", "-tools", "linux" },
	{ "deb", "linux-cpupower", "", "linux" },
	{ "deb", "libcpupower", "", "linux" },
	{ "deb", "usbip", "", "linux" },
	{ "deb", "hyperv-daemons", "", "linux" },
	{ "deb", "rtla", "", "linux" },
	{ "deb", "linux-config-", "", "linux" },
	{ "rpm", "bpftool", "", "kernel" },
	{ "rpm", "perf", "", "kernel" },
	{ "rpm", "libperf", "", "kernel" },
	{ "rpm", "python3-perf", "", "kernel" },
	{ "rpm", "kernel-tools", "", "kernel" },
	{ "rpm", "rtla", "", "kernel" },
	{ "rpm", "rv", "", "kernel" },
	{ "apk", "bpftool", "", "linux" },
	{ "apk", "perf", "", "linux" },
};

/* Is ${end} at the end of ${name}, or before the number of a version that ends it:
 * "-headers" in "linux-aws-headers-5.15.0-1051"? */
static bool
has_end(struct str name, const char *end)
{
	size_t n = strlen(end);
	const char *at;

	if (n == 0 || str_ends(name, end))
		return (true);
	at = name.n == 0 ? NULL : memmem(name.p, name.n, end, n);
	if (at == NULL)
		return (false);
	name = str_sub(name, (size_t)(at - name.p) + n, name.n);
	return (name.n > 1 && name.p[0] == '-' && name.p[1] >= '0' &&
	    name.p[1] <= '9');
}

static bool
is_one_of(const struct names *v, size_t n, struct str type, struct str name,
    struct str source)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(type, v[i].type) && str_starts(name, v[i].begin) &&
		    has_end(name, v[i].end) && (source.n == 0 ||
		    str_starts(source, v[i].source)))
			return (true);
	return (false);
}

const char *
origin_class(struct str type, struct str name, struct str source)
{
	if (is_one_of(headers, sizeof(headers) / sizeof(headers[0]), type, name,
	    source))
		return ("header");
	if (is_one_of(tools, sizeof(tools) / sizeof(tools[0]), type, name,
	    source))
		return ("kernel_tool");
	return (NULL);
}
