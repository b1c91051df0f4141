/* Sentences about what explain.c found; both forms of the result use them. */
#include "common/purl.h"
#include "common/version.h"
#include "explain_parts.h"

const char *
explain_say_origin(const struct explain_item *item)
{
	static const struct {
		const char *origin, *means;
	} t[] = {
		{ "distro", "a package of the distribution: its advisories "
		  "decide" },
		{ "third_party", "a third party's: it shares names with the "
		  "distribution's packages, not their fixes, so no advisory of "
		  "the distribution is about it" },
		{ "owned", "shipped and patched by the distribution: its "
		  "advisories about the package that owns the file decide, "
		  "those of the language do not" },
		{ "shipped", "shipped by the distribution, whose data lists only "
		  "what it has fixed: the language's advisories decide, too, "
		  "but for what it says of the package that owns the file" },
		{ "header", "headers or symbols, which cannot run: what their "
		  "source is about is shown and counts nowhere" },
		{ "kernel_tool", "a tool built from the kernel's source, most of "
		  "which is not in it: nothing is rated above low" },
		{ "residual", "its package database was removed or emptied in a "
		  "later layer, its files were not" },
		{ "sbom", "stated by a document in the image" },
		{ "shadowed", "Ruby itself brings it, and a newer copy is "
		  "installed beside it, which programs get: what is said of the "
		  "older one is shown and counts nowhere" },
		{ "unpacked", "not where its tool installs packages, so it may be "
		  "the image's own program: the advisories of its ecosystem "
		  "decide, but not those about malware of that name" },
		{ "installed", "no distribution answers for it: the advisories "
		  "of its ecosystem decide" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(item->p.origin, t[i].origin))
			return (t[i].means);
	return ("whose it is was not looked at");	/* packages of a list */
}

const char *
explain_say_rating(const struct match_rating *r)
{
	static const struct {
		const char *from, *words;
	} t[] = {
		{ "entry", "the word of the entry" },
		{ "document", "the word of the document" },
		{ "entry_cvss", "CVSS of the entry" },
		{ "document_cvss", "CVSS of the document" },
		{ "malware", "a report of malware" },
	};

	for (size_t i = 0; r->from != NULL && i < sizeof(t) / sizeof(t[0]); i++)
		if (strcmp(r->from, t[i].from) == 0)
			return (t[i].words);
	return ("nobody rates it");
}

int
explain_purl(const struct explain *x, const struct explain_item *item,
    struct buf *b)
{
	const struct match_package *p = &item->p;
	const struct package q = { .type = p->type, .name = p->name,
		.version = p->version, .arch = p->arch,
		.source_name = p->source_name,
		.source_version = p->source_version };

	return (purl_write(b, &q, x->os_id, x->os_version));
}

/* The name of the order by which versions of ${namespace} are compared. */
static const char *
order_of(struct str namespace)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(namespace);

	return (s != NULL ? s->name : "none");
}

static struct str
lower_end(const struct advisory_range *r)
{
	return (r->lo.n > 0 ? r->lo : str_of("0"));
}

/* What the upper end is: the fix, or just an end. */
static const char *
upper_end(const struct advisory_range *r)
{
	return (r->hi_inclusive ? "the last affected version" :
	    r->fixed.n > 0 && str_eq(r->fixed, r->hi) ?
	    "the version that fixes it" : "the end of the range");
}

