/* See feed_beside.h. */
#include "common/log.h"
#include "common/text.h"
#include "feed_beside.h"
#include "reader.h"
#include "sql.h"

int
feed_beside_read(int fd, uint8_t type, feed_beside_add *add, void *arg,
    struct feed_result *ret, char why[DIAG_TEXT], struct diag *d)
{
	struct buf b;
	uint8_t got;
	int rc;

	buf_init(&b, READER_BESIDE_FRAME);
	while ((rc = frame_read(fd, &got, &b, d)) > 0) {
		rc = 0;
		if (got == type)
			rc = add(arg, cur_str(buf_view(&b)), d);
		else if (got == READER_FEED_MALFORMED)
			feed_result_malformed(ret, buf_view(&b));
		else if (got == READER_FEED_VERSION)
			text_escape(buf_view(&b), ret->version,
			    sizeof(ret->version));
		else if (got == READER_FEED_DIAG)
			text_escape(buf_view(&b), why, DIAG_TEXT);
		if (rc < 0)
			break;
	}
	buf_done(&b);
	return (rc);
}

int
feed_beside_wait(struct launcher_run *run, int rc, const char *why,
    const struct feed_result *r, struct diag *d)
{
	struct diag ended = { 0 };
	int result = launcher_wait(run, &ended);

	if (rc == 0 && result < 0)
		rc = diag_set(d, result, 0, "%s", why[0] != '\0' ? why :
		    ended.text);
	/* it must not make the feed look fresh */
	if (rc == 0 && r->documents == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "no entry could be read: "
		    "%s", r->nnames > 0 ? r->names[0] : "there is none");
	return (rc);
}

int
feed_beside_note(struct db *db, const struct feed_importer *kind,
    const struct feed_result *r, const struct feed_origin *o, struct diag *d)
{
	struct str names[FEED_NAMES];
	int rc;

	for (size_t i = 0; i < r->nnames; i++)
		names[i] = str_of(r->names[i]);
	if ((rc = feed_origin_set(db, kind->name, r, o, kind->revision, d)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_exploits_done, NULL, d,
	    db_text(str_of(kind->name)), db_int((int64_t)r->documents),
	    db_int((int64_t)r->malformed), db_texts(names, r->nnames),
	    db_int((int64_t)r->changed), db_int((int64_t)r->gone),
	    db_int((int64_t)r->missing), db_text(str_of(r->version))));
}

void
feed_beside_log(const struct feed_importer *kind, const struct feed_result *r,
    int rc)
{
	log_info("feed imported", "feed", "%s", kind->name, "entries", "%llu",
	    (unsigned long long)r->documents, "changed", "%llu",
	    (unsigned long long)r->changed, "gone", "%llu",
	    (unsigned long long)r->gone, "malformed", "%llu",
	    (unsigned long long)r->malformed, "result", "%s", err_name(rc),
	    NULL);
}
