/* Advisories from rows into a file; see feed_export.h. */
#include <stdio.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/tar_write.h"
#include "coordinator/matcher/export.h"
#include "feed_export.h"
#include "sql.h"

/* Documents read at once; one may be larger. */
#define PAGE_BYTES (4 * MIB)

/* What stands beside advisories: the statement that makes its document. */
static const struct {
	const char *name, *sql;
} beside[] = {
	{ "epss", sql_export_epss },
	{ "kev", sql_export_kev },
	{ "redhat_repositories", sql_export_redhat_repositories },
};
#define NBESIDE (sizeof(beside) / sizeof(beside[0]))

struct out {
	struct db *db;
	struct tar_writer *tar;
	int64_t created;
	int64_t since;		/* < 0 = all */
	unsigned files;
	struct buf b;		/* of the next file */
	struct db_result *beside[NBESIDE];	/* NULL in it: there is none */
	char *feed, *name;	/* of the last document written */
	uint64_t documents;
};

/* The documents that there are, before the manifest that names them. */
static int
read_beside(struct out *o, struct diag *d)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < NBESIDE; i++)
		rc = db_query0(o->db, beside[i].sql, &o->beside[i], d);
	return (rc);
}

static bool
has_beside(const struct out *o, size_t i)
{
	return (!db_is_null(o->beside[i], 0, 0));
}

static int
write_beside(struct out *o, struct diag *d)
{
	char name[64];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < NBESIDE; i++) {
		if (!has_beside(o, i))
			continue;
		snprintf(name, sizeof(name), EXPORT_BESIDE "%s", beside[i].name);
		rc = tar_writer_add(o->tar, name, db_col(o->beside[i], 0, 0),
		    o->created, d);
	}
	return (rc);
}

static int
write_manifest(struct out *o, struct diag *d)
{
	struct str names[NBESIDE];
	struct db_result *r = NULL;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < NBESIDE; i++)
		if (has_beside(o, i))
			names[n++] = str_of(beside[i].name);
	if ((rc = DB_QUERY(o->db, sql_export_manifest, &r, d, o->since < 0 ?
	    db_null() : db_int(o->since), db_texts(names, n))) < 0)
		return (rc);
	o->created = db_col_int(r, 0, 1);
	if (o->since > db_col_int(r, 0, 0))
		rc = diag_set(d, ERR_USAGE, 0, "the farm has not come to revision "
		    "%lld yet, it is at %lld", (long long)o->since,
		    (long long)db_col_int(r, 0, 0));
	else
		rc = tar_writer_add(o->tar, EXPORT_MANIFEST, db_col(r, 0, 2),
		    o->created, d);
	db_free(r);
	return (rc);
}

static int
write_file(struct out *o, struct diag *d)
{
	char name[64];
	int rc;

	if (o->b.n == 0)
		return (0);
	snprintf(name, sizeof(name), EXPORT_ADVISORIES "%06u.msgpack",
	    ++o->files);
	rc = tar_writer_add(o->tar, name, buf_view(&o->b), o->created, d);
	buf_clear(&o->b);
	return (rc);
}

static int
page(struct out *o, struct db_result **r, struct diag *d)
{
	struct db_param feed = db_text(str_of(o->feed));
	struct db_param name = db_text(str_of(o->name));

	if (o->since < 0)
		return (DB_QUERY(o->db, sql_export_whole, r, d, feed, name,
		    db_int(PAGE_BYTES)));
	return (DB_QUERY(o->db, sql_export_delta, r, d, feed, name,
	    db_int(PAGE_BYTES), db_int(o->since)));
}

static void
set(char **p, struct str s)
{
	free(*p);
	*p = mem_strndup(s);
}

/* Documents behind the last one; *${ret} = how many. */
static int
write_page(struct out *o, size_t *ret, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = page(o, &r, d)) < 0)
		return (rc);
	*ret = db_rows(r);
	for (size_t i = 0; rc == 0 && i < *ret; i++) {
		struct export_document x = { .name = db_col(r, i, 1),
			.record = db_col_bytes(r, i, 2),
			.feed = (uint64_t)db_col_int(r, i, 3) };

		if ((rc = export_document_write(&o->b, &x)) < 0)
			diag_set(d, rc, 0, "a document is too large");
		else if (o->b.n >= PAGE_BYTES)
			rc = write_file(o, d);
	}
	if (*ret > 0) {
		set(&o->feed, db_col(r, *ret - 1, 0));
		set(&o->name, db_col(r, *ret - 1, 1));
	}
	o->documents += *ret;
	db_free(r);
	return (rc);
}

static int
write_all_of_it(struct out *o, struct diag *d)
{
	size_t n;
	int rc;

	if ((rc = read_beside(o, d)) < 0 || (rc = write_manifest(o, d)) < 0)
		return (rc);
	do
		rc = write_page(o, &n, d);
	while (rc == 0 && n > 0);
	if (rc < 0 || (rc = write_file(o, d)) < 0 ||
	    (rc = write_beside(o, d)) < 0)
		return (rc);
	return (tar_writer_end(o->tar, d));
}

int
feed_export_fd(struct db *db, int64_t since, int fd, struct diag *d)
{
	struct out o = { .db = db, .since = since,
		.tar = tar_writer_new(fd), .feed = mem_strdup(""),
		.name = mem_strdup("") };
	int rc;

	buf_init(&o.b, LIMIT_EXPORT_FILE);
	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = db_query0(db, sql_audit_begin, NULL, d)) == 0)
		rc = write_all_of_it(&o, d);
	db_rollback(db);
	log_info("feeds exported", "since", "%lld", (long long)since,
	    "documents", "%llu", (unsigned long long)o.documents, "result",
	    "%s", err_name(rc), NULL);
	for (size_t i = 0; i < NBESIDE; i++)
		db_free(o.beside[i]);
	tar_writer_free(o.tar);
	buf_done(&o.b);
	free(o.feed);
	free(o.name);
	return (rc);
}
