/*
 * Images as the farm sees them; see farm_image.h.  The farm sends findings
 * worst first with the layer that brought each package.
 */
#include <stdlib.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/exploited.h"
#include "cli/farm_image.h"
#include "cli/message.h"
#include "cli/reason.h"
#include "common/clock.h"
#include "common/mem.h"
#include "common/text.h"

#define QUOTED 1200
#define PLATFORM_QUOTED 200
/* The result of all images of one call as JSON. */
#define JSON_MAX ((size_t)1 << 30)
/* Between two questions: a verdict takes a second or so. */
#define FIRST_WAIT_MS 100
#define LONGEST_WAIT_MS 2000
/* A farm that is started again is back after some seconds. */
#define AWAY_MAX_S 30
/* A table shows this much of the command that made a layer. */
#define CREATED_BY_SHOWN 48
#define DIGEST_SHOWN strlen("sha256:0123456789ab")

void
farm_image_done(struct farm_image *m)
{
	farm_answer_done(&m->answer);
	farm_answer_done(&m->explanation);
}

void
farm_image_fail(struct farm_image *m, const char *command, int rc,
    const struct diag *d)
{
	m->status = farm_fail(command, rc, d);
	/* what was read will be the same the next time */
	if (rc == ERR_MALFORMED || rc == ERR_LIMIT || rc == ERR_UNSUPPORTED)
		m->status = CLI_UNKNOWN;
	snprintf(m->error, sizeof(m->error), "%s", d->text);
	farm_answer_done(&m->answer);
}

/* PATH?reference=REF or PATH?digest=sha256:..., malloced. */
static char *
path_of(const char *path, const char *ref)
{
	char quoted[QUOTED];

	farm_quote(str_of(ref), quoted, sizeof(quoted));
	return (mem_printf("%s?%s=%s", path, str_starts(str_of(ref), "sha256:") ?
	    "digest" : "reference", quoted));
}

int
farm_image_get(struct farm *f, struct farm_image *m, struct diag *d)
{
	char *base = path_of("/api/v1/images", m->ref), *path;
	char platform[PLATFORM_QUOTED];
	int rc;

	farm_quote(str_of(m->platform != NULL ? m->platform : ""), platform,
	    sizeof(platform));
	path = mem_printf("%s&platform=%s%s", base, platform,
	    m->all ? "&all=1" : "");
	farm_answer_done(&m->answer);
	rc = farm_call(f, "GET", path, str_of(""), &m->answer, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, m->platform != NULL ?
		    "the farm does not know %s for platform %s" :
		    "the farm does not know %s%s; `scanfarm scan %s` asks its registry",
		    m->ref, m->platform != NULL ? m->platform : "", m->ref);
	if (rc == 0)
		farm_image_judge(m, NULL);
	free(path);
	free(base);
	return (rc);
}

int
farm_image_explain(struct farm *f, struct farm_image *m, const char *id,
    bool text, struct diag *d)
{
	struct str digest = json_get_str(m->answer.json, "digest");
	char quoted[QUOTED], *path;
	int rc;

	if (!str_eqz(json_get_str(m->answer.json, "state"), "applied"))
		return (0);
	farm_quote(str_of(id), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/images/%.*s/explanation%s/%s",
	    STR_ARG(digest), text ? ".txt" : "", quoted);
	rc = farm_get_slow(f, path, text, &m->explanation, d);
	free(path);
	return (rc);
}

/* -------------------------------------------------------------------- waiting */

uint64_t
farm_image_deadline(uint64_t timeout_s)
{
	return (timeout_s != 0 ? clock_s() + timeout_s : 0);
}

/* One wait and how far it is. */
struct wait {
	struct farm *farm;
	struct farm_image *m;
	time_t start;
	time_t away_since;	/* the farm cannot be reached; 0 = it can */
	bool asked;
	bool open;		/* the registry has not been asked yet */
	struct diag why;	/* what became of the last try at the registry */
};

/* The code that a try at the registry ended with; what may get better by itself
 * is ERR_TEMPORARY. */
static enum err
code_of(struct str outcome)
{
	static const enum err lasting[] = { ERR_NOT_FOUND, ERR_MALFORMED,
		ERR_LIMIT, ERR_UNSUPPORTED };

	for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
		if (str_eqz(outcome, err_name(lasting[i])))
			return (lasting[i]);
	return (ERR_TEMPORARY);
}

