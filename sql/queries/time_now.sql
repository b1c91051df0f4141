-- time_now: the database's clock, by which rows are dated.
SELECT now()::text;
