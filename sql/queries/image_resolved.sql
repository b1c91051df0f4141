-- image_resolved: what a manifest turned out to be.
-- $1 bigint image, $2 kind, $3 state, $4 media type, $5 bigint size, $6 os, $7 architecture, $8 variant,
-- $9 bytea config digest, $10 text reason
-- returns  depth, pushed_at text
UPDATE image SET kind = $2, state = $3, media_type = $4, size = $5::bigint, os = $6, architecture = $7,
       variant = $8, config_digest = $9::bytea, reason = $10
 WHERE id = $1::bigint RETURNING depth;
