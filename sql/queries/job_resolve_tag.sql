-- job_resolve_tag: ask the registry where a tag points.
-- $1 integer repository, $2 text tag
INSERT INTO job (kind, repository_id, tag, priority) VALUES ('resolve', $1::integer, $2, 0)
ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL DO UPDATE SET priority = 0, not_before = least(job.not_before, now());
