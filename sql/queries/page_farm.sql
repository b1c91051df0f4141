-- page_farm: one line about the farm.
-- $1 json of farm_counts
SELECT c #>> '{verdicts,fail}' AS fail, c #>> '{verdicts,unknown}' AS unknown, c #>> '{verdicts,pass}' AS pass, c ->> 'images_waiting' AS waiting,
       (SELECT count(*) FROM job) AS jobs, (SELECT count(*) FROM inbox WHERE processed_at IS NULL) AS events,
       c ->> 'layers' AS layers, c ->> 'layer_uses' AS uses, c ->> 'packages' AS packages, c ->> 'advisories' AS advisories,
       c ->> 'findings' AS findings, (SELECT holder FROM leader) AS leader
  FROM (SELECT $1::json AS c) x;