int
explain_say_step(const struct explain *x, const struct explain_item *item,
    const struct explain_entry *e, const struct explain_step *s, struct buf *b)
{
	const struct advisory_range *r = &s->range;
	const char *order = order_of(e->ecosystem);
	const char *from = r->lo_exclusive ? "<" : "<=";

	(void)x;
	(void)item;
	if (s->versions) {
		if (strcmp(s->result, "ranges decide") == 0)
			return (buf_printf(b, "the %zu versions it lists do not "
			    "count beside ranges that can be ordered",
			    s->listed));
		return (buf_printf(b, "%.*s is %s of the %zu versions it lists "
		    "(order %s)", STR_ARG(e->version),
		    strcmp(s->result, "listed") == 0 ? "one" : "none",
		    s->listed, order));
	}
	if (strcmp(s->result, "bound without order") == 0)
		return (buf_printf(b, "the range from %.*s to %.*s cannot be "
		    "ordered by %s", STR_ARG(lower_end(r)), STR_ARG(r->hi),
		    order));
	if (strcmp(s->result, "version without order") == 0)
		return (buf_printf(b, "%.*s is no version that %s can order",
		    STR_ARG(e->version), order));
	if (strcmp(s->result, "before") == 0)
		return (buf_printf(b, "%.*s %s %.*s, where it begins (order %s)",
		    STR_ARG(e->version), r->lo_exclusive ? "<=" : "<",
		    STR_ARG(r->lo), order));
	if (strcmp(s->result, "behind") == 0)
		return (buf_printf(b, "%.*s %s %.*s, %s (order %s)",
		    STR_ARG(e->version), r->hi_inclusive ? ">" : ">=",
		    STR_ARG(r->hi), upper_end(r), order));
	if (r->hi.n == 0)
		return (buf_printf(b, "%.*s %s %.*s, without an upper end "
		    "(order %s)", STR_ARG(lower_end(r)), from,
		    STR_ARG(e->version), order));
	return (buf_printf(b, "%.*s %s %.*s %s %.*s, %s (order %s)",
	    STR_ARG(lower_end(r)), from, STR_ARG(e->version),
	    r->hi_inclusive ? "<=" : "<", STR_ARG(r->hi), upper_end(r), order));
}

static bool
is_hit(const struct explain_step *s)
{
	return (strcmp(s->result, "inside") == 0 ||
	    strcmp(s->result, "listed") == 0);
}

/* How much a step says: what decides, then what is fixed, then the rest. */
static int
weight(const struct explain_step *s)
{
	static const char *const order[] = { "ranges decide", "before",
		"not listed", "behind", "version without order",
		"bound without order", "listed", "inside" };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (strcmp(s->result, order[i]) == 0)
			return ((int)i);
	return (-1);
}

/* The comparison that says most; of equal ones the last, ranges come in order. */
static const struct explain_step *
best_step(const struct explain_source *s, const struct explain_entry **entry)
{
	const struct explain_step *best = NULL;

	for (size_t i = 0; i < s->n; i++) {
		const struct explain_entry *e = &s->entries[i];

		/* of what applies only the deciding entry, of what does not
		 * no denial: it is no reason */
		if (s->r.applies ? e->number != s->r.entry :
		    vex_status_denies(e->status) && best != NULL)
			continue;
		for (size_t k = 0; k < e->nsteps; k++) {
			/* true of a channel that does not count */
			if (!s->r.applies && is_hit(&e->steps[k]))
				continue;
			if (best == NULL ||
			    weight(&e->steps[k]) >= weight(best)) {
				best = &e->steps[k];
				*entry = e;
			}
		}
	}
	return (best);
}

/* No entry was compared, or none that counts: of what do they speak? */
static int
say_others(const struct explain_item *item, const struct explain_source *s,
    struct buf *b)
{
	const struct explain_entry *e = &s->entries[0];

	for (size_t i = 0; i < s->n; i++) {
		if (s->entries[i].no_version)
			return (buf_str(b, str_of("it names no version that can "
			    "be compared")));
		if (s->entries[i].nsteps > 0 || s->entries[i].other_channel)
			e = &s->entries[i];
	}
	if (!e->other_build)
		return (buf_printf(b, "it speaks of another channel, %.*s%s%.*s",
		    STR_ARG(e->ecosystem), e->channels.n > 0 ? " " : "",
		    STR_ARG(e->channels)));
	return (buf_printf(b, "it speaks of other builds%s%.*s, not of %s%.*s",
	    e->module.n > 0 ? ", of module " : "", STR_ARG(e->module),
	    item->p.module.n > 0 ? "module " : "this one",
	    STR_ARG(item->p.module)));
}

