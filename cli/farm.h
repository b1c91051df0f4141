/*
 * The farm as the commands see it: where it is, who we are, and calls of its
 * API, whose failures come back as one sentence that names the next step.
 */
#ifndef FARM_H
#define FARM_H

#include <getopt.h>
#include <stdio.h>
#include "common/buf.h"
#include "common/json.h"

/* Options that every command which talks to the farm takes. */
#define FARM_OPT_FARM 1000
#define FARM_OPT_TOKEN 1001
#define FARM_OPTIONS							\
	{ "farm", required_argument, NULL, FARM_OPT_FARM },		\
	{ "token-file", required_argument, NULL, FARM_OPT_TOKEN }
#define FARM_HELP							\
	"  --farm URL|DIR      the coordinator, or the data directory of a local farm;\n" \
	"                      default $SCANFARM_URL, else the farm of this machine\n" \
	"  --token-file FILE   the administrator's token; default $SCANFARM_TOKEN_FILE,\n" \
	"                      else admin.token of the data directory\n"

struct farm_options {
	const char *farm;	/* URL or data directory; NULL = find it */
	const char *token_file;	/* NULL = find it */
};
/* Take one of FARM_OPTIONS; false when ${c} is none of them. */
bool farm_option(struct farm_options *, int c, const char *value);

struct farm;

/* Where the farm of this machine keeps its data when nobody says otherwise:
 * /var/lib/scanfarm for root, else scanfarm in the user's state directory.
 * Its address is the line http=URL of farm.conf there.  False when that is too
 * long or the user has no home. */
bool farm_data_default(char *ret, size_t size);

/* Find the farm and read the token; ERR_USAGE when either cannot be found. */
int farm_open(const struct farm_options *, struct farm **ret, struct diag *);
void farm_close(struct farm *);
const char *farm_url(const struct farm *);

struct farm_answer {
	struct buf body;	/* as sent */
	struct json *json;	/* of it; NULL when it had none */
};
void farm_answer_done(struct farm_answer *);

/**
 * farm_call(farm, method, path, body, ret, d):
 * Send ${body} (empty = none) and read the answer into *${ret}, which
 * farm_answer_done frees whatever comes back.  Return 0 for 2xx, ERR_TEMPORARY
 * when the farm is away or busy, ERR_NOT_FOUND for 404, ERR_DENIED when the
 * token is refused, ERR_USAGE when the farm refuses the request; the diag then
 * holds the farm's own words.
 */
int farm_call(struct farm *, const char *method, const char *path,
    struct str body, struct farm_answer *ret, struct diag *);
/* GET what may take minutes to make; ${text}: it is no JSON, only ret->body. */
int farm_get_slow(struct farm *, const char *path, bool text,
    struct farm_answer *ret, struct diag *);
/* POST the file ${fd}; waits as long as the farm works on it. */
int farm_upload(struct farm *, const char *path, int fd,
    struct farm_answer *ret, struct diag *);

/* GET what may be large into ${sink}, a negative result of which ends it; waits as
 * long as the farm works on it. */
int farm_download(struct farm *, const char *path,
    int (*sink)(void *arg, const uint8_t *p, size_t n, struct diag *), void *arg,
    struct diag *);

/* ${s} as part of a URL's query or path, cut when ${size} is too small. */
void farm_quote(struct str s, char *ret, size_t size);
/* Tell why a call failed on standard error; returns the exit status for it. */
int farm_fail(const char *command, int rc, const struct diag *);

#endif
