/*
 * Images as the farm sees them; see farm_image.h.  The farm sends findings
 * worst first with the layer that brought each package.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/farm_image.h"
#include "common/mem.h"
#include "common/text.h"

#define QUOTED 1200
/* Between two questions: a verdict takes a second or so. */
#define FIRST_WAIT_MS 100
#define LONGEST_WAIT_MS 2000
/* A table shows this much of the command that made a layer. */
#define CREATED_BY_SHOWN 48
#define DIGEST_SHOWN strlen("sha256:0123456789ab")

void
farm_image_done(struct farm_image *m)
{
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
	char *path = path_of("/api/v1/images", m->ref);
	int rc;

	farm_answer_done(&m->answer);
	rc = farm_call(f, "GET", path, str_of(""), &m->answer, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm does not know %s; "
		    "`scanfarm scan %s` asks its registry", m->ref, m->ref);
	if (rc == 0)
		farm_image_judge(m, NULL);
	free(path);
	return (rc);
}

/* -------------------------------------------------------------------- waiting */

/* Does the farm still have to ask the registry for the tag?  What became of the
 * last try since ${since} seconds is in ${d}. */
static int
scan_state(struct farm *f, const struct farm_image *m, uint64_t since,
    bool *open, struct diag *d)
{
	char *base = path_of("/api/v1/scans", m->ref);
	char *path = mem_printf("%s&since_s=%llu", base,
	    (unsigned long long)since);
	struct farm_answer r = { 0 };
	struct str why;
	int rc = farm_call(f, "GET", path, str_of(""), &r, d);

	if (rc == 0) {
		*open = json_bool(json_get(r.json, "open"));
		why = json_get_str(r.json, "error");
		if (!*open && why.n != 0)
			rc = diag_set(d, str_eqz(json_get_str(r.json, "outcome"),
			    "not_found") ? ERR_NOT_FOUND : ERR_TEMPORARY, 0,
			    "%s cannot be read from its registry: %.*s", m->ref,
			    STR_ARG(why));
		else if (*open && why.n != 0)
			diag_set(d, ERR_TEMPORARY, 0, "the last try said: %.*s",
			    STR_ARG(why));
	}
	farm_answer_done(&r);
	free(path);
	free(base);
	return (rc);
}

static void
progress(const struct farm_image *m, uint64_t seconds)
{
	const struct json *layers = json_get(m->answer.json, "layers");
	size_t ready = 0;

	if (!isatty(STDERR_FILENO))
		return;
	for (size_t i = 0; i < json_len(layers); i++)
		ready += !str_eqz(json_get_str(json_at(layers, i), "state"),
		    "new");
	fprintf(stderr, "\r\033[K%s: %zu of %zu layers read, %llu s", m->ref,
	    ready, json_len(layers), (unsigned long long)seconds);
}

static uint64_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((uint64_t)t.tv_sec);
}

