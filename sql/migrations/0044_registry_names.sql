-- 0044_registry_names: what the registry's part of an image's name may say.  Docker Hub's API is at registry-1.docker.io
-- while its images are docker.io's; host names know no case; and the port that a scheme implies goes without saying.
ALTER TABLE registry ADD COLUMN names text[] NOT NULL GENERATED ALWAYS AS (ARRAY[name,
	regexp_replace(lower(url), '^https?://', ''),
	regexp_replace(regexp_replace(regexp_replace(lower(url), '^(http://.*):80$', '\1'), '^(https://.*):443$', '\1'), '^https?://', ''),
	CASE WHEN lower(url) ~ '^https://(registry-1|index)\.docker\.io(:443)?$' THEN 'docker.io' ELSE name END]) STORED;
