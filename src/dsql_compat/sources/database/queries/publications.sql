SELECT 'publication' AS kind, 6104 AS class, p.oid::bigint, NULL::name AS schema, p.pubname AS name,
       '' AS tie,
       'CREATE PUBLICATION ' || pg_catalog.quote_ident(p.pubname)
         || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END
         || ' WITH (publish = '''
         || pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
              CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
              CASE WHEN p.pubtruncate THEN 'truncate' END) || ''''
         || CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END
         || CASE p.pubgencols WHEN 's' THEN ', publish_generated_columns = stored' ELSE '' END -- from 18
         || ')' AS sql,
       'PUBLICATION ' || pg_catalog.quote_ident(p.pubname) AS address,
       pg_catalog.pg_get_userbyid(p.pubowner) AS owner, 0::bigint AS relation
FROM pg_catalog.pg_publication p
UNION ALL
SELECT 'publication table', 6106, r.oid::bigint, n.nspname, c.relname, p.pubname,
       'ALTER PUBLICATION ' || pg_catalog.quote_ident(p.pubname) || ' ADD TABLE ONLY '
         || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
         || COALESCE(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' -- from 15
                                                           ORDER BY a.attnum) -- from 15
                              FROM pg_catalog.pg_attribute a -- from 15
                              WHERE a.attrelid = r.prrelid -- from 15
                                AND a.attnum = ANY (r.prattrs::int2[])) || ')', '') -- from 15
         || COALESCE(' WHERE (' || pg_catalog.pg_get_expr(r.prqual, r.prrelid) || ')', '') -- from 15
         , 'PUBLICATION TABLE', NULL, r.prrelid::bigint
FROM pg_catalog.pg_publication_rel r
JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
UNION ALL -- from 15
SELECT 'publication schema', 6237, s.oid::bigint, n.nspname, n.nspname, p.pubname, -- from 15
       'ALTER PUBLICATION ' || pg_catalog.quote_ident(p.pubname) || ' ADD TABLES IN SCHEMA ' -- from 15
         || pg_catalog.quote_ident(n.nspname), 'PUBLICATION SCHEMA', NULL, 0 -- from 15
FROM pg_catalog.pg_publication_namespace s -- from 15
JOIN pg_catalog.pg_publication p ON p.oid = s.pnpubid -- from 15
JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid -- from 15
ORDER BY 2, 3
