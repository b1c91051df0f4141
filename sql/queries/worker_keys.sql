-- worker_keys: public keys (Z85) that may connect.
SELECT public_key FROM worker_key WHERE revoked_at IS NULL;
