-- analyze_advisories: in an import that brings many feeds at once, before they are compared.
-- What a transaction stored is in no statistics before its end, and the planner takes such tables for small.
ANALYZE advisory, affected;
