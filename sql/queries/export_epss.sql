-- export_epss: the table as the document that it was read from; null when it is empty.
-- Scores without a percentile stand in a document of their own kind, which a farm has or has not.
SELECT CASE WHEN count(*) > 0 THEN '#' || coalesce((SELECT version FROM feed WHERE name = 'epss'), '') || E'\ncve,epss' || CASE WHEN count(percentile) = count(*) THEN ',percentile' ELSE '' END || E'\n' ||
       string_agg(concat_ws(',', cve, round(score::numeric, 5), CASE WHEN every THEN round(percentile::numeric, 5) END), E'\n' ORDER BY cve) || E'\n' END
  FROM (SELECT cve, score, percentile, count(percentile) OVER () = count(*) OVER () AS every FROM epss) t;
