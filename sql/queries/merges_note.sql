-- merges_note: what advisories speak about goes by another name now.
-- $1 text[] old names, $2 text[] new names, $3 text[] advisories
INSERT INTO vulnerability_merge (name, into_name, advisory) SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]);
