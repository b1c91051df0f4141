-- webhook_registry: whose webhook this is.
-- $1 text  NAME-ID of the path
SELECT id, product, webhook_secret_sha256 FROM registry WHERE name || '-' || webhook_id = $1 AND removed_at IS NULL;
