/* scanfarm match: which advisories apply to a list of packages. */
#include <errno.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/exploited.h"
#include "cli/explain.h"
#include "cli/feed_local.h"
#include "cli/lines.h"
#include "cli/message.h"
#include "common/limits.h"
#include "coordinator/matcher/distribution.h"
#include "coordinator/matcher/namespace.h"

/* Packages, ids of advisories and hits of one run. */
#define MATCH_MEMORY ((size_t)4 << 30)
/* What is known of exploitation: 300,000 CVEs take 50 MB. */
#define MATCH_EXPLOITS ((size_t)1 << 30)

struct options {
	const char *packages;
	const char *feed;
	struct distribution os;
	struct explain_option explain;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm match --packages FILE --feed DIR [--distro ID:VERSION]\n"
	    "                      [--explain [ID]]\n\n"
	    "Print a row for each advisory document that applies to a package of FILE.\n\n"
	    "  --packages FILE      TSV with a header row; columns by name: type name\n"
	    "                       version, where known arch source_name source_version,\n"
	    "                       of rpms module and content_sets (spaces between),\n"
	    "                       origin as inventory tells it;\n"
	    "                       - reads standard input\n"
	    "  --feed DIR           advisories as OSV exports them (DIR/<ECOSYSTEM>/all.zip),\n"
	    "                       a folder of documents, or one zip; where KEV or EPSS\n"
	    "                       are there, too, rows have their columns at the end\n"
	    "  --distro ID:VERSION  distribution of deb and apk packages, as os-release\n"
	    "                       names it: debian:10, alpine:3.10\n"
	    "  --explain [ID]       instead of rows why: for each finding, or for one\n"
	    "                       vulnerability also why not\n"
	    "  --format F           table (default), tsv or json\n"
	    "  --output FILE        write the result there, whole or not at all\n\n"
	    "Exit status: 0 matched, 2 usage or bad input, 3 try again, 4 incomplete:\n"
	    "advisories could not be read.\n");
}

/* ----------------------------------------------------------- the list of packages */

enum column {
	COL_TYPE, COL_NAME, COL_VERSION, COL_ARCH, COL_SOURCE_NAME,
	COL_SOURCE_VERSION, COL_MODULE, COL_CONTENT_SETS, COL_ORIGIN, NCOLS
};
static const char *const column_names[NCOLS] = {
	"type", "name", "version", "arch", "source_name", "source_version",
	"module", "content_sets", "origin",
};

/* An image may name many repositories. */
static size_t
cell_max(size_t column)
{
	return (column == COL_CONTENT_SETS ? LINE_BYTES : LIMIT_PACKAGE_TEXT);
}

/* The list while it is read. */
struct reader {
	const struct options *o;
	struct index *index;
	size_t at[NCOLS];	/* where each column stands; SIZE_MAX = nowhere */
	struct buf cell[NCOLS];
	size_t line;
	struct content_sets *known;	/* what the feed says of them; read when a
					   list names any */
	bool sets_read;
};

static int
read_header(struct reader *r, struct str line, struct diag *d)
{
	struct str cell;
	size_t n = 0;

	for (size_t i = 0; i < NCOLS; i++)
		r->at[i] = SIZE_MAX;
	while (str_split(&line, '\t', &cell)) {
		for (size_t i = 0; i < NCOLS; i++)
			if (str_eqz(cell, column_names[i]))
				r->at[i] = n;
		n++;
	}
	for (size_t i = COL_TYPE; i <= COL_VERSION; i++)
		if (r->at[i] == SIZE_MAX)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "its first line names no column \"%s\"",
			    column_names[i]));
	return (0);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	return (-1);
}

/* Undo text_escape(): \xHH of control bytes and of bytes above 7E.  Any other
 * \xHH is a text that looks like one. */
