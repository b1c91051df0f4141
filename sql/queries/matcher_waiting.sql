-- matcher_waiting: is there work for the matcher, and are there repositories to count?  Reads only:
-- a farm at rest writes nothing.
SELECT EXISTS (SELECT 1 FROM image WHERE dirty) OR EXISTS (SELECT 1 FROM package WHERE NOT matched)
       OR EXISTS (SELECT 1 FROM advisory WHERE changed) OR EXISTS (SELECT 1 FROM set_due)
       OR EXISTS (SELECT 1 FROM image_state WHERE NOT matched) OR EXISTS (SELECT 1 FROM rejudge)
       OR EXISTS (SELECT 1 FROM kev_due) OR EXISTS (SELECT 1 FROM kev_set_due) OR EXISTS (SELECT 1 FROM reapply)
       OR EXISTS (SELECT 1 FROM feed_namespace n WHERE n.whole AND NOT n.matched
                     AND NOT EXISTS (SELECT 1 FROM advisory a WHERE a.feed = n.feed AND a.changed)),
       EXISTS (SELECT 1 FROM repository_due);
