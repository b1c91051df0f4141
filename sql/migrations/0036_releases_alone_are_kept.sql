-- 0036_releases_alone_are_kept: what a feed says no more is kept when a release of a
-- distribution came to its end; the rest was taken back, and is withdrawn here
-- (namespace_is_release, feed_covers).
WITH f AS MATERIALIZED (
	SELECT name FROM feed
	 WHERE starts_with(name, 'frozen/') AND removed_at IS NULL
	   AND NOT EXISTS (
		SELECT 1 FROM feed_namespace n
		 WHERE n.feed = feed.name
		   AND n.namespace ~ ('^(Debian:|Ubuntu:|Alpine:v|Alpaquita:|BellSoft Hardened Containers:|Red Hat:enterprise_linux:|CentOS Stream:|Rocky Linux:|' ||
		                      'AlmaLinux:|openSUSE:Leap |SUSE:Linux Enterprise (Server|Desktop|Micro) |SUSE:Linux Micro |Photon OS:|Azure Linux:|Mageia:|' ||
		                      'Oracle Linux:|Amazon Linux:|Fedora:|openEuler:)[0-9]')
		   AND (split_part(feed.name, '/', 2) NOT IN ('openvex', 'csaf')
		        OR EXISTS (
			SELECT 1 FROM advisory a
			 WHERE a.feed = feed.name AND a.gone_at IS NULL
			   AND ((starts_with(n.namespace, 'Ubuntu:') AND starts_with(a.name, 'https://github.com/canonical/ubuntu-security-notices/'))
			     OR (starts_with(n.namespace, 'Red Hat:') AND starts_with(a.name, 'Red Hat Product Security/'))
			     OR (n.namespace ~ '^(open)?SUSE:' AND starts_with(a.name, 'SUSE Product Security Team/'))))))),
     gone AS (UPDATE advisory SET gone_at = now(), changed = true, unmatched_entries = 0
               WHERE feed IN (SELECT name FROM f) AND gone_at IS NULL RETURNING id),
     ranges AS (DELETE FROM affected WHERE advisory_id IN (SELECT id FROM gone)),
     namespaces AS (DELETE FROM feed_namespace WHERE feed IN (SELECT name FROM f))
UPDATE feed SET documents = 0, removed_at = now(), imported_at = NULL WHERE name IN (SELECT name FROM f);
