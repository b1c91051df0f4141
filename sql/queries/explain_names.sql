-- explain_names: the vulnerabilities that somebody means: by their name, or by the
-- name of an advisory about them, or by another name such an advisory gives.
-- $1 id
-- returns  vulnerability, name
SELECT v.id, v.name FROM vulnerability v WHERE v.name = $1
UNION SELECT v.id, v.name FROM advisory a JOIN advisory_vulnerability av ON av.advisory_id = a.id
       JOIN vulnerability v ON v.id = av.vulnerability_id WHERE a.name = $1
UNION SELECT v.id, v.name FROM advisory_name n JOIN advisory_vulnerability av ON av.advisory_id = n.advisory_id
       JOIN vulnerability v ON v.id = av.vulnerability_id WHERE n.link AND n.name = $1
        AND ($1 NOT LIKE 'CVE-%' OR NOT EXISTS (SELECT 1 FROM vulnerability WHERE name = $1));	-- a CVE is its own name
