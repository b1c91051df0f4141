-- audit_begin: first statement of a transaction that reads: one moment of the farm.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
