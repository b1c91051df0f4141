-- affected_delete: the old ranges of a document.
-- $1 bigint advisory
DELETE FROM affected WHERE advisory_id = $1::bigint;
