-- Objects of the rarer kinds, each with its whole statement and with the words that address it.
SELECT 'extension' AS kind, 3079 AS class, e.oid::bigint, NULL::name AS schema, e.extname AS name,
       '' AS tie, 'CREATE EXTENSION IF NOT EXISTS ' || pg_catalog.quote_ident(e.extname)
         || ' WITH SCHEMA ' || pg_catalog.quote_ident(n.nspname) AS sql,
       'EXTENSION ' || pg_catalog.quote_ident(e.extname) AS address, NULL AS owner,
       NULL::text[] AS acl, NULL::text[] AS base, NULL::text[] AS initial
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
UNION ALL
SELECT 'language', 2612, l.oid::bigint, NULL, l.lanname, '',
       CASE WHEN l.lanplcallfoid = 0 THEN 'CREATE OR REPLACE PROCEDURAL LANGUAGE ' || f.name
            ELSE 'CREATE ' || CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END
              || 'PROCEDURAL LANGUAGE ' || f.name || ' HANDLER ' || l.lanplcallfoid::regproc
              || CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc ELSE '' END
              || CASE WHEN l.lanvalidator <> 0
                      THEN ' VALIDATOR ' || l.lanvalidator::regproc ELSE '' END END,
       'PROCEDURAL LANGUAGE ' || f.name, pg_catalog.pg_get_userbyid(l.lanowner),
       l.lanacl::text[], pg_catalog.acldefault('l', l.lanowner)::text[], NULL
FROM pg_catalog.pg_language l
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(l.lanname) AS name) f
WHERE l.lanispl AND l.oid >= 16384
UNION ALL
SELECT 'access method', 2601, a.oid::bigint, NULL, a.amname, '',
       'CREATE ACCESS METHOD ' || pg_catalog.quote_ident(a.amname) || ' TYPE '
         || CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END || ' HANDLER '
         || a.amhandler::regproc,
       'ACCESS METHOD ' || pg_catalog.quote_ident(a.amname), NULL, NULL, NULL, NULL
FROM pg_catalog.pg_am a
WHERE a.oid >= 16384
UNION ALL
SELECT 'collation', 3456, c.oid::bigint, n.nspname, c.collname, '',
       'CREATE COLLATION ' || f.name || ' (provider = '
         || CASE c.collprovider WHEN 'b' THEN 'builtin' WHEN 'i' THEN 'icu' WHEN 'd' THEN 'default'
                 ELSE 'libc' END
         || CASE WHEN c.collisdeterministic THEN '' ELSE ', deterministic = false' END
         || COALESCE(', locale = ' || pg_catalog.quote_literal(l.locale), '')
         || CASE WHEN c.collprovider <> 'c' THEN ''
                 WHEN c.collcollate = c.collctype
                 THEN ', locale = ' || pg_catalog.quote_literal(c.collcollate)
                 ELSE ', lc_collate = ' || pg_catalog.quote_literal(c.collcollate)
                   || ', lc_ctype = ' || pg_catalog.quote_literal(c.collctype) END
         || COALESCE(', rules = ' || pg_catalog.quote_literal(c.collicurules), '') -- from 16
         || ')',
       'COLLATION ' || f.name, pg_catalog.pg_get_userbyid(c.collowner), NULL, NULL, NULL
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.collname) AS name) f
CROSS JOIN LATERAL (SELECT c.colllocale AS locale) l -- from 17
CROSS JOIN LATERAL (SELECT c.colliculocale AS locale) l -- from 15 before 17
CROSS JOIN LATERAL (SELECT CASE WHEN c.collprovider = 'i' THEN c.collcollate END AS locale) l -- before 15
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'conversion', 2607, c.oid::bigint, n.nspname, c.conname, '',
       'CREATE ' || CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END || 'CONVERSION ' || f.name
         || ' FOR ' || pg_catalog.quote_literal(pg_catalog.pg_encoding_to_char(c.conforencoding))
         || ' TO ' || pg_catalog.quote_literal(pg_catalog.pg_encoding_to_char(c.contoencoding))
         || ' FROM ' || c.conproc::regproc,
       'CONVERSION ' || f.name, pg_catalog.pg_get_userbyid(c.conowner), NULL, NULL, NULL
