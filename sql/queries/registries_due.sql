-- registries_due: whose catalog is to be read now.
SELECT id, url, insecure FROM registry
 WHERE removed_at IS NULL AND poll_interval_s > 0 AND next_poll_at <= now() AND paused_until <= now() ORDER BY next_poll_at LIMIT 1;