static int
unescape(struct str s, struct buf *ret)
{
	int hi, lo, v, rc = 0;

	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		v = (uint8_t)s.p[i];
		if (v == '\\' && i + 3 < s.n && s.p[i + 1] == 'x' &&
		    (hi = hex_digit(s.p[i + 2])) >= 0 &&
		    (lo = hex_digit(s.p[i + 3])) >= 0 &&
		    (hi < 2 || hi > 7 || hi * 16 + lo == 0x7f)) {
			v = hi * 16 + lo;
			i += 3;
		}
		rc = buf_byte(ret, (uint8_t)v);
	}
	return (rc);
}

/* The channels that the list's content sets stand for. */
static int
take_channels(struct reader *r, struct pool *pool, struct match_package *p,
    struct diag *d)
{
	struct str sets = buf_view(&r->cell[COL_CONTENT_SETS]);
	int rc;

	if (sets.n == 0)
		return (0);
	if (!r->sets_read &&
	    (rc = feed_local_content_sets(r->o->feed, r->known, d)) < 0)
		return (rc);
	r->sets_read = true;
	if (content_sets_channels(r->known, sets, pool, &p->channels) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "line %zu: more content sets "
		    "than can be held", r->line));
	return (0);
}

static int
read_row(struct reader *r, struct str line, struct diag *d)
{
	struct pool *pool;
	int rc;

	struct match_package p;
	char namespace[NAMESPACE_TEXT];
	struct str cell;
	size_t n = 0, number;

	for (size_t i = 0; i < NCOLS; i++)
		buf_clear(&r->cell[i]);
	while (str_split(&line, '\t', &cell)) {
		for (size_t i = 0; i < NCOLS; i++)
			if (r->at[i] == n && unescape(cell, &r->cell[i]) < 0)
				return (diag_set(d, ERR_LIMIT, 0,
				    "line %zu: %s longer than %d bytes", r->line,
				    column_names[i], (int)cell_max(i)));
		n++;
	}
	p = (struct match_package) {
		.type = buf_view(&r->cell[COL_TYPE]),
		.name = buf_view(&r->cell[COL_NAME]),
		.version = buf_view(&r->cell[COL_VERSION]),
		.arch = buf_view(&r->cell[COL_ARCH]),
		.source_name = buf_view(&r->cell[COL_SOURCE_NAME]),
		.source_version = buf_view(&r->cell[COL_SOURCE_VERSION]),
		.module = buf_view(&r->cell[COL_MODULE]),
		.origin = buf_view(&r->cell[COL_ORIGIN]),
	};
	if (p.type.n == 0 || p.name.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "line %zu: a package without type or name", r->line));
	namespace_of(&r->o->os, p.type, namespace);
	p.namespace = str_of(namespace);
	pool = pool_new(1 * MIB);
	if ((rc = take_channels(r, pool, &p, d)) == 0)
		rc = index_package(r->index, &p, &number, d);
	pool_free(pool);
	return (rc);
}

static int
read_lines(struct reader *r, FILE *f, struct diag *d)
{
	struct buf line;
	struct str s;
	int rc;

	buf_init(&line, LINE_BYTES);
	while ((rc = line_read(f, &line, d)) > 0) {
		s = buf_view(&line);
		if (s.n > 0 && s.p[s.n - 1] == '\r')
			s.n--;
		rc = 0;
		if (r->line++ == 0)
			rc = read_header(r, s, d);
		else if (s.n > 0)
			rc = read_row(r, s, d);
		if (rc < 0)
			break;
	}
	if (rc == 0 && r->line == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "it is empty");
	buf_done(&line);
	return (rc);
}

static int
read_packages(const struct options *o, struct index *x, struct diag *d)
{
	struct reader r = { .o = o, .index = x };
	bool from_stdin = strcmp(o->packages, "-") == 0;
	FILE *f = from_stdin ? stdin : fopen(o->packages, "re");
	int rc;

	if (f == NULL)
		return (diag_set(d, ERR_NOT_FOUND, 0, "%s", strerror(errno)));
	for (size_t i = 0; i < NCOLS; i++)
		buf_init(&r.cell[i], cell_max(i));
	r.known = content_sets_new(MATCH_MEMORY);
	rc = read_lines(&r, f, d);
	content_sets_free(r.known);
	for (size_t i = 0; i < NCOLS; i++)
		buf_done(&r.cell[i]);
	if (!from_stdin)
		fclose(f);
	return (rc);
}

