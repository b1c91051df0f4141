/*
 * The farm audits itself: everything derived is derived anew, step by step from
 * what it is derived from, and compared row by row with what is stored: ranges
 * and names with the documents, keys with the packages, matches, findings,
 * counts of sets, verdicts and counts of repositories.  Each step is compared
 * with the one before as stored, which was compared itself: no difference
 * anywhere means equal to a rebuild from scratch.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "db.h"

/* In the order of derivation. */
enum audit_table {
	AUDIT_ADVISORY, AUDIT_AFFECTED, AUDIT_ADVISORY_NAME,
	AUDIT_ADVISORY_VULNERABILITY, AUDIT_PACKAGE_KEY, AUDIT_PACKAGE_SET,
	AUDIT_MATCH, AUDIT_FINDING, AUDIT_SET_SUMMARY,
	AUDIT_VERDICT, AUDIT_REPOSITORY_SET, AUDIT_REPOSITORY_SUMMARY,
	AUDIT_TABLES
};
extern const char *const audit_table_names[AUDIT_TABLES];

/* Differences beyond these are only counted. */
#define AUDIT_DETAILS 1000

struct audit_report {
	int64_t rows;		/* compared, about */
	int64_t differences;	/* of all tables */
	int64_t tables[AUDIT_TABLES];
	struct str details[AUDIT_DETAILS];	/* "finding: package 1 ...", owned */
	size_t ndetails;
};
void audit_report_done(struct audit_report *);

/* Asked between two pieces of work; true ends the audit with ERR_TEMPORARY. */
typedef bool audit_stop(void *arg);

/**
 * audit_compare(db, stop, arg, ret, d):
 * Compare everything; changes nothing.  Inside the caller's transaction, which
 * should see one moment (sql_audit_begin).  Return 0 with *${ret} filled, or
 * ERR_TEMPORARY when the matcher has work waiting, so that derived rows are
 * behind (the diag names what), ${stop} said so, or the database is away.
 */
int audit_compare(struct db *, audit_stop *stop, void *arg,
    struct audit_report *ret, struct diag *);

#endif
