-- image_layers_insert: what one manifest claims about its layers.
-- $1 bigint image, $2 bytea[] digests, $3 bytea[] diff_ids ('' = unknown), $4 bigint[] sizes, $5 text[] media types, $6 text[] created_by
INSERT INTO image_layer (image_id, position, layer_id, diff_id, size, media_type, created_by)
SELECT $1::bigint, u.n - 1, l.id, nullif(u.diff_id, ''), u.size, u.media_type, u.created_by
  FROM unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::text[], $6::text[])
       WITH ORDINALITY u(digest, diff_id, size, media_type, created_by, n)
  JOIN layer l USING (digest)
ON CONFLICT DO NOTHING;
