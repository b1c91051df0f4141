-- advisories_upsert: new or changed documents, each name once; their old ranges go.
-- $1 feed, $2 text[] names, $3 bytea[] digests, $4 text[] modified, $5 bigint[] withdrawn (1, 0), $6 text[] summaries,
-- $7 bigint[] severities, $8 text[] cvss, $9 bytea[] documents, $10 bigint[] entries without an order
-- returns  place in the arrays, id
WITH u AS MATERIALIZED (SELECT * FROM unnest($2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::bytea[], $10::bigint[])
               WITH ORDINALITY u(name, digest, modified, withdrawn, summary, severity, cvss, document, unmatched, n)),
     old AS (DELETE FROM affected WHERE advisory_id IN (SELECT a.id FROM advisory a JOIN u ON a.feed = $1 AND a.name = u.name)),
     put AS (INSERT INTO advisory (feed, name, digest, modified, withdrawn, summary, severity, cvss, document, unmatched_entries, import)
             SELECT $1, name, digest, modified, withdrawn = 1, summary, severity, cvss, document, unmatched, (SELECT import FROM feed WHERE name = $1)
               FROM u ORDER BY n
             ON CONFLICT (feed, name) DO UPDATE SET digest = EXCLUDED.digest, modified = EXCLUDED.modified, withdrawn = EXCLUDED.withdrawn,
                    summary = EXCLUDED.summary, severity = EXCLUDED.severity, cvss = EXCLUDED.cvss, document = EXCLUDED.document,
                    unmatched_entries = EXCLUDED.unmatched_entries, gone_at = NULL, changed = true, imported_at = now(), import = EXCLUDED.import
             RETURNING id, name)
SELECT u.n, put.id FROM put JOIN u USING (name);
