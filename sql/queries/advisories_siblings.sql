-- advisories_siblings: the copies of documents in other files of their source.
-- $1 bigint[] advisories
SELECT DISTINCT b.id FROM advisory a
  JOIN advisory b ON b.name = a.name AND b.feed <> a.feed AND split_part(b.feed, '/', 1) = split_part(a.feed, '/', 1)
 WHERE a.id = ANY ($1::bigint[]) AND NOT b.id = ANY ($1::bigint[]);
