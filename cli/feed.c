/* scanfarm feed: the advisories of the farm, and where they come from. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/farm.h"
#include "cli/output.h"
#include "common/http.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/proc.h"

#define OSV_BUCKET "https://storage.googleapis.com/osv-vulnerabilities"
#define ECOSYSTEM_QUOTED 400
#define NAMES_SHOWN 10

struct arguments {
	struct farm_options farm;
	const char *ecosystem, *from;
	bool insecure, help;
	enum output_format format;
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm feed list [--format F]\n"
	    "       scanfarm feed import PATH [--ecosystem NAME]\n"
	    "       scanfarm feed update [ECOSYSTEM...] [--from URL] [--insecure]\n\n"
	    "Advisories in the OSV format.  `import` takes a folder laid out as OSV's export\n"
	    "(PATH/<ECOSYSTEM>/all.zip), one such folder, one all.zip or one document;\n"
	    "`update` fetches all.zip of the named ecosystems, else of all that the farm has.\n\n"
	    "  --ecosystem NAME    of a file whose folder does not tell it, as Debian, npm\n"
	    "  --from URL          default %s\n"
	    "  --insecure          --from may be http, or TLS that is not verified\n"
	    "  --format F          table (default), tsv or json\n"
	    FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again, 4 done, but documents were malformed.\n",
	    OSV_BUCKET);
}

static bool
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "ecosystem", required_argument, NULL, 'e' },
		{ "from", required_argument, NULL, 'f' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "format", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		FARM_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'e')
			a->ecosystem = optarg;
		else if (c == 'f')
			a->from = optarg;
		else if (c == 'i')
			a->insecure = true;
		else if (c == 'h')
			a->help = true;
		else if (c == 'F') {
			if (!output_format_of(optarg, &a->format)) {
				fprintf(stderr, "scanfarm feed: no format "
				    "\"%s\"\n", optarg);
				return (false);
			}
		} else if (!farm_option(&a->farm, c, optarg))
			return (false);
	}
	return (true);
}

/* ----------------------------------------------------------------------- list */

static void
number(char room[24], const struct json *j, const char *key)
{
	snprintf(room, 24, "%lld", (long long)json_get_int(j, key, 0));
}

static int
list(struct farm *f, const struct arguments *a, struct diag *d)
{
	static const char *const columns[] = { "feed", "documents", "malformed",
		"unmatched", "changed", "imported_at" };
	struct output *o = output_new(columns, 6);
	struct farm_answer r = { 0 };
	int rc = farm_call(f, "GET", "/api/v1/feeds", str_of(""), &r, d);

	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *j = json_at(r.json, i);
		char n[4][24];

		for (size_t k = 0; k < 4; k++)
			number(n[k], j, columns[k + 1]);
		output_row(o, (const struct str[]) { json_get_str(j, "name"),
		    str_of(n[0]), str_of(n[1]), str_of(n[2]), str_of(n[3]),
		    json_get_str(j, "imported_at") });
	}
	if (rc == 0)
		output_print(o, a->format, stdout);
	if (rc == 0 && output_rows(o) == 0)
		fprintf(stderr, "scanfarm feed: no advisories yet, so every "
		    "verdict is unknown; `scanfarm feed update Debian npm` or "
		    "`scanfarm feed import PATH` brings some\n");
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

/* --------------------------------------------------------------------- import */

static void
report(const char *ecosystem, const struct json *j, bool *malformed)
{
	const struct json *names = json_get(j, "malformed_names");
	int64_t bad = json_get_int(j, "malformed", 0);

	printf("%s: %lld documents, %lld changed, %lld without ordered versions, "
	    "%lld malformed\n", ecosystem,
	    (long long)json_get_int(j, "documents", 0),
	    (long long)json_get_int(j, "changed", 0),
	    (long long)json_get_int(j, "unmatched", 0), (long long)bad);
	fflush(stdout);
	for (size_t i = 0; i < json_len(names) && i < NAMES_SHOWN; i++)
		fprintf(stderr, "scanfarm feed: malformed: %.*s\n",
		    STR_ARG(json_str(json_at(names, i))));
	if (bad > NAMES_SHOWN)
		fprintf(stderr, "scanfarm feed: and %lld more\n",
		    (long long)(bad - NAMES_SHOWN));
	*malformed |= bad > 0;
}

/* A line that the next one overwrites; only for people. */
static void
progress(const char *ecosystem, const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s%s", ecosystem,
		    what[0] != '\0' ? ": " : "", what);
}

