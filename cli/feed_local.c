/* Local feeds; see feed_local.h. */
#include <errno.h>
#include <sys/stat.h>
#include "cli/cli.h"
#include "cli/feed_local.h"
#include "cli/message.h"
#include "common/text.h"

/* Named one by one; of the rest only the number. */
#define MALFORMED_SHOWN 20

struct reading {
	const char *command;
	struct index *index;
	struct exploits *exploits;
	const struct feed_count *count;
	uint64_t malformed;
	char first[DIAG_TEXT / 2];	/* that could not be read, scores aside */
};

static int
take_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct reading *r = arg;

	return (index_advisory(r->index, r->count->kind, a, d));
}

static int
take_exploit(void *arg, const struct exploit *e, struct diag *d)
{
	struct reading *r = arg;

	return (exploits_add(r->exploits, e) == 0 ? 0 : diag_set(d, ERR_LIMIT,
	    0, "more entries of KEV and EPSS than memory is allowed for"));
}

static uint64_t
unread_of(const struct feed_count *c)
{
	return (c->malformed - c->malformed_scores);
}

static int
name_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct reading *r = arg;

	(void)d;
	if (r->first[0] == '\0' && unread_of(r->count) > 0)
		text_escape(name.n > 0 ? name : str_of(why->text), r->first,
		    sizeof(r->first));
	if (r->malformed++ < MALFORMED_SHOWN)
		message(r->command, "skipped %.*s: %s", STR_ARG(name), why->text);
	return (0);
}

int
feed_local_read(const char *command, const char *path, struct index *x,
    struct exploits *e, struct feed_count *count, char unread[DIAG_TEXT],
    struct diag *d)
{
	struct reading r = { .command = command, .index = x, .exploits = e,
		.count = count };
	struct feed_sink sink = { &r, take_advisory, name_malformed,
		take_exploit, NULL };
	struct stat st;
	int rc;

	if (stat(path, &st) < 0)
		return (diag_set(d, ERR_NOT_FOUND, 0, "%s", strerror(errno)));
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return (diag_set(d, ERR_USAGE, 0, "neither a file nor a folder"));
	progress("reading advisories of %s", path);
	rc = feed_import_path(NULL, path, &sink, count, d);
	progress_end();
	if (r.malformed > 0)
		message(command, "%llu of %llu advisory documents or entries could "
		    "not be read", (unsigned long long)r.malformed,
		    (unsigned long long)(r.malformed + count->documents + count->exploits));
	unread[0] = '\0';
	if (unread_of(count) > 0)
		snprintf(unread, DIAG_TEXT, "%llu advisory documents or entries "
		    "could not be read: %s%s",
		    (unsigned long long)unread_of(count), r.first,
		    unread_of(count) > 1 ? " and others" : "");
	/* to match nothing against nothing would look like good news */
	if (rc == 0 && count->documents == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "no advisory is in it");
	return (rc);
}

static int
take_content_set(void *arg, const struct content_set *s, struct diag *d)
{
	if (content_sets_add(arg, s) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "more repositories than "
		    "memory is allowed for"));
	return (0);
}

static int
ignore_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	(void)arg; (void)name; (void)why; (void)d;
	return (0);	/* who reads all of the feed names it */
}

int
feed_local_content_sets(const char *path, struct content_sets *m,
    struct diag *d)
{
	struct feed_sink sink = { .arg = m, .malformed = ignore_malformed,
		.content_set = take_content_set };
	struct feed_count count = { 0 };

	return (feed_import_marked(&feed_redhat_repositories, path, &sink,
	    &count, d));
}

void
feed_local_coverage(const char *command, const struct index *x)
{
	const struct index_namespace *v;
	size_t n;

	v = index_namespaces(x, &n);
	for (size_t i = 0; i < n; i++) {
		bool system = str_eqz(v[i].type, "deb") ||
		    str_eqz(v[i].type, "apk") || str_eqz(v[i].type, "rpm");

		if (v[i].name.n == 0)
			message(command, "%zu packages of type %.*s not "
			    "matched: %s", v[i].packages, STR_ARG(v[i].type),
			    system ? "their distribution is not known" :
			    "no ecosystem known for them");
		else if (!v[i].ordered)
			message(command, "%zu packages of %.*s not matched: its "
			    "versions cannot be ordered yet", v[i].packages,
			    STR_ARG(v[i].name));
		else if (!v[i].has_feed)
			message(command, "%zu packages of %.*s not matched: no "
			    "advisories for it in the feed", v[i].packages,
			    STR_ARG(v[i].name));
	}
}

int
feed_local_exit(int rc)
{
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE);
}
