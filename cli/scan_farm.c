/* scanfarm scan of registry references: the farm reads and judges them. */
#include <stdlib.h>
#include "cli/cli.h"
#include "cli/farm_image.h"
#include "cli/scan.h"
#include "common/limits.h"
#include "common/mem.h"

/* Ask for one image and wait for it.  m->status says how it went. */
static void
scan_one(struct farm *f, struct farm_image *m, const struct scan_options *o)
{
	struct farm_answer r = { 0 };
	struct diag d = { 0 };
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, 16 * KIB);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_kstr(&w, "reference", str_of(m->ref));
	json_w_end_object(&w);
	rc = w.error < 0 ? diag_set(&d, ERR_USAGE, 0,
	    "the reference is too long") :
	    farm_call(f, "POST", "/api/v1/scans", buf_view(&b), &r, &d);
	if (rc == 0 && !o->no_wait)
		rc = farm_image_wait(f, m, true, 0, &d);
	if (rc < 0) {
		m->status = farm_fail("scan", rc, &d);
		farm_image_done(m);
	} else if (o->no_wait)
		fprintf(stderr, "%s: asked for; `scanfarm report %s --wait` "
		    "shows the verdict\n", m->ref, m->ref);
	else
		farm_image_judge(m, o->policy_given ? &o->policy : NULL);
	farm_answer_done(&r);
	buf_done(&b);
}

static int
worst(const struct farm_image *v, size_t n)
{
	static const int order[] = { CLI_FAILED, CLI_UNKNOWN, CLI_TEMPORARY,
	    CLI_USAGE };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < n; i++)
			if (v[i].status == order[k])
				return (order[k]);
	return (CLI_OK);
}

int
scan_farm(char *const *refs, size_t n, const struct scan_options *o)
{
	struct farm_image *v;
	struct farm *f = NULL;
	struct diag d = { 0 };
	int rc;

	if ((rc = farm_open(&o->farm, &f, &d)) < 0)
		return (farm_fail("scan", rc, &d));
	v = mem_array(n, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i].ref = refs[i];
		v[i].verdict = "";
		scan_one(f, &v[i], o);
	}
	if (!o->no_wait)
		farm_image_print(v, n, o->format, o->out);
	rc = worst(v, n);
	for (size_t i = 0; i < n; i++)
		farm_image_done(&v[i]);
	free(v);
	farm_close(f);
	return (rc);
}
