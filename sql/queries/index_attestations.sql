-- index_attestations: attestations of an index are no images, if no index holds them as such.
-- $1 bigint index
UPDATE image SET kind = 'artifact', state = 'not_applicable', reason = 'attestation'
 WHERE state = 'new' AND id IN (SELECT child_id FROM index_child WHERE index_id = $1::bigint AND attestation)
   AND NOT EXISTS (SELECT 1 FROM index_child c WHERE c.child_id = image.id AND NOT c.attestation);
