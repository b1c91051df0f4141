-- page_image_findings: its findings, worst first.
-- $1 bytea digest
SELECT vulnerability, severity, package, version, fixed_version AS fixed, layer, created_by AS "made by"
  FROM dashboard.finding WHERE digest = 'sha256:' || encode($1::bytea, 'hex') ORDER BY severity_rank DESC, vulnerability, package LIMIT 500;
