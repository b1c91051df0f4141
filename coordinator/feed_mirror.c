/*
 * Another farm's export into rows; see feed_export.h.  The file is verified,
 * then read in a sandboxed reader whose frames are stored as those of an import
 * are.  What each feed has come to is compared with what the export says of it
 * before anything is committed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/export.h"
#include "feed_export.h"
#include "reader.h"
#include "sql.h"

/* Names of documents that went, told the database at once. */
#define GONE_BATCH 1000

void
feed_mirror_result_done(struct feed_mirror_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->names[i]);
		feed_result_done(&r->feeds[i]);
	}
	free(r->names);
	free(r->feeds);
	*r = (struct feed_mirror_result) { 0 };
}

/* ------------------------------------------------------------------- signatures */

struct keys {
	struct minisign_public *v;
	size_t n, cap;
};

static int
read_key(const char *dir, const char *name, struct keys *ret, struct diag *d)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	char text[MINISIGN_TEXT];
	struct minisign_public k;
	struct diag why;
	int rc = 0;

	if (f == NULL)
		rc = diag_set(d, ERR_DENIED, 0, "cannot read %s: %s", path,
		    strerror(errno));
	else if (minisign_public_read(str_n(text, fread(text, 1, sizeof(text),
	    f)), &k, &why) < 0)
		rc = diag_set(d, ERR_DENIED, 0, "%s: %s", path, why.text);
	else
		MEM_ADD(ret->v, ret->n, ret->cap, k);
	if (f != NULL)
		fclose(f);
	free(path);
	return (rc);
}

/* The keys that the farm trusts: DATA/trust/NAME.pub. */
static int
farm_keys(const char *data_dir, struct keys *ret, struct diag *d)
{
	char *path = mem_printf("%s/trust", data_dir);
	DIR *dir = opendir(path);
	struct dirent *e;
	int rc = 0;

	if (dir == NULL && errno != ENOENT)
		rc = diag_set(d, ERR_DENIED, 0, "cannot read %s: %s", path,
		    strerror(errno));
	while (dir != NULL && rc == 0 && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && str_ends(str_of(e->d_name), ".pub"))
			rc = read_key(path, e->d_name, ret, d);
	if (dir != NULL)
		closedir(dir);
	free(path);
	return (rc);
}

static const struct minisign_public *
find_key(const struct keys *k, const uint8_t id[MINISIGN_ID])
{
	for (size_t i = 0; i < k->n; i++)
		if (memcmp(k->v[i].id, id, MINISIGN_ID) == 0)
			return (&k->v[i]);
	return (NULL);
}

/* The key that must have signed; of the farm's, and of the option's. */
static int
pick_key(const struct keys *farm, const struct minisign_public *named,
    const struct minisign_signature *s, struct minisign_public *ret,
    struct diag *d)
{
	const struct minisign_public *k = farm->n > 0 ? find_key(farm, s->id) :
	    named;
	char id[MINISIGN_ID_TEXT], want[MINISIGN_ID_TEXT];

	minisign_id_format(s->id, id);
	if (farm->n == 0 && named == NULL)
		return (diag_set(d, ERR_DENIED, 0, "signed by key %s, but no key "
		    "is trusted: name the exporting farm's public key by "
		    "--trust KEY.pub, or put it into the folder trust of this "
		    "farm's data directory", id));
	if (k == NULL)
		return (diag_set(d, ERR_DENIED, 0, "signed by key %s, which is none "
		    "of the keys in the folder trust of this farm's data "
		    "directory", id));
	if (named != NULL) {
		minisign_id_format(named->id, want);
		if (memcmp(named->id, s->id, MINISIGN_ID) != 0)
			return (diag_set(d, ERR_DENIED, 0, "signed by key %s, not "
			    "by key %s of --trust", id, want));
		if (memcmp(named->key, k->key, sizeof(k->key)) != 0)
			return (diag_set(d, ERR_DENIED, 0, "the key of --trust has "
			    "the id of one that this farm trusts, but is "
			    "another"));
	}
	*ret = *k;
	return (0);
}

