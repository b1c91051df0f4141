-- feed_done: an import ended whole.
-- $1 name, $2 bigint documents, $3 bigint malformed, $4 text[] their names, $5 bigint changed, $6 boolean the file is the
-- whole feed, $7 bigint documents gone, $8 bigint documents missing but held back
-- Additions leave the feed as old as it is, and what was held back held back; so does a file that lacks too much.
-- From here to the commit no other import gets a revision: it is the last statement.
WITH r AS (UPDATE farm SET revision = revision + 1 WHERE $5::bigint + $7::bigint > 0 RETURNING revision),
     n AS (SELECT CASE WHEN $6::boolean THEN $8::bigint ELSE (SELECT missing FROM feed WHERE name = $1) END AS held, CASE WHEN $6::boolean AND $8::bigint = 0 THEN $2::bigint
                       ELSE (SELECT count(*) FROM advisory a WHERE a.feed = $1 AND a.gone_at IS NULL) END AS present),
     h AS (INSERT INTO feed_history (feed, whole, documents, changed, gone, missing, malformed, import, revision, present)
           SELECT $1, $6::boolean, $2::bigint, $5::bigint, $7::bigint, $8::bigint, $3::bigint, import, (SELECT revision FROM r), n.present
             FROM feed, n WHERE name = $1)
UPDATE feed SET imported_at = CASE WHEN $6::boolean AND $8::bigint = 0 THEN now() ELSE imported_at END,
       documents = (SELECT present FROM n),
       malformed = $3::bigint, malformed_names = $4::text[], changed = $5::bigint, missing = (SELECT held FROM n),
       error = (SELECT CASE WHEN held = 0 THEN '' ELSE 'the last whole file lacks ' || held || ' known documents; they stay until that is confirmed' END FROM n),
       unmatched = (SELECT count(*) FROM advisory a WHERE a.feed = $1 AND a.unmatched_entries > 0 AND a.gone_at IS NULL
                       AND NOT EXISTS (SELECT 1 FROM affected x WHERE x.advisory_id = a.id))
 WHERE name = $1;