FROM pg_catalog.pg_conversion c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.conname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'cast', 2605, c.oid::bigint, NULL, s.typname || ' ' || t.typname, '',
       'CREATE ' || f.address
         || CASE c.castmethod WHEN 'b' THEN ' WITHOUT FUNCTION' WHEN 'i' THEN ' WITH INOUT'
                 ELSE ' WITH FUNCTION ' || c.castfunc::regprocedure END
         || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT'
                 ELSE '' END,
       f.address, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_cast c
JOIN pg_catalog.pg_type s ON s.oid = c.castsource
JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
CROSS JOIN LATERAL (SELECT 'CAST (' || pg_catalog.format_type(c.castsource, NULL) || ' AS '
                           || pg_catalog.format_type(c.casttarget, NULL) || ')' AS address) f
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_range r -- from 14
                  WHERE r.rngtypid = c.castsource AND r.rngmultitypid = c.casttarget) -- from 14
UNION ALL
SELECT 'transform', 3576, r.oid::bigint, NULL, t.typname || ' ' || l.lanname, '',
       'CREATE ' || f.address || ' ('
         || pg_catalog.concat_ws(', ',
              'FROM SQL WITH FUNCTION ' || NULLIF(r.trffromsql::oid, 0)::regprocedure,
              'TO SQL WITH FUNCTION ' || NULLIF(r.trftosql::oid, 0)::regprocedure) || ')',
       f.address, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_transform r
JOIN pg_catalog.pg_type t ON t.oid = r.trftype
JOIN pg_catalog.pg_language l ON l.oid = r.trflang
CROSS JOIN LATERAL (SELECT 'TRANSFORM FOR ' || pg_catalog.format_type(r.trftype, NULL)
                           || ' LANGUAGE ' || pg_catalog.quote_ident(l.lanname) AS address) f
UNION ALL
SELECT 'fdw', 2328, w.oid::bigint, NULL, w.fdwname, '',
       'CREATE FOREIGN DATA WRAPPER ' || f.name
         || CASE WHEN w.fdwhandler <> 0 THEN ' HANDLER ' || w.fdwhandler::regproc ELSE '' END
         || CASE WHEN w.fdwvalidator <> 0 THEN ' VALIDATOR ' || w.fdwvalidator::regproc ELSE '' END
         || COALESCE(E' OPTIONS (\n    ' || (
              SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' '
                       || pg_catalog.quote_literal(o.option_value), E',\n    '
                       ORDER BY o.option_name)
              FROM pg_catalog.pg_options_to_table(w.fdwoptions) o) || E'\n)', ''),
       'FOREIGN DATA WRAPPER ' || f.name, pg_catalog.pg_get_userbyid(w.fdwowner),
       w.fdwacl::text[], pg_catalog.acldefault('F', w.fdwowner)::text[], NULL
FROM pg_catalog.pg_foreign_data_wrapper w
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(w.fdwname) AS name) f
UNION ALL
SELECT 'server', 1417, s.oid::bigint, NULL, s.srvname, '',
       'CREATE SERVER ' || f.name
         || COALESCE(' TYPE ' || pg_catalog.quote_literal(s.srvtype), '')
         || COALESCE(' VERSION ' || pg_catalog.quote_literal(s.srvversion), '')
         || ' FOREIGN DATA WRAPPER ' || pg_catalog.quote_ident(w.fdwname)
         || COALESCE(E' OPTIONS (\n    ' || (
              SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' '
                       || pg_catalog.quote_literal(o.option_value), E',\n    '
                       ORDER BY o.option_name)
              FROM pg_catalog.pg_options_to_table(s.srvoptions) o) || E'\n)', ''),
       'SERVER ' || f.name, pg_catalog.pg_get_userbyid(s.srvowner),
       s.srvacl::text[], pg_catalog.acldefault('S', s.srvowner)::text[], NULL
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.srvname) AS name) f
ORDER BY 2, 3
