-- Roles without their passwords, which only a superuser may read.
SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolinherit AS inherit,
       r.rolcreaterole AS createrole, r.rolcreatedb AS createdb, r.rolcanlogin AS login,
       r.rolreplication AS replication, r.rolbypassrls AS bypassrls,
       r.rolconnlimit AS connections, 
       CASE WHEN pg_catalog.isfinite(r.rolvaliduntil)
            THEN (r.rolvaliduntil AT TIME ZONE 'UTC')::text || '+00'
            ELSE r.rolvaliduntil::text END AS valid_until,
       pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment
FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_'
ORDER BY r.rolname
