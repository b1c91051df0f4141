-- job_resolve_tag: ask the registry where a tag points.
-- $1 integer repository, $2 text tag, $3 integer priority
INSERT INTO job (kind, repository_id, tag, priority) VALUES ('resolve', $1::integer, $2, $3::smallint)
ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL
DO UPDATE SET priority = least(job.priority, EXCLUDED.priority), not_before = least(job.not_before, now()), asked = job.asked + 1;
