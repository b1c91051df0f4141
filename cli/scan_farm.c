/* scanfarm scan of registry references: the farm reads and judges them. */
#include <stdlib.h>
#include "cli/cli.h"
#include "cli/farm_image.h"
#include "cli/message.h"
#include "cli/scan.h"
#include "common/limits.h"
#include "common/mem.h"

/* Ask for one image. */
static int
ask(struct farm *f, const struct farm_image *m, struct diag *d)
{
	struct farm_answer r = { 0 };
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, 16 * KIB);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_kstr(&w, "reference", str_of(m->ref));
	json_w_end_object(&w);
	rc = w.error < 0 ? diag_set(d, ERR_USAGE, 0,
	    "the reference is too long") :
	    farm_call(f, "POST", "/api/v1/scans", buf_view(&b), &r, d);
	farm_answer_done(&r);
	buf_done(&b);
	return (rc);
}

/* Of the platforms of an index the farm shows the worst by its own policy.  Put the
 * worst by ours in its place. */
static int
worst_platform(struct farm *f, struct farm_image *m, struct diag *d)
{
	struct farm_image worst = *m, one;
	struct farm_answer first = m->answer;
	struct str shown = json_get_str(first.json, "digest"), digest;
	const struct json *v = json_get(first.json, "platforms");
	char *ref;
	int rc = 0;

	for (size_t i = 0; i < json_len(v) && rc == 0 &&
	    worst.status != CLI_FAILED; i++) {
		digest = json_str(json_at(v, i));
		if (str_eq(digest, shown))
			continue;
		ref = mem_strndup(digest);
		one = *m;
		one.ref = ref;
		one.platform = NULL;
		one.answer = (struct farm_answer) { 0 };
		if ((rc = farm_image_get(f, &one, d)) == 0)
			farm_image_judge(&one, m->policy);
		if (rc == 0 && one.status != worst.status &&
		    scan_worse(one.status, worst.status) == one.status) {
			if (worst.answer.json != first.json)
				farm_answer_done(&worst.answer);
			worst = one;
		} else
			farm_answer_done(&one.answer);
		free(ref);
	}
	if (worst.answer.json != first.json)
		farm_answer_done(&first);
	worst.ref = m->ref;
	worst.platform = m->platform;
	*m = worst;
	return (rc);
}

int
scan_farm(char *const *refs, size_t n, const struct scan_options *o)
{
	uint64_t deadline = farm_image_deadline(o->timeout_s);
	struct farm_image *v;
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc, status = CLI_OK;

	if ((rc = farm_open(&o->args->farm, &f, &d)) < 0)
		return (farm_fail("scan", rc, &d));
	v = mem_array(n, sizeof(*v));
	/* all are asked for before any is waited for */
	for (size_t i = 0; i < n; i++) {
		v[i].ref = refs[i];
		v[i].platform = o->platform;
		v[i].all = o->all;
		v[i].verdict = "";
		if ((rc = ask(f, &v[i], &d)) < 0)
			farm_image_fail(&v[i], "scan", rc, &d);
		else if (o->no_wait)
			message("scan", "%s: asked for; `scanfarm report %s "
			    "--wait` shows the verdict", v[i].ref, v[i].ref);
	}
	for (size_t i = 0; i < n && !o->no_wait; i++) {
		if (v[i].status != CLI_OK)
			continue;
		if ((rc = farm_image_wait(f, &v[i], true, deadline,
		    &d)) == 0 && o->policy_given) {
			farm_image_judge(&v[i], &o->policy);
			rc = worst_platform(f, &v[i], &d);
		}
		if (rc < 0)
			farm_image_fail(&v[i], "scan", rc, &d);
	}
	if (!o->no_wait)
		farm_image_print(v, n, o->args->format, o->args->out);
	for (size_t i = 0; i < n; i++) {
		status = scan_worse(status, v[i].status);
		farm_image_done(&v[i]);
	}
	free(v);
	farm_close(f);
	return (status);
}
