/*
 * content_sets: the repositories that the packages of a Red Hat layer came from.
 * Format: image content manifest (atomic-reactor), {"content_sets": [NAME, ...]}.
 * The file stands in the layer above the base's packages and says what both were
 * built from; which layers it counts for is decided when layers are applied.
 *
 *	CONTENT_SETS=NAME NAME ...	as written, none of them with a space
 *	FROM_DNF=1			the names are in dnf's own history instead
 */
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str dir;

	if (!str_ends(f->path, ".json"))
		return (false);
	dir = path_dir(f->path);
	return (str_eqz(dir, "root/buildinfo/content_manifests") ||
	    str_eqz(dir, "usr/share/buildinfo"));
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return (false);
	return (s.n > 0);
}

static int
sets(const struct json *list, struct analyzer_out *out, struct diag *d)
{
	struct buf b;
	struct str s;
	int rc = 0;

	buf_init(&b, INVENTORY_ATTRIBUTES);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
		s = json_str(json_at(list, i));
		if (!is_name(s))
			continue;
		if ((b.n > 0 && buf_byte(&b, ' ') < 0) || buf_str(&b, s) < 0)
			rc = diag_set(d, ERR_LIMIT, 0,
			    "content sets longer than %d bytes",
			    INVENTORY_ATTRIBUTES);
	}
	if (rc == 0)
		rc = analyzer_attribute(out, "CONTENT_SETS", buf_view(&b), d);
	buf_done(&b);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct json *list;
	struct json *j = NULL;
	int rc;

	(void)f;
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_FILE_WHOLE, &j, d)) < 0)
		return (rc);
	/* labels.json and others stand in the same folder */
	list = json_get(j, "content_sets");
	if (json_is_array(list))
		rc = sets(list, out, d);
	if (rc == 0 && (json_bool(json_get(j, "from_dnf_hint")) ||
	    json_bool(json_get(json_get(j, "metadata"), "from_dnf_hint"))))
		rc = analyzer_attribute(out, "FROM_DNF",
		    (struct str)STR_LIT("1"), d);
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_content_sets = {
	.name = "content_sets",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
