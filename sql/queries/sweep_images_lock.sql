-- sweep_images_lock: some images, and those among them that nobody has had for too long.
-- $1 bigint the last one looked at, $2 integer how many to look at
-- returns  the last one looked at, null = there are no more; an image, null = none of them
-- Who is about to refer to one holds it (foreign keys), and it is passed over; others
-- wait until the sweep has ended, and see what became of it.
WITH w AS MATERIALIZED (SELECT id FROM image WHERE id > $1::bigint ORDER BY id LIMIT $2::integer),
     c AS MATERIALIZED (SELECT i.id FROM image i JOIN w USING (id)
            WHERE i.first_seen < kept_since('images')
              AND (i.state <> 'new' OR EXISTS (SELECT 1 FROM repository_image ri WHERE ri.image_id = i.id))
              AND NOT EXISTS (SELECT 1 FROM repository_image ri JOIN repository r ON r.id = ri.repository_id
                               WHERE ri.image_id = i.id AND coalesce(least(ri.gone_at, r.gone_at), now()) >= kept_since('images'))
              AND NOT EXISTS (SELECT 1 FROM index_child x WHERE x.child_id = i.id AND x.index_id <> i.id)
              AND NOT EXISTS (SELECT 1 FROM job j WHERE j.image_id = i.id)
            ORDER BY i.id FOR UPDATE OF i SKIP LOCKED)
SELECT m.last, c.id FROM (SELECT max(id) AS last FROM w) m LEFT JOIN c ON true;
