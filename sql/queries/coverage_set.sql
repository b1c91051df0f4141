-- coverage_set: what was decided about a kind of packages.
-- $1 bigint coverage, $2 boolean has_feed, $3 gap, $4 boolean weighs
UPDATE coverage SET has_feed = $2::boolean, gap = $3, weighs = $4::boolean WHERE id = $1::bigint;
