-- finding_delete: findings that nothing says any more.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities
DELETE FROM finding f USING unnest($1::bigint[], $2::bigint[]) u(p, v) WHERE f.package_id = u.p AND f.vulnerability_id = u.v;
