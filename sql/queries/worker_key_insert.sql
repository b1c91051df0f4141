-- worker_key_insert: admit a key.
-- $1 public key (Z85), $2 name
INSERT INTO worker_key (public_key, name) VALUES ($1, $2) ON CONFLICT DO NOTHING;
