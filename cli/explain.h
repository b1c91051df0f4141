/*
 * --explain of report, scan and match: what the option says, and explanations of
 * local packages, for which the advisories are read a second time: what they are
 * about is known only after all of them were read.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/args.h"
#include "coordinator/matcher/explain.h"
#include "coordinator/matcher/finding.h"

#define EXPLAIN_OPTION { "explain", optional_argument, NULL, 'e' }
#define EXPLAIN_HELP							\
	"  --explain [ID]      why: for each finding, or for one vulnerability also why\n" \
	"                      not, the evidence, all sources and which of them decides\n"

struct explain_option {
	bool on;
	char id[300];		/* "" = all findings */
};

/* Take the option; false when ${value} is wrong, which was told. */
bool explain_option_take(struct explain_option *, const char *command,
    const char *value);
/* ID may stand behind the option as a word: take it out of a->words (no reference
 * has its shape).  False when there are two of them, which was told. */
bool explain_option_word(struct explain_option *, struct args *);

/* Name to ${x} what it is to explain: ${id}, of which index_ask() was told, or the
 * vulnerabilities of ${findings}. */
int explain_local_names(struct index *, const char *id,
    const struct finding *findings, size_t n, struct explain *x, struct diag *);
/* Read the advisories of ${feed}, from which ${index} was made, for ${v}[0..n-1],
 * and finish these. */
int explain_local_read(const char *feed, struct index *index,
    struct explain *const *v, size_t n, struct diag *);
/* As text. */
int explain_local_print(const struct explain *, FILE *out, struct diag *);

#endif
