/*
 * What analyzers give is known to the matcher: the types in their samples are an
 * operating system's or somebody else's, and a database of an operating system
 * is one whose removal is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include "coordinator/matcher/apply_parts.h"
#include "coordinator/matcher/distribution.h"
#include "coordinator/matcher/namespace.h"
#include "tests/lib/slurp.h"
#include "worker/analyzer/analyzer.h"

#define FOLDER "tests/worker/analyzer/"

/* They state packages of an operating system and are no database of one. */
static bool
is_no_database(const char *kind)
{
	static const char *const t[] = {
		"dpkg_files", "pacman_files",	/* who owns what */
		"elf_note",	/* a single program's word */
		"kernel",	/* a kernel that no package brought */
		"sbom", "snap",	/* somebody's bill */
		"nix" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (strcmp(kind, t[i]) == 0)
			return (true);
	return (false);
}

static void
check_row(const char *kind, struct str path, struct str row)
{
	struct str type = str_sub(row, 0, str_find(row, '\t'));
	const struct inventory_file file = { .kind = str_of(kind) };
	const struct seen seen = { .path = path, .file = &file };
	size_t which;

	if (type.n == row.n)
		return;		/* an attribute or an error */
	if (!namespace_knows_type(type))
		fail_msg("%s gives packages of type \"%.*s\", which the matcher "
		    "does not know: see worker/analyzer/README.md", kind,
		    STR_ARG(type));
	if (distribution_is_os_type(type) && !is_no_database(kind) &&
	    !apply_is_of_database(&seen, &which))
		fail_msg("%s at %.*s is no database in apply_databases.c", kind,
		    STR_ARG(path));
}

static void
test_what_analyzers_give_is_known(void **state)
{
	char pattern[256];
	size_t rows = 0;
	glob_t g;

	(void)state;
	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		snprintf(pattern, sizeof(pattern), FOLDER "%s/*.want",
		    analyzer_all[i]->name);
		assert_int_equal(glob(pattern, 0, NULL, &g), 0);
		for (size_t k = 0; k < g.gl_pathc; k++) {
			struct str base = str_sub(str_of(g.gl_pathv[k]), 0,
			    strlen(g.gl_pathv[k]) - 5), row;
			struct buf want = slurp("%s", g.gl_pathv[k]);
			struct buf path = slurp("%.*s.path", STR_ARG(base));
			struct cur c = cur_str(buf_view(&want));

			for (; cur_line(&c, &row); rows++)
				check_row(analyzer_all[i]->name,
				    str_trim(buf_view(&path)), row);
			buf_done(&want);
			buf_done(&path);
		}
		globfree(&g);
	}
	assert_true(rows > 100);
	assert_false(namespace_knows_type(str_of("slackware")));
	assert_false(namespace_knows_type(str_of("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_analyzers_give_is_known),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
