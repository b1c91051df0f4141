/* A farm's work by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/tar_write.h"
#include "coordinator/apply_store.h"
#include "coordinator/reader.h"
#include "coordinator/rematch.h"
#include "database.h"
#include "farm.h"
#include "sql.h"

int
farm_begin(struct coordinator *co, const char *name, struct db **ret)
{
	struct diag d;

	/* before there is a connection, which a fork must not share */
	if (launcher_start(reader_tasks, READERS, false, reader_warm_up,
	    &co->readers, &d) < 0) {
		print_error("%s\n", d.text);
		return (-1);
	}
	*ret = database_new(name, true);
	co->database = database_conninfo;
	return (0);
}

void
farm_end(struct coordinator *co, struct db *db)
{
	db_close(db);
	launcher_stop(co->readers);
}

int
farm_import_try(struct db *db, struct coordinator *co, const char *feed,
    struct str file, bool accept_missing, struct feed_result *ret,
    struct diag *d)
{
	struct feed_options o = { .accept_missing = accept_missing };
	int fd = memfd_create("feed", MFD_CLOEXEC), rc;

	*ret = (struct feed_result) { 0 };
	assert_int_equal(write(fd, file.p, file.n), (ssize_t)file.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	rc = feed_import_fd(db, co, feed, fd, &o, ret, d);
	close(fd);
	return (rc);
}

struct feed_result
farm_import(struct db *db, struct coordinator *co, const char *feed,
    struct str file, bool accept_missing)
{
	struct feed_result r, numbers;
	struct diag d;

	if (farm_import_try(db, co, feed, file, accept_missing, &r, &d) < 0)
		fail_msg("%s: %s", feed, d.text);
	numbers = r;
	numbers.nnames = 0;
	feed_result_done(&r);
	return (numbers);
}

/* An archive of that document alone. */
static struct feed_result
import_alone(struct db *db, struct coordinator *co, const char *feed,
    struct str document)
{
	int fd = memfd_create("feed", MFD_CLOEXEC);
	struct tar_writer *w = tar_writer_new(fd);
	struct feed_result r = { 0 }, numbers;
	struct diag d;

	if (tar_writer_add(w, "one.json", document, 0, &d) < 0 ||
	    tar_writer_end(w, &d) < 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    feed_import_fd(db, co, feed, fd, &(struct feed_options) { 0 }, &r,
	    &d) < 0)
		fail_msg("%s: %s", feed, d.text);
	assert_true(r.whole);
	numbers = r;
	numbers.nnames = 0;
	feed_result_done(&r);
	tar_writer_free(w);
	close(fd);
	return (numbers);
}

struct feed_result
farm_import_document(struct db *db, struct coordinator *co, const char *feed,
    struct str document)
{
	struct db_result *r = NULL;
	struct diag d;
	bool whole;

	if (DB_QUERY(db, "SELECT FROM feed WHERE name = $1 AND imported_at IS NOT "
	    "NULL", &r, &d, db_text(str_of(feed))) < 0)
		fail_msg("%s", d.text);
	whole = db_rows(r) > 0;
	db_free(r);
	return (whole ? farm_import(db, co, feed, document, false) :
	    import_alone(db, co, feed, document));
}

void
farm_layer(struct db *db, int64_t id, const struct inventory_file *files,
    size_t n)
{
	struct str paths[FARM_LAYER_FILES], kinds[FARM_LAYER_FILES];
	struct str records[FARM_LAYER_FILES];
	int64_t revisions[FARM_LAYER_FILES];
	struct buf b[FARM_LAYER_FILES];
	struct diag d;

	assert_true(n <= FARM_LAYER_FILES);
	for (size_t i = 0; i < n; i++) {
		buf_init(&b[i], LIMIT_INVENTORY_BYTES);
		assert_int_equal(inventory_file_write(&b[i], &files[i]), 0);
		records[i] = buf_view(&b[i]);
		paths[i] = files[i].path;
		kinds[i] = files[i].kind;
		revisions[i] = files[i].revision;
	}
	if (DB_QUERY(db, "INSERT INTO layer (digest, state, size) VALUES "
	    "(decode(lpad($1, 64, '0'), 'hex'), 'done', 10)", NULL, &d,
	    db_int(id)) < 0 ||
	    DB_QUERY(db, sql_inventory_insert, NULL, &d, db_int(id),
	    db_blobs(paths, n), db_texts(kinds, n), db_ints(revisions, n),
	    db_blobs(records, n), db_int(0)) < 0)
		fail_msg("%s", d.text);
	for (size_t i = 0; i < n; i++)
		buf_done(&b[i]);
}

void
farm_image(struct db *db, int64_t id, int64_t repository, int64_t layer)
{
	struct diag d;

	if (DB_QUERY(db, "INSERT INTO image (digest, kind, state, dirty, "
	    "pushed_at) VALUES (decode(lpad($1, 64, 'a'), 'hex'), 'image', "
	    "'resolved', true, now())", NULL, &d, db_int(id)) < 0 ||
	    DB_QUERY(db, "INSERT INTO image_layer (image_id, position, "
	    "layer_id, size, media_type) VALUES ($1::bigint, 0, $2::bigint, "
	    "10, '')", NULL, &d, db_int(id), db_int(layer)) < 0 ||
	    DB_QUERY(db, "INSERT INTO repository_image (repository_id, "
	    "image_id) VALUES ($1::integer, $2::bigint)", NULL, &d,
	    db_int(repository), db_int(id)) < 0)
		fail_msg("%s", d.text);
}

/* The images that are waiting; how many there were. */
static int
apply_images(struct db *db, struct diag *d)
{
	static const uint8_t sip_key[16] = { 1 };
	struct db_result *r = NULL;
	int rc = apply_store_take(db, 100, &r, d), n = 0;

	for (; rc == 0 && n < (int)db_rows(r); n++)
		rc = apply_store(db, db_col_int(r, (size_t)n, 0), sip_key, d);
	db_free(r);
	r = NULL;
	if (rc == 0 && (rc = DB_QUERY(db, sql_reapply_next, &r, d,
	    db_int(100))) == 0)
		n += (int)db_col_int(r, 0, 0);
	db_free(r);
	return (rc < 0 ? rc : n);
}

void
farm_settle(struct db *db)
{
	static rematch_step *const steps[] = { apply_images, rematch_new,
		rematch_changed, rematch_judge, rematch_repositories };
	struct diag d = { 0 };
	int rc, n, rounds = 0;

	do {
		n = 0;
		assert_true(rounds++ < 20);
		assert_int_equal(db_begin(db, &d), 0);
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++, n += rc)
			if ((rc = steps[i](db, &d)) < 0)
				fail_msg("%s", d.text);
		assert_int_equal(db_commit(db, &d), 0);
	} while (n > 0);
}
