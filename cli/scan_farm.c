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
		if ((rc = farm_image_wait(f, &v[i], true, deadline, &d)) == 0)
			farm_image_judge(&v[i],
			    o->policy_given ? &o->policy : NULL);
		else
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
