/*
 * osv: documents of the OSV schema, as its bucket exports them.  Source: OSV
 * schema 1.7.
 *
 * Types are checked where they matter for matching: a document whose ranges we
 * would misread is malformed, never silently without effect.  Unknown fields
 * are ignored.  Events are turned into half open pieces of the version line
 * here, sorted by the ecosystem's order where we have one and taken in the
 * document's order elsewhere.
 */
#include "../alias.h"
#include "../channel.h"
#include "../feed_rows.h"
#include "common/cvss.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/version.h"

enum event_kind {
	EVENT_INTRODUCED,
	EVENT_FIXED,
	EVENT_LAST_AFFECTED,
	EVENT_LIMIT,
	NKINDS
};
static const char *const kind_names[NKINDS] = {
	"introduced", "fixed", "last_affected", "limit",
};

struct event {
	enum event_kind kind;
	struct str version;
	struct str key;		/* empty = below everything */
	const struct version_scheme *coarse;	/* not NULL: equal keys say
				   nothing, versions have to be compared */
	size_t index;		/* at one version they stay as written */
};

/* One document being read. */
struct doc {
	struct pool *pool;
	struct feed_count count;
	struct diag *d;
};

static int
malformed(struct doc *c, const char *what)
{
	return (diag_set(c->d, ERR_MALFORMED, 0, "OSV document: %s", what));
}

static int
too_large(struct doc *c)
{
	return (diag_set(c->d, ERR_LIMIT, 0,
	    "OSV document: more than its memory holds"));
}

static int
keep(struct doc *c, struct str s, struct str *ret)
{
	return (pool_str(c->pool, s, ret) < 0 ? too_large(c) : 0);
}

/* Zeroed memory for ${n} things, or NULL with the diag filled; never of 0. */
static void *
array_of(struct doc *c, size_t n, size_t size)
{
	void *v = pool_alloc(c->pool, (n != 0 ? n : 1) * size);

	if (v == NULL)
		too_large(c);
	return (v);
}

/* A member that must be a list if it is there; absent or null is empty. */
static int
take_array(struct doc *c, const struct json *o, const char *key,
    const struct json **ret)
{
	const struct json *v = json_get(o, key);

	if (v != NULL && !json_is_null(v) && !json_is_array(v))
		return (diag_set(c->d, ERR_MALFORMED, 0,
		    "OSV document: %s is no list", key));
	*ret = v;
	return (0);
}

/* A member that must be a text if it is there. */
static int
take_text(struct doc *c, const struct json *o, const char *key, struct str *ret)
{
	const struct json *v = json_get(o, key);

	if (v != NULL && !json_is_null(v) && !json_is_string(v))
		return (diag_set(c->d, ERR_MALFORMED, 0,
		    "OSV document: %s is no text", key));
	return (keep(c, json_str(v), ret));
}

static int
take_texts(struct doc *c, const struct json *o, const char *key,
    struct str **ret, size_t *n)
{
	const struct json *list;
	struct str *v;
	int rc;

	if ((rc = take_array(c, o, key, &list)) < 0)
		return (rc);
	if ((v = array_of(c, json_len(list), sizeof(*v))) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < json_len(list); i++) {
		if (!json_is_string(json_at(list, i)))
			return (diag_set(c->d, ERR_MALFORMED, 0,
			    "OSV document: %s holds something else than texts",
			    key));
		if ((rc = keep(c, json_str(json_at(list, i)), &v[i])) < 0)
			return (rc);
	}
	*ret = v;
	*n = json_len(list);
	return (0);
}

/* ------------------------------------------------------------------------ severity */

/* Which of two vectors to keep: 3.1, 3.0, 4.0, 2.0; what is no vector last. */
static int
vector_rank(struct str v)
{
	int tenths;

	if (v.n == 0)
		return (0);
	if (cvss_base(v, &tenths, NULL) < 0)
		return (1);
	if (str_starts(v, "CVSS:3.1/"))
		return (5);
	if (str_starts(v, "CVSS:3."))
		return (4);
	return (str_starts(v, "CVSS:4.") ? 3 : 2);
}

/* severity[] of the document or of an entry: vectors and words.  What it holds
 * beyond our understanding is no reason to lose the advisory. */
static int
take_severity(struct doc *c, const struct json *o, enum severity *word,
    struct str *vector, bool *any)
{
	const struct json *list = json_get(o, "severity");
	struct str type, score;
	int rc;

