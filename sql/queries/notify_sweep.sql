-- notify_sweep: what all targets have is kept seven days, what a dead one lacks thirty.
-- $1 bigint rows at once
DELETE FROM notification WHERE id IN (
	SELECT id FROM notification
	 WHERE (at < now() - interval '7 days' AND id <= coalesce((SELECT min(delivered) FROM notify_target WHERE removed_at IS NULL), id))
	    OR at < now() - interval '30 days'
	 ORDER BY id LIMIT $1::bigint);
