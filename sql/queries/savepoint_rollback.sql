-- savepoint_rollback: it failed; the transaction goes on without it.
ROLLBACK TO SAVEPOINT alone;
