-- 0046_repositories: what is said of packages of a repository beside an ecosystem's own is
-- looked up for all packages of the ecosystem.
CREATE TEMPORARY TABLE moved (namespace text, ecosystem text) ON COMMIT DROP;
INSERT INTO moved VALUES ('Packagist:https://packages.drupal.org/8', 'Packagist'),
                         ('Maven:https://maven.google.com', 'Maven');

WITH a AS (
	UPDATE affected a SET namespace = m.ecosystem FROM moved m WHERE m.namespace = a.namespace
	RETURNING advisory_id)
UPDATE advisory SET changed = true WHERE id IN (SELECT advisory_id FROM a) AND NOT changed;

INSERT INTO feed_namespace (feed, namespace, whole)
SELECT n.feed, m.ecosystem, bool_or(n.whole) FROM feed_namespace n JOIN moved m USING (namespace) GROUP BY 1, 2
    ON CONFLICT DO NOTHING;
