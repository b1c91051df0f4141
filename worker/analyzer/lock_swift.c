/*
 * lock_swift: Package.resolved of Swift's package manager, versions 1 (object.
 * pins[].repositoryURL) to 3 (pins[].location).  A package is called by its
 * repository's URL without scheme and ".git".
 */
#include "common/json.h"
#include "common/limits.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "Package.resolved", NULL };

	return (lock_is(f->path, names));
}

/* "https://host/a/b.git" -> "host/a/b", from which "git@host:a/b" differs too
 * much to be renamed. */
static struct str
name_of(struct str url)
{
	static const char *const schemes[] = { "https://", "http://", "ssh://git@",
	    "git://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(url, schemes[i]))
			url = str_sub(url, strlen(schemes[i]), url.n);
	if (str_ends(url, ".git"))
		url.n -= 4;
	return (url);
}

static int
pin(const struct json *p, struct analyzer_out *out, struct diag *d)
{
	struct str url = json_get_str(p, "location");
	struct str version = json_get_str(json_get(p, "state"), "version");

	if (url.n == 0)
		url = json_get_str(p, "repositoryURL");
	if (version.n == 0)	/* a branch */
		version = json_get_str(json_get(p, "state"), "revision");
	return (lock_row(out, "swift", name_of(url), version, LOCK_DECLARED, d));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct json *pins;
	struct json *j = NULL;
	int rc;

	(void)f;
	rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	pins = json_is_array(json_get(j, "pins")) ? json_get(j, "pins") :
	    json_get(json_get(j, "object"), "pins");
	for (size_t i = 0; i < json_len(pins) && rc == 0; i++)
		rc = pin(json_at(pins, i), out, d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_lock_swift = {
	.name = "lock_swift",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
