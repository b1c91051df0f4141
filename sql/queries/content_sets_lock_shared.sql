-- content_sets_lock_shared: to the end of the transaction nobody changes repositories.
SELECT pg_advisory_xact_lock_shared(hashtext('content_set'));
