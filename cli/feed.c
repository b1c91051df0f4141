/* scanfarm feed: the advisories of the farm, and where they come from. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/feed_export.h"
#include "cli/feed_source.h"
#include "cli/feed_update.h"
#include "cli/message.h"
#include "common/inflate.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/proc.h"
#include "coordinator/matcher/feed.h"

#define ECOSYSTEM_QUOTED 400
#define FROZEN_QUOTED 1200	/* a feed's name and a release's */
#define NAMES_SHOWN 10
/* Marks of kinds stand near the beginning. */
#define HEAD_BYTES (256 * KIB)

struct options {
	const char *ecosystem, *feed, *from;
	bool insecure, accept_missing;
	struct feed_export_options export;
	struct feed_mirror_options mirror;
};

static const char *const done_columns[] = { "feed", "documents", "changed",
    "unmatched", "malformed", "gone", "missing" };
#define DONE_COLUMNS (sizeof(done_columns) / sizeof(done_columns[0]))
#define GONE 5			/* its column */

/* One call of the command. */
struct run {
	struct args *a;
	struct options o;
	struct farm *farm;
	struct output *done;	/* what was imported */
	char feed[400];		/* ... but for what may still grow: */
	int64_t row[DONE_COLUMNS];
	bool malformed;
};

static void
usage(FILE *f)
{
	struct buf kinds;

	buf_init(&kinds, 1 * KIB);
	for (size_t i = 0; feed_at(i) != NULL; i++)
		if (buf_printf(&kinds, " %s", feed_at(i)->name) < 0)
			break;
	fprintf(f,
	    "usage: scanfarm feed list\n"
	    "       scanfarm feed sources\n"
	    "       scanfarm feed import PATH [--ecosystem NAME | --feed KIND/NAME]\n"
	    "       scanfarm feed update [ECOSYSTEM | FEED ...] [--from URL] [--insecure]\n"
	    "       scanfarm feed export FILE [--since REVISION] [--sign KEYFILE]\n"
	    "       scanfarm feed remove FEED\n\n"
	    "Advisories in the OSV format.  `import` takes a folder laid out as OSV's export\n"
	    "(PATH/<ECOSYSTEM>/all.zip), one such folder, one all.zip or one document;\n"
	    "`update` fetches what changed of the named ecosystems of OSV's, or feeds that\n"
	    "`sources` lists, else of all that the farm has; what was interrupted goes on.\n"
	    "A zip or tar is the whole feed: what it lacks is withdrawn, unless it lacks more\n"
	    "than a tenth, which is held back and reported. A single document is added. Files\n"
	    "may be compressed by gzip, zstd, xz or bzip2. `remove` withdraws all that a feed\n"
	    "says, such as what is kept of a release that left it (\"frozen/FEED RELEASE\").\n\n"
	    "  --ecosystem NAME    of a file whose folder does not tell it, as Debian, npm\n"
	    "  --feed KIND/NAME    advisories of another kind, one document or an archive;\n"
	    "                      NAME tells feeds of a kind apart (secdb/alpine-v3.20-main);\n"
	    "                      kinds:%.*s; kev, epss and redhat_repositories, which\n"
	    "                      are known by what is in them, have no NAME\n"
	    "  --from URL          a mirror: where the sources' servers are, for `update`\n"
	    "  --insecure          --from may be http, or TLS that is not verified\n"
	    "  --accept-missing    withdraw what the archive lacks, however much\n"
	    "\nFor a farm without a way to the sources `export` writes all feeds into one file (a\n"
	    "tar compressed by zstd), or what changed since a revision of the farm, which each\n"
	    "export tells; `import` takes it there, all of it or nothing.\n\n"
	    "  --since REVISION    only what changed since, for a farm that has that revision\n"
	    "  --sign KEYFILE      write FILE.minisig, too: a secret key of minisign(1)\n"
	    "  --password-file F   the key's password; default: ask the terminal\n"
	    "  --trust KEY.pub     import what this key of minisign signed; else the keys\n"
	    "                      trust/NAME.pub in the farm's data directory count\n"
	    "  --signature FILE    default PATH.minisig\n"
	    "  --unsigned          import it without a signature\n"
	    "  --accept-older      import an older export of that farm than was taken before\n\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again, 4 done, but documents were malformed.\n",
	    STR_ARG(buf_view(&kinds)));
	buf_done(&kinds);
}

