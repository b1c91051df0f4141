-- 0026_last_rows: the last rows of large tables are found by an index.
CREATE INDEX image_pushed ON image (pushed_at DESC NULLS LAST);
-- in its order, which BRIN has none of
DROP INDEX verdict_ledger_at;
CREATE INDEX verdict_ledger_at ON verdict_ledger (at);