static int
verify(int fd, const struct keys *farm, const struct feed_mirror_options *o,
    struct feed_mirror_result *ret, struct diag *d)
{
	struct minisign_public named, key;
	struct minisign_signature s;
	uint8_t hash[MINISIGN_HASH];
	int rc;

	if (o->signature.n == 0 && o->unsigned_ok && farm->n == 0)
		return (0);
	if (o->signature.n == 0)
		return (diag_set(d, ERR_DENIED, 0, farm->n > 0 ? "not signed, and "
		    "this farm takes only what keys in the folder trust of its "
		    "data directory signed" : "not signed: export it with "
		    "--sign, or take it with --unsigned if you know where it "
		    "is from"));
	if ((rc = minisign_signature_read(o->signature, &s, d)) < 0 ||
	    (o->trust.n != 0 &&
	    (rc = minisign_public_read(o->trust, &named, d)) < 0) ||
	    (rc = pick_key(farm, o->trust.n != 0 ? &named : NULL, &s, &key,
	    d)) < 0 ||
	    (rc = minisign_hash_fd(fd, hash, d)) < 0 ||
	    (rc = minisign_verify(&s, &key, hash, d)) < 0)
		return (rc);
	minisign_id_format(key.id, ret->key);
	text_escape(s.trusted, ret->trusted, sizeof(ret->trusted));
	return (0);
}

/* --------------------------------------------------------------------- storing */

struct mirror {
	struct db *db;
	struct coordinator *co;
	const struct feed_mirror_options *o;
	struct feed_mirror_result *result;
	struct pool *pool;		/* of the manifest */
	struct export_manifest m;
	bool begun;			/* the manifest has come */
	/* documents of one feed at a time */
	struct feed_store *store;	/* NULL before the first */
	size_t feed;
	struct str gone[GONE_BATCH];	/* owned */
	size_t ngone;
	FILE **beside;			/* of the manifest's, as they come */
};

/* Does the export go on from what is here? */
static int
check_revision(struct mirror *x, struct diag *d)
{
	const struct export_manifest *m = &x->m;
	struct db_result *r = NULL;
	int64_t known;
	bool own;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_feed_source_lock, &r, d,
	    db_text(m->farm))) < 0)
		return (rc);
	known = db_col_int(r, 0, 0);
	own = db_col_bool(r, 0, 1);
	db_free(r);
	if (own)
		return (diag_set(d, ERR_USAGE, 0, "this farm exported that file "
		    "itself"));
	if (m->delta && known < 0)
		return (diag_set(d, ERR_USAGE, 0, "a delta since revision %llu of "
		    "farm %.*s, of which nothing was imported here yet: export "
		    "all of it there, without --since",
		    (unsigned long long)m->since, STR_ARG(m->farm)));
	if (m->delta && m->since > (uint64_t)known)
		return (diag_set(d, ERR_USAGE, 0, "a delta since revision %llu of "
		    "farm %.*s, of which revision %lld is here: what changed "
		    "between them is missing; export there with --since %lld",
		    (unsigned long long)m->since, STR_ARG(m->farm),
		    (long long)known, (long long)known));
	if (known > 0 && m->revision < (uint64_t)known && !x->o->accept_older)
		return (diag_set(d, ERR_USAGE, 0, "revision %llu of farm %.*s, "
		    "older than %lld, which is here already: export it anew; "
		    "if that farm was set back, --accept-older takes a whole "
		    "export of it", (unsigned long long)m->revision,
		    STR_ARG(m->farm), (long long)known));
	return (0);
}