/* Options of exports. */
static bool
take_export(struct options *o, int c, const char *value)
{
	uint64_t n;

	if (c == 'n')
		o->export.since = value;
	else if (c == 's')
		o->export.sign = value;
	else if (c == 'p')
		o->export.password_file = value;
	else if (c == 'x')
		o->mirror.signature = value;
	else if (c == 't')
		o->mirror.trust = value;
	else if (c == 'u')
		o->mirror.unsigned_ok = true;
	else
		o->mirror.accept_older = true;
	return (c != 'n' || args_number("feed", "--since", value, INT64_MAX, &n));
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 'e')
		o->ecosystem = value;
	else if (c == 'f')
		o->from = value;
	else if (c == 'k')
		o->feed = value;
	else if (c == 'm')
		o->accept_missing = o->mirror.accept_missing = true;
	else if (c == 'i')
		o->insecure = true;
	else
		return (take_export(o, c, value));
	return (true);
}

/* ----------------------------------------------------------------------- list */

/* What `update` knows; no farm is asked. */
static int
sources(struct run *u)
{
	struct output *o = feed_source_listing();

	output_print(o, u->a->format, u->a->out);
	output_free(o);
	return (CLI_OK);
}

/* "3 h"; "" where it is not known. */
static struct str
age_of(char room[24], int64_t s)
{
	if (s < 0)
		return (str_of(""));
	snprintf(room, 24, s < 120 ? "%lld s" : s < 7200 ? "%lld min" :
	    s < 172800 ? "%lld h" : "%lld d", (long long)(s < 120 ? s :
	    s < 7200 ? s / 60 : s < 172800 ? s / 3600 : s / 86400));
	return (str_of(room));
}

/* Documents after the last imports, the oldest first: "8911 8911 8915". */
static char *
sizes_of(const struct json *j)
{
	const struct json *v = json_get(j, "sizes");
	struct buf b;
	char *ret;

	buf_init(&b, 1 * KIB);
	for (size_t i = 0; i < json_len(v); i++)
		if (buf_printf(&b, "%s%lld", i > 0 ? " " : "",
		    (long long)json_int(json_at(v, i), 0)) < 0)
			break;
	ret = mem_strndup(buf_view(&b));
	buf_done(&b);
	return (ret);
}

/* A feed that an earlier importer read, which took other things from the same bytes. */
static void
note_reader(const struct json *j)
{
	struct str name = json_get_str(j, "name");
	const struct feed_importer *kind = feed_find(str_sub(name, 0,
	    str_find(name, '/')));
	int64_t reader = json_get_int(j, "reader", -1);

	if (kind != NULL && reader >= 0 && reader < (int64_t)kind->revision)
		message("feed", "%.*s was read by an earlier scanfarm, which "
		    "took some of it otherwise: update or import it again",
		    STR_ARG(name));
}

static int
list(struct run *u, struct diag *d)
{
	static const char *const columns[] = { "feed", "documents", "malformed",
		"unmatched", "changed", "imported_at", "age", "missing",
		"sizes", "origin", "error", "version" };
	struct output *o = output_new(columns, 12);
	struct farm_answer r = { 0 };
	int rc = farm_call(u->farm, "GET", "/api/v1/feeds", str_of(""), &r, d);

	output_numbers(o, 0x9e);
	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++) {
		const struct json *j = json_at(r.json, i);
		char n[8][24], *sizes = sizes_of(j);
		struct str cells[12] = { json_get_str(j, "name") };

		for (size_t k = 1; k < 8; k++)
			cells[k] = k == 5 ? json_get_str(j, "imported_at") :
			    k == 6 ? age_of(n[k], json_get_int(j, "age_s", -1)) :
			    output_int(n[k], json_get_int(j, columns[k], 0));
		cells[8] = str_of(sizes);
		cells[9] = json_get_str(j, "origin");
		cells[10] = json_get_str(j, "error");
		cells[11] = json_get_str(j, "version");
		output_row(o, cells);
		free(sizes);
	}
	if (rc == 0)
		output_print(o, u->a->format, u->a->out);
	for (size_t i = 0; rc == 0 && i < json_len(r.json); i++)
		note_reader(json_at(r.json, i));
	if (rc == 0 && json_len(r.json) == 0)
		message("feed", "no advisories yet, so every verdict is "
		    "unknown; `scanfarm feed update Debian npm` or `scanfarm "
		    "feed import PATH` brings some");
	output_free(o);
	farm_answer_done(&r);
	return (rc);
}

/* --------------------------------------------------------------------- import */

