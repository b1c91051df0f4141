-- 0041_binaries: what VEX says of one binary deb or apk is found by that's own name, which has no key.
ALTER TABLE affected ADD COLUMN is_binary boolean NOT NULL DEFAULT false;	-- advisory.h: by_binary
CREATE INDEX affected_binary ON affected (namespace, name) WHERE is_binary;
