-- async_commit: this session's commits need not wait for the disk; for counters
-- and heartbeats only.
SET synchronous_commit = off;
