-- Indexes that no constraint stands for.  Each key: its text, DESC, NULLS FIRST, operator class.
SELECT n.nspname AS schema, c.relname AS "table", x.relname AS name, m.amname AS method,
       c.relkind::text AS relation_kind,
       i.indisunique AS is_unique, i.indisvalid AS is_valid,
       i.indnullsnotdistinct AS nulls_not_distinct,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, true)
               FROM generate_series(1, i.indnkeyatts) AS place ORDER BY place) AS keys,
       ARRAY(SELECT i.indkey[place] <> 0
               FROM generate_series(0, i.indnkeyatts - 1) AS place ORDER BY place) AS is_column,
       ARRAY(SELECT CASE WHEN m.amname = 'btree' THEN
                         CASE WHEN i.indoption[place] & 1 = 1 THEN 'DESC' ELSE 'ASC' END
                         || CASE WHEN i.indoption[place] & 2 = 2 THEN ' NULLS FIRST'
                                 ELSE ' NULLS LAST' END
                         ELSE '' END
               FROM generate_series(0, i.indnkeyatts - 1) AS place ORDER BY place) AS sorting,
       ARRAY(SELECT CASE WHEN o.opcdefault THEN '' ELSE o.opcname::text END
               FROM generate_series(0, i.indnkeyatts - 1) AS place
               JOIN pg_opclass o ON o.oid = i.indclass[place] ORDER BY place) AS classes,
       ARRAY(SELECT CASE WHEN i.indcollation[place] IN (0, 100) THEN ''
                         ELSE i.indcollation[place]::regcollation::text END
               FROM generate_series(0, i.indnkeyatts - 1) AS place ORDER BY place) AS collations,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, true)
               FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS place
              ORDER BY place) AS included,
       obj_description(x.oid, 'pg_class') AS comment
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = x.relnamespace
  JOIN pg_am m ON m.oid = x.relam
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT x.relispartition
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                      AND k.contype IN ('p', 'u', 'x'))
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY n.nspname, x.relname
