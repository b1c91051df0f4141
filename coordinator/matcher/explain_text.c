/* An explanation for people; see explain.h.  Lines are written raw into scratch
 * and escaped one by one, so no text of an image or feed reaches a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "explain_parts.h"

/* One line: some texts of packages and advisories. */
#define LINE_MAX_BYTES (16 * LIMIT_PACKAGE_TEXT)
/* This much of a command that made a layer. */
#define CREATED_BY_SHOWN 200

struct text {
	const struct explain *x;
	struct buf *out;
	struct buf line;
	char *escaped;
	int rc;
};

static void PRINTF(2, 3)
say(struct text *t, const char *fmt, ...)
{
	char piece[2 * DIAG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(piece, sizeof(piece), fmt, ap);
	va_end(ap);
	if (t->rc == 0)
		t->rc = buf_str(&t->line, str_of(piece));
}

static void
say_str(struct text *t, struct str s)
{
	if (t->rc == 0)
		t->rc = buf_str(&t->line, str_sub(s, 0, LIMIT_PACKAGE_TEXT));
}

/* The line is complete. */
static void
end(struct text *t)
{
	size_t n = text_escape(buf_view(&t->line), t->escaped,
	    4 * LINE_MAX_BYTES + 1);

	if (t->rc == 0)
		t->rc = buf_str(t->out, str_n(t->escaped, n));
	if (t->rc == 0)
		t->rc = buf_byte(t->out, '\n');
	buf_clear(&t->line);
}

static void
sentence(struct text *t, int rc)
{
	if (t->rc == 0)
		t->rc = rc;
}

static void
head(struct text *t, const struct explain_outcome *o)
{
	const struct match_package *p = &t->x->items[o->item].p;

	say_str(t, o->name);
	say(t, " in ");
	say_str(t, p->name);
	say(t, " ");
	say_str(t, p->version);
	say(t, ": %s", o->status);
	if (o->counts)
		say(t, ", %s", severity_name(o->f.severity));
	if (o->counts && o->f.fixed_version.n > 0) {
		say(t, ", fixed in ");
		say_str(t, o->f.fixed_version);
	}
	if (o->counts && o->f.hidden)
		say(t, ", hidden: it counts nowhere");
	end(t);
	say(t, "  because   ");
	sentence(t, explain_say_outcome(t->x, o, &t->line));
	end(t);
	if (!o->counts)
		return;
	say(t, "  severity  ");
	sentence(t, explain_say_severity(o, &t->line));
	end(t);
}

static void
package(struct text *t, const struct explain_item *item)
{
	const struct match_package *p = &item->p;

	say(t, "  package   ");
	sentence(t, explain_purl(t->x, item, &t->line));
	end(t);
	say(t, "            of ");
	say_str(t, p->namespace.n > 0 ? p->namespace :
	    str_of("no known ecosystem"));
	if (p->source_name.n > 0) {
		say(t, ", source ");
		say_str(t, p->source_name);
		say(t, " ");
		say_str(t, p->source_version.n > 0 ? p->source_version :
		    p->version);
	}
	if (p->module.n > 0) {
		say(t, ", module ");
		say_str(t, p->module);
	}
	if (p->channels.n > 0) {
		say(t, ", channels ");
		say_str(t, p->channels);
	}
	end(t);
}

static void
layer(struct text *t, uint32_t at)
{
	const struct explain *x = t->x;

	say(t, "layer %u", at);
	if (at >= x->nlayers)
		return;
	if (x->layers[at].digest.n > 0) {
		say(t, " ");
		say_str(t, x->layers[at].digest);
	}
	if (x->layers[at].created_by.n > 0) {
		say(t, " (");
		say_str(t, str_sub(str_trim(x->layers[at].created_by), 0,
		    CREATED_BY_SHOWN));
		say(t, ")");
	}
}

static void
places(struct text *t, const struct explain_item *item)
{
	for (size_t i = 0; i < item->nplaces; i++) {
		const struct explain_place *at = &item->places[i];

		say(t, "  found in  ");
		say_str(t, at->path);
		say(t, " by ");
		say_str(t, at->analyzer);
		if (at->state.n > 0) {
			say(t, " as ");
			say_str(t, at->state);
		}
		say(t, ", ");
		layer(t, at->layer);
		if (at->owner.n > 0) {
			say(t, ", a file of ");
			say_str(t, at->owner);
		}
		end(t);
		if (at->file_layer != at->layer) {
			say(t, "            as stated by ");
			layer(t, at->file_layer);
			end(t);
		}
	}
	if (item->p.origin.n > 0) {
		say(t, "  whose     ");
		say_str(t, item->p.origin);
		say(t, ": %s", explain_say_origin(item));
		end(t);
	}
}

static void
entry(struct text *t, const struct explain_source *s,
    const struct explain_entry *e)
{
	const struct explain_item *item = &t->x->items[s->item];

	say(t, "            ");
	say_str(t, e->ecosystem);
	say(t, " ");
	say_str(t, e->name);
	if (e->module.n > 0) {
		say(t, " of module ");
		say_str(t, e->module);
	}
	if (e->channels.n > 0) {
		say(t, " of channels ");
		say_str(t, e->channels);
	}
	say(t, ": %s", vex_status_name(e->status));
	if (e->reason.n > 0) {
		say(t, " (");
		say_str(t, e->reason);
		say(t, ")");
	}
	if (e->other_build)
		say(t, ", of other builds than this one");
	if (e->other_channel)
		say(t, ", of a channel that the image does not take");
	if (e->no_version)
		say(t, ", of no version that can be compared");
	end(t);
	for (size_t i = 0; i < e->nsteps; i++) {
		say(t, "              ");
		sentence(t, explain_say_step(t->x, item, e, &e->steps[i],
		    &t->line));
		say(t, ": %s", e->steps[i].result);
		end(t);
	}
	if (e->more > 0) {
		say(t, "              and %zu more comparisons", e->more);
		end(t);
	}
}

static void
source(struct text *t, const struct explain_outcome *o, size_t i)
{
	const struct explain_source *s =
	    explain_source_of(t->x, &o->claims[i]);

	say(t, "  source    ");
	say_str(t, s->advisory);
	if (s->feed.n > 0) {
		say(t, " of feed ");
		say_str(t, s->feed);
	}
	if (s->modified.n > 0) {
		say(t, ", modified ");
		say_str(t, s->modified);
	}
	say(t, ": %s", s->r.applies ? "applies" : "does not apply");
	if (!s->r.applies) {
		say(t, ": ");
		sentence(t, explain_say_source(t->x, s, &t->line));
	} else {
		say(t, ", %s (%s", severity_name(s->r.severity),
		    explain_say_rating(&s->rating));
		if (s->rating.cvss.n > 0) {
			say(t, ", ");
			say_str(t, s->rating.cvss);
		}
		say(t, ")");
	}
	if (s->r.applies && s->r.fixed_version.n > 0) {
		say(t, ", fixed in ");
		say_str(t, s->r.fixed_version);
	}
	end(t);
	if (i == o->decider || o->claims[i].rule != NULL) {
		say(t, i == o->decider ? "            decides (%s)" :
		    "            overruled (%s)", i == o->decider ? o->rule :
		    o->claims[i].rule);
		end(t);
	}
	for (size_t k = 0; k < s->n; k++)
		entry(t, s, &s->entries[k]);
	if (s->more > 0) {
		say(t, "            and %zu more entries", s->more);
		end(t);
	}
}

static void
outcome(struct text *t, const struct explain_outcome *o)
{
	head(t, o);
	package(t, &t->x->items[o->item]);
	places(t, &t->x->items[o->item]);
	for (size_t i = 0; i < o->n; i++)
		source(t, o, i);
}

static void
others(struct text *t)
{
	const struct explain *x = t->x;

	for (size_t i = 0; i < x->nothers; i++) {
		const struct explain_other *o = &x->others[i];

		say(t, "  not here  ");
		say_str(t, o->advisory);
		if (o->feed.n > 0) {
			say(t, " of feed ");
			say_str(t, o->feed);
		}
		say(t, " is about ");
		say_str(t, o->name);
		say(t, " in ");
		say_str(t, o->packages.n > 0 ? o->packages :
		    str_of("no package"));
		if (o->ignored != NULL)
			say(t, " (%s)", o->ignored);
		end(t);
	}
	if (x->more_others > 0) {
		say(t, "  not here  and %zu more", x->more_others);
		end(t);
	}
}

int
explain_text(const struct explain *x, struct buf *out, struct diag *d)
{
	struct text t = { .x = x, .out = out };

	buf_init(&t.line, LINE_MAX_BYTES);
	t.escaped = mem_alloc(4 * LINE_MAX_BYTES + 1);
	for (size_t i = 0; i < x->noutcomes; i++) {
		if (i > 0)
			end(&t);
		outcome(&t, &x->outcomes[i]);
	}
	if (x->noutcomes == 0) {
		sentence(&t, explain_say_asked(x, &t.line));
		end(&t);
	}
	others(&t);
	buf_done(&t.line);
	free(t.escaped);
	return (t.rc < 0 ? diag_set(d, ERR_LIMIT, 0, "the explanation is larger "
	    "than its memory; ask for one vulnerability") : 0);
}