/* Does the farm still have to ask the registry for the tag?  Into w->open and
 * w->why. */
static int
registry_state(struct wait *w, struct diag *d)
{
	char *base = path_of("/api/v1/scans", w->m->ref);
	char *path = mem_printf("%s&since_s=%llu", base,
	    (unsigned long long)(clock_s() - w->start + 2));
	struct farm_answer r = { 0 };
	struct str text;
	int rc = farm_call(w->farm, "GET", path, str_of(""), &r, d);

	if (rc == 0) {
		w->open = json_bool(json_get(r.json, "open"));
		text = json_get_str(r.json, "error");
		w->why = (struct diag) { 0 };
		if (text.n != 0)
			diag_set(&w->why, code_of(json_get_str(r.json,
			    "outcome")), 0, "%.*s", STR_ARG(text));
	}
	farm_answer_done(&r);
	free(path);
	free(base);
	return (rc);
}

/* 1: there is a verdict.  0: not yet. */
static int
look(struct wait *w, struct diag *d)
{
	const char *ref = w->m->ref;
	int rc;

	if (w->open && (rc = registry_state(w, d)) < 0)
		return (rc);
	if (w->open)
		return (0);
	if (w->why.code != ERR_OK)
		return (diag_set(d, w->why.code, 0,
		    "%s cannot be read from its registry: %s", ref, w->why.text));
	/* what failed before is tried again: its last verdict is none */
	if ((rc = farm_image_get(w->farm, w->m, d)) == 0)
		return (w->m->verdict[0] != '\0' && !(w->asked &&
		    json_bool(json_get(w->m->answer.json, "open"))));
	if (rc == ERR_NOT_FOUND && w->asked && w->m->platform == NULL)
		diag_set(d, rc, 0, "the registry does not show %s to the farm: "
		    "no such image, or no right to pull it", ref);
	return (rc);
}

/* Layers read, and of how many. */
static size_t
layers_read(const struct farm_image *m, size_t *total)
{
	const struct json *v = json_get(m->answer.json, "layers");
	size_t n = 0;

	*total = json_len(v);
	for (size_t i = 0; i < *total; i++)
		n += !str_eqz(json_get_str(json_at(v, i), "state"), "new");
	return (n);
}

static void
show(const struct wait *w)
{
	size_t total, n = layers_read(w->m, &total);

	if (w->away_since != 0)
		progress("%s: the farm is away, trying again", w->m->ref);
	else if (w->open)
		progress("%s: asking the registry%s%s", w->m->ref,
		    w->why.text[0] != '\0' ? "; the last try said: " : "",
		    w->why.text);
	else if (total == 0)
		progress("%s: waiting for its manifest", w->m->ref);
	else
		progress("%s: %zu of %zu layers read", w->m->ref, n, total);
}

/* The deadline has come: what was it that did not happen? */
static int
too_late(const struct wait *w, struct diag *d)
{
	struct farm_answer r = { 0 };
	size_t total, n = layers_read(w->m, &total);
	char layers[64] = "", work[120] = "";
	struct diag ignored;

	if (total > 0)
		snprintf(layers, sizeof(layers), "; %zu of %zu layers are read",
		    n, total);
	if (farm_call(w->farm, "GET", "/api/v1/status", str_of(""), &r,
	    &ignored) == 0)
		snprintf(work, sizeof(work),
		    "; the farm has %lld jobs open and %zu workers",
		    (long long)json_get_int(r.json, "jobs_open", 0),
		    json_len(json_get(r.json, "workers")));
	farm_answer_done(&r);
	return (diag_set(d, ERR_TEMPORARY, 0,
	    "%s has no verdict after %llu seconds%s%s%s%s", w->m->ref,
	    (unsigned long long)(clock_s() - w->start), layers,
	    w->why.text[0] != '\0' ? "; the registry: " : "", w->why.text,
	    work));
}

