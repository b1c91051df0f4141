/*
 * The status pages: tables over views, rendered here.  Everything in a page but
 * its own words is foreign text: it goes through text() and nowhere else.  No
 * script, nothing from other servers; the style sheet is a page of its own so
 * that the Content-Security-Policy can forbid everything inline.
 */
#include <stdlib.h>
#include "common/digest.h"
#include "common/mem.h"
#include "common/text.h"
#include "farm_counts.h"
#include "http_request.h"
#include "sql.h"

/* Rows of one page: what a person scrolls through. */
#define IMAGES_SHOWN 200
#define FINDINGS_SHOWN 2000
#define QUERY_BYTES 256

static const char style[] =
    ":root{--ink:#1b2733;--soft:#5b6b7a;--line:#dfe5ea;--back:#fff;--card:#f5f7f9;--link:#0b5cad;"
    "--fail:#b3261e;--unknown:#8a5a00;--pass:#1b7f3b;--critical:#7d1128;--high:#b3261e;--medium:#a85400;--low:#5b6b7a}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9fb0bf;--line:#33404c;--back:#12181e;--card:#1b242d;"
    "--link:#7cb8f5;--fail:#ff8a80;--unknown:#ffc25c;--pass:#7fd99a;--critical:#ff6f91;--high:#ff8a80;--medium:#ffb26b;--low:#9fb0bf}}"
    "*{box-sizing:border-box}body{font:15px/1.5 system-ui,'DejaVu Sans',sans-serif;margin:0 auto;max-width:84em;padding:1em 1.5em 3em;color:var(--ink);background:var(--back)}"
    "a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}"
    "header{display:flex;gap:1.5em;align-items:baseline;flex-wrap:wrap;border-bottom:1px solid var(--line);margin-bottom:1em}"
    "header h1{font-size:1.4em;margin:0 0 .3em}nav{display:flex;gap:1em;flex-wrap:wrap}"
    "h2{font-size:1.15em;margin:1.8em 0 .5em}h3{font-size:1em;margin:1.6em 0 .3em}"
    ".tiles{display:flex;flex-wrap:wrap;gap:.7em;margin:1em 0}.tile{background:var(--card);border-radius:6px;padding:.5em .9em;min-width:7em}"
    ".tile b{display:block;font-size:1.5em;line-height:1.2}.tile span{color:var(--soft);font-size:.9em}"
    ".notices{border-left:4px solid var(--unknown);background:var(--card);margin:1em 0;padding:.5em 1em;list-style:none}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3em .9em .3em 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word;max-width:32em;unicode-bidi:isolate}"
    "th{font-weight:600;color:var(--soft);white-space:nowrap;font-size:.9em}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.t,.v{white-space:nowrap}"
    ".v{font-weight:600}.fail{color:var(--fail)}.unknown{color:var(--unknown)}.pass{color:var(--pass)}.waiting,.none{color:var(--soft);font-weight:400}"
    ".critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low,.negligible{color:var(--low)}"
    ".soft{color:var(--soft)}code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:.92em;overflow-wrap:anywhere}"
    "form{display:flex;gap:.6em;flex-wrap:wrap;margin:.6em 0}input,select,button{font:inherit;padding:.2em .5em;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:4px}"
    "ul.lines{margin:.3em 0;padding-left:1.2em}";

/* A page while it is written; the first failure sticks. */
struct page {
	struct buf *b;
	const struct http_request_in *q;
	struct diag d;
	int rc;
};

static void
put(struct page *p, const char *html)
{
	if (p->rc == 0 && (p->rc = buf_str(p->b, str_of(html))) < 0)
		diag_set(&p->d, p->rc, 0, "the page is too large");
}

static void
text(struct page *p, struct str s)
{
	for (size_t i = 0; i < s.n && p->rc == 0; i++) {
		const char c = s.p[i];

		if (c == '<')
			put(p, "&lt;");
		else if (c == '>')
			put(p, "&gt;");
		else if (c == '&')
			put(p, "&amp;");
		else if (c == '"')
			put(p, "&quot;");
		else if (c == '\'')
			put(p, "&#39;");
		else if ((p->rc = buf_byte(p->b, (uint8_t)c)) < 0)
			diag_set(&p->d, p->rc, 0, "the page is too large");
	}
}

