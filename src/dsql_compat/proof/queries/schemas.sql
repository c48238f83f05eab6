-- Schemas, with their comments and grants.
SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment,
       (SELECT array_agg(g.what ORDER BY g.what) FROM (
            SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                   || ' ' || a.privilege_type AS what
              FROM aclexplode(n.nspacl) a WHERE a.grantee <> n.nspowner) g) AS grants
  FROM pg_namespace n
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass
                      AND d.objid = n.oid AND d.deptype = 'e')
 ORDER BY n.nspname