static int
take_manifest(struct mirror *x, struct str record, struct diag *d)
{
	struct feed_mirror_result *r = x->result;
	struct cur c = cur_str(record);
	int rc;

	if (x->begun)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the reader gave two manifests"));
	if ((rc = export_manifest_read(&c, x->pool, &x->m, d)) < 0)
		return (rc);
	x->begun = true;
	snprintf(r->farm, sizeof(r->farm), "%.*s", STR_ARG(x->m.farm));
	r->revision = x->m.revision;
	r->since = x->m.since;
	r->delta = x->m.delta;
	r->names = mem_array(x->m.nfeeds + x->m.nbeside + 1,
	    sizeof(*r->names));
	r->feeds = mem_array(x->m.nfeeds + x->m.nbeside + 1,
	    sizeof(*r->feeds));
	for (; r->n < x->m.nfeeds; r->n++) {
		r->names[r->n] = mem_strndup(x->m.feeds[r->n].name);
		r->feeds[r->n].whole = !x->m.delta;
	}
	for (size_t i = 0; i < x->m.nbeside; i++)
		r->names[r->n++] = mem_strndup(x->m.beside[i].name);
	x->beside = mem_array(x->m.nbeside + 1, sizeof(*x->beside));
	if ((rc = check_revision(x, d)) < 0)
		return (rc);
	/* all of them first: whoever imports one of them holds no other */
	for (size_t i = 0; rc == 0 && i < x->m.nfeeds; i++)
		rc = feed_store_begin(x->db, r->names[i], d);
	return (rc);
}

static void
gone_clear(struct mirror *x)
{
	for (size_t i = 0; i < x->ngone; i++)
		free((void *)(uintptr_t)x->gone[i].p);
	x->ngone = 0;
}

/* What is kept of the feed at hand. */
static int
flush(struct mirror *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (x->store == NULL)
		return (0);
	if ((rc = feed_store_flush(x->store, d)) < 0 || x->ngone == 0)
		return (rc);
	rc = DB_QUERY(x->db, sql_advisories_gone_named, &r, d,
	    db_text(str_of(x->result->names[x->feed])),
	    db_texts(x->gone, x->ngone));
	if (rc == 0)
		x->result->feeds[x->feed].gone += db_rows(r);
	db_free(r);
	gone_clear(x);
	return (rc);
}

static int
take_document(struct mirror *x, struct str record, struct diag *d)
{
	struct cur c = cur_str(record);
	struct export_document doc;
	int rc;

	if (!x->begun || !export_document_read(&c, &doc) ||
	    doc.feed >= x->m.nfeeds || !text_is_utf8(doc.name))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the reader gave a document that is none"));
	if (x->store == NULL || doc.feed != x->feed) {
		if ((rc = flush(x, d)) < 0)
			return (rc);
		feed_store_free(x->store);
		x->feed = (size_t)doc.feed;
		x->store = feed_store_new(x->db, x->result->names[x->feed],
		    &x->result->feeds[x->feed]);
	}
	if (doc.record.n != 0)
		return (feed_store_add(x->store, doc.record, d));
	x->gone[x->ngone++] = str_n(mem_strndup(doc.name), doc.name.n);
	return (x->ngone < GONE_BATCH ? 0 : flush(x, d));
}

/* Kept until all has come: it is read by a reader of its own. */
static int
take_beside(struct mirror *x, struct str record, struct diag *d)
{
	struct cur c = cur_str(record);
	uint8_t i;
	FILE *f;

	if (!x->begun || !cur_u8(&c, &i) || i >= x->m.nbeside ||
	    x->beside[i] != NULL)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the reader gave a feed that is none"));
	if ((f = x->beside[i] = tmpfile()) == NULL)
		return (diag_set(d, ERR_TEMPORARY, 0, "no temporary file: %s",
		    strerror(errno)));
	return (write_all(fileno(f), c.p, cur_left(&c), d));
}