	for (size_t i = 0; i < json_len(list); i++) {
		type = json_get_str(json_at(list, i), "type");
		score = json_get_str(json_at(list, i), "score");
		*any = true;
		if (!str_starts(type, "CVSS_")) {
			if (*word == SEVERITY_UNKNOWN)
				*word = severity_of_word(score);
		} else if (vector_rank(score) > vector_rank(*vector)) {
			if ((rc = keep(c, score, vector)) < 0)
				return (rc);
		}
	}
	return (0);
}

static void
take_word(const struct json *o, const char *object, const char *key,
    enum severity *word)
{
	if (*word == SEVERITY_UNKNOWN)
		*word = severity_of_word(json_get_str(json_get(o, object), key));
}

/* -------------------------------------------------------------------------- ranges */

/* Which of two lies lower on the version line. */
static int
place_cmp(const struct event *x, const struct event *y)
{
	int r = str_cmp(x->key, y->key), c;

	if (r == 0 && x->coarse != NULL && x->key.n > 0 && version_cmp(x->coarse,
	    x->version, y->version, &c, NULL) == 0)
		r = c;
	return (r);
}

static int
event_cmp(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int r = place_cmp(x, y);

	if (r != 0)
		return (r);
	return (x->index < y->index ? -1 : x->index > y->index);
}

/* Sort by version.  False, and the document's order kept, when one of the
 * events cannot be placed. */
static bool
sort_events(struct doc *c, const struct version_scheme *s, struct event *v,
    size_t n)
{
	struct buf b;
	bool sorted = s != NULL && s->key != NULL;

	buf_init(&b, LIMIT_VERSION_KEY);
	for (size_t i = 0; sorted && i < n; i++) {
		buf_clear(&b);
		v[i].coarse = s->coarse_keys ? s : NULL;
		if (v[i].kind == EVENT_INTRODUCED && str_eqz(v[i].version, "0"))
			continue;
		if (v[i].kind == EVENT_LIMIT && str_eqz(v[i].version, "*"))
			sorted = buf_byte(&b, VERSION_KEY_INFINITY) == 0;
		else
			sorted = version_key(s, v[i].version, &b, NULL) == 0;
		sorted = sorted &&
		    pool_str(c->pool, buf_view(&b), &v[i].key) == 0;
	}
	if (sorted)
		qsort(v, n, sizeof(*v), event_cmp);
	buf_done(&b);
	return (sorted);
}

static int
take_event(struct doc *c, const struct json *o, struct event *v, size_t *n)
{
	const struct json *text;
	int rc;

	if (!json_is_object(o))
		return (malformed(c, "an event is no object"));
	for (int k = 0; k < NKINDS; k++) {
		if ((text = json_get(o, kind_names[k])) == NULL)
			continue;
		if (!json_is_string(text))
			return (malformed(c, "an event's version is no text"));
		v[*n] = (struct event) { .kind = (enum event_kind)k,
		    .index = *n };
		if ((rc = keep(c, json_str(text), &v[*n].version)) < 0)
			return (rc);
		(*n)++;
	}
	return (0);
}

/* The event that lies highest among the limits, NULL = no limit at all. */
static const struct event *
highest_limit(const struct event *v, size_t n, bool sorted)
{
	const struct event *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (v[i].kind != EVENT_LIMIT)
			continue;
		if (str_eqz(v[i].version, "*"))
			return (NULL);
		if (best == NULL || sorted)
			best = &v[i];	/* sorted: the last is the highest */
	}
	return (best);
}

/* Close the piece at the limit; false when nothing of it lies below. */
static bool
clip(struct advisory_range *r, const struct event *open, const struct event *end,
    const struct event *limit, bool sorted)
{
	if (limit == NULL)
		return (true);
	if (sorted && place_cmp(open, limit) >= 0)
		return (false);
	if (end == NULL || (sorted && place_cmp(limit, end) <= 0)) {
		r->hi = limit->version;
		r->hi_inclusive = false;
		r->fixed = (struct str) { NULL, 0 };
	}
	return (true);
}

/* Are both at one version?  Without an order only equal texts are. */
static bool
same_place(const struct event *x, const struct event *y, bool sorted)
{
	return (sorted ? place_cmp(x, y) == 0 : str_eq(x->version, y->version));
}

/* What the events at one version make of it and of what lies just above. */
struct state {
	bool at, above;
	const struct event *introduced;	/* NULL = no such event */
	const struct event *end;	/* what ended it last */
};

