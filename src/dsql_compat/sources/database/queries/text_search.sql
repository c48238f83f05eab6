SELECT 'ts parser' AS kind, 3601 AS class, p.oid::bigint, n.nspname AS schema, p.prsname AS name,
       '' AS tie,
       'CREATE TEXT SEARCH PARSER ' || f.name || E' (\n    START = ' || p.prsstart::regproc
         || E',\n    GETTOKEN = ' || p.prstoken::regproc || E',\n    END = ' || p.prsend::regproc
         || CASE WHEN p.prsheadline <> 0
                 THEN E',\n    HEADLINE = ' || p.prsheadline::regproc ELSE '' END
         || E',\n    LEXTYPES = ' || p.prslextype::regproc || ' )' AS sql,
       'TEXT SEARCH PARSER ' || f.name AS address, NULL AS owner,
       NULL::text[] AS acl, NULL::text[] AS base, NULL::text[] AS initial
FROM pg_catalog.pg_ts_parser p
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(p.prsname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'ts template', 3764, t.oid::bigint, n.nspname, t.tmplname, '',
       'CREATE TEXT SEARCH TEMPLATE ' || f.name || E' (\n    '
         || CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit::regproc || E',\n    ' ELSE '' END
         || 'LEXIZE = ' || t.tmpllexize::regproc || ' )',
       'TEXT SEARCH TEMPLATE ' || f.name, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(t.tmplname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'ts dictionary', 3600, d.oid::bigint, n.nspname, d.dictname, '',
       'CREATE TEXT SEARCH DICTIONARY ' || f.name || E' (\n    TEMPLATE = '
         || pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.tmplname)
         || COALESCE(E',\n    ' || d.dictinitoption, '') || ' )',
       'TEXT SEARCH DICTIONARY ' || f.name, pg_catalog.pg_get_userbyid(d.dictowner),
       NULL, NULL, NULL
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(d.dictname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'ts configuration', 3602, c.oid::bigint, n.nspname, c.cfgname, '',
       'CREATE TEXT SEARCH CONFIGURATION ' || f.name || E' (\n    PARSER = '
         || pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.prsname) || ' )'
         || COALESCE((
              SELECT pg_catalog.string_agg(
                       E'\x1eALTER TEXT SEARCH CONFIGURATION ' || f.name
                         || E'\n    ADD MAPPING FOR ' || pg_catalog.quote_ident(k.alias)
                         || ' WITH ' || m.dictionaries, '' ORDER BY m.maptokentype)
              FROM (SELECT o.maptokentype,
                           pg_catalog.string_agg(
                             CASE WHEN dn.nspname = 'pg_catalog' THEN '' -- only what lies elsewhere
                                  ELSE pg_catalog.quote_ident(dn.nspname) || '.' END
                               || pg_catalog.quote_ident(d.dictname), ', ' ORDER BY o.mapseqno)
                             AS dictionaries
                    FROM pg_catalog.pg_ts_config_map o
                    JOIN pg_catalog.pg_ts_dict d ON d.oid = o.mapdict
                    JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
                    WHERE o.mapcfg = c.oid GROUP BY o.maptokentype) m
              JOIN pg_catalog.ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype), ''),
       'TEXT SEARCH CONFIGURATION ' || f.name, pg_catalog.pg_get_userbyid(c.cfgowner),
       NULL, NULL, NULL
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.cfgname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 2, 3
