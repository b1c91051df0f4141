/*
 * Why a vulnerability does or does not concern a package of an image, in the
 * words of the rules: which package, where it was found, whose it is, every
 * source that speaks about it with what was compared, which of them decides and
 * by which rule.  Made from packages and advisory documents alone, so the farm
 * and a local scan say the same.  Decides nothing: match_decide() and
 * finding_merge() do, and are watched.
 *
 * Order of calls: explain_new, what the image is (explain_image, or
 * explain_package), explain_name, explain_advisory for each document,
 * explain_finish, explain_text or explain_json.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "common/json.h"
#include "coordinator/matcher/apply.h"

struct explain;

/* Of the image, lowest first; texts are borrowed as long as the explanation. */
struct explain_layer {
	struct str digest;	/* "" = not known */
	struct str created_by;
};

/* A document and what the caller knows about it. */
struct explain_document {
	struct str feed;	/* "" = a local file */
	const struct str *names;	/* the vulnerabilities it is about */
	size_t n;
	const char *ignored;	/* why it does not count, in words; NULL = it does */
};

/* ${max}: ceiling of texts.  ${asked}: a vulnerability or advisory by any of its
 * names, "" = all findings. */
struct explain *explain_new(size_t max, struct str asked);
void explain_free(struct explain *);

/* Add a package without a place; ERR_LIMIT. */
int explain_package(struct explain *, const struct match_package *,
    struct diag *);
/* All packages of an image whose layers are ${layers}[0..n-1]; ERR_LIMIT.  The
 * result and the layers stay until explain_free(). */
int explain_image(struct explain *, const struct apply_result *,
    const struct explain_layer *layers, size_t n, struct diag *);
/* A vulnerability that is to be explained: what was asked for, by the name under
 * which documents are filed.  ERR_LIMIT. */
int explain_name(struct explain *, struct str, struct diag *);

/**
 * explain_advisory(x, doc, a, d):
 * What ${a} says of the packages, if it is about one of the names.  Documents
 * that are not may be given, too.  Return 0 or ERR_LIMIT.
 */
int explain_advisory(struct explain *, const struct explain_document *doc,
    const struct advisory *a, struct diag *);

/* After the last document; ERR_LIMIT. */
int explain_finish(struct explain *, struct diag *);
/* How many packages are affected. */
size_t explain_affected(const struct explain *);

/* For people: lines of printable UTF-8, worst first; ERR_LIMIT. */
int explain_text(const struct explain *, struct buf *, struct diag *);
/* The same as an object of what README.md of this folder lists. */
void explain_json(const struct explain *, struct json_writer *);

#endif
