/*
 * Does this advisory apply to this package?  The one place with that rule: the
 * farm finds candidates by a range join in SQL, the offline matcher by its
 * index, and both ask match_decide().  Pure: no clock, no globals.
 *
 * A package is looked up under one or two (namespace, name, key) rows, an
 * advisory's entry covers half open key ranges of one (namespace, name).  A
 * pair whose rows meet is a candidate, and so is one of an entry about a binary
 * (by_binary) and the deb or apk of that name; no pair that applies is ever missed.
 */
#ifndef MATCH_H
#define MATCH_H

#include "common/advisory.h"
#include "common/pool.h"

/* Everything a rule looks at; the identity of a package in the farm. */
struct match_package {
	struct str namespace;	/* "Debian:12", "PyPI"; "" = none known */
	struct str type;	/* purl type */
	struct str name;
	struct str version;
	struct str arch;
	struct str source_name;	/* apk: the origin */
	struct str source_version;
	struct str origin;	/* words of apply.h, "" = distro */
	struct str module;	/* rpm's module label, "" = none */
	struct str channels;	/* that the image takes, see channel.h; "" = the
				   main one of its release */
	/* of what a distribution ships: the package that owns it, "" = not known */
	struct str owner_namespace;
	struct str owner_source;
	struct str owner_version;
};

/* By what a package is found.  Memory of the pool given. */
struct match_key {
	struct str namespace;
	struct str name;	/* source, origin or normalised name */
	struct str version;	/* the one that is compared */
	bool no_epoch;		/* an rpm's that may have an epoch which is not
				   stated: compared without any */
	struct str key;		/* its bytes; one that no order knows is 0xFF and
				   the text, and meets only enumerated texts */
	bool owner;		/* of the owner: only denials are heard by it, of
				   entries that begin with the first version (its
				   key is empty, for what is behind a fix, too) */
	bool binary;		/* by its own name, for entries about one binary;
				   no row (match_has_binary_name()) */
};
#define MATCH_KEYS_MAX 2

/* Do entries about one binary (by_binary) find ${p} by its own name?  They are few, and
 * debs and apks many: these have no rows of their own for that. */
bool match_has_binary_name(const struct match_package *p);

/* What an entry of an advisory covers: [lo, hi) of keys. */
struct match_range {
	struct str namespace;
	struct str name;	/* normalised */
	struct str lo;
	struct str hi;
};

/* Who rated a severity, in the order in which they are believed: the score of a
 * vector, a word for the whole document, a word for exactly this package. */
enum match_rated { MATCH_RATED_NOT, MATCH_RATED_SCORE, MATCH_RATED_DOCUMENT,
    MATCH_RATED_PACKAGE };

struct match_result {
	bool applies;		/* the advisory says something of the package */
	struct str status;	/* VEX, the gravest that it says: affected before
				   under_investigation, fixed, not_affected */
	struct str reason;	/* the vendor's own word for it, "" = none; the
				   advisory's memory */
	struct str fixed_version;	/* "" = none known; the advisory's memory */
	enum severity severity;
	enum match_rated rated;
	bool hidden;		/* shown when asked for and counted nowhere: of a
				   header, what Debian calls unimportant; every
				   denial */
	const char *rule;	/* which evidence: "range", "versions", or why it
				   does not apply: "withdrawn", "no entry", ... */
	size_t entry;		/* the deciding affected[] */
	int64_t stated;		/* when it said so, see advisory.h */
};

/* One thing that match_decide() looked at: a range or the enumerated versions of an
 * entry that names the package. */
struct match_step {
	size_t entry;		/* of affected[] */
	const struct match_key *key;	/* what of the package was compared */
	enum { MATCH_STEP_ENTRY, MATCH_STEP_RANGE, MATCH_STEP_VERSIONS } what;
	size_t range;		/* of ranges[] */
	const char *result;	/* "inside", "before", "behind", "listed", "not
				   listed";
				   not compared: "other build" (of another module,
				   flavour or source), "other channel", "no
				   versions", "bound without order", "version
				   without order", "ranges decide" */
};

/* Who is told each of them. */
struct match_trace {
	void (*step)(void *arg, const struct match_step *);
	void *arg;
};

/* What an entry is rated, and why. */
struct match_rating {
	enum severity severity;
	enum match_rated rated;
	const char *from;	/* "entry", "document": its own word; "entry_cvss",
				   "document_cvss"; "malware"; "" = not rated */
	struct str cvss;	/* the vector that counted, "" = none */
};

/**
 * match_package_keys(p, pool, ret, n, d):
 * Fill ${ret}[0..*${n}) with the rows of ${p}; none when its ecosystem has no
 * version order of ours (nothing can match it: the coverage must say so).  The
 * owner's comes last.  A kernel
 * of Debian's or Ubuntu's linux-signed... is found by what was signed, too, and so
 * are the boot loaders that Debian signs.
 * Return 0 or ERR_LIMIT.
 */
int match_package_keys(const struct match_package *p, struct pool *,
    struct match_key ret[MATCH_KEYS_MAX], size_t *n, struct diag *);

/**
 * match_entry_ranges(a, pool, ret, n, unmatched, d):
 * Set *${ret} to the *${n} ranges that entry ${a} covers.  *${unmatched} is set
 * when something in it could not be ordered (its ecosystem, GIT ranges only, a
 * bound that is no version), so that it may apply and never be seen.  Return 0
 * or ERR_LIMIT.
 */
int match_entry_ranges(const struct advisory_affected *a, struct pool *,
    struct match_range **ret, size_t *n, bool *unmatched, struct diag *);

/**
 * match_decide(p, a, ret, d):
 * Evaluate all entries of ${a} for ${p}.  An entry about an rpm module speaks of
 * the builds of the same name:stream, any other of builds outside of modules;
 * a bound with ".module" (el8's mark) makes an entry one about some module, and
 * of a build whose module is not known every entry about modules may claim
 * something and none deny.  Of a kernel's tools nothing is rated above low: what
 * their source is about is hardly ever in them.  Oracle's ksplice and FIPS builds meet only entries
 * about such.  What is said of the package's own channel counts before what is
 * said of all of the release or of its main line, whose fix another line does not
 * get.  What is said of one binary of a source speaks of no other.  Of statements with
 * a time the last counts, of one time the gravest.  Of what a distribution ships
 * (origin "shipped") a word about the package that owns it, not affected or fixed
 * before the version there is, is a denial by rule "owner".  Return 0 with *${ret}
 * filled, or ERR_LIMIT.
 */
int match_decide(const struct match_package *p, const struct advisory *a,
    struct match_result *ret, struct diag *);

/* The same, telling ${trace} (which may be NULL) what was compared. */
int match_decide_traced(const struct match_package *p, const struct advisory *a,
    const struct match_trace *trace, struct match_result *ret, struct diag *d);

/* What entry ${e} of ${a} is rated: the vendor's word, else CVSS base, else
 * unknown; reports of malware are always critical. */
struct match_rating match_rating(const struct advisory *a,
    const struct advisory_affected *e);

#endif
