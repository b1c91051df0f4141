-- sweep_presence: that images were in repositories, too long ago.
-- $1 bigint[] images
DELETE FROM repository_image ri USING repository r
 WHERE r.id = ri.repository_id AND ri.image_id = ANY ($1::bigint[]) AND coalesce(least(ri.gone_at, r.gone_at), now()) < kept_since('images');
