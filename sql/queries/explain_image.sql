-- explain_image: an image whose packages are known, and the key of its layers' path hashes.
-- $1 bytea digest
-- returns  image, state, bytea key
SELECT i.id, i.state, (SELECT value FROM setting WHERE name = 'sip_key') FROM image i WHERE i.digest = $1::bytea;
