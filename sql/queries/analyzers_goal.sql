-- analyzers_goal: what the farm reads layers by now.
-- returns  set
SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1;