/* Everything the reader writes, into the open transaction. */
static int
read_frames(struct mirror *x, int fd, char why[DIAG_TEXT], struct diag *d)
{
	struct buf b;
	uint8_t type;
	int rc;

	buf_init(&b, READER_EXPORT_FRAME);
	while ((rc = frame_read(fd, &type, &b, d)) > 0) {
		rc = 0;
		if (type == READER_EXPORT_MANIFEST)
			rc = take_manifest(x, buf_view(&b), d);
		else if (type == READER_EXPORT_DOCUMENT)
			rc = take_document(x, buf_view(&b), d);
		else if (type == READER_EXPORT_BESIDE)
			rc = take_beside(x, buf_view(&b), d);
		else if (type == READER_EXPORT_DIAG)
			text_escape(buf_view(&b), why, DIAG_TEXT);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = flush(x, d);
	buf_done(&b);
	return (rc);
}

/* -------------------------------------------------------------------- comparing */

/* Is the feed here now what the export says it is there? */
static int
check_feed(struct mirror *x, size_t i, struct diag *d)
{
	const struct export_feed *f = &x->m.feeds[i];
	struct db_result *r = NULL;
	uint64_t documents;
	bool same;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_feed_digest, &r, d,
	    db_text(f->name))) < 0)
		return (rc);
	documents = (uint64_t)db_col_int(r, 0, 0);
	same = documents == f->documents &&
	    str_eq(db_col_bytes(r, 0, 1), str_n(f->digest, DIGEST_BYTES));
	db_free(r);
	if (same)
		return (0);
	if (x->m.delta)
		return (diag_set(d, ERR_USAGE, 0, "feed %.*s is not what the delta "
		    "stands on (%llu documents with it, %llu in that farm): it "
		    "was changed here by another import, or that farm was set "
		    "back; export all of it there, without --since",
		    STR_ARG(f->name), (unsigned long long)documents,
		    (unsigned long long)f->documents));
	return (diag_set(d, ERR_MALFORMED, 0, "feed %.*s: the export does not hold "
	    "what its manifest says", STR_ARG(f->name)));
}

/* What the feed knows all of there, of what its documents cover here. */
static int
set_namespaces(struct mirror *x, const struct export_feed *f, struct diag *d)
{
	/* of a feed that was never whole there, nothing counts here */
	size_t n = f->imported_at.n != 0 ? f->nnamespaces : 0;
	struct str *v = mem_array(n + 1, sizeof(*v));
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		v[i] = text_clean(x->pool, f->namespaces[i], 256);
	rc = DB_QUERY(x->db, sql_feed_namespace_as_exported, NULL, d,
	    db_text(f->name), db_texts(v, n));
	if (rc == 0)
		rc = DB_QUERY(x->db, sql_feed_namespace_unspoken, NULL, d,
		    db_text(f->name));
	free(v);
	return (rc);
}

/* What is said of the feed's last import there. */
static void
note_malformed(struct feed_result *r, const struct export_feed *f)
{
	char esc[1024];

	r->malformed = f->malformed;
	for (; r->nnames < f->nmalformed_names && r->nnames < FEED_NAMES;
	    r->nnames++) {
		text_escape(f->malformed_names[r->nnames], esc, sizeof(esc));
		r->names[r->nnames] = mem_strdup(esc);
	}
}

static int
too_much_missing(struct str feed, const struct feed_result *r, struct diag *d)
{
	return (diag_set(d, ERR_USAGE, 0, "feed %.*s: %llu documents that are "
	    "here are not in the export, too many to believe; "
	    "--accept-missing withdraws them", STR_ARG(feed),
	    (unsigned long long)r->missing));
}

static int
end_feed(struct mirror *x, size_t i, struct diag *d)
{
	const struct export_feed *f = &x->m.feeds[i];
	struct feed_result *r = &x->result->feeds[i];
	struct feed_store *s = feed_store_new(x->db, x->result->names[i], r);
	int rc;

	if (r->malformed > 0) {
		rc = diag_set(d, ERR_MALFORMED, 0, "%s", r->nnames > 0 ?
		    r->names[0] : "a document that no farm can hold");
		goto out;
	}
	note_malformed(r, f);
	if ((rc = feed_store_end(s, x->o->accept_missing, d)) < 0)
		goto out;
	if (r->missing > 0) {
		rc = too_much_missing(f->name, r, d);
		goto out;
	}
	if ((rc = check_feed(x, i, d)) < 0 ||
	    (rc = DB_QUERY(x->db, sql_feed_as_exported, NULL, d, db_text(f->name),
	    f->imported_at.n != 0 ? db_text(f->imported_at) : db_null())) < 0)
		goto out;
	rc = set_namespaces(x, f, d);
out:
	feed_store_free(s);
	return (rc);
}