int
farm_image_wait(struct farm *f, struct farm_image *m, bool asked,
    uint64_t deadline, struct diag *d)
{
	struct wait w = { .farm = f, .m = m, .start = clock_s(),
		.asked = asked, .open = asked };
	unsigned wait_ms = FIRST_WAIT_MS;
	int rc;

	for (;;) {
		rc = look(&w, d);
		if (rc == ERR_TEMPORARY && w.why.code == ERR_OK) {
			/* not the registry, the farm itself */
			if (w.away_since == 0)
				w.away_since = clock_s();
			if (clock_s() - w.away_since < AWAY_MAX_S)
				rc = 0;
		} else
			w.away_since = 0;
		if (rc == 0 && deadline != 0 &&
		    (uint64_t)clock_s() >= deadline)
			rc = too_late(&w, d);
		if (rc != 0)
			break;
		show(&w);
		usleep(wait_ms * 1000);
		if ((wait_ms *= 2) > LONGEST_WAIT_MS)
			wait_ms = LONGEST_WAIT_MS;
	}
	progress_end();
	return (rc < 0 ? rc : 0);
}

/* -------------------------------------------------------------------- judging */

static bool
fails(const struct json *finding, const struct policy *p)
{
	return (policy_refuses(p, &(struct policy_finding) {
	    .status = json_get_str(finding, "status"),
	    .severity = severity_of_word(json_get_str(finding, "severity")),
	    .fixed_version = json_get_str(finding, "fixed_version"),
	    .hidden = json_bool(json_get(finding, "hidden")),
	    .kev = json_bool(json_get(finding, "kev")) }));
}

void
farm_image_judge(struct farm_image *m, const struct policy *p)
{
	const struct json *v = json_get(m->answer.json, "findings");
	struct str s = json_get_str(m->answer.json, "verdict");
	bool failed = false;

	m->policy = p;
	m->verdict = str_eqz(s, "pass") ? "pass" : str_eqz(s, "fail") ? "fail" :
	    str_eqz(s, "unknown") ? "unknown" :
	    str_eqz(json_get_str(m->answer.json, "state"), "not_applicable") ?
	    "not applicable" : "";
	for (size_t i = 0; p != NULL && i < json_len(v) && !failed; i++)
		failed = fails(json_at(v, i), p);
	if (failed)
		m->verdict = "fail";
	/* the farm's policy failed it, ours does not: it is a pass only when the
	 * farm says that everything could be looked at */
	else if (p != NULL && strcmp(m->verdict, "fail") == 0)
		m->verdict = json_bool(json_get(m->answer.json, "covered")) ?
		    "pass" : "unknown";
	m->status = strcmp(m->verdict, "fail") == 0 ? CLI_FAILED :
	    strcmp(m->verdict, "unknown") == 0 ? CLI_UNKNOWN :
	    strcmp(m->verdict, "pass") == 0 ? CLI_OK :
	    m->verdict[0] == '\0' ? CLI_TEMPORARY : CLI_USAGE;
}

/* ------------------------------------------------------------------- printing */

static const struct json *
layer_at(const struct farm_image *m, int64_t position)
{
	const struct json *v = json_get(m->answer.json, "layers");

	for (size_t i = 0; i < json_len(v); i++)
		if (json_get_int(json_at(v, i), "position", -1) == position)
			return (json_at(v, i));
	return (NULL);
}

/* What a Dockerfile says, without the shell's wrapping. */
static struct str
created_by(const struct json *layer)
{
	struct str s = json_get_str(layer, "created_by");

	if (str_starts(s, "/bin/sh -c #(nop)"))
		s = str_sub(s, 17, s.n);
	else if (str_starts(s, "/bin/sh -c "))
		s = str_sub(s, 11, s.n);
	return (str_sub(str_trim(s), 0, CREATED_BY_SHOWN));
}

/* Is anything known of the exploitation of any? */
static bool
any_exploited(const struct json *findings)
{
	struct exploit e;
	char mark[24];

	for (size_t i = 0; i < json_len(findings); i++) {
		e = exploited_of(json_at(findings, i));
		if (exploited_mark(&e, mark).n > 0)
			return (true);
	}
	return (false);
}

