-- api_affected: images that have a vulnerability, at most 1000.
-- $1 vulnerability or advisory
SELECT json_build_object('vulnerability', $1, 'images', coalesce(json_agg(x ORDER BY x.reference), '[]'))::text
  FROM (SELECT DISTINCT coalesce(g.name || '/' || r.name || ':' || t.tag, '') AS reference,
               'sha256:' || encode(i.digest, 'hex') AS digest, p.name AS package, p.version, f.fixed_version
          FROM vulnerability v
          JOIN finding f ON f.vulnerability_id = v.id
          JOIN package p ON p.id = f.package_id
          JOIN package_set ps ON ps.packages && ARRAY[p.id]
          JOIN image_set s ON s.set_id = ps.id
          JOIN image i ON i.id = s.image_id
          LEFT JOIN tag_history t ON t.image_id = i.id AND t.gone_at IS NULL
          LEFT JOIN repository r ON r.id = t.repository_id
          LEFT JOIN registry g ON g.id = r.registry_id
         WHERE v.name = $1 OR v.id IN (SELECT av.vulnerability_id FROM advisory_vulnerability av JOIN advisory a ON a.id = av.advisory_id WHERE a.name = $1)
         LIMIT 1000) x
HAVING EXISTS (SELECT 1 FROM vulnerability WHERE name = $1) OR EXISTS (SELECT 1 FROM advisory WHERE name = $1);
