-- layer_reuse: one row for the farm: how often layers are used, and how often
-- they were read.
CREATE VIEW dashboard.layer_reuse AS
SELECT l.layers, u.uses, l.analyses, l.bytes, u.bytes AS bytes_used
  FROM (SELECT count(*) AS layers, coalesce(sum(analyses), 0)::bigint AS analyses, coalesce(sum(size), 0)::bigint AS bytes
          FROM layer) l,
       (SELECT count(*) AS uses, coalesce(sum(size), 0)::bigint AS bytes FROM image_layer) u;