/* The row that is not printed yet, if there is one. */
static void
end_row(struct run *u)
{
	struct str cells[DONE_COLUMNS] = { str_of(u->feed) };
	char n[DONE_COLUMNS][24];

	if (u->feed[0] == '\0')
		return;
	for (size_t i = 1; i < DONE_COLUMNS; i++)
		cells[i] = output_int(n[i], u->row[i]);
	output_row(u->done, cells);
	u->feed[0] = '\0';
}

/* One row for all that comes of one feed: an archive, and what is younger. */
static void
note_row(struct run *u, const char *feed, const struct json *j)
{
	if (strcmp(u->feed, feed) != 0) {
		end_row(u);
		snprintf(u->feed, sizeof(u->feed), "%s", feed);
		memset(u->row, 0, sizeof(u->row));
	}
	for (size_t i = 1; i < DONE_COLUMNS; i++) {
		int64_t n = json_get_int(j, done_columns[i], 0);

		if (i > 1)
			u->row[i] += n;
		else if (n > u->row[i])
			u->row[i] = n;
	}
}

/* What the farm made of one upload. */
static void
note_done(struct run *u, const char *feed, const struct json *j)
{
	const struct json *names = json_get(j, "malformed_names");
	int64_t bad = json_get_int(j, "malformed", 0);
	int64_t missing = json_get_int(j, "missing", 0);
	int64_t unknown = json_get_int(j, "unknown_products", 0);

	note_row(u, feed, j);
	if (missing > 0)
		message("feed", "%s: %lld known documents are missing, too many to "
		    "believe: they stay; --accept-missing withdraws them",
		    feed, (long long)missing);
	if (unknown > 0)
		message("feed", "%s: %lld products match nothing: they are no "
		    "packages by their URL, or it does not tell the release of "
		    "a distribution (?distro=debian-12)", feed,
		    (long long)unknown);
	for (size_t i = 0; i < json_len(names) && i < NAMES_SHOWN; i++)
		message("feed", "%s: malformed: %.*s", feed,
		    STR_ARG(json_str(json_at(names, i))));
	if (bad > NAMES_SHOWN)
		message("feed", "%s: and %lld more malformed", feed,
		    (long long)(bad - NAMES_SHOWN));
	u->malformed |= bad > 0;
}

static int
import_fd(struct run *u, const char *feed, int fd, const char *more,
    struct diag *d)
{
	char quoted[ECOSYSTEM_QUOTED], *path;
	struct farm_answer r = { 0 };
	int rc;

	farm_quote(str_of(feed), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/feeds/import?feed=%s%s%s", quoted,
	    u->o.accept_missing ? "&accept_missing=1" : "", more);
	progress("%s: importing", feed);
	rc = farm_upload(u->farm, path, fd, &r, d);
	progress_end();
	if (rc == 0)
		note_done(u, feed, r.json);
	else {
		struct diag why = *d;

		diag_set(d, rc, 0, "%s: %s", feed, why.text);
	}
	farm_answer_done(&r);
	free(path);
	return (rc);
}

static int
import_file(struct run *u, const char *feed, const char *path,
    struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct stat st;

	if (fd < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		rc = diag_set(d, ERR_USAGE, 0, "%s is %s", path,
		    S_ISREG(st.st_mode) ? "empty" : "no file");
	else if ((uint64_t)st.st_size > LIMIT_FEED_BYTES)
		rc = diag_set(d, ERR_USAGE, 0, "%s is larger than the %llu GiB "
		    "that a farm takes", path,
		    (unsigned long long)(LIMIT_FEED_BYTES / GIB));
	else
		rc = import_fd(u, feed, fd, "", d);
	close(fd);
	return (rc);
}

static int
import_osv(struct run *u, const char *ecosystem, const char *path,
    struct diag *d)
{
	char *feed = mem_printf("osv/%s", ecosystem);
	int rc = import_file(u, feed, path, d);

	free(feed);
	return (rc);
}

/* Which kind of document is in the file?  NULL for what cannot be read, and for
 * archives, which do not tell. */
static const struct feed_importer *
kind_of(const char *path)
{
	struct source_fd *s = mem_alloc(sizeof(*s));
	const struct feed_importer *ret = NULL;
	struct source src = source_fd(s);

	if ((s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) >= 0) {
		ret = feed_of_file(&src, HEAD_BYTES);
		close(s->fd);
	}
	free(s);
	return (ret);
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
import_layout(struct run *u, const char *path, size_t *ret_n, struct diag *d)
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
			rc = import_osv(u, v[i]->d_name, zip, d);
			*ret_n += rc == 0;
		}
		free(zip);
		free(v[i]);
	}
	free(v);
	return (rc);
}

