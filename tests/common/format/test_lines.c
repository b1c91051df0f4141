/* TOML and YAML as lock files use them: what is read, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/format/toml.h"
#include "common/format/yaml.h"

/* Items as one text: "[name]", "[[name]]", "name=value", strings in <>; "!" at
 * the end when something was broken. */
static char *
toml_text(const char *in)
{
	struct toml t = { cur_str(str_of(in)), false };
	static char text[512];
	struct toml_item i;
	size_t n = 0;

	text[0] = '\0';
	while (toml_next(&t, &i)) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    i.kind == TOML_TABLE ? "[%.*s];" :
		    i.kind == TOML_TABLE_ITEM ? "[[%.*s]];" :
		    i.string ? "%.*s=<" : "%.*s=", STR_ARG(i.name));
		if (i.kind == TOML_PAIR)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    i.string ? "%.*s>;" : "%.*s;", STR_ARG(i.value));
	}
	if (t.broken)
		snprintf(text + n, sizeof(text) - n, "!");
	return (text);
}

static void
test_toml_items(void **state)
{
	static const struct { const char *in, *want; } t[] = {
		{ "", "" }, { "\n \t\r\n# x = 1\n", "" },
		{ "a = \"b\"", "a=<b>;" },
		{ "a='b\\'\r\nc=1 # x\r\n", "a=<b\\>;c=1;" },
		{ "a = \"b\\\"c\" # d\n", "a=<b\\\"c>;" },
		{ "[x]\n[[ y.z ]]\n[\"q]r\"]\n", "[x];[[y.z]];[\"q]r\"];" },
		{ "\"a=b\" = true\n", "\"a=b\"=true;" },
		{ "a = [\n \"]\", # ]\n ['x'],\n]\nb = 2\n",
		    "a=[\n \"]\", # ]\n ['x'],\n];b=2;" },
		{ "a = { b = \"}\", c = [1] }\n", "a={ b = \"}\", c = [1] };" },
		{ "a = \"\"\"x\n\"y\"\"\"\"\nb=1", "a=<x\n\"y\">;b=1;" },
		{ "a = '''x\n\\'''\n", "a=<x\n\\>;" },
		{ "a = \"\"\nb = ''\n", "a=<>;b=<>;" },
		/* broken, and what is still read */
		{ "<<<<<<< HEAD\na = 1\n", "a=1;!" },
		{ "a = \"x\nb = 1\n", "b=1;!" }, { "a =\nb = 1\n", "b=1;!" },
		{ "a = [1,\nb = 1\n", "!" }, { "a = \"\"\"x\nb = 1\n", "!" },
		{ "[x\nb = 1\n", "b=1;!" }, { "= 1\nb = 1\n", "b=1;!" },
		{ "\"\"\"\nb = 1\n", "b=1;!" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(toml_text(t[i].in), t[i].want);
}

/* Of values that do not end, one on every line, the first is looked through
 * once: not 4 million times 16 MiB. */
static void
test_toml_that_never_ends_is_read_once(void **state)
{
	static const char line[] = "a=[\n";
	size_t n = (size_t)16 << 20;
	char *text = malloc(n);
	struct toml_item i;
	struct toml t;

	(void)state;
	for (size_t k = 0; k < n; k++)
		text[k] = line[k % 4];
	t = (struct toml) { cur_of(text, n), false };
	assert_false(toml_next(&t, &i));
	assert_true(t.broken);
	free(text);
}

static char *
yaml_text(const char *in)
{
	struct cur c = cur_str(str_of(in));
	static char text[512];
	struct yaml_line l;
	size_t n = 0;

	text[0] = '\0';
	while (yaml_next(&c, &l))
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%zu%s<%.*s><%.*s>;", l.indent, l.item ? "-" : "",
		    STR_ARG(l.key), STR_ARG(l.value));
	return (text);
}

static void
test_yaml_lines(void **state)
{
	static const struct { const char *in, *want; } t[] = {
		{ "", "" }, { "---\n# x\n\n  # y: z\n...\n", "" },
		{ "a: b\r\n", "0<a><b>;" },
		{ "a:\n  b: 'c: d'\n", "0<a><>;2<b><c: d>;" },
		{ "/a@1.0(b@2):\n", "0</a@1.0(b@2)><>;" },
		{ "'@a/b@1': {x: y}\n", "0<@a/b@1><{x: y}>;" },
		{ "\"a: b\": \"c # d\" # e\n", "0<a: b><c # d>;" },
		{ "- a\n-  b: c\n", "2-<><a>;3-<b><c>;" },
		{ "a: b # c\nd: e#f\n", "0<a><b>;0<d><e#f>;" },
		{ "a:b: c\n", "0<a:b><c>;" }, { "plain\n", "0<><plain>;" },
		{ "{a: b}\n", "0<><{a: b}>;" }, { "\"open: x\n", "0<><\"open: x>;" },
		{ "'\n", "0<><'>;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(yaml_text(t[i].in), t[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_toml_items),
		cmocka_unit_test(test_toml_that_never_ends_is_read_once),
		cmocka_unit_test(test_yaml_lines),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
