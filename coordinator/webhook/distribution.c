/*
 * distribution: notifications of CNCF distribution 2 and 3 (and GitLab's fork
 * of it).  An envelope holds a list of events; pushes of blobs, pulls (our own
 * among them) and mounts are no news.  Followed: distribution's
 * notifications.md and what 2.8 sends.
 */
#include "common/oci.h"
#include "common/ref.h"
#include "coordinator/webhook.h"

static bool
is_blob(struct str media_type)
{
	return (str_eqz(media_type, "application/octet-stream") ||
	    str_starts(media_type, "application/vnd.oci.image.layer.") ||
	    str_starts(media_type, "application/vnd.docker.image.rootfs.") ||
	    str_starts(media_type, "application/vnd.oci.image.config.") ||
	    str_starts(media_type, "application/vnd.docker.container.image."));
}

static int
one(const struct json *event, struct buf *out, struct diag *d)
{
	const struct json *t = json_get(event, "target");
	struct str action = json_get_str(event, "action");
	struct webhook_event e = { .repository = json_get_str(t, "repository"),
		.tag = json_get_str(t, "tag"),
		.digest = json_get_str(t, "digest"),
		.media_type = json_get_str(t, "mediaType"),
		.id = json_get_str(event, "id") };

	if (!ref_name_ok(e.repository) ||
	    (e.tag.n != 0 && !ref_tag_ok(e.tag)) ||
	    (e.digest.n != 0 && !oci_digest_ok(e.digest)))
		return (0);	/* not ours to read; the poll sees the truth */
	if (str_eqz(action, "push") && e.digest.n != 0 &&
	    !is_blob(e.media_type))
		e.kind = WEBHOOK_PUSH;
	else if (!str_eqz(action, "delete"))
		return (0);
	else
		e.kind = e.digest.n != 0 ? WEBHOOK_DELETE_MANIFEST :
		    e.tag.n != 0 ? WEBHOOK_DELETE_TAG :
		    WEBHOOK_DELETE_REPOSITORY;
	if (webhook_event_write(out, &e) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "too many events"));
	return (0);
}

static int
read_events(const struct json *body, struct buf *out, struct diag *d)
{
	const struct json *events = json_get(body, "events");
	int rc;

	if (!json_is_array(events))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "no list \"events\": not a notification of distribution"));
	for (size_t i = 0; i < json_len(events); i++)
		if ((rc = one(json_at(events, i), out, d)) < 0)
			return (rc);
	return (0);
}

const struct webhook_source webhook_distribution = {
	.name = "distribution",
	.read = read_events,
};