/* ----------------------------------------------------------------------- the result */

static const char *const columns[] = {
	"advisory", "type", "name", "version", "fixed_version", "severity",
	"status", EXPLOITED_NAMES,
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))
#define NBEFORE (NCOLUMNS - EXPLOITED_COLUMNS)

/* Of the vulnerabilities that an advisory is about the one with most to say: one
 * that is known exploited, else the best score. */
static struct exploit
exploit_of(struct exploits *known, const struct index_hit *h)
{
	struct exploit ret = { .score = -1, .percentile = -1 }, e;

	for (size_t i = 0; i < h->nvulnerabilities; i++) {
		e = exploits_find(known, h->vulnerabilities[i]);
		if (e.known != ret.known ? e.known : e.score > ret.score)
			ret = e;
	}
	return (ret);
}

static void
print_hits(const struct index *x, struct exploits *known, bool exploited,
    const struct index_hit *hits, size_t n, const struct args *a)
{
	struct output *o = output_new(columns, exploited ? NCOLUMNS : NBEFORE);
	struct exploited_room room;

	if (exploited)
		output_numbers(o, EXPLOITED_NUMBERS << NBEFORE);
	for (size_t i = 0; i < n; i++) {
		const struct match_package *p =
		    index_package_at(x, hits[i].package);
		const struct match_result *r = &hits[i].result;

		const struct exploit e = exploit_of(known, &hits[i]);
		struct str cells[NCOLUMNS] = { hits[i].advisory, p->type,
		    p->name, p->version, r->fixed_version,
		    str_of(severity_name(r->severity)), r->status };

		exploited_cells(&e, &room, cells + NBEFORE);
		output_row(o, cells);
	}
	output_print(o, a->format, a->out);
	output_free(o);
}

/* Instead of the rows. */
static int
print_explained(const struct options *o, struct index *x,
    const struct index_hit *hits, size_t n, const struct args *a,
    struct diag *d)
{
	struct explain *e = explain_new(MATCH_MEMORY, str_of(o->explain.id));
	const struct index_namespace *v;
	struct finding *findings;
	struct json_writer w;
	struct buf b;
	size_t packages = 0, nv;
	int rc = 0;

	findings = finding_list(x, hits, n, &n);
	v = index_namespaces(x, &nv);
	for (size_t i = 0; i < nv; i++)
		packages += v[i].packages;
	for (size_t i = 0; rc == 0 && i < packages; i++)
		rc = explain_package(e, index_package_at(x, i), d);
	buf_init(&b, MATCH_MEMORY);
	if (rc == 0 && (rc = explain_local_names(x, o->explain.id, findings, n,
	    e, d)) == 0 &&
	    (rc = explain_local_read(o->feed, x, &e, 1, d)) == 0) {
		json_w_init(&w, &b);
		if (a->format == OUTPUT_TABLE)
			rc = explain_local_print(e, a->out, d);
		else
			explain_json(e, &w);
		if (w.error < 0)
			rc = diag_set(d, w.error, 0, "the result is too large");
	}
	if (rc == 0 && b.n > 0)
		fprintf(a->out, "%.*s\n", STR_ARG(buf_view(&b)));
	buf_done(&b);
	free(findings);
	explain_free(e);
	return (rc);
}

/* Are there packages of a distribution that nobody named? */
static bool
has_unnamed(const struct index *x)
{
	const struct index_namespace *v;
	size_t n;

	v = index_namespaces(x, &n);
	for (size_t i = 0; i < n; i++)
		if (v[i].name.n == 0 && (str_eqz(v[i].type, "deb") ||
		    str_eqz(v[i].type, "apk") || str_eqz(v[i].type, "rpm")))
			return (true);
	return (false);
}

