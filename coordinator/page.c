/* The status page: tables over views, rendered here, nothing fetched. */
#include <stdlib.h>
#include "common/digest.h"
#include "common/mem.h"
#include "http_request.h"
#include "sql.h"

static const char head[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta http-equiv=\"refresh\" content=\"5\"><title>scanfarm</title><style>"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#1c2733}"
    "h1{font-size:1.5em}h2{font-size:1.1em;margin:1.6em 0 .4em}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em .7em .25em 0;border-bottom:1px solid #dde3e8;vertical-align:top;overflow-wrap:anywhere}"
    "th{font-weight:600;color:#5a6b7b}td.fail{color:#b3261e;font-weight:600}td.pass{color:#1b7f3b;font-weight:600}"
    "td.unknown{color:#8a6100;font-weight:600}.empty{color:#5a6b7b}"
    "</style></head><body><h1>scanfarm</h1>";

static int
escaped(struct buf *b, struct str s)
{
	int rc = 0;

	for (size_t i = 0; i < s.n && rc == 0; i++) {
		char c = s.p[i];

		rc = c == '<' ? buf_str(b, str_of("&lt;")) :
		    c == '>' ? buf_str(b, str_of("&gt;")) :
		    c == '&' ? buf_str(b, str_of("&amp;")) :
		    c == '"' ? buf_str(b, str_of("&quot;")) :
		    c == '\'' ? buf_str(b, str_of("&#39;")) :
		    buf_byte(b, (uint8_t)c);
	}
	return (rc);
}

static bool
is_verdict(struct str s)
{
	return (str_eqz(s, "pass") || str_eqz(s, "fail") ||
	    str_eqz(s, "unknown"));
}

/* A table of a result; a column called digest links to its image's page. */
static int
table(struct buf *b, const char *title, const struct db_result *r,
    const char *empty)
{
	size_t columns = db_columns(r);
	int rc;

	if ((rc = buf_printf(b, "<h2>%s</h2>", title)) < 0)
		return (rc);
	if (db_rows(r) == 0)
		return (buf_printf(b, "<p class=\"empty\">%s</p>", empty));
	rc = buf_str(b, str_of("<table><tr>"));
	for (size_t c = 0; c < columns && rc == 0; c++)
		rc = buf_printf(b, "<th>%s</th>", db_column_name(r, c));
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++) {
		rc = buf_str(b, str_of("</tr><tr>"));
		for (size_t c = 0; c < columns && rc == 0; c++) {
			struct str v = db_col(r, i, c);
			bool link = str_starts(v, "sha256:") && v.n == 71;

			if (is_verdict(v))
				rc = buf_printf(b, "<td class=\"%.*s\">",
				    STR_ARG(v));
			else
				rc = buf_str(b, str_of("<td>"));
			if (rc == 0 && link)
				rc = buf_printf(b,
				    "<a href=\"/images/%.*s\">%.19s…</a>",
				    STR_ARG(v), v.p);
			else if (rc == 0)
				rc = escaped(b, v);
			if (rc == 0)
				rc = buf_str(b, str_of("</td>"));
		}
	}
	return (rc < 0 ? rc : buf_str(b, str_of("</tr></table>")));
}

static int
section(const struct http_request_in *q, struct buf *b, const char *title,
    const char *sql, const struct db_param *p, size_t n, const char *empty,
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query(q->db, sql, p, n, &r, d)) == 0)
		rc = table(b, title, r, empty);
	db_free(r);
	return (rc);
}

static void
finish(struct http_answer *a, int rc, const struct diag *d)
{
	if (rc < 0) {
		http_error_diag(a, rc, d);
		return;
	}
	a->status = 200;
	a->type = "text/html; charset=utf-8";
}

void
page_home(const struct http_request_in *q, struct http_answer *a)
{
	struct buf *b = &a->body;
	struct diag d = { 0 };
	int rc;

	if ((rc = buf_str(b, str_of(head))) == 0 &&
	    (rc = section(q, b, "Farm", sql_page_farm, NULL, 0, "", &d)) == 0 &&
	    (rc = section(q, b, "Images", sql_page_images, NULL, 0,
	    "No image yet. Add a registry: scanfarm registry add NAME --url URL",
	    &d)) == 0 &&
	    (rc = section(q, b, "Changes of verdicts", sql_page_changes, NULL,
	    0, "None yet.", &d)) == 0 &&
	    (rc = section(q, b, "Workers", sql_page_workers, NULL, 0,
	    "No worker is connected.", &d)) == 0 &&
	    (rc = section(q, b, "Advisories", sql_page_feeds, NULL, 0,
	    "None yet, so nothing can be judged: scanfarm feed import DIR",
	    &d)) == 0)
		rc = buf_str(b, str_of("</body></html>\n"));
	finish(a, rc, &d);
}

void
page_image(const struct http_request_in *q, struct http_answer *a)
{
	uint8_t raw[DIGEST_BYTES];
	struct buf *b = &a->body;
	struct db_param p;
	struct diag d = { 0 };
	int rc;

	if (!digest_parse(q->rest, raw)) {
		http_error(a, 404, "no such image", "");
		return;
	}
	p = db_bytes(str_n(raw, sizeof(raw)));
	if ((rc = buf_str(b, str_of(head))) == 0 &&
	    (rc = section(q, b, "Image", sql_page_image, &p, 1,
	    "No such image.", &d)) == 0 &&
	    (rc = section(q, b, "Findings", sql_page_image_findings, &p, 1,
	    "None.", &d)) == 0 &&
	    (rc = section(q, b, "Layers", sql_page_image_layers, &p, 1, "None.",
	    &d)) == 0)
		rc = buf_str(b, str_of("<p><a href=\"/\">back</a></p></body></html>\n"));
	finish(a, rc, &d);
}
