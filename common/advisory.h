/*
 * One advisory document, OSV-shaped, as every feed importer hands it on.
 * Followed: OSV schema 1.7.  Texts live in the pool given to the reader.
 * Encoded with pack.h between the sandboxed importer and the matcher.
 */
#ifndef ADVISORY_H
#define ADVISORY_H

#include "buf.h"
#include "cur.h"
#include "pool.h"

enum severity {		/* order is the order of badness */
	SEVERITY_UNKNOWN = 0,
	SEVERITY_NEGLIGIBLE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
};
const char *severity_name(enum severity);
/* Any source's word ("Important", "MODERATE", "untriaged"); UNKNOWN if none. */
enum severity severity_of_word(struct str);

/* What a source says of a package, in VEX's words. */
enum vex_status {
	VEX_AFFECTED = 0,	/* what is said where nothing else is */
	VEX_NOT_AFFECTED,
	VEX_FIXED,
	VEX_UNDER_INVESTIGATION,
};
const char *vex_status_name(enum vex_status);	/* "not_affected": as stored */
/* The status called ${name}; false when it is none of the four. */
bool vex_status_of(struct str name, enum vex_status *ret);
/* Does it deny what others may claim?  Not affected and fixed do. */
bool vex_status_denies(enum vex_status);

/* Half open or closed piece of the version line, from OSV's events. */
struct advisory_range {
	struct str lo;		/* introduced; "0" or "" = from the beginning */
	struct str hi;		/* fixed / limit (exclusive) or last_affected
				   (inclusive); "" = no upper end */
	bool hi_inclusive;
	struct str fixed;	/* the fix to show, "" = none known */
	bool lo_exclusive;	/* ${lo} itself is not in it: VEX's ">1.0" */
};

struct advisory_affected {
	struct str ecosystem;	/* exact, with suffix: "Debian:12", "PyPI" */
	struct str name;	/* as the document writes it */
	struct str range_type;	/* SEMVER or ECOSYSTEM; GIT (or what else it says)
				   when that is all there is; "" = no ranges */
	struct advisory_range *ranges;	/* of SEMVER and ECOSYSTEM only */
	size_t nranges;
	struct str *versions;	/* enumerated */
	size_t nversions;
	enum severity severity;	/* of this entry, else UNKNOWN */
	struct str cvss;	/* vector of this entry, "" = none; with either of
				   them the document's own severity does not count */
	struct str status_reason;	/* vendor's own word: no-dsa, will not fix, ... */
	enum vex_status status;
	struct str module;	/* rpm: only builds of this "name:stream"; "" =
				   only builds of none, see match.h */
	struct str channels;	/* what of the vendor's offer it is said of, "" =
				   all of it; words with spaces between, sorted:
				   "rhel_aus:9.2 rhel_eus:9.2", see channel.h */
	struct str source;	/* only builds of this source package, "" = any */
	bool by_source;		/* Red Hat: the name may be a source's, of all
				   its binaries; else it is a binary's */
	int64_t stated;		/* OpenVEX, CSAF: when, in microseconds since 1970;
				   of such statements only the last is in force.
				   Below 0, minus that: a distribution's own of its
				   packages (finding.h).  0 = of another kind */
	struct str binary;	/* deb, apk: only the package of that name, "" = any
				   that the name above finds; of documents read
				   before by_binary was */
	bool by_binary;		/* deb, apk: the name and versions are those of one
				   binary package, not of its source */
};

struct advisory {
	struct str id;
	struct str modified;	/* RFC 3339 as written */
	struct str published;
	struct str withdrawn;	/* "" = not withdrawn */
	struct str summary;	/* cut at 1 KiB */
	struct str *aliases, *upstream, *related;
	size_t naliases, nupstream, nrelated;
	enum severity severity;	/* vendor's word, else UNKNOWN */
	struct str cvss;	/* top-level vector: 3.x before 4.0 before 2.0 */
	struct advisory_affected *affected;
	size_t naffected;
};

/**
 * advisory_write(b, a) / advisory_read(c, pool, ret, d):
 * Append ${a} to ${b}, or take one from ${c} with all texts copied into
 * ${pool}.  Return 0, ERR_LIMIT (ceiling of buffer or pool) or ERR_MALFORMED
 * (the bytes are no advisory).  A record may grow at its end.
 */
int advisory_write(struct buf *, const struct advisory *);
int advisory_read(struct cur *, struct pool *, struct advisory *ret, struct diag *);

#endif
