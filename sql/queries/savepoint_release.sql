-- savepoint_release: it did not fail.
RELEASE SAVEPOINT alone;