static void
number(struct page *p, size_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%zu", n);
	put(p, s);
}

static struct db_result *
query(struct page *p, const char *sql, const struct db_param *v, size_t n)
{
	struct db_result *r = NULL;

	if (p->rc == 0)
		p->rc = db_query(p->q->db, sql, v, n, &r, &p->d);
	return (p->rc == 0 ? r : NULL);
}

/* ---------------------------------------------------------------- pieces -- */

/* ${refresh}: seconds after which the page loads itself again; 0 = never. */
static void
begin(struct page *p, const char *title, int refresh)
{
	char s[80];

	put(p, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	    "<link rel=\"stylesheet\" href=\"/style.css\"><title>");
	text(p, str_of(title));
	put(p, "</title>");
	if (refresh > 0) {
		snprintf(s, sizeof(s), "<meta http-equiv=\"refresh\" content=\"%d\">",
		    refresh);
		put(p, s);
	}
	put(p, "</head><body><header><h1><a href=\"/\">scanfarm</a></h1><nav>"
	    "<a href=\"/#images\">images</a><a href=\"/#changes\">changes</a>"
	    "<a href=\"/#queue\">queue</a><a href=\"/#workers\">workers</a>"
	    "<a href=\"/#feeds\">feeds</a><a href=\"/#registries\">registries</a>"
	    "</nav></header>");
}

static void
finish(struct page *p, struct http_answer *a)
{
	put(p, "</body></html>\n");
	if (p->rc < 0) {
		http_error_diag(a, p->rc, &p->d);
		return;
	}
	a->status = 200;
	a->type = "text/html; charset=utf-8";
}

/* Words that have a colour of their own. */
static const char *
class_of(struct str s)
{
	static const char *const words[] = { "pass", "fail", "unknown",
		"waiting", "critical", "high", "medium", "low", "negligible" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(s, words[i]))
			return (words[i]);
	return ("none");
}

/* What a column holds.  IMAGE shows its text as a link to the digest that stands
 * in the column behind it, which is not shown itself.  MARK is one that stands out
 * when it begins with KEV. */
enum kind { TEXT, NUMBER, TIME, WORD, CODE, IMAGE, LINES, MARK };

struct column {
	const char *head;
	enum kind kind;
};

static void
lines(struct page *p, struct str s)
{
	struct str one;

	put(p, "<ul class=\"lines\">");
	while (str_split(&s, '\n', &one)) {
		put(p, "<li>");
		text(p, one);
		put(p, "</li>");
	}
	put(p, "</ul>");
}

static void
cell(struct page *p, enum kind kind, struct str s, struct str digest)
{
	const char *const open[] = { [TEXT] = "<td>", [NUMBER] =
	    "<td class=\"n\">", [TIME] = "<td class=\"t\">", [CODE] =
	    "<td><code>", [IMAGE] = "<td><a href=\"/images/", [LINES] = "<td>",
	    [MARK] = str_starts(s, "KEV") ? "<td class=\"v fail\">" :
	    "<td class=\"t\">" };

	if (kind == WORD) {
		put(p, "<td class=\"v ");
		put(p, class_of(s));
		put(p, "\">");
	} else
		put(p, open[kind]);
	if (kind == IMAGE) {
		text(p, digest);
		put(p, "\">");
	}
	if (kind == LINES && s.n > 0)
		lines(p, s);
	else if (kind == NUMBER && str_eqz(s, "0"))
		put(p, "<span class=\"soft\">0</span>");
	else
		text(p, s);
	put(p, kind == IMAGE ? "</a></td>" : kind == CODE ? "</code></td>" :
	    "</td>");
}

