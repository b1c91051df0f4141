-- setting_insert: a farm constant, made once.
-- $1 name, $2 bytea value
INSERT INTO setting (name, value) VALUES ($1, $2::bytea) ON CONFLICT DO NOTHING;
