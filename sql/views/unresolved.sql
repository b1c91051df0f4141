-- unresolved: tags of which nobody could find out where they point: their registry
-- was asked and gave no answer that can be used.  What such a tag pointed to before
-- still stands in the other views.
CREATE VIEW dashboard.unresolved AS
SELECT g.name || '/' || r.name || ':' || e.tag AS reference, g.name AS registry, r.name AS repository, e.tag,
       e.outcome, e.reason, e.at,
       EXISTS (SELECT 1 FROM tag_history t
                WHERE t.repository_id = e.repository_id AND t.tag = e.tag AND t.gone_at IS NULL) AS known_before
  FROM tag_error e
  JOIN repository r ON r.id = e.repository_id AND r.gone_at IS NULL
  JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL;
