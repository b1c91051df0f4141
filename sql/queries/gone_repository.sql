-- gone_repository: a repository was removed with all it held; whether its tags were pushed again since, the registry is
-- asked.
-- $1 integer registry, $2 repository
WITH r AS (UPDATE repository SET gone_at = now() WHERE registry_id = $1::integer AND name = $2 RETURNING id),
     i AS (UPDATE repository_image SET gone_at = now() WHERE repository_id IN (SELECT id FROM r) AND gone_at IS NULL),
     t AS (UPDATE tag_history SET gone_at = now() WHERE repository_id IN (SELECT id FROM r) AND gone_at IS NULL
           RETURNING repository_id, tag)
INSERT INTO job (kind, repository_id, tag, priority) SELECT 'resolve', repository_id, tag, 10 FROM t ORDER BY tag
ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL
DO UPDATE SET not_before = least(job.not_before, now()), asked = job.asked + 1;