static void
take_step(struct state *s, const struct event *e)
{
	switch (e->kind) {
	case EVENT_INTRODUCED:
		s->at = s->above = true;
		s->introduced = e;
		break;
	case EVENT_FIXED:
		s->at = s->above = false;
		s->end = e;
		break;
	case EVENT_LAST_AFFECTED:
		if (s->above)
			s->end = e;
		s->above = false;
		break;
	default:
		break;
	}
}

/* OSV's evaluation as pieces: events by version, those at one version as they are
 * written, each setting or ending what the ones before it left.  What is introduced
 * again at the version that fixed it ([1, 2) and [2, 3) in one range) was not fixed
 * there. */
static size_t
pieces_of(const struct event *v, size_t n, bool sorted,
    struct advisory_range *ret)
{
	const struct event *limit = highest_limit(v, n, sorted), *open = NULL;
	struct advisory_range r;
	struct state s;
	size_t count = 0;

	for (size_t i = 0, k; i < n; i = k) {
		s = (struct state) { .at = open != NULL, .above = open != NULL };
		for (k = i; k < n && same_place(&v[i], &v[k], sorted); k++)
			take_step(&s, &v[k]);
		if (open == NULL)
			open = s.introduced;	/* [1, 1) is one too */
		if (open == NULL || s.above)
			continue;
		r = (struct advisory_range) { .lo = open->version,
		    .hi = s.end->version, .hi_inclusive = s.at };
		if (!s.at)
			r.fixed = s.end->version;
		if (clip(&r, open, s.end, limit, sorted))
			ret[count++] = r;
		open = NULL;
	}
	if (open != NULL) {
		r = (struct advisory_range) { .lo = open->version };
		if (clip(&r, open, NULL, limit, sorted))
			ret[count++] = r;
	}
	return (count);
}

/* The schema wants one; without it a range says nothing, and where no range of an
 * entry does, its versions count. */
static bool
is_introduced(const struct event *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == EVENT_INTRODUCED)
			return (true);
	return (false);
}

static int
count_range_type(struct doc *c, struct str type, bool *ordered)
{
	*ordered = true;
	if (str_eqz(type, "ECOSYSTEM"))
		c->count.ranges_ecosystem++;
	else if (str_eqz(type, "SEMVER"))
		c->count.ranges_semver++;
	else if (type.n == 0)
		return (malformed(c, "a range without type"));
	else
		*ordered = false;
	if (str_eqz(type, "GIT"))
		c->count.ranges_git++;
	c->count.ranges++;
	return (0);
}

/* Add the pieces of one range to ${a}, whose array has room for them all. */
static int
take_range(struct doc *c, const struct json *o, struct event *events,
    struct advisory_affected *a)
{
	const struct version_scheme *s =
	    version_scheme_of_ecosystem(a->ecosystem);
	const struct json *list;
	struct str type;
	size_t n = 0;
	bool ordered;
	int rc;

	if (!json_is_object(o))
		return (malformed(c, "a range is no object"));
	if ((rc = take_text(c, o, "type", &type)) < 0 ||
	    (rc = count_range_type(c, type, &ordered)) < 0 ||
	    (rc = take_array(c, o, "events", &list)) < 0)
		return (rc);
	for (size_t i = 0; ordered && i < json_len(list); i++)
		if ((rc = take_event(c, json_at(list, i), events, &n)) < 0)
			return (rc);
	if (ordered && !is_introduced(events, n))
		return (0);
	if (ordered || a->range_type.n == 0)
		a->range_type = type;
	if (!ordered)
		return (0);
	a->nranges += pieces_of(events, n, sort_events(c, s, events, n),
	    a->ranges + a->nranges);
	return (0);
}

static int
take_ranges(struct doc *c, const struct json *o, struct advisory_affected *a)
{
	const struct json *list;
	struct event *events;
	size_t total = 0, most = 0, n;
	int rc;

	if ((rc = take_array(c, o, "ranges", &list)) < 0)
		return (rc);
	for (size_t i = 0; i < json_len(list); i++) {
		n = json_len(json_get(json_at(list, i), "events"));
		if (n > LIMIT_ADVISORY_EVENTS)
			return (diag_set(c->d, ERR_LIMIT, 0,
			    "OSV document: a range of %zu events", n));
		/* an object may hold one of each kind, against the schema */
		total += n * NKINDS;
		most = n > most ? n : most;
	}
	a->ranges = array_of(c, total, sizeof(*a->ranges));
	events = array_of(c, most * NKINDS, sizeof(*events));
	if (a->ranges == NULL || events == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < json_len(list); i++)
		if ((rc = take_range(c, json_at(list, i), events, a)) < 0)
			return (rc);
	return (0);
}

