-- 0048_attestations: an attestation is what no runtime would pick, a child for the platform unknown/unknown, and so in that
-- index only.  What another index holds as an image, or a tag points to, is read.
UPDATE index_child SET attestation = false WHERE attestation AND NOT (os = 'unknown' AND architecture = 'unknown');

CREATE TEMPORARY TABLE unread ON COMMIT DROP AS
SELECT i.id FROM image i
 WHERE i.state = 'not_applicable' AND i.reason = 'attestation' AND i.media_type = ''
   AND (EXISTS (SELECT 1 FROM index_child c WHERE c.child_id = i.id AND NOT c.attestation)
     OR EXISTS (SELECT 1 FROM tag_history t WHERE t.image_id = i.id AND t.gone_at IS NULL));
INSERT INTO job (kind, image_id, priority) SELECT 'resolve', id, 10 FROM unread ORDER BY id ON CONFLICT DO NOTHING;
UPDATE image SET kind = 'unresolved', state = 'new', reason = '' WHERE id IN (SELECT id FROM unread);
