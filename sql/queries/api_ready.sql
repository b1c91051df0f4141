-- api_ready: is the database there and migrated.
SELECT 1 FROM leader;
