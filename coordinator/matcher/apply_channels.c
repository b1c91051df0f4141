/*
 * Which channels an image takes, by what its layers say they were built from.  A
 * manifest of content sets speaks of the packages of its own layer; where a layer
 * has none (a base below the layer with the manifest of both, what users put on
 * top) that of the nearest layer below counts, else that of the nearest above.
 */
#include "coordinator/matcher/apply_parts.h"

/* What the layer's own manifests list, one after the other. */
static struct str
own_sets(struct apply *a, const struct layer_inventory *l)
{
	struct str ret = { NULL, 0 }, one;
	char *p;

	for (size_t i = 0; l != NULL && i < l->nfiles; i++) {
		if (!str_eqz(l->files[i].kind, "content_sets"))
			continue;
		one = apply_attribute(&l->files[i], "CONTENT_SETS");
		if (one.n == 0)
			continue;
		if (ret.n == 0) {
			ret = one;
			continue;
		}
		if ((p = pool_alloc(a->res->pool, ret.n + 1 + one.n)) == NULL) {
			apply_out_of_room(a);
			return (ret);
		}
		memcpy(p, ret.p, ret.n);
		p[ret.n] = ' ';
		memcpy(p + ret.n + 1, one.p, one.n);
		ret = str_n(p, ret.n + 1 + one.n);
	}
	return (ret);
}

void
apply_content_sets(struct apply *a)
{
	struct apply_result *r = a->res;
	struct str *v = pool_alloc(r->pool, (a->nlayers + 1) * sizeof(*v));
	struct str last = { NULL, 0 };

	if (v == NULL) {
		apply_out_of_room(a);
		return;
	}
	r->content_sets = v;
	r->nlayers = a->nlayers;
	for (size_t i = 0; i < a->nlayers; i++) {
		v[i] = own_sets(a, a->layers[i]);
		if (v[i].n != 0)
			last = v[i];
		v[i] = last;
	}
	/* those below the first manifest */
	for (size_t i = a->nlayers; i-- > 0; ) {
		if (v[i].n == 0)
			v[i] = last;
		last = v[i];
	}
}

bool
apply_has_content_sets(const struct apply_result *r)
{
	/* one of them has all layers */
	return (r->nlayers > 0 && r->content_sets[0].n != 0);
}

int
apply_channels(struct apply_result *r, const struct content_sets *known,
    struct diag *d)
{
	struct str *channels;
	int rc = 0;

	if (!apply_has_content_sets(r) || !str_eqz(r->os.id, "rhel"))
		return (0);
	if ((channels = pool_alloc(r->pool, r->nlayers * sizeof(*channels))) ==
	    NULL)
		rc = ERR_LIMIT;
	for (size_t i = 0; rc == 0 && i < r->nlayers; i++)
		if (i > 0 && r->content_sets[i].p == r->content_sets[i - 1].p)
			channels[i] = channels[i - 1];
		else
			rc = content_sets_channels(known, r->content_sets[i],
			    r->pool, &channels[i]);
	if (rc < 0)
		return (diag_set(d, rc, 0, "the image's content sets are more "
		    "than memory is allowed for"));
	for (size_t i = 0; i < r->n; i++)
		if (str_eqz(r->packages[i].p.type, "rpm"))
			r->packages[i].channels = channels[r->packages[i].layer];
	return (0);
}
