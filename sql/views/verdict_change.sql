-- verdict_change: the ledger: what changed a verdict, and when.  An event is a row of the ledger, for all images that had
-- the state then, or a state that one image came to.  An event is a change where the image had another verdict before.  Events of both
-- kinds stand in one list that indexes put in order, without those that changed nothing, and their images in a range, so that the last
-- few are found without the others.
CREATE VIEW dashboard.verdict_change AS
SELECT e.at, r.reference, r.registry, r.repository, r.tag, r.digest, r.platform, e.scope, coalesce(nullif(e.old, ''), h.old) AS old, e.new, e.cause, e.because
  FROM (SELECT at, image_state_id AS state, 0::bigint AS first, 9223372036854775807 AS last, scope, old, new, cause, reference AS because, changed
          FROM verdict_ledger
        UNION ALL
        SELECT since, image_state_id, image_id, image_id, '', old, new, cause, '', new <> old FROM image_state_history) e
  JOIN image_state_history h ON h.image_state_id = e.state AND h.image_id BETWEEN e.first AND e.last AND h.since <= e.at
  JOIN dashboard.reference r ON r.image_id = h.image_id
 WHERE e.changed AND e.new <> coalesce(nullif(e.old, ''), h.old)
   AND NOT EXISTS (SELECT 1 FROM image_state_history n WHERE n.image_id = h.image_id AND n.since > h.since AND n.since <= e.at);

-- image_verdict_as_of: the verdict that an image had at a time, since when and why: by the content that it had then, and since
-- its last change, whatever content it had at that.  No row before its first.  Changes of one transaction have one time; the last of them stands behind the others.
-- It runs as the owner: the path it keeps ends with pg_temp, where a caller's tables lie (db_migrate).
CREATE FUNCTION dashboard.image_verdict_as_of(image bigint, as_of timestamptz,
    OUT verdict text, OUT since timestamptz, OUT cause text, OUT because text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $2 > clock_timestamp() THEN
		RAISE EXCEPTION 'no verdict is known of a time to come: %', $2 USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN QUERY
	WITH held AS (SELECT x.since, lead(x.since) OVER (ORDER BY x.since) AS until, x.image_state_id, x.cause FROM image_state_history x
	               WHERE x.image_id = $1 AND x.since <= $2),
	     event AS (
		SELECT h.since AS at, 0 AS place, h.until, s.new, h.cause, '' AS because
		  FROM held h CROSS JOIN LATERAL (
			SELECT v.new FROM verdict_ledger v WHERE v.image_state_id = h.image_state_id AND v.scope = '' AND v.at < h.since
			 ORDER BY v.at DESC, v.ctid DESC LIMIT 1) s
		UNION ALL
		SELECT v.at, row_number() OVER (PARTITION BY v.image_state_id ORDER BY v.at, v.ctid), h.until, v.new, v.cause, v.reference
		  FROM held h JOIN verdict_ledger v ON v.image_state_id = h.image_state_id AND v.scope = ''
		   AND v.at >= h.since AND v.at <= $2 AND (h.until IS NULL OR v.at < h.until)),
	     change AS (SELECT e.*, lag(e.new) OVER (ORDER BY e.at, e.place) AS old FROM event e)
	SELECT c.new, c.at, c.cause, c.because FROM change c
	 WHERE c.new IS DISTINCT FROM c.old
	   AND EXISTS (SELECT 1 FROM event e WHERE e.until IS NULL)	-- what it held then had a verdict
	 ORDER BY c.at DESC, c.place DESC LIMIT 1;
END $$;

-- verdict_as_of: what every name pointed to at a time, and its verdict then; an index is as bad as its worst platform, and has
-- no verdict before all have, if none fails.  What could not be read to this day was unknown.
CREATE FUNCTION dashboard.verdict_as_of(as_of timestamptz,
    OUT reference text, OUT registry text, OUT repository text, OUT tag text, OUT digest text, OUT platform text, OUT kind text,
    OUT verdict text, OUT since timestamptz, OUT cause text, OUT because text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $1 > clock_timestamp() THEN
		RAISE EXCEPTION 'no verdict is known of a time to come: %', $1 USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN QUERY
	WITH held AS (
		SELECT ri.repository_id, ri.image_id, regexp_replace(g.name, '\.removed-[0-9]+$', '') AS registry, r.name AS repository
		  FROM repository_image ri
		  JOIN repository r ON r.id = ri.repository_id AND (r.gone_at IS NULL OR r.gone_at > $1)
		  JOIN registry g ON g.id = r.registry_id AND (g.removed_at IS NULL OR g.removed_at > $1)
		 WHERE ri.first_seen <= $1 AND (ri.gone_at IS NULL OR ri.gone_at > $1)),
	     tags AS (
		SELECT t.repository_id, t.tag, t.image_id FROM tag_history t
		 WHERE t.first_seen <= $1 AND (t.gone_at IS NULL OR t.gone_at > $1)),
	     named AS (
		SELECT h.*, coalesce(t.tag, pt.tag) AS tag
		  FROM held h
		  LEFT JOIN tags t USING (repository_id, image_id)
		  LEFT JOIN LATERAL (
			SELECT DISTINCT it.tag FROM index_child c JOIN tags it ON it.image_id = c.index_id
			 WHERE t.tag IS NULL AND c.child_id = h.image_id AND it.repository_id = h.repository_id) pt ON true)
	SELECT n.registry || '/' || n.repository || coalesce(':' || n.tag, '@sha256:' || encode(i.digest, 'hex')),
	       n.registry, n.repository, n.tag, 'sha256:' || encode(i.digest, 'hex'),
	       concat_ws('/', nullif(i.os, ''), nullif(i.architecture, ''), nullif(i.variant, '')), i.kind,
	       v.verdict, v.since, v.cause, v.because
	  FROM named n JOIN image i ON i.id = n.image_id
	  LEFT JOIN LATERAL (
		WITH RECURSIVE tree AS (
			SELECT i.id UNION SELECT ic.child_id FROM tree t JOIN index_child ic ON ic.index_id = t.id AND NOT ic.attestation)
		SELECT e.* FROM (
			SELECT coalesce(x.verdict, CASE WHEN c.state = 'failed' THEN 'unknown' END) AS verdict, x.since, x.cause, x.because
			  FROM tree t JOIN image c ON c.id = t.id AND (c.kind <> 'index' OR c.state = 'failed') AND c.state <> 'not_applicable'
			  LEFT JOIN LATERAL dashboard.image_verdict_as_of(t.id, $1) x ON true) e
		 ORDER BY CASE e.verdict WHEN 'fail' THEN 1 WHEN 'unknown' THEN 3 WHEN 'pass' THEN 4 ELSE 2 END, e.since LIMIT 1) v ON true;
END $$;
