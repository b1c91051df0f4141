-- 0037_stated: when an OpenVEX statement was made, with its match; of several the last is
-- in force.  The importer's new revision reads such feeds again.
ALTER TABLE match ADD COLUMN stated bigint;	-- microseconds since 1970, NULL = of another kind
