-- Tablespaces that somebody made.
SELECT t.spcname AS name, pg_catalog.pg_get_userbyid(t.spcowner) AS owner,
       pg_catalog.pg_tablespace_location(t.oid) AS location, t.spcoptions AS options,
       t.spcacl::text[] AS acl, pg_catalog.acldefault('t', t.spcowner)::text[] AS base,
       pg_catalog.shobj_description(t.oid, 'pg_tablespace') AS comment
FROM pg_catalog.pg_tablespace t
WHERE t.spcname !~ '^pg_'
ORDER BY t.spcname
