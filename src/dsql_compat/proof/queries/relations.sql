-- Tables, views, sequences and foreign tables.
SELECT n.nspname AS schema, c.relname AS name, c.oid, c.relkind::text AS kind,
       c.relpersistence::text AS persistence,
       c.relrowsecurity AS row_security,
       c.relispartition AS is_partition,
       ARRAY(SELECT i.inhparent::regclass::text
               FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       obj_description(c.oid, 'pg_class') AS comment,
       (SELECT array_agg(g.what ORDER BY g.what) FROM (
            SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                   || ' ' || a.privilege_type
                   || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS what
              FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner) g) AS grants
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype IN ('e', 'i') AND c.relkind = 'S')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY n.nspname, c.relname
