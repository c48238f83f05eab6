SELECT p.oid::bigint, n.nspname AS schema, p.proname AS name, p.prokind::text AS kind,
       pg_catalog.pg_get_userbyid(p.proowner) AS owner, p.proacl::text[] AS acl,
       pg_catalog.acldefault('f', p.proowner)::text[] AS base, ip.initprivs::text[] AS initial,
       p.pronargs AS arity,
       ARRAY(SELECT tn.nspname || '.' || t.typname
             FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u(type, number)
             JOIN pg_catalog.pg_type t ON t.oid = u.type
             JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
             ORDER BY u.number)::text[] AS argument_types,
       pg_catalog.pg_get_function_arguments(p.oid) AS arguments,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS identity,
       CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_function_result(p.oid) END AS result,
       l.lanname AS language, p.prosrc AS source, p.probin AS library,
       CASE WHEN p.prosqlbody IS NOT NULL -- from 14
            THEN pg_catalog.pg_get_function_sqlbody(p.oid) END AS body, -- from 14
       NULL AS body, -- before 14
       p.provolatile::text AS volatility, p.proisstrict AS is_strict, p.prosecdef AS is_definer,
       p.proleakproof AS is_leakproof, p.procost::float4::text AS cost,
       p.prorows::float4::text AS rows, p.proretset AS is_set, p.prosupport::regproc::text AS support,
       p.proparallel::text AS parallel, p.proconfig AS settings,
       ARRAY(SELECT pg_catalog.format_type(u.type, NULL)
             FROM pg_catalog.unnest(p.protrftypes) AS u(type)) AS transforms
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_init_privs ip
       ON ip.classoid = 1255 AND ip.objoid = p.oid AND ip.objsubid = 0
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d -- from 14
                  WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'i') -- from 14
ORDER BY p.oid
