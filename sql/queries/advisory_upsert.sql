-- advisory_upsert: a new or changed document.
-- $1 feed, $2 name, $3 bytea digest, $4 modified, $5 boolean withdrawn, $6 summary, $7 integer severity, $8 cvss, $9 bytea document
-- returns  id
INSERT INTO advisory (feed, name, digest, modified, withdrawn, summary, severity, cvss, document)
VALUES ($1, $2, $3::bytea, $4, $5::boolean, $6, $7::smallint, $8, $9::bytea)
ON CONFLICT (feed, name) DO UPDATE SET digest = EXCLUDED.digest, modified = EXCLUDED.modified, withdrawn = EXCLUDED.withdrawn,
       summary = EXCLUDED.summary, severity = EXCLUDED.severity, cvss = EXCLUDED.cvss, document = EXCLUDED.document,
       unmatched_entries = 0, changed = true, imported_at = now()
RETURNING id;
