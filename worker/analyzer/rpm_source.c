/* Names of source packages. */
#include "rpm_source.h"

void
rpm_source(struct str s, struct str *name, struct str *version)
{
	size_t dash;

	*name = *version = (struct str) { NULL, 0 };
	if (!str_ends(s, ".rpm"))
		return;
	s = str_sub(s, 0, s.n - 4);
	s = str_sub(s, 0, str_rfind(s, '.'));	/* src or nosrc */
	dash = str_rfind(s, '-');
	dash = str_rfind(str_sub(s, 0, dash), '-');
	if (dash == 0 || str_find(str_sub(s, dash + 1, s.n), '-') >=
	    s.n - dash - 1)
		return;		/* fewer than two dashes */
	*name = str_sub(s, 0, dash);
	*version = str_sub(s, dash + 1, s.n);
}
