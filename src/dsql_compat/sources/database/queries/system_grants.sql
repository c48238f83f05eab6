-- Objects of the server's own whose privileges were changed since the cluster was made.
SELECT 'TABLE' AS kind, c.relname AS name,
       '' AS arguments, pg_catalog.pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS acl,
       COALESCE(ip.initprivs, pg_catalog.acldefault('r', c.relowner))::text[] AS base
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_init_privs ip
       ON ip.classoid = 1259 AND ip.objoid = c.oid AND ip.objsubid = 0
WHERE c.relnamespace = 11 AND c.relacl IS DISTINCT FROM ip.initprivs
UNION ALL
SELECT 'FUNCTION', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid),
       pg_catalog.pg_get_userbyid(p.proowner), p.proacl::text[],
       COALESCE(ip.initprivs, pg_catalog.acldefault('f', p.proowner))::text[]
FROM pg_catalog.pg_proc p
LEFT JOIN pg_catalog.pg_init_privs ip
       ON ip.classoid = 1255 AND ip.objoid = p.oid AND ip.objsubid = 0
WHERE p.pronamespace = 11 AND p.proacl IS DISTINCT FROM ip.initprivs
ORDER BY 1, 2, 3
