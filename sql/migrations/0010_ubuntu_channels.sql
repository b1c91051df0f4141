-- 0010_ubuntu_channels: what an advisory says of a channel of Ubuntu is looked up for
-- the packages of its release, "Ubuntu:Pro:22.04:LTS" for those of "Ubuntu:22.04:LTS".
WITH moved AS (
	UPDATE affected SET namespace = 'Ubuntu:' || substring(namespace FROM '\d\d\.\d\d') ||
	       CASE WHEN namespace ~ '[02468]\.04' THEN ':LTS' ELSE '' END
	 WHERE namespace ~ ('^Ubuntu:(Pro:((FIPS|FIPS-updates|FIPS-preview|Realtime):)?|Nvidia-BlueField:)\d\d\.\d\d(:LTS)?$' ||
	                    '|^Ubuntu:Pro:\d\d\.\d\d(:LTS)?:Realtime:Kernel$|^Ubuntu:\d\d\.\d\d(:LTS)?:for:NVIDIA:BlueField$')
	RETURNING advisory_id)
UPDATE advisory SET changed = true WHERE id IN (SELECT advisory_id FROM moved) AND NOT changed;

INSERT INTO feed_namespace (feed, namespace)
SELECT DISTINCT feed, 'Ubuntu:' || substring(namespace FROM '\d\d\.\d\d') || CASE WHEN namespace ~ '[02468]\.04' THEN ':LTS' ELSE '' END
  FROM feed_namespace WHERE namespace ~ '^Ubuntu:.*\d\d\.\d\d'
ON CONFLICT DO NOTHING;
