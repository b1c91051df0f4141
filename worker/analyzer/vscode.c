/*
 * vscode: extensions of Visual Studio Code and editors made from it.  Format:
 * extensions/FOLDER/package.json with engines.vscode; named PUBLISHER.NAME, in
 * which case does not matter.
 */
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "package.json") &&
	    str_eqz(where_folder(path_dir(f->path)), "extensions") &&
	    !where_is_sample(f->path));
}

static int
extension(const struct json *j, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("vscode"),
	    .version = json_get_str(j, "version") };
	struct str publisher = json_get_str(j, "publisher");
	struct str name = json_get_str(j, "name");
	struct buf b;
	int rc = 0;

	if (json_get_str(json_get(j, "engines"), "vscode").n == 0 ||
	    publisher.n == 0 || name.n == 0)
		return (0);
	buf_init(&b, LIMIT_PACKAGE_TEXT);
	if (buf_str(&b, publisher) < 0 || buf_byte(&b, '.') < 0 ||
	    buf_str(&b, name) < 0)
		rc = diag_set(d, ERR_LIMIT, 0, "the extension's name is too long");
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] >= 'A' && b.p[i] <= 'Z')
			b.p[i] |= 'a' - 'A';
	p.name = buf_view(&b);
	if (rc == 0)
		rc = analyzer_package(out, &p, d);
	buf_done(&b);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct json *j = NULL;
	int rc;

	(void)f;
	rc = json_parse_top(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	if (rc == 0)
		rc = extension(j, out, d);
	else if (rc == ERR_MALFORMED)
		rc = 0;		/* no editor would load it */
	json_free(j);
	return (rc);
}

const struct analyzer analyzer_vscode = {
	.name = "vscode",
	.revision = 2,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
