-- alias_links: the aliases among names that are closed (alias_closure); all for null.
-- $1 text[] names or null
-- returns  id of a document, alias
SELECT a.name, n.name FROM advisory a JOIN advisory_name n ON n.advisory_id = a.id AND n.link
 WHERE $1::text[] IS NULL OR a.name = ANY ($1::text[]);
