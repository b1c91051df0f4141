/*
 * Which distribution an image is, from its release files and, where they are
 * missing or contradict the package database, from marks in the packages.
 */
#ifndef DISTRIBUTION_H
#define DISTRIBUTION_H

#include "common/inventory.h"

/* As os-release(5) and its companions state it; "" where not stated. */
struct distribution {
	struct str id;		/* ID in lower case, "linux" when absent in one */
	struct str version;	/* VERSION_ID */
	struct str codename;	/* VERSION_CODENAME */
	struct str name, pretty_name;
	struct str cpe;		/* CPE_NAME */
	struct str path;	/* the file that says so; "" = packages, or none */
	/* How sure that is: "stated" by os-release, "release file" = by one of
	 * another name, "inferred" from packages or where they come from, "" =
	 * not known. */
	struct str confidence;
};

/**
 * distribution_of_line(file, line, ret):
 * What the first line of a release file other than os-release says:
 * "redhat-release" with "CentOS release 6.10 (Final)", "debian_version" with
 * "12.5", ...  ${file} is its base name.  False when it says nothing known.
 */
bool distribution_of_line(struct str file, struct str line,
    struct distribution *ret);

/**
 * distribution_of_lsb(id, release, ret):
 * What DISTRIB_ID and DISTRIB_RELEASE of etc/lsb-release say: "Ubuntu" with
 * "20.04".  False when the id is not known.
 */
bool distribution_of_lsb(struct str id, struct str release,
    struct distribution *ret);

/**
 * distribution_contradicts(os, said):
 * Is what one more release file ${said} another distribution or release than
 * ${os}?  Of a distribution that carries its base's files (Ubuntu Debian's,
 * Oracle Red Hat's), or that nobody knows, nothing they say is a contradiction.
 */
bool distribution_contradicts(const struct distribution *os,
    const struct distribution *said);

/**
 * distribution_of_package(p, ret):
 * What the version or vendor of an OS package gives away: +deb12u1, .el9, .fc41,
 * .amzn2, .azl3, ubuntu0.22.04.1.  The version is "" where ${p} is Ubuntu's and
 * does not tell of which release.  False for most packages.
 */
bool distribution_of_package(const struct package *p, struct distribution *ret);

/**
 * distribution_of_codename(codename, ret):
 * "bookworm" is Debian 12, "jammy" is Ubuntu 22.04: the id and version of the
 * release that is called so.  False when none is known.
 */
bool distribution_of_codename(struct str codename, struct distribution *ret);

/* Do packages of this purl type come from a database of an operating system,
 * whichever? */
bool distribution_is_os_type(struct str type);

/* Could packages of this purl type be that distribution's own? */
bool distribution_has_type(struct str id, struct str type);

#endif
