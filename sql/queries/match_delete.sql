-- match_delete: what advisories do not say any more.
-- $1 bigint[] packages, $2 bigint[] advisories
DELETE FROM match m USING unnest($1::bigint[], $2::bigint[]) u(p, a) WHERE m.package_id = u.p AND m.advisory_id = u.a;
