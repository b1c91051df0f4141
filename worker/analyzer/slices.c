/* See slices.h. */
#include "slices.h"

bool
slices_told(struct slices *s, struct str what)
{
	uint8_t sum[DIGEST_BYTES];

	digest_of(what.p, what.n, sum);
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->told[i], sum, sizeof(sum)) == 0)
			return (true);
	if (s->n < FAT_SLICES)
		memcpy(s->told[s->n++], sum, sizeof(sum));
	return (false);
}

void
slices_error(struct slices *s, int rc, const struct diag *d)
{
	if (rc == 0 || s->error != 0)
		return;
	s->error = rc;
	s->why = *d;
}

int
slices_end(const struct slices *s, const struct fat *f, struct diag *d)
{
	if (s->error == 0 && f->error == 0)
		return (0);
	if (d != NULL)
		*d = s->error != 0 ? s->why : f->why;
	return (s->error != 0 ? s->error : f->error);
}