static int
say_compared(const struct explain *x, const struct explain_source *s,
    struct buf *b)
{
	const struct explain_item *item = &x->items[s->item];
	const struct explain_entry *e = NULL;
	const struct explain_step *step = best_step(s, &e);
	int rc;

	if (step == NULL)
		return (say_others(item, s, b));
	if ((rc = explain_say_step(x, item, e, step, b)) < 0 || !s->r.applies)
		return (rc);
	if (strcmp(s->r.rule, "fixed in another channel") == 0)
		return (buf_printf(b, ", but that fix is in a channel which the "
		    "image does not take: %.*s", STR_ARG(e->channels)));
	if (strcmp(s->r.rule, "Ubuntu Pro only") == 0)
		return (buf_printf(b, ", but that fix is for subscribers: %.*s",
		    STR_ARG(e->ecosystem)));
	if (strcmp(s->r.rule, "owner") == 0)
		return (buf_printf(b, ": of %.*s, whose package owns the file",
		    STR_ARG(e->as)));
	return (0);
}

/* "python3-requests 2.28.1+dfsg-1 owns var/..." */
static int
say_owned(const struct explain_item *item, struct buf *b)
{
	int rc = buf_str(b, str_of("the distribution ships and patches it, its "
	    "own data decides"));

	for (size_t i = 0; rc == 0 && i < item->nplaces; i++)
		if (item->places[i].owner.n > 0)
			return (buf_printf(b, ": %.*s owns the file",
			    STR_ARG(item->places[i].owner)));
	return (rc);
}

int
explain_say_source(const struct explain *x, const struct explain_source *s,
    struct buf *b)
{
	const struct explain_item *item = &x->items[s->item];
	struct str ns = item->p.namespace;

	if (s->ignored != NULL)
		return (buf_str(b, str_of(s->ignored)));
	if (strcmp(s->r.rule, "no version order") == 0)
		return (ns.n == 0 ? buf_str(b, str_of("no ecosystem is known for "
		    "the package")) : buf_printf(b, "versions of %.*s cannot "
		    "be ordered yet", STR_ARG(ns)));
	if (strcmp(s->r.rule, "withdrawn") == 0)
		return (buf_printf(b, "it was withdrawn at %.*s",
		    STR_ARG(s->withdrawn)));
	if (strcmp(s->r.rule, "third party") == 0)
		return (buf_printf(b, "the package is a third party's: it shares "
		    "a name with one of %.*s, not its fixes", STR_ARG(ns)));
	if (strcmp(s->r.rule, "owned") == 0)
		return (say_owned(item, b));
	if (strcmp(s->r.rule, "malware elsewhere") == 0)
		return (buf_str(b, str_of("it tells of malware that a registry "
		    "served, and the package is not where its tool installs")));
	if (strcmp(s->r.rule, "owner affected") == 0)
		return (buf_printf(b, "it says that %.*s, whose package owns the "
		    "file, is affected: a finding of that package",
		    STR_ARG(item->p.owner_source)));
	if (strcmp(s->r.rule, "owner by others") == 0)
		return (buf_printf(b, "it speaks of %.*s, whose package owns the "
		    "file, and is not the distribution's word",
		    STR_ARG(item->p.owner_source)));
	if (s->n == 0)
		return (buf_printf(b, "it speaks of %.*s, not of %.*s",
		    STR_ARG(s->elsewhere.n > 0 ? s->elsewhere :
		    str_of("other packages")), STR_ARG(ns)));
	return (say_compared(x, s, b));
}

/* ------------------------------------------------------------------ outcomes */

static int
say_decided(const struct explain *x, const struct explain_outcome *o,
    struct buf *b)
{
	const struct explain_source *s = explain_source_of(x,
	    &o->claims[o->decider]);
	static const struct {
		const char *rule, *words;
	} t[] = {
		{ "denial", "a word about exactly this package overrules every "
		  "claim" },
		{ "later_statement", "what was stated before it, or denied at "
		  "the same time, is no longer in force" },
		{ "certain", "others are still investigating" },
		{ "known_fix", "it knows a fix, others do not" },
		{ "farthest_fix", "its fix is the farthest, after that update "
		  "no source applies" },
		{ "with_reason", "it says why nothing is done, the other does "
		  "not" },
		{ "first_id", "several say the same, this is the first of "
		  "them" },
		{ "only_source", "no other source applies" },
	};
	int rc;