static void
table_head(struct page *p, const struct column *c, size_t n)
{
	put(p, "<div class=\"scroll\"><table><thead><tr>");
	for (size_t i = 0; i < n; i++) {
		put(p, c[i].kind == NUMBER ? "<th class=\"n\">" : "<th>");
		put(p, c[i].head);
		put(p, "</th>");
	}
	put(p, "</tr></thead><tbody>");
}

/* Row ${row} from column ${at} on. */
static void
table_row(struct page *p, const struct db_result *r, size_t row, size_t at,
    const struct column *c, size_t n)
{
	put(p, "<tr>");
	for (size_t i = 0; i < n; i++, at++) {
		bool image = c[i].kind == IMAGE;

		cell(p, c[i].kind, db_col(r, row, at), image ?
		    db_col(r, row, at + 1) : str_of(""));
		at += image;
	}
	put(p, "</tr>");
}

static void
table_end(struct page *p)
{
	put(p, "</tbody></table></div>");
}

static void
heading(struct page *p, const char *id, const char *title)
{
	put(p, "<h2 id=\"");
	put(p, id);
	put(p, "\">");
	put(p, title);
	put(p, "</h2>");
}

/* A section that is one table, or ${empty}. */
static void
section(struct page *p, const char *id, const char *title, const char *sql,
    const struct column *c, size_t n, const char *empty)
{
	struct db_result *r = query(p, sql, NULL, 0);

	heading(p, id, title);
	if (r == NULL || db_rows(r) == 0) {
		put(p, "<p class=\"soft\">");
		put(p, empty);
		put(p, "</p>");
	} else {
		table_head(p, c, n);
		for (size_t i = 0; i < db_rows(r); i++)
			table_row(p, r, i, 0, c, n);
		table_end(p);
	}
	db_free(r);
}
#define SECTION(p, id, title, sql, columns, empty)			\
	section(p, id, title, sql, columns,				\
	    sizeof(columns) / sizeof(columns[0]), empty)

/* ------------------------------------------------------------------ home -- */

static void
tile(struct page *p, struct str n, const char *what, const char *class)
{
	put(p, "<div class=\"tile\"><b class=\"");
	put(p, str_eqz(n, "0") ? "soft" : class);
	put(p, "\">");
	text(p, n);
	put(p, "</b><span>");
	put(p, what);
	put(p, "</span></div>");
}

static void
farm(struct page *p)
{
	static const char *const what[][2] = { { "images fail", "fail" },
		{ "unknown", "unknown" }, { "pass", "pass" },
		{ "wait for a verdict", "" }, { "open jobs", "" },
		{ "events to read", "" }, { "layers", "" },
		{ "uses of layers", "" }, { "packages", "" },
		{ "advisories", "" }, { "findings", "" } };
	const size_t n = sizeof(what) / sizeof(what[0]);
	struct db_result *r;
	struct db_param v;
	char *counts = NULL;

	if (p->rc == 0)
		p->rc = farm_counts(p->q->db, &counts, &p->d);
	v = db_text(str_of(counts != NULL ? counts : ""));
	r = query(p, sql_page_farm, &v, 1);
	put(p, "<div class=\"tiles\">");
	for (size_t i = 0; r != NULL && i < n; i++)
		tile(p, db_col(r, 0, i), what[i][0], what[i][1]);
	put(p, "</div>");
	db_free(r);
	if ((r = query(p, sql_page_notices, &v, 1)) != NULL &&
	    db_rows(r) > 0) {
		put(p, "<ul class=\"notices\">");
		for (size_t i = 0; i < db_rows(r); i++) {
			put(p, "<li>");
			text(p, db_col(r, i, 0));
			put(p, "</li>");
		}
		put(p, "</ul>");
	}
	db_free(r);
	free(counts);
}

static const char *const verdicts[] = { "", "fail", "unknown", "pass" };