/* A feed that stands beside, as if it had been imported, in this transaction. */
static int
end_beside(struct mirror *x, size_t i, struct diag *d)
{
	const struct export_beside *b = &x->m.beside[i];
	struct feed_result *r = &x->result->feeds[x->m.nfeeds + i];
	FILE *f = x->beside[i];
	const struct feed_options o = {
		.accept_missing = x->o->accept_missing };
	struct diag why = { 0 };
	int rc;

	if (f == NULL || lseek(fileno(f), 0, SEEK_SET) != 0)
		return (diag_set(d, ERR_MALFORMED, 0, "the reader gave no %.*s",
		    STR_ARG(b->name)));
	if ((rc = feed_import_fd(x->db, x->co,
	    x->result->names[x->m.nfeeds + i], fileno(f), &o, r,
	    &why)) < 0)
		return (diag_set(d, rc, 0, "feed %.*s: %s", STR_ARG(b->name),
		    why.text));
	if (r->malformed > 0)
		return (diag_set(d, ERR_MALFORMED, 0, "feed %.*s: %s",
		    STR_ARG(b->name), r->nnames > 0 ? r->names[0] : ""));
	if (r->missing > 0)
		return (too_much_missing(b->name, r, d));
	return (DB_QUERY(x->db, sql_feed_as_exported, NULL, d, db_text(b->name),
	    db_text(b->imported_at)));
}

static int
end(struct mirror *x, struct diag *d)
{
	struct feed_mirror_result *r = x->result;
	int rc = 0;

	if (!x->begun)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the reader gave no manifest"));
	r->same = true;
	for (size_t i = 0; rc == 0 && i < x->m.nbeside; i++)
		rc = end_beside(x, i, d);
	if (rc == 0)
		rc = db_query0(x->db, sql_analyze_advisories, NULL, d);
	for (size_t i = 0; rc == 0 && i < x->m.nfeeds; i++)
		rc = end_feed(x, i, d);
	for (size_t i = 0; i < r->n; i++)
		r->same &= r->feeds[i].changed + r->feeds[i].gone == 0;
	if (rc == 0)
		rc = DB_QUERY(x->db, sql_feed_source_done, NULL, d,
		    db_text(x->m.farm), db_int((int64_t)x->m.revision));
	return (rc < 0 ? rc : db_commit(x->db, d));
}

/* The file was verified: read it, store it, compare. */
static int
mirror(struct mirror *x, int fd, struct diag *d)
{
	char why[DIAG_TEXT] = "";
	struct launcher_run run;
	struct diag ended = { 0 };
	int rc, result;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "lseek: %s",
		    strerror(errno)));
	if ((rc = launcher_run(x->co->readers, READER_EXPORT, str_of(""), fd, &run,
	    d)) < 0)
		return (rc);
	if ((rc = db_begin(x->db, d)) == 0)
		rc = read_frames(x, run.out, why, d);
	result = launcher_wait(&run, &ended);
	if (rc == 0 && result < 0)
		rc = diag_set(d, result, 0, "the export cannot be read: %s",
		    why[0] != '\0' ? why : ended.text);
	return (rc < 0 ? rc : end(x, d));
}

int
feed_mirror_fd(struct db *db, struct coordinator *co, int fd,
    const struct feed_mirror_options *o, struct feed_mirror_result *ret,
    struct diag *d)
{
	struct mirror *x = mem_alloc(sizeof(*x));
	struct keys farm = { 0 };
	int rc;

	*x = (struct mirror) { .db = db, .co = co, .o = o, .result = ret,
		.pool = pool_new(4 * LIMIT_EXPORT_MANIFEST) };
	if ((rc = farm_keys(co->data_dir, &farm, d)) == 0 &&
	    (rc = verify(fd, &farm, o, ret, d)) == 0)
		rc = mirror(x, fd, d);
	db_rollback(db);
	log_info("export imported", "farm", "%s", ret->farm, "revision", "%llu",
	    (unsigned long long)ret->revision, "key", "%s", ret->key, "result",
	    "%s", err_name(rc), NULL);
	gone_clear(x);
	feed_store_free(x->store);
	for (size_t i = 0; x->beside != NULL && i < x->m.nbeside; i++)
		if (x->beside[i] != NULL)
			fclose(x->beside[i]);
	free(x->beside);
	pool_free(x->pool);
	free(x);
	free(farm.v);
	return (rc);
}
