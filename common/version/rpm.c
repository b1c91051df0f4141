/*
 * rpm: [epoch:]version[-release], each part as rpmvercmp orders it.  Source:
 * rpm's rpmVersionCompare and its rule for dependencies, as observed with
 * librpm 4.18.
 *
 * A side without release is equal to all releases of its version.  That is no
 * order (1-1 = 1 = 1-2), so keys state it for bounds only: the key of "1" is
 * the beginning of the keys of all its releases, and an inclusive upper bound
 * without release lies above them (.optional_release in version.c).
 */
#include "../version.h"
#include "../version_num.h"
#include "../version_rpm.h"

#define RPM_EPOCH_SMALL 200

struct rpm {
	struct str epoch;	/* digits, may be empty, which is 0 */
	struct str version;
	struct str release;	/* empty = not stated */
};

static int
parse(struct str v, struct rpm *ret, struct diag *d)
{
	struct rpm r = { .version = str_trim(v) };
	struct str rest = r.version;
	uint64_t epoch;
	size_t at;

	r.epoch = version_num_take(&rest);
	if (rest.n > 0 && rest.p[0] == ':') {
		r.version = str_sub(rest, 1, rest.n);
		if (r.epoch.n > 0 &&
		    (!str_u64(r.epoch, &epoch) || epoch > UINT32_MAX))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "rpm version: the epoch is no number of 32 bits"));
	} else {
		r.epoch = str_of("");
	}
	at = str_rfind(r.version, '-');
	if (at < r.version.n) {
		r.release = str_sub(r.version, at + 1, r.version.n);
		r.version = str_sub(r.version, 0, at);
	}
	if (r.version.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0, "rpm version: empty"));
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '\0')
			return (diag_set(d, ERR_MALFORMED, i,
			    "rpm version: a NUL byte"));
	*ret = r;
	return (0);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct rpm x, y;
	int rc, r;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	if ((r = version_num_cmp(x.epoch, y.epoch)) == 0 &&
	    (r = version_rpm_cmp(x.version, y.version)) == 0 &&
	    x.release.n > 0 && y.release.n > 0)
		r = version_rpm_cmp(x.release, y.release);
	*ret = r;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct rpm x;
	int rc;

	if ((rc = parse(v, &x, d)) < 0)
		return (rc);
	if ((rc = version_num_key_small(ret, x.epoch, 0, RPM_EPOCH_SMALL)) < 0 ||
	    (rc = version_rpm_key(x.version, ret)) < 0 || (x.release.n > 0 &&
	    (rc = version_rpm_key(x.release, ret)) < 0))
		return (diag_set(d, rc, 0, "rpm version: key too long"));
	return (0);
}

const struct version_scheme version_rpm = {
	.name = "rpm",
	.optional_release = true,
	.cmp = cmp,
	.key = key,
};
