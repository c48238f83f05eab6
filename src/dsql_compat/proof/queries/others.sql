-- Further objects, of which it only counts whether they are there.
SELECT 'trigger' AS kind, n.nspname AS schema, c.relname AS "table", t.tgname AS name
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND t.tgparentid = 0
UNION ALL
SELECT 'policy', n.nspname, c.relname, p.polname
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT 'rule', n.nspname, c.relname, r.rulename
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rulename <> '_RETURN' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
UNION ALL
SELECT 'extension', NULL, NULL, e.extname FROM pg_extension e WHERE e.extname <> 'plpgsql'
UNION ALL
SELECT 'event trigger', NULL, NULL, e.evtname FROM pg_event_trigger e
UNION ALL
SELECT 'publication', NULL, NULL, p.pubname FROM pg_publication p
UNION ALL
SELECT 'statistics', n.nspname, c.relname, s.stxname
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
  JOIN pg_class c ON c.oid = s.stxrelid
UNION ALL
SELECT 'collation', n.nspname, NULL, c.collname
  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
UNION ALL
SELECT 'operator', n.nspname, NULL, o.oprname
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass
                      AND d.objid = o.oid AND d.deptype = 'e')
UNION ALL
SELECT 'text search configuration', n.nspname, NULL, t.cfgname
  FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
UNION ALL
SELECT 'text search dictionary', n.nspname, NULL, t.dictname
  FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
 ORDER BY 1, 2, 3, 4
