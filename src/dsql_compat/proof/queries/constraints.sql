-- Table constraints, but NOT NULL ones, which the columns tell.
SELECT n.nspname AS schema, c.relname AS "table", k.conname AS name, k.contype::text AS kind,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
              ORDER BY u.place) AS columns,
       k.conexclop IS NOT NULL AS is_exclusion,
       pg_get_expr(k.conbin, k.conrelid) AS expression,
       CASE WHEN k.confrelid <> 0 THEN k.confrelid::regclass::text END AS referenced,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num
              ORDER BY u.place) AS referenced_columns,
       k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete,
       k.confmatchtype::text AS match,
       ARRAY(SELECT a.attname::text FROM unnest(k.confdelsetcols) AS u (num)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
              ORDER BY 1) AS set_columns,
       k.condeferrable AS deferrable, k.condeferred AS deferred, k.convalidated AS validated,
       coalesce(i.indnullsnotdistinct, false) AS nulls_not_distinct,
       ARRAY(SELECT a.attname::text
               FROM generate_series(i.indnkeyatts, i.indnatts - 1) AS place
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place]
              ORDER BY place) AS included,
       obj_description(k.oid, 'pg_constraint') AS comment
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
 WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conparentid = 0
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
                      AND x.objid = c.oid AND x.deptype = 'e')
 ORDER BY n.nspname, c.relname, k.conname
