/* scanfarm policy: what the farm's verdicts are made by. */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "common/limits.h"

#define POLICY "/api/v1/policy"
#define REQUEST_MAX (1 * KIB)
#define HOURS_MAX (10 * 365 * 24)

struct options {
	const char *fail_on, *only_fixed, *fail_on_kev;	/* NULL = not given */
	uint64_t max_feed_age_h;
	bool aged;		/* that was given */
};

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm policy show\n"
	    "       scanfarm policy set [--fail-on SEVERITY] [--only-fixed yes|no]\n"
	    "                           [--fail-on-kev yes|no] [--max-feed-age HOURS]\n\n"
	    "By what the farm judges: one policy for all images.  What `set` does not name\n"
	    "stays as it is; every image is judged again, and changed verdicts are told.\n\n"
	    "  --fail-on SEVERITY  critical, high, medium, low, negligible, or unknown: any\n"
	    "                      finding of it or worse fails an image\n"
	    "  --only-fixed        only findings that an update would remove\n"
	    "  --fail-on-kev       and whatever CISA knows to be exploited, however it is rated\n"
	    "  --max-feed-age      older advisories make a verdict unknown; 0 = no limit\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 done, 2 refused, 3 try again.\n");
}

static bool
yes_or_no(const char *option, const char *value)
{
	if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
		return (true);
	args_mistake("policy", "%s wants yes or no, not \"%s\"", option, value);
	return (false);
}

static bool
take(void *arg, int c, const char *value)
{
	struct options *o = arg;

	if (c == 's')
		o->fail_on = value;
	else if (c == 'x') {
		o->only_fixed = value;
		return (yes_or_no("--only-fixed", value));
	} else if (c == 'k') {
		o->fail_on_kev = value;
		return (yes_or_no("--fail-on-kev", value));
	} else {
		o->aged = true;
		return (args_number("policy", "--max-feed-age", value, HOURS_MAX,
		    &o->max_feed_age_h));
	}
	return (true);
}

static int
set(struct farm *f, const struct options *o, struct farm_answer *r,
    struct diag *d)
{
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, REQUEST_MAX);
	json_w_init(&w, &b);
	json_w_object(&w);
	if (o->fail_on != NULL)
		json_w_kstr(&w, "fail_on", str_of(o->fail_on));
	if (o->only_fixed != NULL)
		json_w_kbool(&w, "only_fixed", strcmp(o->only_fixed, "yes") == 0);
	if (o->fail_on_kev != NULL)
		json_w_kbool(&w, "fail_on_kev", strcmp(o->fail_on_kev, "yes") == 0);
	if (o->aged)
		json_w_kint(&w, "max_feed_age_s",
		    (int64_t)o->max_feed_age_h * 3600);
	json_w_end_object(&w);
	rc = w.error < 0 ? diag_set(d, ERR_USAGE, 0,
	    "the arguments are too long") :
	    farm_call(f, "POST", POLICY, buf_view(&b), r, d);
	buf_done(&b);
	return (rc);
}

static void
print(const struct json *j, const struct args *a)
{
	static const char *const columns[] = { "fail_on", "only_fixed",
		"fail_on_kev", "max_feed_age_s" };
	struct output *o = output_new(columns, 4);
	char n[24];

	output_numbers(o, 1u << 3);
	output_row(o, (const struct str[]) { json_get_str(j, "fail_on"),
	    str_of(json_bool(json_get(j, "only_fixed")) ? "true" : "false"),
	    str_of(json_bool(json_get(j, "fail_on_kev")) ? "true" : "false"),
	    output_int(n, json_get_int(j, "max_feed_age_s", 0)) });
	output_print(o, a->format, a->out);
	output_free(o);
}

/* Do words and options fit?  Else a mistake is told. */
static bool
words_ok(const struct args *a, const struct options *o)
{
	bool given = o->fail_on != NULL || o->only_fixed != NULL ||
	    o->fail_on_kev != NULL || o->aged;
	bool is_set = strcmp(a->words[0], "set") == 0;
	const char *wrong = NULL;

	if (!is_set && strcmp(a->words[0], "show") != 0)
		wrong = "the first word is show or set";
	else if (is_set && !given)
		wrong = "set wants --fail-on, --only-fixed, --fail-on-kev or "
		    "--max-feed-age";
	else if (!is_set && given)
		wrong = "what changes the policy belongs to set";
	if (wrong != NULL)
		args_mistake("policy", "%s", wrong);
	return (wrong == NULL);
}

int
cmd_policy(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fail-on", required_argument, NULL, 's' },
		{ "only-fixed", required_argument, NULL, 'x' },
		{ "fail-on-kev", required_argument, NULL, 'k' },
		{ "max-feed-age", required_argument, NULL, 'm' },
		{ 0 },
	};
	struct options o = { 0 };
	struct args a = { .command = "policy", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .options = options,
		.take = take, .arg = &o, .min = 1, .max = 1,
		.wants = "show or set" };
	struct farm_answer r = { 0 };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if (!words_ok(&a, &o))
		return (args_end(&a, CLI_USAGE));
	if ((rc = farm_open(&a.farm, &f, &d)) == 0)
		rc = strcmp(a.words[0], "set") == 0 ? set(f, &o, &r, &d) :
		    farm_call(f, "GET", POLICY, str_of(""), &r, &d);
	if (rc == 0)
		print(r.json, &a);
	farm_answer_done(&r);
	farm_close(f);
	return (args_end(&a, rc < 0 ? farm_fail("policy", rc, &d) : CLI_OK));
}
