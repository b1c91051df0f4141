-- page_image: one image.
-- $1 bytea digest
SELECT reference, verdict, distribution, architecture, array_to_string(reasons, '; ') AS reasons, push_to_verdict_s AS "push to verdict (s)"
  FROM dashboard.image WHERE digest = 'sha256:' || encode($1::bytea, 'hex');
