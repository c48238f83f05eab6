-- Functions, procedures and aggregates.
SELECT n.nspname AS schema, p.proname AS name, p.prokind::text AS kind,
       pg_get_function_identity_arguments(p.oid) AS arguments,
       ARRAY(SELECT format_type(u.type, NULL)
               FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (type, place)
              ORDER BY u.place) AS types,
       ARRAY(SELECT t.typcategory::text
               FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (type, place)
               JOIN pg_type t ON t.oid = u.type ORDER BY u.place) AS categories,
       ARRAY(SELECT t.typtype::text
               FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (type, place)
               JOIN pg_type t ON t.oid = u.type ORDER BY u.place) AS type_kinds,
       pg_get_function_result(p.oid) AS result, r.typname AS result_name,
       p.proretset AS is_set, p.provolatile::text AS volatility,
       p.proisstrict AS is_strict, p.prosecdef AS is_definer, l.lanname AS language,
       coalesce(p.proconfig, '{}') AS settings, p.pronargdefaults AS defaults, p.provariadic <> 0 AS is_variadic,
       obj_description(p.oid, 'pg_proc') AS comment,
       (SELECT array_agg(g.what ORDER BY g.what) FROM (
            SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                   || ' ' || a.privilege_type AS what
              FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner) g) AS grants
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  JOIN pg_type r ON r.oid = p.prorettype
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
 ORDER BY n.nspname, p.proname, arguments