/* Another farm's export. */
static int
mirror(struct run *u, const char *path, struct diag *d)
{
	struct farm_answer r = { 0 };
	int rc = feed_mirror(u->farm, path, &u->o.mirror, &r, d);
	const struct json *feeds = json_get(r.json, "feeds");
	struct str key = json_get_str(r.json, "key");

	for (size_t i = 0; rc == 0 && i < json_len(feeds); i++) {
		const struct json *f = json_at(feeds, i);
		char *feed = mem_strndup(json_get_str(f, "feed"));

		note_row(u, feed, f);
		free(feed);
	}
	if (rc == 0)
		message("feed", "revision %lld of farm %.*s%s%.*s%s%.*s%s%s",
		    (long long)json_get_int(r.json, "revision", 0),
		    STR_ARG(json_get_str(r.json, "farm")),
		    key.n != 0 ? ", signed by key " : ", not signed",
		    STR_ARG(key), key.n != 0 ? " (" : "",
		    STR_ARG(json_get_str(r.json, "trusted_comment")),
		    key.n != 0 ? ")" : "",
		    json_bool(json_get(r.json, "same")) ?
		    ": all of it was here already" : "");
	farm_answer_done(&r);
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
import(struct run *u, const char *path, struct diag *d)
{
	char *zip = NULL, *ecosystem = NULL;
	struct stat st;
	const struct feed_importer *kind;
	size_t n;
	int rc;

	if (stat(path, &st) < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	if (u->o.feed != NULL && S_ISDIR(st.st_mode))
		return (diag_set(d, ERR_USAGE, 0, "%s is a folder; all of its "
		    "documents in one archive are a feed: `tar -cf all.tar -C %s "
		    ". && scanfarm feed import all.tar --feed %s`", path, path,
		    u->o.feed));
	if (u->o.feed != NULL)
		return (import_file(u, u->o.feed, path, d));
	if (S_ISDIR(st.st_mode)) {
		zip = mem_printf("%s/all.zip", path);
		if (access(zip, F_OK) < 0) {
			if ((rc = import_layout(u, path, &n, d)) == 0 &&
			    n == 0)
				rc = diag_set(d, ERR_USAGE, 0,
				    "%s holds no <ECOSYSTEM>/all.zip; pack documents in one zip or tar and name it with --ecosystem",
				    path);
			goto out;
		}
		path = zip;
	}
	if (S_ISREG(st.st_mode) && feed_is_export(path, &u->o.mirror)) {
		rc = mirror(u, path, d);
		goto out;
	}
	kind = S_ISREG(st.st_mode) ? kind_of(path) : NULL;
	if (kind != NULL && kind->beside)
		rc = import_file(u, kind->name, path, d);
	else if (kind != NULL && kind != &feed_osv)
		rc = diag_set(d, ERR_USAGE, 0, "%s is of kind %s: say --feed "
		    "%s/NAME, with a name of its own", path, kind->name,
		    kind->name);
	else if ((ecosystem = ecosystem_of(path, u->o.ecosystem)) == NULL)
		rc = diag_set(d, ERR_USAGE, 0,
		    "whose advisories are in %s? say --ecosystem Debian, npm, ...",
		    path);
	else
		rc = import_osv(u, ecosystem, path, d);
out:
	free(ecosystem);
	free(zip);
	return (rc);
}

/* --------------------------------------------------------------------- export */

static int
export(struct run *u, const char *path, struct diag *d)
{
	struct output *o = feed_export_listing();
	int rc = feed_export(u->farm, path, &u->o.export, o, d);

	if (rc == 0)
		output_print(o, u->a->format, u->a->out);
	output_free(o);
	return (rc);
}

/* --------------------------------------------------------------------- update */

static int
update_import(void *arg, const char *feed, int fd, const char *more,
    struct diag *d)
{
	return (import_fd(arg, feed, fd, more, d));
}

static void
update_unchanged(void *arg, const char *feed, int64_t documents)
{
	struct run *u = arg;

	note_row(u, feed, NULL);
	if (u->row[1] == 0)
		u->row[1] = documents;
}

static void
update_gone(void *arg, const char *feed, int64_t documents)
{
	struct run *u = arg;

	note_row(u, feed, NULL);
	u->row[GONE] += documents;
}

static int
update(struct run *u, char **names, int n, struct diag *d)
{
	struct feed_update x = { .farm = u->farm, .from = u->o.from,
		.insecure = u->o.insecure,
		.accept_missing = u->o.accept_missing,
		.import = update_import, .unchanged = update_unchanged,
		.gone = update_gone, .arg = u };

	return (feed_update(&x, names, n, d));
}

/* --------------------------------------------------------------------- remove */

static int
remove_feed(struct run *u, const char *name, struct diag *d)
{
	char quoted[FROZEN_QUOTED], *path;
	struct farm_answer r = { 0 };
	int rc;

	farm_quote(str_of(name), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/feeds?feed=%s", quoted);
	rc = farm_call(u->farm, "DELETE", path, str_of(""), &r, d);
	free(path);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "the farm has no feed \"%s\"; `scanfarm feed "
		    "list` shows them", name);
	if (rc == 0)
		message(NULL, "feed %s removed: %lld documents are withdrawn", name,
		    (long long)json_get_int(r.json, "gone", 0));
	farm_answer_done(&r);
	return (rc);
}

/* ------------------------------------------------------------------- together */

/* Does the verb take those words?  Else a mistake is told. */
static bool
words_ok(const struct args *a)
{
	const char *verb = a->words[0];
	int n = a->n - 1;

	if (strcmp(verb, "update") == 0)
		return (true);
	if (strcmp(verb, "list") != 0 && strcmp(verb, "import") != 0 &&
	    strcmp(verb, "export") != 0 && strcmp(verb, "sources") != 0 &&
	    strcmp(verb, "remove") != 0)
		args_mistake("feed", "no \"%s\": the first word is list, "
		    "sources, import, update, export or remove", verb);
	else if ((verb[0] == 'l' || verb[0] == 's') && n != 0)
		args_mistake("feed", "%s: %s takes no argument", a->words[1],
		    verb);
	else if (verb[0] == 'i' && n != 1)
		args_mistake("feed", "import wants one PATH");
	else if (verb[0] == 'e' && n != 1)
		args_mistake("feed", "export wants one FILE");
	else if (verb[0] == 'r' && n != 1)
		args_mistake("feed", "remove wants one FEED");
	else
		return (true);
	return (false);
}

static int
run(struct run *u, struct diag *d)
{
	struct args *a = u->a;
	int rc;

	if (a->words[0][0] == 'l')
		return (list(u, d));
	if (a->words[0][0] == 'e')
		return (export(u, a->words[1], d));
	if (a->words[0][0] == 'r')
		return (remove_feed(u, a->words[1], d));
	u->done = output_new(done_columns, DONE_COLUMNS);
	output_numbers(u->done, 0x1e);
	rc = a->words[0][0] == 'i' ? import(u, a->words[1], d) :
	    update(u, a->words + 1, a->n - 1, d);
	end_row(u);
	/* what was done before a failure stays done */
	if (rc == 0 || output_rows(u->done) > 0)
		output_print(u->done, a->format, a->out);
	output_free(u->done);
	return (rc);
}

int
cmd_feed(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ecosystem", required_argument, NULL, 'e' },
		{ "feed", required_argument, NULL, 'k' },
		{ "from", required_argument, NULL, 'f' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "accept-missing", no_argument, NULL, 'm' },
		{ "since", required_argument, NULL, 'n' },
		{ "sign", required_argument, NULL, 's' },
		{ "password-file", required_argument, NULL, 'p' },
		{ "signature", required_argument, NULL, 'x' },
		{ "trust", required_argument, NULL, 't' },
		{ "unsigned", no_argument, NULL, 'u' },
		{ "accept-older", no_argument, NULL, 'o' },
		{ 0 },
	};
	struct args a = { .command = "feed", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .min = 1, .max = -1,
		.wants = "list, sources, import PATH, update [FEED...], export FILE or remove FEED" };
	struct run u = { .a = &a };
	struct diag d = { 0 };
	int rc;

	a.arg = &u.o;
	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!words_ok(&a))
		return (args_end(&a, CLI_USAGE));
	if (a.words[0][0] == 's')
		return (args_end(&a, sources(&u)));
	if ((rc = farm_open(&a.farm, &u.farm, &d)) == 0)
		rc = run(&u, &d);
	farm_close(u.farm);
	return (args_end(&a, rc < 0 ? farm_fail("feed", rc, &d) :
	    u.malformed ? CLI_UNKNOWN : CLI_OK));
}
