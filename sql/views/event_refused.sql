-- event_refused: notifications of the last days that could not be read, and why.
CREATE VIEW dashboard.event_refused AS
SELECT b.id AS event, g.name AS registry, b.source, b.received_at, length(b.body) AS bytes, b.error AS reason
  FROM inbox b JOIN registry g ON g.id = b.registry_id
 WHERE b.error <> '';
