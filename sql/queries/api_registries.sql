-- api_registries: for people and programs; credentials are not in it.
SELECT coalesce(json_agg(json_build_object('name', name, 'url', url, 'product', product, 'insecure', insecure, 'username', username,
       'poll_interval_s', poll_interval_s, 'last_poll_at', last_poll_at, 'last_poll_error', last_poll_error,
       'webhook_path', '/webhooks/' || name || '-' || webhook_id,
       'repositories', (SELECT count(*) FROM repository r WHERE r.registry_id = g.id AND r.gone_at IS NULL)) ORDER BY name), '[]')::text
  FROM registry g WHERE removed_at IS NULL;
