-- feed_seen_insert: documents that are in the import, readable or not.
-- $1 feed, $2 text[] names
INSERT INTO feed_seen (feed, name) SELECT $1, u FROM unnest($2::text[]) u;