static void
progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static int
import_fd(struct farm *f, const char *ecosystem, int fd, bool *malformed,
    struct diag *d)
{
	char path[ECOSYSTEM_QUOTED + 64] = "/api/v1/feeds/import?feed=osv%2F";
	size_t n = strlen(path);
	struct farm_answer r = { 0 };
	struct stat st;
	int rc;

	farm_quote(str_of(ecosystem), path + n, sizeof(path) - n);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: the file is empty or no file",
		    ecosystem));
	progress(ecosystem, "importing");
	rc = farm_upload(f, path, fd, &r, d);
	progress_end();
	if (rc == 0)
		report(ecosystem, r.json, malformed);
	farm_answer_done(&r);
	return (rc);
}

static int
import_file(struct farm *f, const char *ecosystem, const char *path,
    bool *malformed, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	rc = import_fd(f, ecosystem, fd, malformed, d);
	close(fd);
	return (rc);
}

/* The last component of ${path} without slashes at its end, malloced. */
static char *
last_name(const char *path)
{
	struct str s = str_of(path);
	size_t at;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	at = str_rfind(s, '/');
	return (mem_strndup(at < s.n ? str_sub(s, at + 1, s.n) : s));
}

/* Folders with an all.zip below ${path}.  *${ret_n} were imported. */
static int
import_layout(struct farm *f, const char *path, bool *malformed, size_t *ret_n,
    struct diag *d)
{
	struct dirent **v = NULL;
	int n = scandir(path, &v, NULL, alphasort), rc = 0;

