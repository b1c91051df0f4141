-- finding_delete: findings of packages that nothing says any more.
-- $1 bigint[] packages, $2 bigint[] and $3 bigint[]: (package, vulnerability) that stay
-- returns  packages changed
DELETE FROM finding f WHERE f.package_id = ANY ($1::bigint[])
   AND NOT EXISTS (SELECT 1 FROM unnest($2::bigint[], $3::bigint[]) u(p, v) WHERE u.p = f.package_id AND u.v = f.vulnerability_id)
RETURNING f.package_id;
