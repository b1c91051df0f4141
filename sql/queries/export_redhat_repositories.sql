-- export_redhat_repositories: the table as the document that it was read from; null when it is empty.
SELECT CASE WHEN count(*) > 0 THEN json_build_object('data', json_object_agg(name, json_build_object('cpes', string_to_array(cpes, ' ')) ORDER BY name))::text END
  FROM content_set;
