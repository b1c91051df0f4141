-- api_audit: an audit; the last one that ended when none is named.
-- $1 bigint audit or null
SELECT json_build_object('id', id, 'requested_by', requested_by, 'requested_at', requested_at, 'started_at', started_at, 'ended_at', ended_at,
       'duration_s', round(extract(epoch FROM ended_at - started_at)::numeric, 3), 'rows', rows, 'differences', differences,
       'tables', tables, 'details', details, 'error', error)::text
  FROM audit_run WHERE CASE WHEN $1::bigint IS NULL THEN ended_at IS NOT NULL ELSE id = $1::bigint END ORDER BY id DESC LIMIT 1;
