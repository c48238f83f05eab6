-- `sql` is the whole statement, except for domains, which take their constraints with them.
SELECT t.oid::bigint, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
       t.typelem::bigint AS element, t.typrelid::bigint AS relation, c.relkind::text AS relation_kind,
       (t.typelem <> 0 AND t.typcategory = 'A' AND t.typtype = 'b'
        AND EXISTS (SELECT FROM pg_catalog.pg_type e
                    WHERE e.oid = t.typelem AND e.typarray = t.oid)) AS is_array,
       (SELECT pg_catalog.array_agg(ARRAY[a.attnum::text, a.attname::text])
        FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND c.relkind = 'c' AND a.attrelid = t.typrelid
          AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
       t.typisdefined AS is_defined, pg_catalog.format_type(t.oid, NULL) AS shown,
       pg_catalog.pg_get_userbyid(t.typowner) AS owner, t.typacl::text[] AS acl,
       pg_catalog.acldefault('T', t.typowner)::text[] AS base, ip.initprivs::text[] AS initial,
       t.typnotnull AS not_null, nn.conname AS not_null_name, -- from 18
       t.typnotnull AS not_null, NULL AS not_null_name, -- before 18
       CASE WHEN t.typtype = 'd' THEN
         COALESCE(pg_catalog.pg_get_expr(t.typdefaultbin, 0), pg_catalog.quote_literal(t.typdefault))
       END AS default_text,
       CASE
         WHEN NOT t.typisdefined THEN 'CREATE TYPE ' || f.name
         WHEN t.typtype = 'e' THEN 'CREATE TYPE ' || f.name || E' AS ENUM ('
           || COALESCE((SELECT pg_catalog.string_agg(E'\n    ' || pg_catalog.quote_literal(e.enumlabel),
                                                     ',' ORDER BY e.enumsortorder)
                        FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), '') || E'\n)'
         WHEN t.typtype = 'd' THEN 'CREATE DOMAIN ' || f.name || ' AS '
           || pg_catalog.format_type(t.typbasetype, t.typtypmod)
           || CASE WHEN t.typcollation <> b.typcollation AND t.typcollation <> 0
                   THEN ' COLLATE ' || pg_catalog.quote_ident(cn.nspname) || '.'
                        || pg_catalog.quote_ident(co.collname) ELSE '' END
         WHEN t.typtype = 'c' THEN 'CREATE TYPE ' || f.name || ' AS ('
           || COALESCE((SELECT pg_catalog.string_agg(
                E'\n\t' || pg_catalog.quote_ident(a.attname) || ' '
                || pg_catalog.format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attcollation <> at.typcollation AND a.attcollation <> 0
                        THEN ' COLLATE ' || pg_catalog.quote_ident(an.nspname) || '.'
                             || pg_catalog.quote_ident(ac.collname) ELSE '' END,
                ',' ORDER BY a.attnum)
              FROM pg_catalog.pg_attribute a
              JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
              LEFT JOIN pg_catalog.pg_collation ac ON ac.oid = a.attcollation
              LEFT JOIN pg_catalog.pg_namespace an ON an.oid = ac.collnamespace
              WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '')
           || E'\n)'
         WHEN t.typtype = 'r' THEN (SELECT 'CREATE TYPE ' || f.name || E' AS RANGE (\n    subtype = '
           || pg_catalog.format_type(r.rngsubtype, NULL)
           || E',\n    multirange_type_name = ' || pg_catalog.format_type(r.rngmultitypid, NULL) -- from 14
           || CASE WHEN NOT oc.opcdefault THEN E',\n    subtype_opclass = '
                || pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname)
                ELSE '' END
           || CASE WHEN r.rngcollation <> rt.typcollation AND r.rngcollation <> 0
                THEN E',\n    collation = ' || pg_catalog.quote_ident(rcn.nspname) || '.'
                     || pg_catalog.quote_ident(rc.collname) ELSE '' END
           || CASE WHEN r.rngcanonical <> 0
                THEN E',\n    canonical = ' || r.rngcanonical::regproc ELSE '' END
           || CASE WHEN r.rngsubdiff <> 0
                THEN E',\n    subtype_diff = ' || r.rngsubdiff::regproc ELSE '' END || E'\n)'
           FROM pg_catalog.pg_range r
           JOIN pg_catalog.pg_type rt ON rt.oid = r.rngsubtype
           JOIN pg_catalog.pg_opclass oc ON oc.oid = r.rngsubopc
           JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
           LEFT JOIN pg_catalog.pg_collation rc ON rc.oid = r.rngcollation
           LEFT JOIN pg_catalog.pg_namespace rcn ON rcn.oid = rc.collnamespace
           WHERE r.rngtypid = t.oid)
         WHEN t.typtype = 'b' THEN 'CREATE TYPE ' || f.name || E' (\n    INTERNALLENGTH = '
           || CASE WHEN t.typlen < 0 THEN 'variable' ELSE t.typlen::text END
           || E',\n    INPUT = ' || t.typinput::regproc || E',\n    OUTPUT = ' || t.typoutput::regproc
           || CASE WHEN t.typreceive <> 0 THEN E',\n    RECEIVE = ' || t.typreceive::regproc ELSE '' END
           || CASE WHEN t.typsend <> 0 THEN E',\n    SEND = ' || t.typsend::regproc ELSE '' END
           || CASE WHEN t.typmodin <> 0 THEN E',\n    TYPMOD_IN = ' || t.typmodin::regproc ELSE '' END
           || CASE WHEN t.typmodout <> 0
                THEN E',\n    TYPMOD_OUT = ' || t.typmodout::regproc ELSE '' END
           || CASE WHEN t.typanalyze <> 0
                THEN E',\n    ANALYZE = ' || t.typanalyze::regproc ELSE '' END
           || CASE WHEN t.typcollation <> 0 THEN E',\n    COLLATABLE = true' ELSE '' END
           || COALESCE(E',\n    DEFAULT = ' || pg_catalog.quote_literal(t.typdefault), '')
           || CASE WHEN t.typelem <> 0 AND t.typsubscript <> 0 -- from 14
           || CASE WHEN t.typelem <> 0 -- before 14
                THEN E',\n    ELEMENT = ' || pg_catalog.format_type(t.typelem, NULL) ELSE '' END
           || CASE WHEN t.typcategory <> 'U'
                THEN E',\n    CATEGORY = ' || pg_catalog.quote_literal(t.typcategory::text) ELSE '' END
           || CASE WHEN t.typispreferred THEN E',\n    PREFERRED = true' ELSE '' END
           || CASE WHEN t.typdelim <> ','
                THEN E',\n    DELIMITER = ' || pg_catalog.quote_literal(t.typdelim::text) ELSE '' END
           || CASE t.typalign WHEN 'c' THEN E',\n    ALIGNMENT = char'
                WHEN 's' THEN E',\n    ALIGNMENT = int2' WHEN 'i' THEN E',\n    ALIGNMENT = int4'
                ELSE E',\n    ALIGNMENT = double' END
           || CASE t.typstorage WHEN 'p' THEN E',\n    STORAGE = plain'
                WHEN 'e' THEN E',\n    STORAGE = external' WHEN 'x' THEN E',\n    STORAGE = extended'
                ELSE E',\n    STORAGE = main' END
           || CASE WHEN t.typbyval THEN E',\n    PASSEDBYVALUE' ELSE '' END || E'\n)'
       END AS sql
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(t.typname) AS name) f
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n' -- from 18
LEFT JOIN pg_catalog.pg_init_privs ip
       ON ip.classoid = 1247 AND ip.objoid = t.oid AND ip.objsubid = 0
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY t.oid
