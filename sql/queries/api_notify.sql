-- api_notify: who is told of changed verdicts; secrets and the paths of their URLs are not in it.
SELECT coalesce(json_agg(json_build_object('name', name, 'origin', origin, 'everything', everything, 'signed', signed, 'waiting', waiting,
       'oldest_at', oldest_at, 'failures', failures, 'next_try_at', next_try_at, 'last_error', last_error,
       'last_delivery_at', last_delivery_at) ORDER BY name), '[]')::text
  FROM dashboard.notify_target;
