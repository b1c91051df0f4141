/* What the farm says about one image: asked for, waited for, judged, printed. */
#ifndef FARM_IMAGE_H
#define FARM_IMAGE_H

#include "cli/farm.h"
#include "cli/output.h"
#include "coordinator/matcher/policy.h"

/* How long to wait for a verdict when nobody says; a large image behind a slow
 * registry takes minutes. */
#define FARM_IMAGE_TIMEOUT_S 1800
#define FARM_IMAGE_TIMEOUT_MAX_S (7 * 86400)

struct farm_image {
	const char *ref;	/* as typed; borrowed */
	const char *platform;	/* OS/ARCH[/VARIANT] or ARCH; NULL = the worst */
	bool all;		/* hidden findings, too */
	struct farm_answer answer;
	struct farm_answer explanation;	/* instead of the table of findings */
	int status;		/* exit status; CLI_OK before it is judged */
	const struct policy *policy;	/* it was judged by; NULL = the farm's */
	const char *verdict;	/* pass, fail or unknown; "" = none yet */
	char error[DIAG_TEXT];	/* why there is no answer, "" when there is */
};

void farm_image_done(struct farm_image *);
/* Tell that there is no answer, and why, as farm_fail(); the status of what
 * cannot be read however often one tries is CLI_UNKNOWN. */
void farm_image_fail(struct farm_image *, const char *command, int rc,
    const struct diag *);

/* Read what is known of m->ref now; ERR_NOT_FOUND when nothing is. */
int farm_image_get(struct farm *, struct farm_image *m, struct diag *);

/* The moment (monotonic seconds) that lies ${timeout_s} ahead; 0 = never. */
uint64_t farm_image_deadline(uint64_t timeout_s);

/**
 * farm_image_wait(farm, m, asked, deadline, d):
 * Read m->ref until it has a verdict.  ${asked} tells that a scan was asked for
 * just now: a tag counts only once the registry has said where it points to.  A
 * farm that goes away meanwhile has half a minute to come back.
 * ERR_TEMPORARY at the deadline (of farm_image_deadline) or when the registry
 * could not be asked, ERR_NOT_FOUND when it does not have the image,
 * ERR_MALFORMED, ERR_LIMIT or ERR_UNSUPPORTED when what it has cannot be read.
 */
int farm_image_wait(struct farm *, struct farm_image *m, bool asked,
    uint64_t deadline, struct diag *);

/* Read why: ${id} as in explain.h, "" = all findings; as text, else JSON.  Nothing is
 * read of an image whose packages are not known. */
int farm_image_explain(struct farm *, struct farm_image *m, const char *id,
    bool text, struct diag *);

/* Set verdict and status: the farm's, or ${p}'s when not NULL. */
void farm_image_judge(struct farm_image *m, const struct policy *p);

/* Print ${n} images, in the shape of scan_local()'s result, so that one reader
 * serves for both.  Those without an answer have an error in JSON and are left
 * out elsewhere. */
void farm_image_print(struct farm_image *v, size_t n, enum output_format, FILE *);

#endif
