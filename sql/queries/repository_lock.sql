-- repository_lock: one after another move the tags of a repository.  A statement of
-- its own: the next one sees what was written before the lock was free.
-- $1 integer repository
SELECT 1 FROM repository WHERE id = $1::integer FOR NO KEY UPDATE;
