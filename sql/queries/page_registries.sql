-- page_registries: what is watched.
SELECT g.name, g.url, (SELECT count(*) FROM repository r WHERE r.registry_id = g.id AND r.gone_at IS NULL) AS repositories,
       CASE WHEN g.last_poll_error <> '' THEN g.last_poll_error WHEN g.last_poll_at IS NULL THEN 'not read yet' ELSE 'ok' END AS state,
       to_char(g.last_poll_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS read
  FROM registry g WHERE g.removed_at IS NULL ORDER BY g.name;
