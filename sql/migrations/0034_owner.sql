-- 0034_owner: what a distribution says of the package that owns a language package's files
-- decides for that, too.
ALTER TABLE package ADD COLUMN owner_namespace text NOT NULL COLLATE "C" DEFAULT '',	-- match.h: of origin shipped alone
	ADD COLUMN owner_source text NOT NULL COLLATE "C" DEFAULT '',
	ADD COLUMN owner_version text NOT NULL COLLATE "C" DEFAULT '';

-- applied again, behind everything else: images with such packages
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND id IN (
	SELECT st.image_id FROM image_set st JOIN package_set ps ON ps.id = st.set_id
	 WHERE EXISTS (SELECT 1 FROM unnest(ps.packages) member JOIN package p ON p.id = member WHERE p.origin = 'shipped'));
