-- setting_get: a farm constant.
-- $1 name
SELECT value FROM setting WHERE name = $1;
