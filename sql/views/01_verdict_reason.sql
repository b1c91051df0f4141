-- verdict_reason: why a state of images is not passed, made when it is asked: the
-- findings that the policy refuses, worst first, then what could not be looked at.
CREATE VIEW dashboard.verdict_reason AS
SELECT x.image_state_id, row_number() OVER (PARTITION BY x.image_state_id ORDER BY x.kind, x.severity DESC, x.vulnerability, x.reason) AS position,
       (ARRAY['finding', 'coverage', 'incomplete'])[x.kind] AS kind, x.reason
  FROM (SELECT s.id AS image_state_id, 1 AS kind, f.severity, v.name AS vulnerability,
               v.name || ' in ' || p.name || ' ' || p.version || ': '
                   || (ARRAY['unknown', 'negligible', 'low', 'medium', 'high', 'critical'])[f.severity + 1]
                   || CASE WHEN po.judged_kev > 0 AND k.cve IS NOT NULL THEN ', known exploited' ELSE '' END
                   || CASE WHEN f.fixed_version <> '' THEN ', fixed in ' || f.fixed_version ELSE ', no fix known' END AS reason
          FROM image_state s
          CROSS JOIN (SELECT fails, judged_kev FROM policy WHERE scope = '') po
          JOIN package_set ps ON ps.id = ANY (s.sets)
          CROSS JOIN LATERAL unnest(ps.packages) member
          JOIN finding f ON f.package_id = member AND f.status = 'affected' AND NOT f.hidden
          JOIN package p ON p.id = f.package_id
          JOIN vulnerability v ON v.id = f.vulnerability_id
          LEFT JOIN kev k ON k.cve = v.name
         WHERE po.fails[1 + 2 * f.severity + (f.fixed_version <> '')::integer]
            OR (k.cve IS NOT NULL AND po.judged_kev > 0 AND 1 + (f.fixed_version <> '')::integer >= po.judged_kev)
        UNION ALL
        SELECT s.id, 2, 0, '', sum(cardinality(ps.packages)) || ' ' || c.gap
          FROM image_state s JOIN package_set ps ON ps.id = ANY (s.sets) JOIN coverage c ON c.id = ps.coverage_id
         WHERE c.weighs GROUP BY s.id, c.id
        UNION ALL
        SELECT s.id, 3, 0, '', u.reason
          FROM image_state s
          CROSS JOIN LATERAL unnest(CASE WHEN s.reasons = '{}' THEN ARRAY['part of the image could not be read'] ELSE s.reasons END) u(reason)
         WHERE s.incomplete) x;
