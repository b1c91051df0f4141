-- vulnerabilities_upsert: rows for alias classes.
-- $1 text[] names, $2 text summary
INSERT INTO vulnerability (name, summary) SELECT u, $2 FROM unnest($1::text[]) u
 WHERE NOT EXISTS (SELECT 1 FROM vulnerability v WHERE v.name = u) ON CONFLICT DO NOTHING;
