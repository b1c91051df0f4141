/* What a coordinator does with rows, done by hand: uploads imported, layers and
 * images entered, the matcher run.  What fails here fails the cmocka test. */
#ifndef TESTS_FARM_H
#define TESTS_FARM_H

#include "common/inventory.h"
#include "common/proc.h"
#include "coordinator/feed_import.h"

/* A coordinator as far as these calls need one: the sandboxed readers of imports, a
 * database_new().  As a set-up's result: -1 with a message when they do not start. */
int farm_begin(struct coordinator *, const char *name, struct db **ret);
void farm_end(struct coordinator *, struct db *);

/* feed_import_fd() of an upload of these bytes; feed_result_done() whatever it
 * returns. */
int farm_import_try(struct db *, struct coordinator *, const char *feed,
    struct str file, bool accept_missing, struct feed_result *ret,
    struct diag *);
/* The same where it must succeed; of its result the numbers, no names. */
struct feed_result farm_import(struct db *, struct coordinator *,
    const char *feed, struct str file, bool accept_missing);

/* One document: all of the feed, an archive of it alone, where none of the feed was
 * ever taken for whole; else an addition. */
struct feed_result farm_import_document(struct db *, struct coordinator *,
    const char *feed, struct str document);

/* Layer ${id}, analyzed, with ${n} files, at most FARM_LAYER_FILES. */
#define FARM_LAYER_FILES 4
void farm_layer(struct db *, int64_t id, const struct inventory_file *, size_t n);
/* An image of that layer, in ${repository}, ready to be applied. */
void farm_image(struct db *, int64_t id, int64_t repository, int64_t layer);

/* What the matcher's loop does until nothing is left. */
void farm_settle(struct db *);

#endif
