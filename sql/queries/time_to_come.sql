-- time_to_come: is that later than the database's clock, by which rows are dated?
-- $1 timestamptz
SELECT $1::timestamptz > now();