/* The exit status. */
static int
run(const struct options *o, const struct args *a)
{
	struct index *x = index_new(MATCH_MEMORY);
	struct exploits *known = exploits_new(MATCH_EXPLOITS);
	const struct index_hit *hits;
	struct feed_count count = { 0 };
	char unread[DIAG_TEXT];
	struct diag d;
	size_t n;
	int rc;

	if ((rc = read_packages(o, x, &d)) < 0) {
		message("match", "cannot read packages from %s: %s", o->packages,
		    d.text);
		goto out;
	}
	if (o->explain.id[0] != '\0' &&
	    (rc = index_ask(x, str_of(o->explain.id), &d)) < 0)
		goto out;
	if ((rc = feed_local_read("match", o->feed, x, known, &count,
	    unread, &d)) < 0) {
		message("match", "cannot read advisories from %s: %s", o->feed,
		    d.text);
		goto out;
	}
	if ((rc = index_finish(x, &hits, &n, &d)) < 0) {
		message("match", "%s", d.text);
		goto out;
	}
	feed_local_coverage("match", x);
	if (o->os.id.n == 0 && has_unnamed(x))
		message("match", "packages of a distribution are matched with "
		    "--distro ID:VERSION");
	if (!o->explain.on)
		print_hits(x, known, count.exploits > 0, hits, n, a);
	else if ((rc = print_explained(o, x, hits, n, a, &d)) < 0)
		message("match", "%s", d.text);
out:
	exploits_free(known);
	index_free(x);
	return (rc < 0 ? feed_local_exit(rc) :
	    count.malformed > 0 ? CLI_UNKNOWN : CLI_OK);
}

/* Distributions without releases, such as wolfi. */
static bool
rolls(struct str os_id)
{
	char namespace[NAMESPACE_TEXT];

	namespace_of(&(struct distribution) { .id = os_id },
	    str_of("apk"), namespace);
	return (namespace[0] != '\0');
}

static bool
take_distro(struct options *o, const char *value)
{
	struct str s = str_of(value);

	o->os.id = str_sub(s, 0, str_find(s, ':'));
	o->os.version = str_sub(s, o->os.id.n + 1, s.n);
	/* people write alpine:v3.20, as its branches are called */
	if (str_eqz(o->os.id, "alpine") && str_starts(o->os.version, "v"))
		o->os.version = str_sub(o->os.version, 1, o->os.version.n);
	if (o->os.id.n > 0 && (o->os.version.n > 0 || rolls(o->os.id)))
		return (true);
	args_mistake("match", "--distro \"%s\" is not ID:VERSION, such as "
	    "debian:12", value);
	return (false);
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'p')
		o->packages = value;
	else if (c == 'f')
		o->feed = value;
	else if (c == 'e')
		return (explain_option_take(&o->explain, "match", value));
	else
		return (take_distro(o, value));
	return (true);
}

int
cmd_match(int argc, char **argv)
{
	static const struct option options[] = {
		{ "packages", required_argument, NULL, 'p' },
		{ "feed", required_argument, NULL, 'f' },
		{ "distro", required_argument, NULL, 'd' },
		EXPLAIN_OPTION,
		{ 0 },
	};
	struct options o = { 0 };
	struct args a = { .command = "match", .usage = usage,
		.takes = ARGS_RESULT, .options = options, .take = take,
		.arg = &o, .max = 1, .wants = "no words but the ID of --explain" };

	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!explain_option_word(&o.explain, &a))
		return (args_end(&a, CLI_USAGE));
	if (a.n > 0)
		return (args_end(&a, args_mistake("match", "it wants %s",
		    a.wants)));
	if (o.packages == NULL || o.feed == NULL)
		return (args_end(&a, args_mistake("match",
		    "it wants --packages FILE and --feed DIR")));
	return (args_end(&a, run(&o, &a)));
}
