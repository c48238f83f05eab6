-- What belongs to a table and stands for itself: rules, triggers, policies, extended statistics.
SELECT 'rule' AS kind, 2618 AS class, r.oid::bigint, n.nspname AS schema, r.rulename AS name,
       c.relname AS tie, pg_catalog.rtrim(pg_catalog.pg_get_ruledef(r.oid), ';')
         || CASE WHEN r.ev_enabled = 'O' OR r.rulename = '_RETURN' THEN ''
                 ELSE E'\x1eALTER TABLE ' || f.name
                   || CASE r.ev_enabled WHEN 'A' THEN ' ENABLE ALWAYS RULE '
                        WHEN 'R' THEN ' ENABLE REPLICA RULE ' ELSE ' DISABLE RULE ' END
                   || pg_catalog.quote_ident(r.rulename) END AS sql,
       'RULE ' || pg_catalog.quote_ident(r.rulename) || ' ON ' || f.name AS address, NULL AS owner,
       r.ev_class::bigint AS relation, r.ev_type = '1' AND r.is_instead AS is_select
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.relname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'trigger', 2620, t.oid::bigint, n.nspname, t.tgname, c.relname,
       CASE WHEN t.tgparentid <> 0 AND t.tgisinternal IS NOT NULL AND u.oid IS NOT NULL
            THEN 'ALTER ' || f.word || f.name || ' ' || f.state || ' TRIGGER '
                 || pg_catalog.quote_ident(t.tgname)
            ELSE pg_catalog.pg_get_triggerdef(t.oid, false)
                 || CASE WHEN t.tgenabled = 'O' THEN ''
                         ELSE E'\x1eALTER ' || f.word || f.name || ' ' || f.state || ' TRIGGER '
                              || pg_catalog.quote_ident(t.tgname) END END,
       'TRIGGER ' || pg_catalog.quote_ident(t.tgname) || ' ON ' || f.name, NULL,
       t.tgrelid::bigint, false
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_trigger u ON u.oid = t.tgparentid AND t.tgparentid <> 0
CROSS JOIN LATERAL (
  SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
         CASE WHEN c.relkind = 'f' THEN 'FOREIGN TABLE ' ELSE 'TABLE ' END AS word,
         CASE t.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'A' THEN 'ENABLE ALWAYS'
              WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'DISABLE' END AS state) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ((NOT t.tgisinternal AND t.tgparentid = 0) OR t.tgenabled <> u.tgenabled)
UNION ALL
SELECT 'policy', 3256, p.oid::bigint, n.nspname, p.polname, c.relname,
       'CREATE POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON ' || f.name
         || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
         || CASE p.polcmd WHEN '*' THEN '' WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT'
                 WHEN 'w' THEN ' FOR UPDATE' ELSE ' FOR DELETE' END
         || CASE WHEN p.polroles = '{0}' THEN '' ELSE ' TO ' || pg_catalog.array_to_string(ARRAY(
              SELECT pg_catalog.quote_ident(a.rolname)
              FROM pg_catalog.pg_roles a WHERE a.oid = ANY (p.polroles)), ', ') END
         || COALESCE(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
         || COALESCE(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')',
                     ''),
       'POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON ' || f.name, NULL,
       p.polrelid::bigint, false
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.relname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'statistics', 3381, s.oid::bigint, n.nspname, s.stxname, '',
       pg_catalog.pg_get_statisticsobjdef(s.oid)
         || COALESCE(E'\x1eALTER STATISTICS ' || f.name || ' SET STATISTICS '
                     || NULLIF(s.stxstattarget, -1), ''),
       'STATISTICS ' || f.name, pg_catalog.pg_get_userbyid(s.stxowner), s.stxrelid::bigint, false
FROM pg_catalog.pg_statistic_ext s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(s.stxname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 2, 3
