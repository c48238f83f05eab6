-- For each table the query that counts its rows and finds the widest value of each column.
SELECT c.oid::bigint AS relation, n.nspname AS schema, c.relname AS name,
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AS is_readable,
       COALESCE(w.names, '{}') AS columns, COALESCE(w.are_bytes, '{}') AS are_bytes,
       e.sampling LIKE ' TABLE%' AS is_sampled,
       CASE WHEN e.sampling <> '' THEN :sample END AS most,
       'SELECT ' || c.oid || ' AS relation, count(*) AS rows, '
         || COALESCE('max(' || w.row_width || ')', 'NULL') || '::bigint AS widest, ARRAY['
         || COALESCE(w.maxima, '') || ']::bigint[] AS widths FROM (SELECT '
         || COALESCE(w.widths, 'NULL AS v') || ' FROM ONLY ' || pg_catalog.quote_ident(n.nspname)
         || '.' || pg_catalog.quote_ident(c.relname) || e.sampling || ') AS x' AS sql
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
-- Where the table was never analyzed, the statistics may know how much was written to it.
CROSS JOIN LATERAL (
  SELECT CASE WHEN c.relpages > 0 AND c.reltuples >= 0 THEN c.reltuples
              ELSE pg_catalog.pg_stat_get_live_tuples(c.oid) END::float8 AS rows) r
CROSS JOIN LATERAL (
  SELECT CASE WHEN :exact THEN ''
              WHEN r.rows <= 0 THEN ' LIMIT ' || :sample
              WHEN r.rows <= :sample THEN ''
              ELSE ' TABLESAMPLE SYSTEM (' || pg_catalog.to_char(LEAST(100, GREATEST(
                     120.0 * :sample / r.rows, 500.0 / GREATEST(c.relpages, 1))),
                     'FM990.0000000') || ') REPEATABLE (0) LIMIT ' || :sample END AS sampling) e
-- The length of text and bytea is known without unpacking it; what else is short is not unpacked.
LEFT JOIN LATERAL (
  SELECT pg_catalog.array_agg(v.name ORDER BY v.place) AS names,
         pg_catalog.array_agg(v.base = 17 ORDER BY v.place) AS are_bytes,
         pg_catalog.string_agg('COALESCE(v' || v.place || ', 0)', ' + ' ORDER BY v.place)
           || ' + ' || (SELECT COALESCE(pg_catalog.sum(f.attlen), 0)
                        FROM pg_catalog.pg_attribute f
                        WHERE f.attrelid = c.oid AND f.attnum > 0 AND NOT f.attisdropped
                          AND f.attlen > 0) AS row_width,
         pg_catalog.string_agg('max(v' || v.place || ')', ', ' ORDER BY v.place) AS maxima,
         pg_catalog.string_agg(CASE
             WHEN v.base IN (17, 25, 1042, 1043)
             THEN 'octet_length(' || pg_catalog.quote_ident(v.name) || ')::bigint AS v'
             ELSE 'CASE WHEN pg_column_size(' || pg_catalog.quote_ident(v.name)
                    || ') > 500 THEN octet_length(' || pg_catalog.quote_ident(v.name)
                    || '::text) ELSE pg_column_size(' || pg_catalog.quote_ident(v.name)
                    || ') END::bigint AS v' END || v.place, ', ' ORDER BY v.place) AS widths
  FROM (SELECT a.attname AS name, a.attnum AS place,
               CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS base
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen < 0
          AND a.attgenerated <> 'v') v) w ON true
WHERE (w.names IS NOT NULL OR :exact)
  AND c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relispopulated
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.oid
