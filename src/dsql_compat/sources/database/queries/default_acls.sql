SELECT d.oid::bigint, pg_catalog.pg_get_userbyid(d.defaclrole) AS role, n.nspname AS schema,
       d.defaclobjtype::text AS kind, d.defaclacl::text[] AS acl,
       CASE WHEN d.defaclnamespace = 0
            THEN pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's'
                                            ELSE d.defaclobjtype END::"char", d.defaclrole)::text[]
            ELSE '{}' END AS base
FROM pg_catalog.pg_default_acl d
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
ORDER BY 1