static void
search_form(struct page *p, struct str name, struct str verdict)
{
	put(p, "<form action=\"/\" method=\"get\"><input name=\"q\" "
	    "placeholder=\"part of a name\" aria-label=\"part of a name\" value=\"");
	text(p, name);
	put(p, "\"><select name=\"verdict\" aria-label=\"verdict\">");
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		put(p, str_eqz(verdict, verdicts[i]) ?
		    "<option selected value=\"" : "<option value=\"");
		put(p, verdicts[i]);
		put(p, "\">");
		put(p, i == 0 ? "every verdict" : verdicts[i]);
		put(p, "</option>");
	}
	put(p, "</select><button>show</button></form>");
}

static void
images(struct page *p, struct str name, struct str verdict)
{
	static const struct column c[] = { { "image", IMAGE },
		{ "verdict", WORD }, { "platform", TEXT },
		{ "distribution", TEXT }, { "packages", NUMBER },
		{ "critical", NUMBER }, { "high", NUMBER }, { "medium", NUMBER },
		{ "low", NUMBER }, { "unknown", NUMBER }, { "pushed", TIME },
		{ "s to verdict", NUMBER } };
	const size_t n = sizeof(c) / sizeof(c[0]);
	const struct db_param v[] = { db_text(name), db_text(verdict),
		db_int(IMAGES_SHOWN + 1) };
	struct db_result *r = query(p, sql_page_images, v, 3);
	size_t rows = r != NULL ? db_rows(r) : 0;

	heading(p, "images", "Images");
	search_form(p, name, verdict);
	if (rows == 0)
		put(p, name.n > 0 || verdict.n > 0 ?
		    "<p class=\"soft\">None of that kind.</p>" :
		    "<p class=\"soft\">None yet. Add a registry: <code>scanfarm "
		    "registry add NAME --url URL</code></p>");
	else {
		table_head(p, c, n);
		for (size_t i = 0; i < rows && i < IMAGES_SHOWN; i++)
			table_row(p, r, i, 0, c, n);
		table_end(p);
	}
	if (rows > IMAGES_SHOWN) {
		put(p, "<p class=\"soft\">The last ");
		number(p, IMAGES_SHOWN);
		put(p, " are shown; there are more. Ask for a part of the name.</p>");
	}
	db_free(r);
}

void
page_home(const struct http_request_in *q, struct http_answer *a)
{
	static const struct column changes[] = { { "at (UTC)", TIME },
		{ "image", IMAGE }, { "from", WORD }, { "to", WORD },
		{ "cause", TEXT }, { "because of", TEXT } };
	static const struct column queue[] = { { "kind", TEXT },
		{ "priority", TEXT }, { "waiting", NUMBER },
		{ "delayed", NUMBER }, { "tried before", NUMBER },
		{ "oldest (UTC)", TIME } };
	static const struct column workers[] = { { "name", TEXT },
		{ "state", TEXT }, { "slots", NUMBER }, { "in flight", NUMBER },
		{ "jobs done", NUMBER }, { "read", NUMBER },
		{ "last seen (UTC)", TIME } };
	static const struct column feeds[] = { { "name", TEXT },
		{ "documents", NUMBER }, { "malformed", NUMBER },
		{ "unmatched", NUMBER }, { "missing", NUMBER },
		{ "namespaces", NUMBER }, { "imported (UTC)", TIME },
		{ "sizes", TEXT }, { "error", TEXT } };
	static const struct column registries[] = { { "name", TEXT },
		{ "URL", TEXT }, { "repositories", NUMBER }, { "state", TEXT },
		{ "catalog read (UTC)", TIME } };
	static const struct column targets[] = { { "name", TEXT },
		{ "target", TEXT }, { "waiting", NUMBER }, { "state", TEXT },
		{ "told (UTC)", TIME } };
	struct page p = { .b = &a->body, .q = q };
	struct str name = str_of(q->query(q, "q"));
	struct str verdict = str_of(q->query(q, "verdict"));
	bool known = false;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		known |= str_eqz(verdict, verdicts[i]);
	if (!known)
		verdict = str_of("");
	if (name.n > QUERY_BYTES || !text_is_utf8(name))
		name = str_of("");
	begin(&p, "scanfarm", 15);
	farm(&p);
	images(&p, name, verdict);
	SECTION(&p, "changes", "Changes of verdicts", sql_page_changes, changes,
	    "None yet.");
	SECTION(&p, "queue", "Queue", sql_page_queue, queue,
	    "Nothing waits.");
	SECTION(&p, "workers", "Workers", sql_page_workers, workers,
	    "None was connected within a day.");
	SECTION(&p, "feeds", "Advisory feeds", sql_page_feeds, feeds,
	    "None yet, so nothing can be judged: <code>scanfarm feed import DIR</code>");
	SECTION(&p, "registries", "Registries", sql_page_registries, registries,
	    "None yet: <code>scanfarm registry add NAME --url URL</code>");
	SECTION(&p, "notify", "Notifications", sql_page_notify, targets,
	    "Nobody is told of changed verdicts: <code>scanfarm notify add NAME --url URL</code>");
	finish(&p, a);
}

