/* What the farm says about one image: asked for, waited for, judged, printed. */
#ifndef FARM_IMAGE_H
#define FARM_IMAGE_H

#include "cli/farm.h"
#include "cli/output.h"
#include "coordinator/matcher/policy.h"

struct farm_image {
	const char *ref;	/* as typed; borrowed */
	struct farm_answer answer;
	int status;		/* exit status; CLI_OK before it is judged */
	const char *verdict;	/* pass, fail or unknown; "" = none yet */
};

void farm_image_done(struct farm_image *);

/* Read what is known of m->ref now; ERR_NOT_FOUND when nothing is. */
int farm_image_get(struct farm *, struct farm_image *m, struct diag *);

/**
 * farm_image_wait(farm, m, asked, limit_s, d):
 * Read m->ref until it has a verdict.  ${asked} tells that a scan was asked for
 * just now: a tag counts only once the registry has said where it points to.
 * ERR_TEMPORARY after ${limit_s} seconds (0 = no limit) or when the registry
 * could not be asked, ERR_NOT_FOUND when it does not have the image.
 */
int farm_image_wait(struct farm *, struct farm_image *m, bool asked,
    uint64_t limit_s, struct diag *);

/* Set verdict and status: the farm's, or ${p}'s when not NULL. */
void farm_image_judge(struct farm_image *m, const struct policy *p);

/* Print ${n} images; those without an answer are left out. */
void farm_image_print(struct farm_image *v, size_t n, enum output_format, FILE *);

#endif
