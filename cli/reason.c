/* See reason.h. */
#include "cli/reason.h"
#include "common/text.h"

/* Of a vendor's sentence a table has room for its beginning. */
#define SHOWN 40

struct reason
reason_of(const struct json *finding)
{
	return ((struct reason) { .status = json_get_str(finding, "status"),
		.text = json_get_str(finding, "reason"),
		.fix_state = json_get_str(finding, "fix_state"),
		.severity_upstream = json_get_str(finding,
		    "severity_upstream") });
}

void
reason_cells(const struct reason *r, struct str cells[REASON_COLUMNS])
{
	cells[0] = r->text;
	cells[1] = r->fix_state;
	cells[2] = r->severity_upstream;
}

void
reason_json(struct json_writer *w, const struct reason *r)
{
	json_w_kstr(w, "reason", r->text);
	json_w_kstr(w, "fix_state", r->fix_state);
	json_w_kstr(w, "severity_upstream", r->severity_upstream);
}

/* "Will not fix" is no news beside will_not_fix. */
static bool
says_the_same(struct str text, struct str word)
{
	for (size_t i = 0; text.n == word.n && i < word.n; i++)
		if (word.p[i] == '_' ? strchr(" -_", text.p[i]) == NULL :
		    (text.p[i] | 0x20) != word.p[i])
			return (false);
	return (text.n == word.n);
}

struct str
reason_status(const struct reason *r, char room[96])
{
	bool stated = r->fix_state.n != 0 && !str_eqz(r->fix_state, "fixed") &&
	    !str_eqz(r->fix_state, "not_fixed");
	struct str word = stated ? r->fix_state : r->status;
	char text[SHOWN + 1];
	int n;

	if (r->text.n == 0 || says_the_same(r->text, word))
		return (word);
	text_escape(r->text, text, sizeof(text));
	n = snprintf(room, 96, "%.*s (%s%s)", (int)(word.n < 40 ? word.n : 40),
	    word.p, text, r->text.n > SHOWN ? "..." : "");
	return (str_n(room, (size_t)n));
}
