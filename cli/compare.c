/* scanfarm compare: the order of versions, one pair or one pair a line. */
#include <errno.h>
#include "cli/cli.h"
#include "common/version.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm compare SCHEME [A B]\n\n"
	    "Print how A and B are ordered: < = > or, when one is no version of the\n"
	    "scheme, !  Without A and B read lines A<TAB>B from standard input and\n"
	    "print a line for each.\n\nSchemes:");
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
	char *buf = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = CLI_OK;

	while ((n = getline(&buf, &cap, stdin)) > 0) {
		line = str_n(buf, (size_t)n);
		if (line.p[line.n - 1] == '\n')
			line.n--;
		/* one line out for every line in, whatever it holds */
		if (str_find(line, '\t') == line.n || !str_split(&line, '\t', &a))
			printf("!\n");
		else
			printf("%c\n", compare(s, a, line, &d));
	}
	if (ferror(stdin)) {
		fprintf(stderr, "scanfarm compare: cannot read standard input: %s\n",
		    strerror(errno));
		rc = CLI_TEMPORARY;
	}
	free(buf);
	return (rc);
}

int
cmd_compare(int argc, char **argv)
{
	const struct version_scheme *s;
	struct diag d;
	char op;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return (CLI_OK);
	}
	if (argc != 2 && argc != 4) {
		usage(stderr);
		return (CLI_USAGE);
	}
	if ((s = version_scheme_find(str_of(argv[1]))) == NULL) {
		fprintf(stderr, "scanfarm compare: no version scheme \"%s\"\n",
		    argv[1]);
		usage(stderr);
		return (CLI_USAGE);
	}
	if (argc == 2)
		return (compare_lines(s));
	op = compare(s, str_of(argv[2]), str_of(argv[3]), &d);
	printf("%c\n", op);
	if (op == '!')
		fprintf(stderr, "scanfarm compare: %s\n", d.text);
	return (op == '!' ? CLI_USAGE : CLI_OK);
}
