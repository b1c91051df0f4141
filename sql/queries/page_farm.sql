-- page_farm: one line about the farm.
SELECT (SELECT count(*) FROM image WHERE judged_at IS NOT NULL) AS "images judged",
       (SELECT count(*) FROM job) AS "open jobs", (SELECT count(*) FROM inbox WHERE processed_at IS NULL) AS "waiting events",
       (SELECT count(*) FROM layer WHERE analyses > 0) AS "layers read", (SELECT count(*) FROM image_layer) AS "layer uses",
       (SELECT count(*) FROM package) AS packages, (SELECT count(*) FROM finding) AS findings,
       (SELECT holder FROM leader) AS leader;
