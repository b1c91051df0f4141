-- verdict_change: the ledger: what changed a verdict, and when.
CREATE VIEW dashboard.verdict_change AS
SELECT l.at, r.reference, r.registry, r.repository, r.tag, r.digest, r.platform, l.scope, l.old, l.new, l.cause,
       l.reference AS because
  FROM verdict_ledger l
  JOIN image i ON i.image_state_id = l.image_state_id
  JOIN dashboard.reference r ON r.image_id = i.id;

-- image_verdict_as_of: the verdict that an image had at a time, since when and why: by the content that it had then.  No row
-- before its first.  Changes of one transaction have one time; the last of them stands behind the others.
CREATE FUNCTION dashboard.image_verdict_as_of(image bigint, as_of timestamptz,
    OUT verdict text, OUT since timestamptz, OUT cause text, OUT because text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $2 > clock_timestamp() THEN
		RAISE EXCEPTION 'no verdict is known of a time to come: %', $2 USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN QUERY
	SELECT l.new, greatest(l.at, h.since), CASE WHEN h.since > l.at THEN h.cause ELSE l.cause END,
	       CASE WHEN h.since > l.at THEN '' ELSE l.reference END
	  FROM (SELECT x.since, x.image_state_id, x.cause FROM image_state_history x
	         WHERE x.image_id = $1 AND x.since <= $2 ORDER BY x.since DESC LIMIT 1) h
	 CROSS JOIN LATERAL (
		SELECT v.at, v.new, v.cause, v.reference FROM verdict_ledger v
		 WHERE v.image_state_id = h.image_state_id AND v.scope = '' AND v.at <= $2 ORDER BY v.at DESC, v.ctid DESC LIMIT 1) l;
END $$;

-- verdict_as_of: what every name pointed to at a time, and its verdict then; an index is as bad as its worst platform.
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
		SELECT x.* FROM tree t CROSS JOIN LATERAL dashboard.image_verdict_as_of(t.id, $1) x
		 ORDER BY array_position(ARRAY['fail', 'unknown', 'pass'], x.verdict), x.since LIMIT 1) v ON true;
END $$;
