-- page_images: the last images.
SELECT reference, verdict, critical, high, medium, low, distribution, digest, push_to_verdict_s AS "push to verdict (s)"
  FROM dashboard.image ORDER BY pushed_at DESC NULLS LAST, reference LIMIT 50;
