/* An explanation for programs; see explain.h and README.md. */
#include "common/limits.h"
#include "common/version.h"
#include "explain_parts.h"

/* A sentence or a package URL. */
#define SENTENCE_MAX (16 * LIMIT_PACKAGE_TEXT)

static void
key_buf(struct json_writer *w, const char *key, int rc, struct buf *b)
{
	json_w_kstr(w, key, rc == 0 ? buf_view(b) : str_of(""));
	if (rc < 0 && w->error == 0)
		w->error = rc;
	buf_done(b);
}

static void
layer(struct json_writer *w, const struct explain *x, const char *key,
    uint32_t at)
{
	json_w_key(w, key);
	json_w_object(w);
	json_w_kint(w, "position", at);
	if (at < x->nlayers) {
		json_w_kstr(w, "digest", x->layers[at].digest);
		json_w_kstr(w, "created_by", x->layers[at].created_by);
	}
	json_w_end_object(w);
}

static void
package(struct json_writer *w, const struct explain *x,
    const struct explain_item *item)
{
	const struct match_package *p = &item->p;
	struct buf b;

	json_w_key(w, "package");
	json_w_object(w);
	buf_init(&b, SENTENCE_MAX);
	key_buf(w, "purl", explain_purl(x, item, &b), &b);
	json_w_kstr(w, "namespace", p->namespace);
	json_w_kstr(w, "type", p->type);
	json_w_kstr(w, "name", p->name);
	json_w_kstr(w, "version", p->version);
	json_w_kstr(w, "arch", p->arch);
	json_w_kstr(w, "source_name", p->source_name);
	json_w_kstr(w, "source_version", p->source_version);
	json_w_kstr(w, "module", p->module);
	json_w_kstr(w, "channels", p->channels);
	json_w_kstr(w, "origin", p->origin);
	json_w_kstr(w, "origin_means", str_of(explain_say_origin(item)));
	json_w_end_object(w);
	json_w_key(w, "found");
	json_w_array(w);
	for (size_t i = 0; i < item->nplaces; i++) {
		const struct explain_place *at = &item->places[i];

		json_w_object(w);
		json_w_kstr(w, "path", at->path);
		json_w_kstr(w, "analyzer", at->analyzer);
		json_w_kstr(w, "state", at->state);
		json_w_kstr(w, "owner", at->owner);
		layer(w, x, "layer", at->layer);
		layer(w, x, "stated_by", at->file_layer);
		json_w_end_object(w);
	}
	json_w_end_array(w);
}

static void
step(struct json_writer *w, const struct explain *x,
    const struct explain_item *item, const struct explain_entry *e,
    const struct explain_step *s)
{
	struct buf b;

	json_w_object(w);
	json_w_kstr(w, "result", str_of(s->result));
	if (s->versions)
		json_w_kint(w, "versions", (int64_t)s->listed);
	else {
		json_w_kstr(w, s->range.lo_exclusive ? "after" :
		    "introduced", s->range.lo);
		json_w_kstr(w, s->range.hi_inclusive ? "last_affected" :
		    str_eq(s->range.fixed, s->range.hi) ? "fixed" : "limit",
		    s->range.hi);
	}
	buf_init(&b, SENTENCE_MAX);
	key_buf(w, "words", explain_say_step(x, item, e, s, &b), &b);
	json_w_end_object(w);
}

static void
entry(struct json_writer *w, const struct explain *x,
    const struct explain_item *item, const struct explain_entry *e)
{
	const struct version_scheme *s =
	    version_scheme_of_ecosystem(item->p.namespace);

	json_w_object(w);
	json_w_kint(w, "number", (int64_t)e->number);
	json_w_kstr(w, "ecosystem", e->ecosystem);
	json_w_kstr(w, "name", e->name);
	json_w_kstr(w, "module", e->module);
	json_w_kstr(w, "status", str_of(vex_status_name(e->status)));
	json_w_kstr(w, "status_reason", e->reason);
	json_w_kstr(w, "compared_name", e->as);
	json_w_kstr(w, "compared_version", e->version);
	json_w_kstr(w, "order", str_of(s != NULL ? s->name : ""));
	json_w_kstr(w, "channels", e->channels);
	json_w_kbool(w, "other_build", e->other_build);
	json_w_kbool(w, "other_channel", e->other_channel);
	json_w_key(w, "comparisons");
	json_w_array(w);
	for (size_t i = 0; i < e->nsteps; i++)
		step(w, x, item, e, &e->steps[i]);
	json_w_end_array(w);
	json_w_kint(w, "more_comparisons", (int64_t)e->more);
	json_w_end_object(w);
}

