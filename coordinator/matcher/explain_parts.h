/*
 * Between explain.c (documents to outcomes), explain_words.c (sentences),
 * explain_text.c and explain_json.c.  Texts live in the explanation's pool.
 */
#ifndef EXPLAIN_PARTS_H
#define EXPLAIN_PARTS_H

#include "coordinator/matcher/explain.h"
#include "coordinator/matcher/finding.h"

struct explain_place {
	struct str path, analyzer;
	struct str owner;	/* OS package that owns the file, "NAME VERSION" */
	struct str state;	/* why it is not simply installed: residual, dev */
	uint32_t layer;		/* introduced in */
	uint32_t file_layer;	/* whose file states it */
};

/* A package of the image, once, with all places where it was found. */
struct explain_item {
	struct match_package p;
	struct explain_place *places;
	size_t nplaces;
};

/* One comparison. */
struct explain_step {
	bool versions;		/* of the enumerated ones, ${listed} of them */
	size_t listed;
	struct advisory_range range;
	const char *result;	/* of match_step */
};

/* Of each entry only the first steps are kept: enumerations of ranges go on for
 * thousands, and nobody reads them. */
#define EXPLAIN_STEPS 20
/* The same of entries of a document about one package. */
#define EXPLAIN_ENTRIES 50

/* An entry that names the package. */
struct explain_entry {
	size_t number;		/* in the document */
	struct str ecosystem, name, module, channels, reason;
	enum vex_status status;
	struct str as, version;	/* the package's name and version compared */
	struct explain_step *steps;
	size_t nsteps, more;
	bool other_build, other_channel;
	bool no_version;	/* it names none that could be compared */
};

/* A document about one package. */
struct explain_source {
	size_t item;
	struct str feed, advisory, modified, withdrawn, summary;
	const char *ignored;
	struct match_result r;
	struct match_rating rating;	/* of the deciding entry */
	struct explain_entry *entries;
	size_t n, more;
	struct str elsewhere;	/* "Debian:11, Debian:13": where it speaks of the
				   name instead, "" = it has entries */
};

/* What one document says of one vulnerability on one package. */
struct explain_claim {
	struct str name;
	size_t source;
	const char *rule;	/* by which another decides over it, NULL = none */
};

/* One package, one vulnerability. */
struct explain_outcome {
	struct str name;
	size_t item;
	const struct explain_claim *claims;
	size_t n;
	const char *status;	/* VEX words, or "unknown" */
	bool counts;		/* it is a finding */
	size_t decider;		/* of claims; SIZE_MAX = none applies */
	const char *rule;	/* why it decides; "none_applies" */
	struct finding f;	/* when one applies */
};

/* A document about the vulnerability that names no package here. */
struct explain_other {
	struct str name, feed, advisory, packages;
	const char *ignored;
};
#define EXPLAIN_OTHERS 200

struct explain {
	struct pool *pool;
	struct str asked;
	struct str os_id, os_version;
	const struct explain_layer *layers;
	size_t nlayers;
	struct explain_item *items;
	size_t nitems, items_cap;
	struct explain_row *rows;	/* by which packages are found */
	size_t nrows, rows_cap;
	struct str *names;
	size_t nnames, names_cap;
	struct explain_source **sources;
	size_t nsources, sources_cap;
	struct explain_claim *claims;
	size_t nclaims, claims_cap;
	struct explain_outcome *outcomes;
	size_t noutcomes;
	struct explain_other others[EXPLAIN_OTHERS];
	size_t nothers, more_others;
	bool sealed;
};

static inline const struct explain_source *
explain_source_of(const struct explain *x, const struct explain_claim *c)
{
	return (x->sources[c->source]);
}

/* explain_words.c: sentences, without a full stop.  ERR_LIMIT. */
int explain_say_source(const struct explain *, const struct explain_source *,
    struct buf *);
int explain_say_step(const struct explain *, const struct explain_item *,
    const struct explain_entry *, const struct explain_step *, struct buf *);
int explain_say_outcome(const struct explain *, const struct explain_outcome *,
    struct buf *);
int explain_say_severity(const struct explain_outcome *, struct buf *);
int explain_say_asked(const struct explain *, struct buf *);
const char *explain_say_origin(const struct explain_item *);
const char *explain_say_rating(const struct match_rating *);
int explain_purl(const struct explain *, const struct explain_item *,
    struct buf *);

#endif