/* ------------------------------------------------------------------------ document */

/* RustSec: what nobody maintains, or what may be used unsoundly, is a note about
 * a package and no vulnerability of it. */
static int
take_note(struct doc *c, const struct json *o, struct advisory_affected *a)
{
	struct str note = json_get_str(json_get(o, "database_specific"),
	    "informational");

	if (note.n == 0)
		return (0);
	if (a->severity == SEVERITY_UNKNOWN && a->cvss.n == 0)
		a->severity = SEVERITY_NEGLIGIBLE;
	return (keep(c, feed_summary(note), &a->status_reason));
}

/* Red Hat's name products as its CPEs do, "Red Hat:rhel_eus:9.2::baseos": a channel
 * of a release. */
static int
take_ecosystem(struct doc *c, const struct json *package,
    struct advisory_affected *a)
{
	static const char redhat[] = "Red Hat:";
	struct str ecosystem;
	int rc = take_text(c, package, "ecosystem", &a->ecosystem);

	if (rc < 0 || !str_starts(a->ecosystem, redhat))
		return (rc);
	if (channel_of_redhat(str_sub(a->ecosystem, sizeof(redhat) - 1,
	    a->ecosystem.n), c->pool, &ecosystem, &a->channels) < 0)
		return (too_large(c));
	if (ecosystem.n != 0)
		a->ecosystem = ecosystem;
	return (0);
}

static int
take_affected(struct doc *c, const struct json *o, struct advisory_affected *a,
    bool *any_severity)
{
	const struct json *package = json_get(o, "package");
	int rc;

	if (!json_is_object(o))
		return (malformed(c, "an entry of affected is no object"));
	if (package != NULL && !json_is_null(package) &&
	    !json_is_object(package))
		return (malformed(c, "a package is no object"));
	if ((rc = take_ecosystem(c, package, a)) < 0 ||
	    (rc = take_text(c, package, "name", &a->name)) < 0 ||
	    (rc = take_ranges(c, o, a)) < 0 ||
	    (rc = take_texts(c, o, "versions", &a->versions,
	    &a->nversions)) < 0 ||
	    (rc = take_severity(c, o, &a->severity, &a->cvss,
	    any_severity)) < 0)
		return (rc);
	take_word(o, "ecosystem_specific", "severity", &a->severity);
	take_word(o, "database_specific", "severity", &a->severity);
	take_word(o, "ecosystem_specific", "urgency", &a->severity);
	if ((rc = take_note(c, o, a)) < 0)
		return (rc);
	c->count.versions += a->nversions;
	return (0);
}

static int
take_head(struct doc *c, const struct json *o, struct advisory *a)
{
	int rc;

	if (!json_is_object(o))
		return (malformed(c, "not an object"));
	if ((rc = take_text(c, o, "id", &a->id)) < 0)
		return (rc);
	if (a->id.n == 0 || a->id.n > LIMIT_ADVISORY_ID)
		return (malformed(c, "no id, or one longer than allowed"));
	if ((rc = take_text(c, o, "modified", &a->modified)) < 0 ||
	    (rc = take_text(c, o, "published", &a->published)) < 0 ||
	    (rc = take_text(c, o, "withdrawn", &a->withdrawn)) < 0 ||
	    (rc = take_texts(c, o, "aliases", &a->aliases, &a->naliases)) < 0 ||
	    (rc = take_texts(c, o, "upstream", &a->upstream,
	    &a->nupstream)) < 0 ||
	    (rc = take_texts(c, o, "related", &a->related, &a->nrelated)) < 0)
		return (rc);
	return (keep(c, feed_summary(json_get_str(o, "summary")),
	    &a->summary));
}

/* Is ${word} a "NAME:STREAM"?  An advisory's id ("ALSA-2024:5814") is none. */
static bool
is_stream(struct str word)
{
	size_t colon = str_find(word, ':'), i;

	for (i = 0; i < word.n; i++)
		if (strchr(i == colon ? ":" : "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._", word.p[i]) ==
		    NULL || word.p[i] == '\0')
			return (false);
	return (colon > 0 && colon + 1 < word.n && !alias_is_bundle(word));
}

/* The first ${most} streams of modules that ${s} names: "Moderate: idm:DL1 and
 * idm:client security, bug fix, and enhancement update". */