/* ----------------------------------------------------------------- image -- */

/* Columns of page_image. */
enum { REFERENCE, VERDICT, KIND, PLATFORM, DISTRIBUTION, PACKAGES, CRITICAL,
    HIGH, MEDIUM, LOW, NEGLIGIBLE, UNKNOWN, PUSHED, TO_VERDICT, REASONS, NOTES };

static void
image_head(struct page *p, const struct db_result *r, struct str digest)
{
	static const char *const severity[] = { "critical", "high", "medium",
		"low", "negligible", "unknown" };

	put(p, "<h2>");
	text(p, db_col(r, 0, REFERENCE));
	put(p, "</h2><p class=\"v ");
	put(p, class_of(db_col(r, 0, VERDICT)));
	put(p, "\">");
	text(p, db_col(r, 0, VERDICT));
	put(p, "</p>");
	if (db_col(r, 0, REASONS).n > 0) {
		put(p, "<p>because</p>");
		lines(p, db_col(r, 0, REASONS));
	}
	if (db_col(r, 0, NOTES).n > 0) {
		put(p, "<p>notes</p>");
		lines(p, db_col(r, 0, NOTES));
	}
	put(p, "<div class=\"tiles\">");
	for (size_t i = 0; i < 6; i++)
		tile(p, db_col(r, 0, CRITICAL + i), severity[i], severity[i]);
	tile(p, db_col(r, 0, PACKAGES), "packages", "");
	put(p, "</div><p><code>");
	text(p, digest);
	put(p, "</code><br>");
	text(p, db_col(r, 0, PLATFORM));
	put(p, " ");
	text(p, db_col(r, 0, DISTRIBUTION));
	if (db_col(r, 0, PUSHED).n > 0) {
		put(p, " · pushed ");
		text(p, db_col(r, 0, PUSHED));
		put(p, " UTC");
	}
	if (db_col(r, 0, TO_VERDICT).n > 0) {
		put(p, " · verdict ");
		text(p, db_col(r, 0, TO_VERDICT));
		put(p, " s later");
	}
	put(p, "</p>");
	if (db_rows(r) > 1) {
		put(p, "<p>also known as ");
		for (size_t i = 1; i < db_rows(r); i++) {
			put(p, i > 1 ? ", " : "");
			text(p, db_col(r, i, REFERENCE));
		}
		put(p, "</p>");
	}
}

static void
platforms(struct page *p, const struct db_param *digest)
{
	static const struct column c[] = { { "platform", IMAGE },
		{ "verdict", WORD }, { "kind", TEXT }, { "remark", TEXT } };
	struct db_result *r = query(p, sql_page_image_children, digest, 1);

	if (r != NULL && db_rows(r) > 0) {
		heading(p, "platforms", "Platforms");
		table_head(p, c, 4);
		for (size_t i = 0; i < db_rows(r); i++)
			table_row(p, r, i, 0, c, 4);
		table_end(p);
	}
	db_free(r);
}

