-- advisories_gone_files: documents whose files their source has deleted.
-- $1 feed, $2 text[] names of files without .json, as CSAF 2.0, 5.1 makes them of a document's id
-- returns  the ids of those that were here
WITH gone AS (UPDATE advisory a SET gone_at = now(), changed = true, unmatched_entries = 0, import = (SELECT import FROM feed WHERE name = $1)
               WHERE a.feed = $1 AND a.gone_at IS NULL
                 AND regexp_replace(lower(split_part(a.name, '/', 2)), '[^+a-z0-9-]+', '_', 'g') = ANY ($2::text[]) RETURNING id),
     old AS (DELETE FROM affected WHERE advisory_id IN (SELECT id FROM gone))
SELECT id FROM gone;
