-- 0047_hardened_origins: MinimOS's and CleanStart's packages are found by their origin, too.
UPDATE package SET keyed = false, matched = false
 WHERE type = 'apk' AND namespace IN ('MinimOS', 'CleanStart');
