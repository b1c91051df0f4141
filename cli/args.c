/* Arguments of commands; see args.h. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "common/mem.h"
#include "common/proc.h"

#define OPTIONS_MAX 24
#define OPT_FORMAT 1100
#define OPT_OUTPUT 1101
#define OPT_HELP 'h'

int
args_mistake(const char *command, const char *fmt, ...)
{
	char text[DIAG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	message(command, "%s; `scanfarm %s --help` tells more", text, command);
	return (CLI_USAGE);
}

bool
args_number(const char *command, const char *option, const char *value,
    uint64_t max, uint64_t *ret)
{
	if (str_u64(str_of(value), ret) && *ret <= max)
		return (true);
	args_mistake(command, "%s \"%s\" is no number from 0 to %llu", option,
	    value, (unsigned long long)max);
	return (false);
}

/* ---------------------------------------------------------------- options -- */

static void
add(struct option *all, size_t *n, const struct option *more)
{
	for (; more != NULL && more->name != NULL; more++) {
		assert(*n + 1 < OPTIONS_MAX);
		all[(*n)++] = *more;
	}
}

static void
options_of(const struct args *a, struct option all[OPTIONS_MAX])
{
	static const struct option farm[] = { FARM_OPTIONS, { 0 } };
	static const struct option result[] = {
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "output", required_argument, NULL, OPT_OUTPUT },
		{ 0 },
	};
	static const struct option help[] = {
		{ "help", no_argument, NULL, OPT_HELP }, { 0 },
	};
	size_t n = 0;

	add(all, &n, a->options);
	add(all, &n, a->takes & ARGS_FARM ? farm : NULL);
	add(all, &n, a->takes & ARGS_RESULT ? result : NULL);
	add(all, &n, help);
	all[n] = (struct option) { 0 };
}

/* What getopt could not take: ${c} is '?' or ':'. */
static int
refused(const struct args *a, int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (c == ':')
		return (args_mistake(a->command, "%s wants a value", word));
	if (strncmp(word, "--", 2) == 0 && optopt != 0)
		return (args_mistake(a->command, "%s takes no value", word));
	if (strncmp(word, "--", 2) == 0)
		return (args_mistake(a->command, "no option %s", word));
	return (args_mistake(a->command, "no option -%c", optopt));
}

static bool
take(struct args *a, int c, const char *value)
{
	if (c == OPT_OUTPUT)
		a->output = value;
	else if (c == OPT_FORMAT) {
		if (output_format_of(value, &a->format))
			return (true);
		args_mistake(a->command, "no format \"%s\": table, tsv or json",
		    value);
		return (false);
	} else if (!farm_option(&a->farm, c, value))
		return (a->take(a->arg, c, value));
	return (true);
}

/* ----------------------------------------------------------------- result -- */

/* Writes whose target must not be replaced, such as /dev/stdout or a pipe. */
static bool
is_special(const char *path)
{
	struct stat st;

	return (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

/* Is it what standard output goes to, by whatever name?  A file behind /dev/stdout
 * must not be replaced either: whoever opened it would read the old one. */
static bool
is_stdout(const char *path)
{
	struct stat st, out;

	return (stat(path, &st) == 0 && fstat(STDOUT_FILENO, &out) == 0 &&
	    st.st_dev == out.st_dev && st.st_ino == out.st_ino);
}

/* The folder of ${path}, malloced. */
static char *
folder_of(const char *path)
{
	size_t at = str_rfind(str_of(path), '/');

	if (at == strlen(path))
		return (mem_strdup("."));
	return (mem_strndup(str_n(path, at > 0 ? at : 1)));
}

static bool
result_open(struct args *a)
{
	const char *path = a->output;
	char *dir;
	bool ok;

	a->out = stdout;
	if (path == NULL)
		return (true);
	if (path[0] == '\0') {
		args_mistake(a->command, "--output wants the name of a file");
		return (false);
	}
	if (is_stdout(path)) {
		a->output = NULL;
		return (true);
	}
	if (is_special(path)) {
		a->out = fopen(path, "we");
		ok = a->out != NULL;
	} else {
		dir = folder_of(path);
		ok = access(dir, W_OK | X_OK) == 0;
		free(dir);
		if (ok)
			a->out = open_memstream(&a->text, &a->text_n);
	}
	if (!ok || a->out == NULL)
		message(a->command, "cannot write %s: %s; name another file by "
		    "--output", path, strerror(errno));
	return (ok && a->out != NULL);
}

/* The result under a name of its own, then in place of what was there. */
static int
replace(const char *path, const char *p, size_t n, struct diag *d)
{
	char *real = realpath(path, NULL);	/* a link stays a link */
	char *tmp = mem_printf("%s.XXXXXX", real != NULL ? real : path);
	mode_t mask = umask(0);
	int fd, rc;

	umask(mask);
	if ((fd = mkstemp(tmp)) < 0) {
		rc = diag_set(d, ERR_TEMPORARY, 0, "%s", strerror(errno));
		goto out;
	}
	rc = write_all(fd, p, n, d);
	if (rc == 0 && (fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0 ||
	    rename(tmp, real != NULL ? real : path) < 0))
		rc = diag_set(d, ERR_TEMPORARY, 0, "%s", strerror(errno));
	close(fd);
	if (rc < 0)
		(void)unlink(tmp);
out:
	free(tmp);
	free(real);
	return (rc);
}

int
args_end(struct args *a, int status)
{
	struct diag d;
	int rc = 0;

	if (a->output == NULL)
		return (status);	/* main() looks at standard output */
	if (fclose(a->out) != 0)
		rc = diag_set(&d, ERR_TEMPORARY, 0, "%s", strerror(errno));
	else if (a->text_n > 0)
		rc = replace(a->output, a->text, a->text_n, &d);
	free(a->text);
	a->text = NULL;
	if (rc < 0)
		message(a->command, "cannot write %s: %s", a->output, d.text);
	return (rc < 0 && status == CLI_OK ? CLI_TEMPORARY : status);
}

/* --------------------------------------------------------------- together -- */

bool
args_read(struct args *a, int argc, char **argv)
{
	struct option all[OPTIONS_MAX];
	int c;

	options_of(a, all);
	a->status = CLI_USAGE;
	opterr = 0;
	optind = 0;	/* begin anew, whatever was read before */
	while ((c = getopt_long(argc, argv, a->takes & ARGS_FIRST ? "+:h" :
	    ":h", all, NULL)) != -1) {
		if (c == OPT_HELP) {
			a->usage(stdout);
			a->status = CLI_OK;
			return (false);
		}
		if (c == '?' || c == ':') {
			refused(a, c, argv);
			return (false);
		}
		if (!take(a, c, optarg))
			return (false);
	}
	a->words = argv + optind;
	a->n = argc - optind;
	if (a->n < a->min || (a->max >= 0 && a->n > a->max)) {
		args_mistake(a->command, a->max == 0 ? "%s: no such argument" :
		    "it wants %s", a->max == 0 ? a->words[0] : a->wants);
		return (false);
	}
	return (result_open(a));
}
