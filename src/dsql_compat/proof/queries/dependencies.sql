-- What hangs on what: each object of the schema beside one that it needs.
WITH named (classid, objid, subid, cls, schema, "table", name) AS (
    SELECT 'pg_class'::regclass, c.oid, 0, 'relation', n.nspname, NULL::name, c.relname::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, 'column', n.nspname, c.relname, a.attname::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 0, 'index', n.nspname, NULL, c.relname::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('i', 'I')
    UNION ALL
    SELECT 'pg_attrdef'::regclass, d.oid, 0, 'column', n.nspname, c.relname, a.attname::text
      FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
    UNION ALL
    SELECT 'pg_rewrite'::regclass, r.oid, 0, 'relation', n.nspname, NULL, c.relname::text
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
      JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0, 'constraint', n.nspname, c.relname, k.conname::text
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, 'function', n.nspname, NULL, p.proname::text
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, 'type', n.nspname, NULL,
           coalesce(e.typname, t.typname)::text
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
)
SELECT DISTINCT o.cls, o.schema, o."table", o.name,
       r.cls AS on_cls, r.schema AS on_schema, r."table" AS on_table, r.name AS on_name
  FROM pg_depend d
  JOIN named o ON o.classid = d.classid AND o.objid = d.objid AND o.subid = d.objsubid
  JOIN named r ON r.classid = d.refclassid AND r.objid = d.refobjid AND r.subid = d.refobjsubid
 WHERE o.schema NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND r.schema NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
