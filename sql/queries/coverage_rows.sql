-- coverage_rows: what is installed, whether advisories speak about it, and what was decided last.
-- returns  id, namespace, type, has_feed now, age in s or null, has_feed, gap, weighs as stored, today,
-- the day since which feeds speak of it no more (feed_freeze), boolean its first feed waits to be matched
-- A namespace has a feed when all of one came that speaks about it, and all of that was matched: before that, findings
-- would be missing.
SELECT c.id, c.namespace, c.type,
       coalesce(f.matched, false), f.age_s, c.has_feed, c.gap, c.weighs, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'), coalesce(f.kept_on, ''),
       coalesce(NOT f.matched, false)
  FROM coverage c
  LEFT JOIN LATERAL (
	SELECT bool_or(fn.matched) AS matched,
	       extract(epoch FROM now() - max(f.imported_at))::bigint AS age_s,
	       CASE WHEN bool_and(starts_with(fn.feed, 'frozen/')) THEN to_char(max(f.imported_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS kept_on
	  FROM feed_namespace fn JOIN feed f ON f.name = fn.feed WHERE fn.namespace = c.namespace AND fn.whole) f ON true
 ORDER BY c.id;
