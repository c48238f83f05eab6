SELECT n.oid::bigint, n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
       n.nspacl::text[] AS acl, pg_catalog.acldefault('n', n.nspowner)::text[] AS base,
       ip.initprivs::text[] AS initial
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_init_privs ip
       ON ip.classoid = 2615 AND ip.objoid = n.oid AND ip.objsubid = 0
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.oid
