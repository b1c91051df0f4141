-- tag_gone_asked: an event says that a tag was removed: ask, if we know it.  It may
-- have been pushed again since.
-- $1 integer registry, $2 repository, $3 tag
INSERT INTO job (kind, repository_id, tag)
SELECT 'resolve', t.repository_id, t.tag FROM tag_history t JOIN repository r ON r.id = t.repository_id
 WHERE r.registry_id = $1::integer AND r.name = $2 AND t.tag = $3 AND t.gone_at IS NULL
ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL
DO UPDATE SET not_before = least(job.not_before, now()), asked = job.asked + 1;