static void
print_findings(const struct farm_image *m, FILE *out)
{
	static const char *const columns[] = { "severity", "vulnerability",
		"package", "version", "fixed_version", "status", "layer",
		EXPLOITED_HEAD };
	const struct json *v = json_get(m->answer.json, "findings");
	struct output *o = output_new(columns, any_exploited(v) ? 8 : 7);

	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *f = json_at(v, i);
		int64_t at = json_get_int(f, "layer", -1);
		struct exploit e = exploited_of(f);
		struct reason r = reason_of(f);
		char layer[CREATED_BY_SHOWN + 32], mark[24], status[96];

		snprintf(layer, sizeof(layer), "#%lld %.*s", (long long)at,
		    STR_ARG(created_by(layer_at(m, at))));
		output_row(o, (const struct str[]) {
		    json_get_str(f, "severity"),
		    json_get_str(f, "vulnerability"), json_get_str(f, "package"),
		    json_get_str(f, "version"), json_get_str(f, "fixed_version"),
		    reason_status(&r, status), str_of(layer),
		    exploited_mark(&e, mark) });
	}
	if (output_rows(o) > 0)
		output_print_unsorted(o, out);
	output_free(o);
}

static void
print_texts(const char *head, const struct json *v, FILE *out)
{
	char shown[DIAG_TEXT * 4];

	for (size_t i = 0; i < json_len(v); i++) {
		text_escape(json_str(json_at(v, i)), shown, sizeof(shown));
		fprintf(out, "%s%s\n", head, shown);
	}
}

/* Why the verdict is what it is: the farm's reasons, unless we judged by a
 * policy of our own.  ${each} gets them one by one. */
static void
each_reason(const struct farm_image *m, void (*each)(void *arg, struct str),
    void *arg)
{
	const struct json *v = json_get(m->answer.json, "findings");
	const struct json *reasons = json_get(m->answer.json, "reasons");
	struct str farm = json_get_str(m->answer.json, "verdict");
	char text[DIAG_TEXT];

	for (size_t i = 0; i < json_len(reasons) && (m->policy == NULL ||
	    str_eqz(farm, "unknown")); i++)
		each(arg, json_str(json_at(reasons, i)));
	if (m->policy != NULL && str_eqz(farm, "fail") &&
	    strcmp(m->verdict, "unknown") == 0)
		each(arg, str_of("not everything in it could be looked at"));
	for (size_t i = 0; m->policy != NULL && i < json_len(v); i++) {
		const struct json *f = json_at(v, i);
		struct str fixed = json_get_str(f, "fixed_version");

		if (!fails(f, m->policy))
			continue;
		snprintf(text, sizeof(text), "%.*s in %.*s %.*s: %.*s%s, %s%.*s",
		    STR_ARG(json_get_str(f, "vulnerability")),
		    STR_ARG(json_get_str(f, "package")),
		    STR_ARG(json_get_str(f, "version")),
		    STR_ARG(json_get_str(f, "severity")),
		    m->policy->fail_on_kev && json_bool(json_get(f, "kev")) ?
		    ", known exploited" : "", fixed.n != 0 ?
		    "fixed in " : "no fix known", STR_ARG(fixed));
		each(arg, str_of(text));
	}
}

static void
print_reason(void *arg, struct str s)
{
	char shown[DIAG_TEXT * 4];

	text_escape(s, shown, sizeof(shown));
	fprintf(arg, "  because %s\n", shown);
}

static void
json_reason(void *arg, struct str s)
{
	json_w_str(arg, s);
}

static void
print_counts(const struct farm_image *m, FILE *out)
{
	const struct json *v = json_get(m->answer.json, "findings");
	size_t count[SEVERITY_CRITICAL + 1] = { 0 }, known = 0, total = 0;
	int64_t hidden = json_get_int(m->answer.json, "hidden", 0);

	for (size_t i = 0; i < json_len(v); i++) {
		if (json_bool(json_get(json_at(v, i), "hidden")))
			continue;
		total++;
		count[severity_of_word(json_get_str(json_at(v, i),
		    "severity"))]++;
		known += json_bool(json_get(json_at(v, i), "kev"));
	}
	fprintf(out, "%lld packages, %zu findings",
	    (long long)json_get_int(m->answer.json, "packages", 0), total);
	for (int k = SEVERITY_CRITICAL; k >= SEVERITY_UNKNOWN; k--)
		if (count[k] > 0)
			fprintf(out, ", %zu %s", count[k],
			    severity_name((enum severity)k));
	if (known > 0)
		fprintf(out, ", %zu known exploited", known);
	if (hidden > 0 && !m->all)
		fprintf(out, "; %lld that do not count: --all",
		    (long long)hidden);
	fputc('\n', out);
}

