-- audit_begin: first statement of a transaction: one moment of the farm, only read.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
