-- index_attestations: attestations of an index are no images.
-- $1 bigint index
UPDATE image SET kind = 'artifact', state = 'not_applicable', reason = 'attestation'
 WHERE state = 'new' AND id IN (SELECT child_id FROM index_child WHERE index_id = $1::bigint AND attestation);