/* How many layers this image brought, how many were known from others. */
static void
print_layers(const struct farm_image *m, FILE *out)
{
	const struct json *v = json_get(m->answer.json, "layers");
	size_t first = 0;

	for (size_t i = 0; i < json_len(v); i++)
		first += json_bool(json_get(json_at(v, i), "first_image"));
	fprintf(out, "  layers: %zu, %zu analysed for this image, %zu reused\n",
	    json_len(v), first, json_len(v) - first);
}

static void
print_head(const struct farm_image *m, FILE *out)
{
	const struct json *j = m->answer.json;
	const struct json *s = json_get(j, "push_to_verdict_s");
	struct str sure = json_get_str(j, "distribution_confidence");

	fprintf(out, "%s: %s: ", m->ref,
	    m->verdict[0] != '\0' ? m->verdict : "no verdict yet");
	print_counts(m, out);
	each_reason(m, print_reason, out);
	print_texts("  note: ", json_get(j, "notes"), out);
	fprintf(out, "  digest: %.*s %.*s%s%.*s%s\n",
	    STR_ARG(json_get_str(j, "digest")),
	    STR_ARG(json_get_str(j, "distribution")), sure.n > 0 ? " (" : "",
	    STR_ARG(sure), sure.n > 0 ? ")" : "");
	print_layers(m, out);
	if (s != NULL && !json_is_null(s))
		fprintf(out, "  verdict %.3f s after the push\n", json_number(s));
}

/* The digest of the layer that brought a finding. */
static struct str
layer_digest(const struct farm_image *m, const struct json *finding)
{
	return (json_get_str(layer_at(m, json_get_int(finding, "layer", -1)),
	    "digest"));
}

#define TSV_COLUMNS (10 + EXPLOITED_COLUMNS + REASON_COLUMNS)

static void
print_tsv(struct farm_image *v, size_t n, FILE *out)
{
	static const char *const fields[] = { "ref", "vulnerability",
		"severity", "status", "type", "package", "version",
		"fixed_version", "layer", "advisory" };
	static const char *const columns[] = { "ref", "vulnerability",
		"severity", "status", "type", "name", "version", "fixed_version",
		"layer", "advisory", EXPLOITED_NAMES, REASON_NAMES };
	struct output *o = output_new(columns, TSV_COLUMNS);

	for (size_t i = 0; i < n; i++) {
		const struct json *f = json_get(v[i].answer.json, "findings");

		if (v[i].answer.json == NULL)
			continue;
		for (size_t k = 0; k < json_len(f); k++) {
			const struct json *x = json_at(f, k);
			struct str cells[TSV_COLUMNS] = {
			    str_of(v[i].ref) };
			struct exploit e = exploited_of(x);
			struct reason r = reason_of(x);
			struct exploited_room room;

			for (size_t c = 1; c < 10; c++)
				cells[c] = json_get_str(x, fields[c]);
			cells[8] = layer_digest(&v[i], x);
			exploited_cells(&e, &room, cells + 10);
			reason_cells(&r, cells + 10 + EXPLOITED_COLUMNS);
			output_row(o, cells);
		}
		progress_end();
		print_head(&v[i], stderr);
	}
	output_print(o, OUTPUT_TSV, out);
	output_free(o);
}

static void
json_texts(struct json_writer *w, const char *key, const struct json *v)
{
	json_w_key(w, key);
	json_w_array(w);
	for (size_t i = 0; i < json_len(v); i++)
		json_w_str(w, json_str(json_at(v, i)));
	json_w_end_array(w);
}

