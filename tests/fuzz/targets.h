/* Between targets.c and the files with the targets' functions. */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stdio.h>
#include <stdlib.h>
#include "common/advisory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "tests/fuzz/fuzz.h"

/* What must hold whatever the input; ends the process when it does not. */
#define HOLDS(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: does not hold: %s\n",	\
			    __FILE__, __LINE__, #condition);		\
			abort();					\
		}							\
	} while (0)

/* A failure must name its reason, and only a failure. */
#define TOLD(rc, d) HOLDS((rc) >= 0 || (d).text[0] != '\0')

typedef void fuzz_run(const struct fuzz_target *, const uint8_t *, size_t);
typedef void fuzz_make(const struct fuzz_target *, struct fuzz_seeds *);

/* target_lists.c */
fuzz_run run_analyzer, run_version, run_feed, run_webhook;
fuzz_make seeds_analyzer, seeds_version, seeds_feed, seeds_webhook;

/* target_layers.c */
fuzz_run run_inflate, run_inflate_one, run_layer, run_zip, run_image,
    run_inventory, run_tree, run_apply;
fuzz_make seeds_inflate_one, seeds_layer, seeds_image, seeds_inventory,
    seeds_tree, seeds_apply;
void mend_tar(uint8_t *, size_t);

/* target_documents.c */
fuzz_run run_json, run_manifest, run_config, run_ref, run_path, run_text,
    run_cvss, run_deb822, run_catalog, run_tags, run_token, run_challenge,
    run_next_page;
fuzz_make seeds_json, seeds_manifest, seeds_config, seeds_ref, seeds_path,
    seeds_cvss, seeds_deb822, seeds_catalog, seeds_tags, seeds_token,
    seeds_challenge, seeds_next_page;

/* target_records.c */
fuzz_run run_wire, run_wire_document, run_frames, run_advisory, run_match;
fuzz_make seeds_wire, seeds_wire_document, seeds_frames, seeds_advisory,
    seeds_match;

/* target_export.c */
fuzz_run run_export, run_minisign;
fuzz_make seeds_export, seeds_minisign;

/* target_rpm.c */
void mend_rpm(uint8_t *, size_t);

#endif
