-- 0012_suse_modules: what an advisory says of a part of SLES, "SUSE:Linux Enterprise
-- Module for Basesystem 15 SP5", is looked up for the packages of SLES.
CREATE TEMPORARY TABLE part ON COMMIT DROP AS
SELECT namespace, 'SUSE:Linux Enterprise Server' || substring(split_part(namespace, '-', 1) FROM ' \d+(?:\.\d+)?(?: SP\d+)?$') AS release
  FROM (SELECT DISTINCT namespace FROM affected UNION SELECT namespace FROM feed_namespace) n
 WHERE namespace ~ ('^SUSE:(Linux Enterprise (Module for|Server|Live Patching|Software Development Kit|Workstation Extension|' ||
                    'High Availability Extension|Real Time)|Package Hub) ')
   AND split_part(namespace, '-', 1) ~ ' \d+(\.\d+)?( SP\d+)?$';
DELETE FROM part WHERE namespace = release;

WITH moved AS (
	UPDATE affected a SET namespace = p.release FROM part p WHERE p.namespace = a.namespace
	RETURNING advisory_id)
UPDATE advisory SET changed = true WHERE id IN (SELECT advisory_id FROM moved) AND NOT changed;

INSERT INTO feed_namespace (feed, namespace)
SELECT DISTINCT n.feed, p.release FROM feed_namespace n JOIN part p USING (namespace) ON CONFLICT DO NOTHING;
