/*
 * redhat_repositories: which products Red Hat's repositories belong to, its
 * repository-to-cpe.json:
 *
 *	{ data: { NAME: { cpes: ["cpe:/o:redhat:rhel_eus:9.2::baseos", ...] }, ... } }
 *
 * No advisories: it tells which channels an image takes.
 */
#include "../content_set.h"
#include "../feed.h"
#include "common/json.h"
#include "common/limits.h"

static int
malformed(const struct feed_sink *sink, struct str name, const char *what,
    struct diag *d)
{
	struct diag why = { 0 };

	diag_set(&why, ERR_MALFORMED, 0, "%s", what);
	return (sink->malformed(sink->arg, name, &why, d));
}

/* 0, or ERR_MALFORMED and ERR_LIMIT for what cannot be one of the words. */
static int
join(const struct json *list, struct buf *ret)
{
	struct str s;

	if (!json_is_array(list))
		return (ERR_MALFORMED);
	for (size_t i = 0; i < json_len(list); i++) {
		s = json_str(json_at(list, i));
		if (s.n == 0 || str_find(s, ' ') < s.n)
			return (ERR_MALFORMED);
		if ((ret->n > 0 && buf_byte(ret, ' ') < 0) ||
		    buf_str(ret, s) < 0)
			return (ERR_LIMIT);
	}
	return (0);
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return (false);
	return (s.n > 0 && s.n <= LIMIT_CONTENT_SET);
}

static int
take(struct str name, const struct json *o, struct buf *cpes,
    const struct feed_sink *sink, struct feed_count *count, struct diag *d)
{
	struct content_set s = { .name = name };

	buf_clear(cpes);
	if (!is_name(name))
		return (malformed(sink, str_of("data"), "a repository without "
		    "a name, or one longer than allowed", d));
	if (join(json_get(o, "cpes"), cpes) < 0)
		return (malformed(sink, name, "cpes is no list of them, or "
		    "longer than allowed", d));
	s.cpes = buf_view(cpes);
	count->content_sets++;
	return (sink->content_set == NULL ? 0 :
	    sink->content_set(sink->arg, &s, d));
}

static int
document(struct str bytes, const struct feed_sink *sink,
    struct feed_count *count, struct diag *d)
{
	struct json *root = NULL;
	const struct json *data, *o;
	struct str name;
	struct buf cpes;
	void *at = NULL;
	size_t n = 0;
	int rc = json_parse_file(bytes, LIMIT_CONTENT_SETS_BYTES, &root, d);

	buf_init(&cpes, LIMIT_CONTENT_SET_CPES);
	data = json_get(root, "data");
	for (; rc == 0 && json_next(data, &at, &name, &o); n++)
		rc = take(name, o, &cpes, sink, count, d);
	/* none at all would take the channels off all images */
	if (rc == 0 && n == 0)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "redhat_repositories document: no repositories in data");
	buf_done(&cpes);
	json_free(root);
	return (rc);
}

const struct feed_importer feed_redhat_repositories = {
	.name = "redhat_repositories",
	.revision = 1,
	.mark = "data.*.cpes",
	.whole = true,
	.beside = true,
	.max = LIMIT_CONTENT_SETS_BYTES,
	.document = document,
};
