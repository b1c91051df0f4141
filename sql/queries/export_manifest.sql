-- export_manifest: what an export says of itself; coordinator/matcher/export.h.
-- $1 bigint since that revision, null = all
-- $2 text[] feeds that stand beside, whose documents are in it
-- returns  revision, seconds of the epoch now, the manifest's JSON
WITH d AS (SELECT feed, count(*) AS n, sha256(string_agg(convert_to(name, 'UTF8') || digest, ''::bytea ORDER BY name)) AS digest
             FROM advisory WHERE gone_at IS NULL GROUP BY feed),
     c AS (SELECT count(*) FILTER (WHERE gone_at IS NULL) AS documents, count(*) FILTER (WHERE gone_at IS NOT NULL) AS gone
             FROM advisory WHERE CASE WHEN $1::bigint IS NULL THEN gone_at IS NULL
                                      ELSE import = ANY (ARRAY(SELECT import FROM feed_history WHERE revision > $1::bigint)) END),
     f AS (SELECT f.name, jsonb_build_object('name', f.name, 'documents', coalesce(d.n, 0), 'sha256', encode(coalesce(d.digest, sha256('')), 'hex'),
                  'imported_at', to_char(f.imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                  'namespaces', (SELECT coalesce(jsonb_agg(n.namespace ORDER BY n.namespace), '[]') FROM feed_namespace n WHERE n.feed = f.name AND n.whole),
                  'malformed', f.malformed, 'malformed_names', f.malformed_names) AS j
             FROM feed f LEFT JOIN d ON d.feed = f.name WHERE f.name LIKE '%/%')
SELECT farm.revision, extract(epoch FROM now())::bigint,
       jsonb_pretty(jsonb_build_object('format', 'scanfarm export', 'version', 1, 'farm', farm.uuid, 'revision', farm.revision, 'since', $1::bigint,
       'created', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'documents', c.documents, 'gone', c.gone,
       'beside', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', b.name, 'imported_at', to_char(b.imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                                            ORDER BY b.name), '[]') FROM feed b WHERE b.name = ANY ($2::text[])),
       'feeds', (SELECT coalesce(jsonb_agg(f.j ORDER BY f.name), '[]') FROM f)))
  FROM farm, c;
