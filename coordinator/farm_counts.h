/*
 * What is counted over the whole farm, for the pages, the status and the metrics: in
 * a farm of a million images it takes seconds, and pages load themselves again.  So
 * what took longer than a moment is kept for ten times as long: counting never takes
 * more than a tenth of one processor, however many ask.
 */
#ifndef FARM_COUNTS_H
#define FARM_COUNTS_H

#include "common/err.h"

struct db;

/* The JSON of sql_farm_counts, owned by the caller.  Of threads that ask at once
 * one counts; the others get what was counted before, or wait for the first.
 * 0, or the error of the statement. */
int farm_counts(struct db *, char **ret, struct diag *) MUST_CHECK;

#endif
