-- audit_matches: how many match rows differ from a rebuild.
-- $1 bigint[] packages, $2 bigint[] advisories, $3 bigint[] severities, $4 text[] fixed versions: the rebuild
SELECT count(*) FROM (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) u(p, a, s, f)) n
  FULL JOIN match m ON m.package_id = n.p AND m.advisory_id = n.a
 WHERE m.package_id IS NULL OR n.p IS NULL OR m.severity <> n.s OR m.fixed_version <> n.f;
