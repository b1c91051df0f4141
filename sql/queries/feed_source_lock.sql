-- feed_source_lock: what the farm has of another one; held until the import of its export ends.
-- $1 uuid of that farm
-- returns  revision, -1 = nothing yet; is it this farm itself
INSERT INTO feed_source (farm, revision) VALUES ($1::uuid, -1) ON CONFLICT (farm) DO UPDATE SET farm = EXCLUDED.farm
RETURNING revision, farm = (SELECT uuid FROM farm);
