-- verdict_change: the ledger: what changed a verdict, and when.
CREATE VIEW dashboard.verdict_change AS
SELECT l.at, r.reference, r.registry, r.repository, r.tag, r.digest, r.platform, l.scope, l.old, l.new, l.cause,
       l.reference AS because
  FROM verdict_ledger l
  JOIN image i ON i.image_state_id = l.image_state_id
  JOIN dashboard.reference r ON r.image_id = i.id;
