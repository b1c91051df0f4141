/*
 * scanfarm scan: findings and a verdict for images.  Local kinds are known by
 * their prefix and need no farm; everything else is a registry reference.
 */
#include "cli/cli.h"
#include "cli/farm_image.h"
#include "cli/scan.h"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm scan REF... [--farm URL] [--feed DIR] [--platform P]\n"
	    "                     [--fail-on SEVERITY] [--fail-on-kev] [--only-fixed]\n"
	    "                     [--explain [ID]] [--format F] [--output FILE] [--all] [--no-wait]\n"
	    "                     [--timeout SECONDS]\n\n"
	    "Find the vulnerabilities of images and judge them.  REF is a registry reference,\n"
	    "which the farm reads and judges by all it knows, or, without any farm,\n"
	    "oci:DIR[:TAG], docker-archive:FILE or dir:PATH (a folder taken as an image's\n"
	    "root), judged by the advisories of --feed.\n\n"
	    "  --feed DIR          advisories as OSV exports them (DIR/<ECOSYSTEM>/all.zip),\n"
	    "                      a folder of documents, or one zip\n"
	    "  --platform P        OS/ARCH[/VARIANT] or ARCH of a multi-platform image; default\n"
	    "                      amd64, else the first; in a farm the worst of all\n"
	    "  --fail-on SEVERITY  critical, high (default), medium, low, negligible, or\n"
	    "                      unknown for any finding at all\n"
	    "  --fail-on-kev       and whatever CISA knows to be exploited, however it is rated\n"
	    "  --only-fixed        only findings that an update would remove can fail\n"
	    "  --all               show findings that count nowhere, too: of kernels' headers and\n"
	    "                      debuggers' symbols, and what Debian calls unimportant\n"
	    EXPLAIN_HELP
	    "  --no-wait           ask the farm and do not wait for the verdict\n"
	    "  --timeout SECONDS   wait no longer than that for all of them (default %d,\n"
	    "                      0 for ever)\n"
	    ARGS_RESULT_HELP FARM_HELP "\n"
	    "Exit status: 0 passed, 1 failed, 2 usage or no image, 3 try again, 4 unknown:\n"
	    "something could not be looked at, the reasons say what.  Of several images: 1,\n"
	    "else 4, else 3, else 2, else 0.\n", FARM_IMAGE_TIMEOUT_S);
}

static bool
severity_option(const char *word, enum severity *ret)
{
	for (int s = SEVERITY_UNKNOWN; s <= SEVERITY_CRITICAL; s++)
		if (strcmp(word, severity_name((enum severity)s)) == 0) {
			*ret = (enum severity)s;
			return (true);
		}
	return (false);
}

static bool
take(void *arg, int c, const char *value)
{
	struct scan_options *o = arg;

	if (c == 'f')
		o->feed = value;
	else if (c == 'p')
		o->platform = value;
	else if (c == 'n')
		o->no_wait = true;
	else if (c == 'a')
		o->all = true;
	else if (c == 'e')
		return (explain_option_take(&o->explain, "scan", value));
	else if (c == 't')
		return (args_number("scan", "--timeout", value,
		    FARM_IMAGE_TIMEOUT_MAX_S, &o->timeout_s));
	else {
		o->policy_given = true;
		if (c == 'x')
			o->policy.only_fixed = true;
		else if (c == 'k')
			o->policy.fail_on_kev = true;
		else if (!severity_option(value, &o->policy.fail_on)) {
			args_mistake("scan", "no severity \"%s\": critical, high, "
			    "medium, low, negligible or unknown", value);
			return (false);
		}
	}
	return (true);
}

int
scan_worse(int a, int b)
{
	static const int order[] = { CLI_FAILED, CLI_UNKNOWN, CLI_TEMPORARY,
	    CLI_USAGE };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		if (a == order[k] || b == order[k])
			return (order[k]);
	return (CLI_OK);
}

/* Do the options suit the images, ${nlocal} of which are local?  Else a mistake
 * is told. */
static bool
options_ok(const struct scan_options *o, size_t n, size_t nlocal)
{
	const char *wrong = NULL;

	if (nlocal != 0 && nlocal != n)
		wrong = "local images and those of registries need a command each";
	else if (nlocal != 0 && o->feed == NULL)
		wrong = "local images need --feed DIR";
	else if (nlocal != 0 && (o->no_wait || o->args->farm.farm != NULL))
		wrong = "--farm and --no-wait are for images of registries";
	else if (nlocal == 0 && o->feed != NULL)
		wrong = "--feed is for local images: a farm uses its own advisories";
	else if (nlocal == 0 && o->explain.on)
		wrong = "--explain is for local images here; `scanfarm report "
		    "REF --explain` asks the farm";
	else if (o->no_wait && o->args->output != NULL)
		wrong = "--no-wait has no result for --output";
	if (wrong != NULL)
		args_mistake("scan", "%s", wrong);
	return (wrong == NULL);
}

int
cmd_scan(int argc, char **argv)
{
	static const struct option options[] = {
		{ "feed", required_argument, NULL, 'f' },
		{ "platform", required_argument, NULL, 'p' },
		{ "fail-on", required_argument, NULL, 's' },
		{ "fail-on-kev", no_argument, NULL, 'k' },
		{ "only-fixed", no_argument, NULL, 'x' },
		{ "all", no_argument, NULL, 'a' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		EXPLAIN_OPTION,
		{ 0 },
	};
	struct args a = { .command = "scan", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .min = 1, .max = -1,
		.wants = "at least one REF of an image" };
	struct scan_options o = { .policy = policy_default, .args = &a,
		.timeout_s = FARM_IMAGE_TIMEOUT_S };
	size_t nlocal = 0;

	a.arg = &o;
	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!explain_option_word(&o.explain, &a))
		return (args_end(&a, CLI_USAGE));
	if (a.n == 0)
		return (args_end(&a, args_mistake("scan", "it wants %s",
		    a.wants)));
	for (int i = 0; i < a.n; i++)
		nlocal += scan_is_local(a.words[i]);
	if (!options_ok(&o, (size_t)a.n, nlocal))
		return (args_end(&a, CLI_USAGE));
	return (args_end(&a, nlocal != 0 ?
	    scan_local(a.words, (size_t)a.n, &o) :
	    scan_farm(a.words, (size_t)a.n, &o)));
}
