-- page_image_children: the platforms of an index.
-- $1 bytea digest
SELECT concat_ws('/', nullif(c.os, ''), nullif(c.architecture, ''), nullif(c.variant, '')) AS platform,
       'sha256:' || encode(i.digest, 'hex') AS digest,
       CASE WHEN c.attestation OR i.state = 'not_applicable' THEN 'not applicable' WHEN i.state = 'failed' THEN 'unknown'
            WHEN i.kind = 'index' THEN 'index'
            ELSE coalesce(v.verdict, 'waiting') END AS verdict, i.kind, i.reason
  FROM index_child c JOIN image i ON i.id = c.child_id
  LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
 WHERE c.index_id = (SELECT id FROM image WHERE digest = $1::bytea) ORDER BY c.position;
