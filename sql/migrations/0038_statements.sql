-- 0038_statements: what a document names is known by it only when whoever wrote it tells
-- all of it: statements do not (feed_covers in coordinator/matcher/feed.h).
DELETE FROM feed_namespace n
 WHERE split_part(feed, '/', 1) IN ('openvex', 'csaf', 'secdb')
   AND NOT EXISTS (
	SELECT 1 FROM advisory a
	 WHERE a.feed = n.feed AND a.gone_at IS NULL
	   AND CASE split_part(n.feed, '/', 1)
	       WHEN 'openvex' THEN starts_with(n.namespace, 'Ubuntu:') AND starts_with(a.name, 'https://github.com/canonical/ubuntu-security-notices/')
	       WHEN 'csaf' THEN (starts_with(n.namespace, 'Red Hat:') AND starts_with(a.name, 'Red Hat Product Security/'))
	                     OR ((starts_with(n.namespace, 'SUSE:') OR starts_with(n.namespace, 'openSUSE:')) AND starts_with(a.name, 'SUSE Product Security Team/'))
	       ELSE NOT starts_with(n.namespace, 'Alpine:') OR right(a.name, length(n.namespace) - length('Alpine:') + 6) = '/' || substr(n.namespace, 8) || '/main' END);
