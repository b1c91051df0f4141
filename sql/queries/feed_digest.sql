-- feed_digest: how many documents a feed has, and the digest of their names and digests, as in export_manifest.
-- $1 feed
SELECT count(*), coalesce(sha256(string_agg(convert_to(name, 'UTF8') || digest, ''::bytea ORDER BY name)), sha256(''))
  FROM advisory WHERE feed = $1 AND gone_at IS NULL;
