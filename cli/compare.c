/* scanfarm compare: the order of versions, one pair or one pair a line. */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/lines.h"
#include "cli/message.h"
#include "common/version.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm compare SCHEME [A B]\n\n"
	    "Print how A and B are ordered: < = > or, when one is no version of the\n"
	    "scheme, !  Without A and B read lines A<TAB>B from standard input and\n"
	    "print a line for each.\n\n"
	    "Exit status: 0 compared, 2 usage or, of one pair, no version.\n\nSchemes:");
	for (size_t i = 0; version_scheme_at(i) != NULL; i++)
		fprintf(f, " %s", version_scheme_at(i)->name);
	fprintf(f, "\n");
}

static char
compare(const struct version_scheme *s, struct str a, struct str b,
    struct diag *d)
{
	int r;

	if (version_cmp(s, a, b, &r, d) < 0)
		return ('!');
	return (r < 0 ? '<' : r > 0 ? '>' : '=');
}

static int
compare_lines(const struct version_scheme *s)
{
	struct str line, a;
	struct diag d;
	struct buf b;
	int rc;

	buf_init(&b, LINE_BYTES);
	while ((rc = line_read(stdin, &b, &d)) > 0) {
		line = buf_view(&b);
		/* one line out for every line in, whatever it holds */
		if (str_find(line, '\t') == line.n || !str_split(&line, '\t', &a))
			printf("!\n");
		else
			printf("%c\n", compare(s, a, line, &d));
	}
	buf_done(&b);
	if (rc < 0)
		message("compare", "cannot read standard input: %s", d.text);
	return (rc == ERR_TEMPORARY ? CLI_TEMPORARY : rc < 0 ? CLI_USAGE :
	    CLI_OK);
}

int
cmd_compare(int argc, char **argv)
{
	struct args a = { .command = "compare", .usage = usage,
		.takes = ARGS_FIRST, .min = 1, .max = 3,
		.wants = "SCHEME, and two versions or none" };
	const struct version_scheme *s;
	struct diag d;
	char op;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if (a.n == 2)
		return (args_mistake("compare", "it wants %s", a.wants));
	if ((s = version_scheme_find(str_of(a.words[0]))) == NULL)
		return (args_mistake("compare", "no version scheme \"%s\"",
		    a.words[0]));
	if (a.n == 1)
		return (compare_lines(s));
	op = compare(s, str_of(a.words[1]), str_of(a.words[2]), &d);
	printf("%c\n", op);
	if (op == '!')
		message("compare", "%s", d.text);
	return (op == '!' ? CLI_USAGE : CLI_OK);
}