/* Findings whose first column is ${position}; they stand together. */
static void
layer_findings(struct page *p, const struct db_result *f, struct str position)
{
	static const struct column c[] = { { "severity", WORD },
		{ "vulnerability", TEXT }, { "exploited", MARK },
		{ "type", TEXT }, { "package", TEXT }, { "version", TEXT }, { "fixed in", TEXT }, { "status", TEXT },
		{ "what", TEXT } };
	const size_t n = sizeof(c) / sizeof(c[0]);
	bool any = false;

	for (size_t i = 0; f != NULL && i < db_rows(f) &&
	    i < FINDINGS_SHOWN; i++) {
		if (!str_eq(db_col(f, i, 0), position))
			continue;
		if (!any)
			table_head(p, c, n);
		any = true;
		table_row(p, f, i, 1, c, n);
	}
	if (any)
		table_end(p);
	else
		put(p, "<p class=\"soft\">No findings.</p>");
}

/* Columns of page_image_layers. */
enum { L_POSITION, L_STATE, L_SIZE, L_CREATED_BY, L_DIGEST, L_REASONS,
    L_IMAGES };

static void
layers(struct page *p, const struct db_param *digest)
{
	const struct db_param v[] = { *digest, db_int(FINDINGS_SHOWN + 1) };
	struct db_result *r = query(p, sql_page_image_layers, digest, 1);
	struct db_result *f = query(p, sql_page_image_findings, v, 2);

	if (r != NULL && db_rows(r) > 0)
		heading(p, "findings", "Findings by layer");
	for (size_t i = 0; r != NULL && i < db_rows(r); i++) {
		put(p, "<h3>Layer ");
		text(p, db_col(r, i, L_POSITION));
		put(p, " <code>");
		text(p, db_col(r, i, L_CREATED_BY));
		put(p, "</code></h3><p class=\"soft\">");
		text(p, db_col(r, i, L_STATE));
		put(p, " · ");
		text(p, db_col(r, i, L_SIZE));
		put(p, " · in ");
		text(p, db_col(r, i, L_IMAGES));
		put(p, " images · <code>");
		text(p, db_col(r, i, L_DIGEST));
		put(p, "</code></p>");
		if (db_col(r, i, L_REASONS).n > 0)
			lines(p, db_col(r, i, L_REASONS));
		layer_findings(p, f, db_col(r, i, L_POSITION));
	}
	if (f != NULL && db_rows(f) > FINDINGS_SHOWN) {
		put(p, "<p class=\"soft\">More than ");
		number(p, FINDINGS_SHOWN);
		put(p, " findings; <code>scanfarm report</code> shows all.</p>");
	}
	db_free(f);
	db_free(r);
}

static void
not_found(struct page *p, struct http_answer *a)
{
	begin(p, "scanfarm: no such image", 0);
	put(p, "<p>No registry holds such an image now. Images are named by the "
	    "digest of their manifest, sha256:...</p>");
	finish(p, a);
	if (a->status == 200)
		a->status = 404;
}

void
page_image(const struct http_request_in *q, struct http_answer *a)
{
	struct page p = { .b = &a->body, .q = q };
	uint8_t raw[DIGEST_BYTES];
	struct db_param digest;
	struct db_result *r;

	if (!digest_parse(q->rest, raw)) {
		not_found(&p, a);
		return;
	}
	digest = db_bytes(str_n(raw, sizeof(raw)));
	r = query(&p, sql_page_image, &digest, 1);
	if (r != NULL && db_rows(r) == 0) {
		db_free(r);
		not_found(&p, a);
		return;
	}
	begin(&p, "scanfarm: image", r != NULL &&
	    str_eqz(db_col(r, 0, VERDICT), "waiting") ? 5 : 0);
	if (r != NULL)
		image_head(&p, r, q->rest);
	platforms(&p, &digest);
	layers(&p, &digest);
	db_free(r);
	finish(&p, a);
}

void
page_style(const struct http_request_in *q, struct http_answer *a)
{
	(void)q;
	a->status = buf_str(&a->body, str_of(style)) == 0 ? 200 : 500;
	a->type = "text/css; charset=utf-8";
}
