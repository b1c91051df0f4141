-- 0029_affected_rows: a range is found by its advisory or its package; a number of its own
-- was asked for by nobody, and its index was a sixth of the table.
ALTER TABLE affected DROP COLUMN id;
