-- audit_members: sets with members of another kind than their row says, or with none.
-- returns  how many differ, the first of them: key, stored, rebuilt
SELECT count(*) OVER (), 'set ' || s.id, c.namespace || ' ' || c.type, min(p.namespace || ' ' || p.type)
  FROM package_set s JOIN coverage c ON c.id = s.coverage_id
  CROSS JOIN LATERAL unnest(s.packages) member LEFT JOIN package p ON p.id = member
 WHERE (p.namespace, p.type) IS DISTINCT FROM (c.namespace, c.type) GROUP BY s.id, c.id LIMIT 100;
