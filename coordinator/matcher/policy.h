/*
 * From findings and what is known about their completeness to a verdict.  Pure:
 * ages of feeds are given, no clock is read.
 *
 * fail > unknown > pass.  A verdict is unknown when something could not be
 * looked at: part of the image unreadable; system packages of a distribution
 * that is unknown, has no advisories or no version order of ours, or whose vendor
 * speaks of it no more; advisories older than allowed; packages of any kind whose
 * advisories came but wait to be matched.  A language without advisories is a note.
 */
#ifndef POLICY_H
#define POLICY_H

#include "common/advisory.h"
#include "common/err.h"
#include "common/pool.h"

enum verdict { VERDICT_PASS, VERDICT_UNKNOWN, VERDICT_FAIL };	/* by weight */
/* "pass", "unknown", "fail": as stored. */
const char *verdict_name(enum verdict);

struct policy {
	enum severity fail_on;	/* this bad or worse fails; UNKNOWN = any finding */
	bool only_fixed;	/* only findings that an update would remove */
	bool fail_on_kev;	/* and what is known to be exploited, however bad */
	uint64_t max_feed_age_s;	/* 0 = no limit */
};
/* What holds when nobody said otherwise: high and worse, fixed or not. */
extern const struct policy policy_default;

struct policy_finding {
	struct str vulnerability;
	struct str name, version;	/* of the package */
	struct str fixed_version;	/* "" = none known */
	struct str status;		/* VEX; only "affected" counts */
	enum severity severity;
	bool hidden;		/* not worth counting: match.h */
	bool kev;		/* in CISA's catalogue */
};

/* One namespace of the image's packages. */
struct policy_coverage {
	struct str namespace;	/* "" = none known */
	struct str type;	/* purl type */
	uint64_t packages;
	bool ordered;		/* we know its version order */
	bool has_feed;
	bool waits;		/* all of one came, but what it says of them was
				   not all matched yet; has_feed is not set */
	int64_t feed_age_s;	/* since the last import; < 0 = not known */
	struct str support_ended;	/* the last day of which advisories tell,
				   "" = today: support_ended() */
};

struct policy_input {
	const struct policy_finding *findings;
	size_t nfindings;
	const struct policy_coverage *coverage;
	size_t ncoverage;
	bool incomplete;	/* part of the image could not be read */
	const struct str *reasons;	/* why, for people */
	size_t nreasons;
	struct str unread;	/* which advisories could not be read, for people;
				   "" = all were */
};

/* Reasons beyond this many are summed up in one. */
#define POLICY_REASONS_MAX 50

struct policy_result {
	enum verdict verdict;
	struct str *reasons;	/* why it is not pass: failures first */
	size_t nreasons;
	struct str *notes;	/* worth knowing, without weight */
	size_t nnotes;
};

/**
 * policy_decide(p, in, pool, ret):
 * Judge ${in} by ${p}; texts live in ${pool}.  Return 0 or ERR_LIMIT.
 */
int policy_decide(const struct policy *p, const struct policy_input *in,
    struct pool *, struct policy_result *ret);

/*
 * The same judgement in parts, for a farm that keeps counts.  A finding is
 * counted in the cell of its severity and of whether a fix is known; findings
 * of one cell are equal before every policy.
 */
#define POLICY_CELLS 12
/* The cell, 2 * severity + a fix is known; -1 = it does not count at all. */
int policy_cell(const struct policy_finding *);
/* Is one finding in that cell enough to fail? */
bool policy_fails(const struct policy *, int cell);
/* Is that one? */
bool policy_refuses(const struct policy *, const struct policy_finding *);
/**
 * policy_gap(p, c, weighs, out):
 * Why the packages of ${c} were not looked at, behind their number ("deb packages
 * of Debian:12: no advisories for them"), empty when they were.  *${weighs}: is
 * it enough for unknown.
 */
void policy_gap(const struct policy *p, const struct policy_coverage *c,
    bool *weighs, char out[DIAG_TEXT]);
/* The verdict when these are known. */
enum verdict policy_verdict(bool fails, bool gap, bool incomplete);

#endif