static void
source(struct json_writer *w, const struct explain *x,
    const struct explain_outcome *o, size_t i)
{
	const struct explain_source *s = explain_source_of(x, &o->claims[i]);
	const char *rule = i == o->decider ? o->rule : o->claims[i].rule;
	struct buf b;

	json_w_object(w);
	json_w_kstr(w, "advisory", s->advisory);
	json_w_kstr(w, "feed", s->feed);
	json_w_kstr(w, "modified", s->modified);
	json_w_kstr(w, "withdrawn", s->withdrawn);
	json_w_kstr(w, "summary", s->summary);
	json_w_kbool(w, "applies", s->r.applies);
	json_w_kbool(w, "decides", i == o->decider);
	json_w_kstr(w, "evidence", str_of(s->r.rule));
	json_w_kstr(w, "rule", str_of(rule != NULL ? rule : ""));
	buf_init(&b, SENTENCE_MAX);
	key_buf(w, "because", explain_say_source(x, s, &b), &b);
	if (s->r.applies) {
		json_w_kstr(w, "status", s->r.status);
		json_w_kstr(w, "status_reason", s->r.reason);
		json_w_kstr(w, "severity",
		    str_of(severity_name(s->r.severity)));
		json_w_kstr(w, "severity_from", str_of(s->rating.from));
		json_w_kstr(w, "cvss", s->rating.cvss);
		json_w_kstr(w, "fixed_version", s->r.fixed_version);
	}
	json_w_key(w, "entries");
	json_w_array(w);
	for (size_t k = 0; k < s->n; k++)
		entry(w, x, &x->items[s->item], &s->entries[k]);
	json_w_end_array(w);
	json_w_kint(w, "more_entries", (int64_t)s->more);
	json_w_end_object(w);
}

static void
outcome(struct json_writer *w, const struct explain *x,
    const struct explain_outcome *o)
{
	struct buf b;

	json_w_object(w);
	json_w_kstr(w, "vulnerability", o->name);
	json_w_kstr(w, "status", str_of(o->status));
	json_w_kbool(w, "finding", o->counts);
	json_w_kbool(w, "hidden", o->counts && o->f.hidden);
	json_w_kstr(w, "rule", str_of(o->rule));
	buf_init(&b, SENTENCE_MAX);
	key_buf(w, "because", explain_say_outcome(x, o, &b), &b);
	if (o->decider != SIZE_MAX) {
		json_w_kstr(w, "severity",
		    str_of(severity_name(o->f.severity)));
		if (o->counts) {
			buf_init(&b, SENTENCE_MAX);
			key_buf(w, "severity_because",
			    explain_say_severity(o, &b), &b);
		}
		json_w_kstr(w, "fixed_version", o->f.fixed_version);
		json_w_kstr(w, "advisory", o->f.advisory);
	}
	package(w, x, &x->items[o->item]);
	json_w_key(w, "sources");
	json_w_array(w);
	for (size_t i = 0; i < o->n; i++)
		source(w, x, o, i);
	json_w_end_array(w);
	json_w_end_object(w);
}

void
explain_json(const struct explain *x, struct json_writer *w)
{
	struct buf b;

	json_w_object(w);
	json_w_kstr(w, "asked", x->asked);
	if (x->noutcomes == 0) {
		buf_init(&b, SENTENCE_MAX);
		key_buf(w, "because", explain_say_asked(x, &b), &b);
	}
	json_w_key(w, "explanations");
	json_w_array(w);
	for (size_t i = 0; i < x->noutcomes; i++)
		outcome(w, x, &x->outcomes[i]);
	json_w_end_array(w);
	json_w_key(w, "elsewhere");
	json_w_array(w);
	for (size_t i = 0; i < x->nothers; i++) {
		const struct explain_other *o = &x->others[i];

		json_w_object(w);
		json_w_kstr(w, "vulnerability", o->name);
		json_w_kstr(w, "advisory", o->advisory);
		json_w_kstr(w, "feed", o->feed);
		json_w_kstr(w, "packages", o->packages);
		json_w_end_object(w);
	}
	json_w_end_array(w);
	json_w_kint(w, "more_elsewhere", (int64_t)x->more_others);
	json_w_end_object(w);
}