	if ((rc = buf_printf(b, "%.*s says %s", STR_ARG(s->advisory),
	    o->status)) < 0 ||
	    (s->r.reason.n > 0 && (rc = buf_printf(b, " (%.*s)",
	    STR_ARG(s->r.reason))) < 0) ||
	    (rc = buf_str(b, str_of(": "))) < 0 ||
	    (rc = explain_say_source(x, s, b)) < 0)
		return (rc);
	if (strcmp(o->rule, "denial") == 0 && strcmp(s->r.rule, "owner") == 0)
		return (buf_str(b, str_of("; it decides: the distribution's "
		    "explicit word about what it ships overrules every "
		    "claim")));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (strcmp(o->rule, t[i].rule) == 0)
			rc = buf_printf(b, "; it decides: %s", t[i].words);
	return (rc);
}

/* The claims that do not apply, most telling first: a document that was compared
 * before one that speaks of another release. */
static int
say_none(const struct explain *x, const struct explain_outcome *o,
    struct buf *b)
{
	size_t said = 0;
	int rc = 0;

	for (int compared = 1; compared >= 0; compared--)
		for (size_t i = 0; rc == 0 && i < o->n; i++) {
			const struct explain_source *s =
			    explain_source_of(x, &o->claims[i]);

			if ((s->ignored == NULL && s->n > 0) != compared ||
			    said == 3)
				continue;
			if ((rc = buf_printf(b, "%s%.*s: ", said++ > 0 ? "; " :
			    "", STR_ARG(s->advisory))) == 0)
				rc = explain_say_source(x, s, b);
		}
	if (rc == 0 && o->n > said)
		rc = buf_printf(b, "; and %zu more", o->n - said);
	return (rc);
}

int
explain_say_outcome(const struct explain *x, const struct explain_outcome *o,
    struct buf *b)
{
	return (o->decider != SIZE_MAX ? say_decided(x, o, b) :
	    say_none(x, o, b));
}

/* Whose word about the severity counts: finding.h. */
int
explain_say_severity(const struct explain_outcome *o, struct buf *b)
{
	static const char *const by[] = {
		[MATCH_RATED_NOT] = "nobody rates it",
		[MATCH_RATED_SCORE] = "a computed score",
		[MATCH_RATED_DOCUMENT] = ("a word about the vulnerability, "
		    "before computed scores"),
		[MATCH_RATED_PACKAGE] = "a word about this package, before others",
	};
	const struct finding *f = &o->f;
	const struct finding_rating *r = f->hidden ||
	    f->seen.by == MATCH_RATED_NOT ? &f->unseen : &f->seen;
	int rc;

	if ((rc = buf_printf(b, "%s: %s", severity_name(f->severity),
	    by[r->by])) < 0)
		return (rc);
	if (r->by != MATCH_RATED_NOT && r->severity != f->severity)
		return (buf_printf(b, " (%s), but the distribution found it minor",
		    severity_name(r->severity)));
	if (f->worst != f->severity)
		return (buf_printf(b, "; the worst that any source says is %s",
		    severity_name(f->worst)));
	return (0);
}

int
explain_say_asked(const struct explain *x, struct buf *b)
{
	size_t n = x->nothers + x->more_others;

	if (x->asked.n == 0)
		return (buf_str(b, str_of("no findings")));
	if (n == 0)
		return (buf_printf(b, "%.*s: unknown here: no advisory speaks "
		    "of it", STR_ARG(x->asked)));
	return (buf_printf(b, "%.*s: not affected: no package of this image is "
	    "named by the %zu advisor%s about it", STR_ARG(x->asked), n,
	    n == 1 ? "y" : "ies"));
}
