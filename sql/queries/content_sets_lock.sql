-- content_sets_lock: to the end of the transaction nobody else looks repositories up or changes them.
SELECT pg_advisory_xact_lock(hashtext('content_set'));
