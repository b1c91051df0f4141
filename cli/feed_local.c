/* Local feeds; see feed_local.h. */
#include "cli/cli.h"
#include "cli/feed_local.h"
#include "common/text.h"

/* Named one by one; of the rest only the number. */
#define MALFORMED_SHOWN 20

struct reading {
	const char *command;
	struct index *index;
	uint64_t malformed;
};

static int
take_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct reading *r = arg;

	return (index_advisory(r->index, a, d));
}

static int
name_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct reading *r = arg;
	char shown[512];

	(void)d;
	if (r->malformed++ < MALFORMED_SHOWN) {
		text_escape(name, shown, sizeof(shown));
		fprintf(stderr, "scanfarm %s: skipped %s: %s\n", r->command,
		    shown, why->text);
	}
	return (0);
}

int
feed_local_read(const char *command, const char *path, struct index *x,
    struct feed_count *count, struct diag *d)
{
	struct reading r = { .command = command, .index = x };
	struct feed_sink sink = { &r, take_advisory, name_malformed };
	int rc = feed_import_path(&feed_osv, path, &sink, count, d);

	if (r.malformed > 0)
		fprintf(stderr, "scanfarm %s: %llu of %llu advisory documents "
		    "could not be read\n", command,
		    (unsigned long long)r.malformed,
		    (unsigned long long)(r.malformed + count->documents));
	return (rc);
}

void
feed_local_coverage(const char *command, const struct index *x)
{
	const struct index_namespace *v;
	char type[64], name[128];
	size_t n;

	v = index_namespaces(x, &n);
	for (size_t i = 0; i < n; i++) {
		text_escape(v[i].type, type, sizeof(type));
		text_escape(v[i].name, name, sizeof(name));
		if (v[i].name.n == 0)
			fprintf(stderr, "scanfarm %s: %zu packages of type %s "
			    "not matched: no ecosystem known for them\n", command,
			    v[i].packages, type);
		else if (!v[i].ordered)
			fprintf(stderr, "scanfarm %s: %zu packages of %s not "
			    "matched: its versions cannot be ordered yet\n",
			    command, v[i].packages, name);
		else if (!v[i].has_feed)
			fprintf(stderr, "scanfarm %s: %zu packages of %s not "
			    "matched: no advisory in the feed names it\n",
			    command, v[i].packages, name);
	}
}

int
feed_local_exit(int rc)
{
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : CLI_USAGE);
}
