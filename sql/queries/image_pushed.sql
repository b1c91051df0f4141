-- image_pushed: somebody pushed it (again); what failed before gets another chance.
-- $1 bigint image
UPDATE image SET pushed_at = now() WHERE id = $1::bigint AND judged_at IS NULL;
