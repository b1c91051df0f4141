/* The table of event sources and the packed form of events. */
#include "common/limits.h"
#include "common/pack.h"
#include "webhook.h"

static const struct webhook_source *const sources[] = {
#define WEBHOOK(name) &webhook_##name,
#include "webhook_list.h"
#undef WEBHOOK
};

int
webhook_event_write(struct buf *b, const struct webhook_event *e)
{
	int rc;

	if ((rc = pack_array(b, 6)) < 0 ||
	    (rc = pack_u64(b, e->kind)) < 0 ||
	    (rc = pack_str(b, e->repository)) < 0 ||
	    (rc = pack_str(b, e->tag)) < 0 ||
	    (rc = pack_str(b, e->digest)) < 0 ||
	    (rc = pack_str(b, e->media_type)) < 0 ||
	    (rc = pack_str(b, e->id)) < 0)
		return (rc);
	return (0);
}

int
webhook_event_read(struct cur *c, struct webhook_event *ret, struct diag *d)
{
	struct webhook_event e = { .id = { "", 0 } };
	uint64_t kind;
	uint32_t n;

	if (!unpack_array(c, &n) || n < 5 || !unpack_u64(c, &kind) ||
	    kind < WEBHOOK_PUSH || kind > WEBHOOK_DELETE_REPOSITORY ||
	    !unpack_str(c, &e.repository) || !unpack_str(c, &e.tag) ||
	    !unpack_str(c, &e.digest) || !unpack_str(c, &e.media_type) ||
	    (n > 5 && !unpack_str(c, &e.id)) ||	/* rows of before have none */
	    (n > 6 && !unpack_skip(c, n - 6)))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "event breaks its format"));
	e.kind = (enum webhook_kind)kind;
	*ret = e;
	return (0);
}

int
webhook_read(struct str source, struct str body, struct buf *out,
    struct diag *d)
{
	struct json *j = NULL;
	int rc = ERR_UNSUPPORTED;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!str_eqz(source, sources[i]->name))
			continue;
		if ((rc = json_parse(body, LIMIT_WEBHOOK_BYTES, &j, d)) == 0)
			rc = sources[i]->read(j, out, d);
		json_free(j);
		return (rc);
	}
	return (diag_set(d, rc, 0, "no event source \"%.*s\"",
	    (int)(source.n < 64 ? source.n : 64), source.p));
}