	*ret_n = 0;
	if (n < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	for (int i = 0; i < n; i++) {
		char *zip = mem_printf("%s/%s/all.zip", path, v[i]->d_name);

		if (rc == 0 && v[i]->d_name[0] != '.' && access(zip, F_OK) == 0) {
			rc = import_file(f, v[i]->d_name, zip, malformed, d);
			*ret_n += rc == 0;
		}
		free(zip);
		free(v[i]);
	}
	free(v);
	return (rc);
}

/* The ecosystem of a file: as named, else its folder's name when it is all.zip
 * in OSV's layout. */
static char *
ecosystem_of(const char *path, const char *named)
{
	char *full = NULL, *dir, *ret = NULL;

	if (named != NULL)
		return (mem_strdup(named));
	if ((full = realpath(path, NULL)) != NULL &&
	    str_ends(str_of(full), "/all.zip")) {
		dir = mem_strndup(str_n(full, strlen(full) - strlen("/all.zip")));
		ret = last_name(dir);
		free(dir);
	}
	free(full);
	return (ret);
}

static int
import(struct farm *f, const char *path, const struct arguments *a,
    bool *malformed, struct diag *d)
{
	char *zip = NULL, *ecosystem = NULL;
	struct stat st;
	size_t n;
	int rc;

	if (stat(path, &st) < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	if (S_ISDIR(st.st_mode)) {
		zip = mem_printf("%s/all.zip", path);
		if (access(zip, F_OK) < 0) {
			if ((rc = import_layout(f, path, malformed, &n, d)) == 0 &&
			    n == 0)
				rc = diag_set(d, ERR_USAGE, 0,
				    "%s holds no <ECOSYSTEM>/all.zip; pack documents in one zip and name it with --ecosystem",
				    path);
			goto out;
		}
		path = zip;
	}
	if ((ecosystem = ecosystem_of(path, a->ecosystem)) == NULL)
		rc = diag_set(d, ERR_USAGE, 0,
		    "whose advisories are in %s? say --ecosystem Debian, npm, ...",
		    path);
	else
		rc = import_file(f, ecosystem, path, malformed, d);
out:
	free(ecosystem);
	free(zip);
	return (rc);
}

/* --------------------------------------------------------------------- update */

struct download {
	const char *ecosystem;
	int fd;
	uint64_t n;
};

static int
on_bytes(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct download *w = arg;
	char what[40];

	if ((w->n += n) > LIMIT_FEED_BYTES)
		return (diag_set(d, ERR_LIMIT, 0, "%s: the file is larger than "
		    "%llu bytes", w->ecosystem,
		    (unsigned long long)LIMIT_FEED_BYTES));
	if (w->n >> 20 != (w->n - n) >> 20) {
		snprintf(what, sizeof(what), "%llu MiB",
		    (unsigned long long)(w->n >> 20));
		progress(w->ecosystem, what);
	}
	return (write_all(w->fd, p, n, d));
}

static int
download(struct http *http, const char *url, bool insecure, struct download *w,
    struct diag *d)
{
	struct http_request q = { .method = "GET", .url = url, .insecure = insecure,
		.allow_private = insecure, .sink = on_bytes, .sink_arg = w,
		.max_body = 64 * KIB };
	struct http_response r = { 0 };
	int rc = http_send(http, &q, &r, d);

	progress_end();
	if (rc == 0 && r.status / 100 != 2)
		rc = diag_set(d, http_status_error(r.status), 0,
		    "%s answers %ld%s", url, r.status, r.status == 404 ?
		    ": no such ecosystem; OSV writes them as Debian, npm, PyPI, Alpine:v3.20" :
		    "");
	http_response_done(&r);
	return (rc);
}

static int
update_one(struct farm *f, struct http *http, const char *ecosystem,
    const struct arguments *a, bool *malformed, struct diag *d)
{
	char quoted[ECOSYSTEM_QUOTED];
	const char *tmp = getenv("TMPDIR");
	struct download w = { .ecosystem = ecosystem };
	char *url = NULL;
	int rc;

	farm_quote(str_of(ecosystem), quoted, sizeof(quoted));
	url = mem_printf("%s/%s/all.zip", a->from, quoted);
	w.fd = open(tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp",
	    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (w.fd < 0) {
		rc = diag_set(d, ERR_TEMPORARY, 0,
		    "no temporary file: %s; name another folder by TMPDIR",
		    strerror(errno));
		goto out;
	}
	if ((rc = download(http, url, a->insecure, &w, d)) == 0)
		rc = import_fd(f, ecosystem, w.fd, malformed, d);
	close(w.fd);
out:
	free(url);
	return (rc);
}

/* What the farm has of OSV, when nothing is named. */
static int
update_known(struct farm *f, struct http *http, const struct arguments *a,
    bool *malformed, struct diag *d)
{
	struct farm_answer r = { 0 };
	size_t n = 0;
	int rc = farm_call(f, "GET", "/api/v1/feeds", str_of(""), &r, d);

	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		struct str s = json_get_str(json_at(r.json, i), "name");
		char *ecosystem;

		if (!str_starts(s, "osv/"))
			continue;
		ecosystem = mem_strndup(str_sub(s, 4, s.n));
		rc = update_one(f, http, ecosystem, a, malformed, d);
		free(ecosystem);
		n++;
	}
	if (rc == 0 && n == 0)
		rc = diag_set(d, ERR_USAGE, 0,
		    "the farm has no advisories yet: name ecosystems, as in `scanfarm feed update Debian npm PyPI`");
	farm_answer_done(&r);
	return (rc);
}

static int
update(struct farm *f, char **names, int n, struct arguments *a,
    bool *malformed, struct diag *d)
{
	struct http *http = http_new();
	int rc = 0;

	if (a->from == NULL)
		a->from = OSV_BUCKET;
	if (n == 0)
		rc = update_known(f, http, a, malformed, d);
	for (int i = 0; i < n && rc == 0; i++)
		rc = update_one(f, http, names[i], a, malformed, d);
	http_free(http);
	return (rc);
}

/* ------------------------------------------------------------------- together */

int
cmd_feed(int argc, char **argv)
{
	struct arguments a = { .format = OUTPUT_TABLE };
	bool malformed = false;
	const char *verb;
	struct farm *f = NULL;
	struct diag d = { 0 };
	int n, rc;

	if (!parse(argc, argv, &a) || (!a.help && optind >= argc)) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if (a.help) {
		usage(stdout);
		return (CLI_OK);
	}
	verb = argv[optind];
	n = argc - optind - 1;
	if (strcmp(verb, "update") != 0 && !(strcmp(verb, "list") == 0 && n == 0) &&
	    !(strcmp(verb, "import") == 0 && n == 1)) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if ((rc = farm_open(&a.farm, &f, &d)) < 0)
		;
	else if (strcmp(verb, "list") == 0)
		rc = list(f, &a, &d);
	else if (strcmp(verb, "import") == 0)
		rc = import(f, argv[optind + 1], &a, &malformed, &d);
	else
		rc = update(f, argv + optind + 1, n, &a, &malformed, &d);
	farm_close(f);
	return (rc < 0 ? farm_fail("feed", rc, &d) :
	    malformed ? CLI_UNKNOWN : CLI_OK);
}
