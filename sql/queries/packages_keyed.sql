-- packages_keyed: their keys are made by the rules of today.
-- $1 bigint[] packages
UPDATE package SET keyed = true WHERE id = ANY ($1::bigint[]);