int
farm_image_wait(struct farm *f, struct farm_image *m, bool asked,
    uint64_t limit_s, struct diag *d)
{
	uint64_t start = now_s(), passed = 0;
	unsigned wait_ms = FIRST_WAIT_MS;
	bool open = asked;
	int rc;

	for (;;) {
		struct diag last = { 0 };

		rc = open ? scan_state(f, m, passed + 2, &open, &last) : 0;
		if (rc < 0)
			*d = last;
		else if ((rc = open ? ERR_NOT_FOUND :
		    farm_image_get(f, m, d)) == 0 && m->verdict[0] != '\0')
			break;
		else if (rc == ERR_NOT_FOUND && open)
			rc = 0;
		else if (rc == ERR_NOT_FOUND && asked)
			diag_set(d, rc, 0, "the registry does not show %s to "
			    "the farm: no such image, or no right to pull it",
			    m->ref);
		passed = now_s() - start;
		if (rc == 0 && limit_s != 0 && passed >= limit_s)
			rc = diag_set(d, ERR_TEMPORARY, 0,
			    "%s has no verdict after %llu seconds%s%s", m->ref,
			    (unsigned long long)passed,
			    last.text[0] != '\0' ? "; " : "", last.text);
		if (rc < 0)
			break;
		progress(m, passed);
		usleep(wait_ms * 1000);
		if ((wait_ms *= 2) > LONGEST_WAIT_MS)
			wait_ms = LONGEST_WAIT_MS;
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return (rc);
}

/* -------------------------------------------------------------------- judging */

static bool
fails(const struct json *finding, const struct policy *p)
{
	return (str_eqz(json_get_str(finding, "status"), "affected") &&
	    severity_of_word(json_get_str(finding, "severity")) >= p->fail_on &&
	    (!p->only_fixed || json_get_str(finding, "fixed_version").n != 0));
}

void
farm_image_judge(struct farm_image *m, const struct policy *p)
{
	const struct json *v = json_get(m->answer.json, "findings");
	struct str s = json_get_str(m->answer.json, "verdict");
	bool failed = false;

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
	    m->verdict[0] == '\0' ? CLI_TEMPORARY : CLI_OK;
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

static void
print_findings(const struct farm_image *m, FILE *out)
{
	static const char *const columns[] = { "severity", "vulnerability",
		"package", "version", "fixed_version", "status", "layer" };
	const struct json *v = json_get(m->answer.json, "findings");
	struct output *o = output_new(columns, 7);

	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *f = json_at(v, i);
		int64_t at = json_get_int(f, "layer", -1);
		char layer[CREATED_BY_SHOWN + 32];

		snprintf(layer, sizeof(layer), "#%lld %.*s", (long long)at,
		    STR_ARG(created_by(layer_at(m, at))));
		output_row(o, (const struct str[]) {
		    json_get_str(f, "severity"),
		    json_get_str(f, "vulnerability"), json_get_str(f, "package"),
		    json_get_str(f, "version"), json_get_str(f, "fixed_version"),
		    json_get_str(f, "status"), str_of(layer) });
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

static void
print_counts(const struct farm_image *m, FILE *out)
{
	const struct json *v = json_get(m->answer.json, "findings");
	size_t count[SEVERITY_CRITICAL + 1] = { 0 };

	for (size_t i = 0; i < json_len(v); i++)
		count[severity_of_word(json_get_str(json_at(v, i),
		    "severity"))]++;
	fprintf(out, "%lld packages, %zu findings",
	    (long long)json_get_int(m->answer.json, "packages", 0), json_len(v));
	for (int k = SEVERITY_CRITICAL; k >= SEVERITY_UNKNOWN; k--)
		if (count[k] > 0)
			fprintf(out, ", %zu %s", count[k],
			    severity_name((enum severity)k));
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

	fprintf(out, "%s: %s: ", m->ref,
	    m->verdict[0] != '\0' ? m->verdict : "no verdict yet");
	print_counts(m, out);
	print_texts("  because ", json_get(j, "reasons"), out);
	print_texts("  note: ", json_get(j, "notes"), out);
	fprintf(out, "  digest: %.*s %.*s\n", STR_ARG(json_get_str(j, "digest")),
	    STR_ARG(json_get_str(j, "distribution")));
	print_layers(m, out);
	if (s != NULL && !json_is_null(s))
		fprintf(out, "  verdict %.3f s after the push\n", json_number(s));
}

static void
print_tsv(struct farm_image *v, size_t n, FILE *out)
{
	static const char *const columns[] = { "ref", "vulnerability",
		"severity", "status", "type", "package", "version",
		"fixed_version", "layer", "advisory" };
	static const char *const shown[] = { "ref", "vulnerability", "severity",
		"status", "type", "name", "version", "fixed_version", "layer",
		"advisory" };
	struct output *o = output_new(shown, 10);

	for (size_t i = 0; i < n; i++) {
		const struct json *f = json_get(v[i].answer.json, "findings");

		if (v[i].answer.json == NULL)
			continue;
		for (size_t k = 0; k < json_len(f); k++) {
			const struct json *x = json_at(f, k);
			struct str cells[10] = { str_of(v[i].ref) };

			for (size_t c = 1; c < 10; c++)
				cells[c] = json_get_str(x, columns[c]);
			cells[8] = json_get_str(layer_at(&v[i],
			    json_get_int(x, "layer", -1)), "digest");
			output_row(o, cells);
		}
		print_head(&v[i], stderr);
	}
	output_print(o, OUTPUT_TSV, out);
	output_free(o);
}

static void
print_json(struct farm_image *v, size_t n, FILE *out)
{
	bool more = false;

	fputs("{\"images\":[", out);
	for (size_t i = 0; i < n; i++) {
		struct json_writer w;
		struct buf b;

		if (v[i].answer.json == NULL)
			continue;
		buf_init(&b, strlen(v[i].ref) * 6 + 200);
		json_w_init(&w, &b);
		json_w_object(&w);
		json_w_kstr(&w, "ref", str_of(v[i].ref));
		json_w_kstr(&w, "verdict", str_of(v[i].verdict));
		/* closed by the farm's own answer, which follows as it came */
		fprintf(out, "%s%.*s,\"farm\":%.*s}", more ? ",\n" : "\n",
		    STR_ARG(buf_view(&b)), STR_ARG(buf_view(&v[i].answer.body)));
		buf_done(&b);
		more = true;
	}
	fputs("]}\n", out);
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
		print_findings(&v[i], out);
	}
}
