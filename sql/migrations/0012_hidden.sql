-- 0011_hidden: findings that are shown when asked for and counted nowhere: of headers and
-- debuggers' symbols, what Debian calls unimportant.
ALTER TABLE match ADD COLUMN hidden boolean NOT NULL DEFAULT false;
ALTER TABLE finding ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- matched again: what is hidden now, and what denies (which is hidden, too)
UPDATE package SET matched = false
 WHERE id IN (SELECT m.package_id FROM match m JOIN package p ON p.id = m.package_id
               WHERE m.status IN ('not_affected', 'fixed') OR (m.severity = 1 AND p.namespace LIKE 'Debian:%'));
-- applied again: packages whose class is another now
UPDATE image SET dirty = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND id IN (
	SELECT st.image_id FROM image_set st JOIN package_set ps ON ps.id = st.set_id
	 WHERE EXISTS (SELECT 1 FROM unnest(ps.packages) member JOIN package p ON p.id = member
	                WHERE p.type IN ('deb', 'rpm', 'apk', 'alpm') AND p.origin = 'distro' AND p.name ~
	                      'kernel|linux|-dbg|-debug|bpftool|perf|usbip|hyperv|cpupower|^rtla$|^rv$'));
