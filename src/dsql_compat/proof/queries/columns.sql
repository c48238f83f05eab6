-- Columns of tables and views, with what decides how their values look.
SELECT n.nspname AS schema, c.relname AS "table", a.attname AS name, a.attnum AS number,
       c.relkind::text AS relation_kind,
       format_type(a.atttypid, a.atttypmod) AS type,
       b.base AS base_type, t.typtype::text AS type_kind, b.category,
       tn.nspname AS type_schema, e.typname AS type_name,
       CASE WHEN a.attcollation <> t.typcollation
            THEN a.attcollation::regcollation::text END AS collation,
       a.attnotnull AS not_null, a.attidentity::text AS identity,
       a.attgenerated::text AS generated,
       pg_get_expr(d.adbin, d.adrelid) AS expression,
       s.oid AS sequence,
       s.oid::regclass::text AS sequence_name,
       col_description(c.oid, a.attnum) AS comment,
       (SELECT array_agg(g.what ORDER BY g.what) FROM (
            SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END
                   || ' ' || x.privilege_type AS what
              FROM aclexplode(a.attacl) x WHERE x.grantee <> c.relowner) g) AS grants
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type e ON e.oid = CASE WHEN t.typelem <> 0 AND t.typcategory = 'A'
                                 THEN t.typelem ELSE t.oid END
  JOIN pg_namespace tn ON tn.oid = e.typnamespace
  CROSS JOIN LATERAL (
       WITH RECURSIVE down (oid, mod, kind, category) AS (
            SELECT t.oid, a.atttypmod, t.typtype, t.typcategory
             UNION ALL
            SELECT u.oid, p.typtypmod, u.typtype, u.typcategory
              FROM down JOIN pg_type p ON p.oid = down.oid
              JOIN pg_type u ON u.oid = p.typbasetype
             WHERE p.typtype = 'd')
       SELECT format_type(oid, mod) AS base, category::text AS category
         FROM down WHERE kind <> 'd') b
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_depend sd ON sd.refclassid = 'pg_class'::regclass AND sd.refobjid = a.attrelid
       AND sd.refobjsubid = a.attnum AND sd.classid = 'pg_class'::regclass
       AND sd.deptype IN ('a', 'i')
       AND EXISTS (SELECT FROM pg_class q WHERE q.oid = sd.objid AND q.relkind = 'S')
  LEFT JOIN pg_class s ON s.oid = sd.objid AND s.relkind = 'S'
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
                      AND x.objid = c.oid AND x.deptype = 'e')
 ORDER BY n.nspname, c.relname, a.attnum
