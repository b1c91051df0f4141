-- throughput: what was done in each of the last 1,440 minutes.
CREATE VIEW dashboard.throughput AS
SELECT m.minute, coalesce(e.n, 0) AS events, coalesce(l.n, 0) AS layers, coalesce(l.bytes, 0)::bigint AS bytes,
       coalesce(i.n, 0) AS images_judged, coalesce(a.n, 0) AS failed_attempts
  FROM generate_series(date_trunc('minute', now()) - interval '1439 min', date_trunc('minute', now()), interval '1 min') m(minute)
  LEFT JOIN (SELECT date_trunc('minute', received_at) AS minute, count(*) AS n FROM inbox
              WHERE received_at > now() - interval '1440 min' GROUP BY 1) e USING (minute)
  LEFT JOIN (SELECT date_trunc('minute', analysed_at) AS minute, count(*) AS n, sum(size) AS bytes FROM layer
              WHERE analysed_at > now() - interval '1440 min' GROUP BY 1) l USING (minute)
  LEFT JOIN (SELECT date_trunc('minute', judged_at) AS minute, count(*) AS n FROM image
              WHERE judged_at > now() - interval '1440 min' GROUP BY 1) i USING (minute)
  LEFT JOIN (SELECT date_trunc('minute', at) AS minute, count(*) AS n FROM attempt
              WHERE at > now() - interval '1440 min' GROUP BY 1) a USING (minute);
