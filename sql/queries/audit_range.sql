-- audit_range: how far the ids of sets and states reach, and how many rows there are to compare.
-- returns  sets, states, rows
SELECT greatest((SELECT coalesce(max(id), 0) FROM package_set), (SELECT coalesce(max(set_id), 0) FROM set_summary)),
       greatest((SELECT coalesce(max(id), 0) FROM image_state), (SELECT coalesce(max(image_state_id), 0) FROM verdict)),
       (SELECT count(*) FROM match) + (SELECT count(*) FROM finding) + (SELECT count(*) FROM set_summary) + (SELECT count(*) FROM verdict)
       + (SELECT count(*) FROM repository_set) + (SELECT count(*) FROM repository_summary) + (SELECT count(*) FROM affected)
       + (SELECT count(*) FROM package_key) + (SELECT count(*) FROM advisory_vulnerability);
