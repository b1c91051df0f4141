-- sync_commit: back to durable commits.
SET synchronous_commit = on;