static size_t
streams_of(struct str s, struct str *ret, size_t most)
{
	struct str word;
	size_t n = 0;

	while (n < most && str_split(&s, ' ', &word)) {
		if (str_ends(word, ","))
			word.n--;
		if (is_stream(word))
			ret[n++] = word;
	}
	return (n);
}

/* Is ${e} about builds of a module, as Red Hat's build system marks them and those
 * of its rebuilds? */
static bool
is_modular(const struct advisory_affected *e)
{
	static const char mark[] = ".module";

	for (size_t i = 0; i < e->nranges; i++)
		if (e->ranges[i].fixed.n > 0 && memmem(e->ranges[i].fixed.p,
		    e->ranges[i].fixed.n, mark, sizeof(mark) - 1) != NULL)
			return (true);
	return (false);
}

/* AlmaLinux and Rocky say in the summary alone of which stream they speak, and other
 * streams have packages of the same names.  Of several each has an entry; where none
 * is named an entry speaks of all. */
static int
take_modules(struct doc *c, struct advisory *a)
{
	struct str streams[LIMIT_ADVISORY_STREAMS + 1];
	size_t n = streams_of(a->summary, streams, LIMIT_ADVISORY_STREAMS + 1);
	size_t count = a->naffected;
	struct advisory_affected *v;

	if (n == 0 || n > LIMIT_ADVISORY_STREAMS)
		return (0);
	if ((v = array_of(c, a->naffected * n, sizeof(*v))) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < a->naffected; i++) {
		v[i] = a->affected[i];
		if (!is_modular(&v[i]))
			continue;
		v[i].module = streams[0];
		for (size_t k = 1; k < n; k++) {
			v[count] = v[i];
			v[count++].module = streams[k];
		}
	}
	a->affected = v;
	a->naffected = count;
	return (0);
}

/* AlmaLinux and Rocky rate an advisory in its summary alone: "Critical: grub2 security
 * update". */
static void
take_rating(struct advisory *a)
{
	struct str ecosystem = a->naffected > 0 ? a->affected[0].ecosystem :
	    (struct str) { NULL, 0 };
	size_t colon = str_find(a->summary, ':');

	if (a->severity != SEVERITY_UNKNOWN || colon == a->summary.n ||
	    (!str_starts(ecosystem, "AlmaLinux") &&
	    !str_starts(ecosystem, "Rocky Linux")))
		return;
	a->severity = severity_of_word(str_sub(a->summary, 0, colon));
}

static int
take_document(struct doc *c, const struct json *o, struct advisory *a)
{
	const struct json *list;
	bool any_severity = false;
	int rc;

	if ((rc = take_head(c, o, a)) < 0 ||
	    (rc = take_severity(c, o, &a->severity, &a->cvss,
	    &any_severity)) < 0 ||
	    (rc = take_array(c, o, "affected", &list)) < 0)
		return (rc);
	take_word(o, "database_specific", "severity", &a->severity);
	a->naffected = json_len(list);
	a->affected = array_of(c, a->naffected, sizeof(*a->affected));
	if (a->affected == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < a->naffected; i++)
		if ((rc = take_affected(c, json_at(list, i), &a->affected[i],
		    &any_severity)) < 0)
			return (rc);
	take_rating(a);
	c->count.documents++;
	c->count.withdrawn += a->withdrawn.n != 0;
	c->count.without_affected += a->naffected == 0;
	c->count.with_severity += any_severity;
	c->count.affected += a->naffected;
	return (take_modules(c, a));
}

static void
add_counts(struct feed_count *to, const struct feed_count *from)
{
	to->documents += from->documents;
	to->withdrawn += from->withdrawn;
	to->without_affected += from->without_affected;
	to->with_severity += from->with_severity;
	to->affected += from->affected;
	to->ranges += from->ranges;
	to->versions += from->versions;
	to->ranges_ecosystem += from->ranges_ecosystem;
	to->ranges_semver += from->ranges_semver;
	to->ranges_git += from->ranges_git;
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct doc c = { .d = d };
	struct advisory a = { .severity = SEVERITY_UNKNOWN };
	struct json *root = NULL;
	int rc;

	if ((rc = json_parse(bytes, LIMIT_ADVISORY_BYTES, &root, d)) < 0)
		return (rc);
	c.pool = pool_new(LIMIT_ADVISORY_POOL);
	if ((rc = take_document(&c, root, &a)) == 0) {
		add_counts(count, &c.count);
		rc = sink->advisory(sink->arg, &a, d);
	}
	pool_free(c.pool);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_osv = {
	.name = "osv",
	.revision = 6,
	.mark = "id affected modified",
	.document = document,
};