static void
json_finding(struct json_writer *w, const struct farm_image *m,
    const struct json *f)
{
	static const char *const fields[][2] = { { "vulnerability",
		"vulnerability" }, { "severity", "severity" },
		{ "status", "status" }, { "type", "type" }, { "name", "package" },
		{ "version", "version" }, { "fixed_version", "fixed_version" },
		{ "advisory", "advisory" } };
	struct exploit e = exploited_of(f);
	struct reason r = reason_of(f);

	json_w_object(w);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_w_kstr(w, fields[i][0], json_get_str(f, fields[i][1]));
	json_w_kstr(w, "layer", layer_digest(m, f));
	json_w_kint(w, "layer_position", json_get_int(f, "layer", -1));
	if (json_bool(json_get(f, "hidden")))
		json_w_kbool(w, "hidden", true);
	exploited_json(w, &e);
	reason_json(w, &r);
	json_w_end_object(w);
}

static void
json_layers(struct json_writer *w, const struct json *v)
{
	json_w_key(w, "layers");
	json_w_array(w);
	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *l = json_at(v, i);

		json_w_object(w);
		json_w_kint(w, "position", json_get_int(l, "position", -1));
		json_w_kstr(w, "digest", json_get_str(l, "digest"));
		json_w_kint(w, "size", json_get_int(l, "size", 0));
		json_w_kstr(w, "state", json_get_str(l, "state"));
		json_w_kstr(w, "created_by", json_get_str(l, "created_by"));
		json_w_end_object(w);
	}
	json_w_end_array(w);
}

static void
json_image(struct json_writer *w, const struct farm_image *m)
{
	const struct json *j = m->answer.json, *v = json_get(j, "findings");

	json_w_object(w);
	json_w_kstr(w, "ref", str_of(m->ref));
	if (j == NULL) {
		json_w_kstr(w, "error", str_of(m->error));
		json_w_end_object(w);
		return;
	}
	json_w_kstr(w, "digest", json_get_str(j, "digest"));
	json_w_kstr(w, "os", json_get_str(j, "os"));
	json_w_kstr(w, "architecture", json_get_str(j, "architecture"));
	json_w_kstr(w, "distribution", json_get_str(j, "distribution"));
	json_w_kstr(w, "distribution_confidence",
	    json_get_str(j, "distribution_confidence"));
	json_w_kstr(w, "state", json_get_str(j, "state"));
	json_w_kstr(w, "verdict", str_of(m->verdict));
	json_w_key(w, "reasons");
	json_w_array(w);
	each_reason(m, json_reason, w);
	json_w_end_array(w);
	json_texts(w, "notes", json_get(j, "notes"));
	json_w_kint(w, "packages", json_get_int(j, "packages", 0));
	json_layers(w, json_get(j, "layers"));
	json_w_key(w, "findings");
	json_w_array(w);
	for (size_t i = 0; i < json_len(v); i++)
		json_finding(w, m, json_at(v, i));
	json_w_end_array(w);
	json_w_kstr(w, "pushed_at", json_get_str(j, "pushed_at"));
	json_w_kstr(w, "judged_at", json_get_str(j, "judged_at"));
	if (m->explanation.json != NULL) {
		json_w_key(w, "explanation");
		json_w_raw(w, buf_view(&m->explanation.body));
	}
	json_w_end_object(w);
}

static void
print_json(const struct farm_image *v, size_t n, FILE *out)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, JSON_MAX);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_key(&w, "images");
	json_w_array(&w);
	for (size_t i = 0; i < n; i++)
		json_image(&w, &v[i]);
	json_w_end_array(&w);
	json_w_end_object(&w);
	/* each answer is bounded, and so is their number by memory */
	if (w.error == 0)
		fprintf(out, "%.*s\n", STR_ARG(buf_view(&b)));
	else
		message(NULL, "the result is too large for JSON");
	buf_done(&b);
}

void
farm_image_print(struct farm_image *v, size_t n, enum output_format format,
    FILE *out)
{
	if (format == OUTPUT_TSV)
		print_tsv(v, n, out);
	else if (format == OUTPUT_JSON)
		print_json(v, n, out);
	for (size_t i = 0, more = 0; format == OUTPUT_TABLE && i < n; i++) {
		if (v[i].answer.json == NULL)
			continue;
		if (more++ > 0)
			fputc('\n', out);
		print_head(&v[i], out);
		if (v[i].explanation.body.n == 0) {
			print_findings(&v[i], out);
			continue;
		}
		/* made of printable lines by the farm */
		fputc('\n', out);
		fwrite(v[i].explanation.body.p, 1, v[i].explanation.body.n,
		    out);
	}
}
