SELECT 'operator' AS kind, 2617 AS class, o.oid::bigint, n.nspname AS schema, o.oprname AS name,
       o.oprkind::text || ' ' || f.lefttype || ' ' || f.righttype AS tie,
       'CREATE OPERATOR ' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname
         || E' (\n    FUNCTION = ' || o.oprcode::regproc
         || CASE WHEN o.oprleft <> 0 THEN E',\n    LEFTARG = ' || f.lefttype ELSE '' END
         || CASE WHEN o.oprright <> 0 THEN E',\n    RIGHTARG = ' || f.righttype ELSE '' END
         || COALESCE(E',\n    COMMUTATOR = OPERATOR(' || (
              SELECT pg_catalog.quote_ident(cn.nspname) || '.' || c.oprname
              FROM pg_catalog.pg_operator c
              JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
              WHERE c.oid = o.oprcom) || ')', '')
         || COALESCE(E',\n    NEGATOR = OPERATOR(' || (
              SELECT pg_catalog.quote_ident(cn.nspname) || '.' || c.oprname
              FROM pg_catalog.pg_operator c
              JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
              WHERE c.oid = o.oprnegate) || ')', '')
         || CASE WHEN o.oprcanmerge THEN E',\n    MERGES' ELSE '' END
         || CASE WHEN o.oprcanhash THEN E',\n    HASHES' ELSE '' END
         || CASE WHEN o.oprrest <> 0 THEN E',\n    RESTRICT = ' || o.oprrest::regproc ELSE '' END
         || CASE WHEN o.oprjoin <> 0 THEN E',\n    JOIN = ' || o.oprjoin::regproc ELSE '' END
         || E'\n)' AS sql,
       'OPERATOR ' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ' ('
         || f.lefttype || ', ' || f.righttype || ')' AS address,
       pg_catalog.pg_get_userbyid(o.oprowner) AS owner, NULL::text[] AS acl, NULL::text[] AS base,
       NULL::text[] AS initial
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
CROSS JOIN LATERAL (
  SELECT CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END
           AS lefttype,
         CASE WHEN o.oprright = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END
           AS righttype) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND o.oprcode <> 0
UNION ALL
SELECT 'opfamily', 2753, m.oid::bigint, n.nspname, m.opfname, a.amname,
       'CREATE OPERATOR FAMILY ' || f.name
         || COALESCE(E'\x1eALTER OPERATOR FAMILY ' || f.name || E' ADD\n    ' || (
              SELECT pg_catalog.string_agg(x.line, E' ,\n    ' ORDER BY x.part, x.number, x.line)
              FROM (
                SELECT 1 AS part, o.amopstrategy AS number,
                       'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator
                         || COALESCE(' FOR ORDER BY ' || pg_catalog.quote_ident(sn.nspname) || '.'
                                     || pg_catalog.quote_ident(sf.opfname), '') AS line
                FROM pg_catalog.pg_amop o
                JOIN pg_catalog.pg_depend d ON d.classid = 2602 AND d.objid = o.oid
                     AND d.refclassid = 2753 AND d.refobjid = m.oid AND o.amopfamily = m.oid
                LEFT JOIN pg_catalog.pg_opfamily sf ON sf.oid = o.amopsortfamily
                LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = sf.opfnamespace
                UNION ALL
                SELECT 2, p.amprocnum,
                       'FUNCTION ' || p.amprocnum || ' ('
                         || pg_catalog.format_type(p.amproclefttype, NULL) || ', '
                         || pg_catalog.format_type(p.amprocrighttype, NULL) || ') '
                         || p.amproc::regprocedure
                FROM pg_catalog.pg_amproc p
                JOIN pg_catalog.pg_depend d ON d.classid = 2603 AND d.objid = p.oid
                     AND d.refclassid = 2753 AND d.refobjid = m.oid AND p.amprocfamily = m.oid
              ) x), ''),
       'OPERATOR FAMILY ' || f.name, pg_catalog.pg_get_userbyid(m.opfowner), NULL, NULL, NULL
FROM pg_catalog.pg_opfamily m
JOIN pg_catalog.pg_namespace n ON n.oid = m.opfnamespace
JOIN pg_catalog.pg_am a ON a.oid = m.opfmethod
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(m.opfname) || ' USING '
                           || pg_catalog.quote_ident(a.amname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'opclass', 2616, c.oid::bigint, n.nspname, c.opcname, a.amname,
       'CREATE OPERATOR CLASS ' || f.name || E'\n    '
         || CASE WHEN c.opcdefault THEN 'DEFAULT ' ELSE '' END || 'FOR TYPE '
         || pg_catalog.format_type(c.opcintype, NULL) || ' USING '
         || pg_catalog.quote_ident(a.amname)
         || CASE WHEN m.opfname <> c.opcname OR m.opfnamespace <> c.opcnamespace
                   OR EXISTS (SELECT FROM pg_catalog.pg_depend fd WHERE fd.classid = 2616
                              AND fd.objid = c.oid AND fd.refclassid = 2753)
                 THEN ' FAMILY ' || pg_catalog.quote_ident(mn.nspname) || '.'
                      || pg_catalog.quote_ident(m.opfname) ELSE '' END
         || E' AS\n    '
         || pg_catalog.concat_ws(E' ,\n    ',
              CASE WHEN c.opckeytype <> 0
                   THEN 'STORAGE ' || pg_catalog.format_type(c.opckeytype, NULL) END,
              (SELECT pg_catalog.string_agg(x.line, E' ,\n    ' ORDER BY x.part, x.number, x.line)
               FROM (
                 SELECT 1 AS part, o.amopstrategy AS number,
                        'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator
                          || COALESCE(' FOR ORDER BY ' || pg_catalog.quote_ident(sn.nspname) || '.'
                                      || pg_catalog.quote_ident(sf.opfname), '') AS line
                 FROM pg_catalog.pg_amop o
                 JOIN pg_catalog.pg_depend d ON d.classid = 2602 AND d.objid = o.oid
                      AND d.refclassid = 2616 AND d.refobjid = c.oid
                 LEFT JOIN pg_catalog.pg_opfamily sf ON sf.oid = o.amopsortfamily
                 LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = sf.opfnamespace
                 UNION ALL
                 SELECT 2, p.amprocnum,
                        'FUNCTION ' || p.amprocnum || ' ('
                          || pg_catalog.format_type(p.amproclefttype, NULL) || ', '
                          || pg_catalog.format_type(p.amprocrighttype, NULL) || ') '
                          || p.amproc::regprocedure
                 FROM pg_catalog.pg_amproc p
                 JOIN pg_catalog.pg_depend d ON d.classid = 2603 AND d.objid = p.oid
                      AND d.refclassid = 2616 AND d.refobjid = c.oid
               ) x)),
       'OPERATOR CLASS ' || f.name || ' USING ' || pg_catalog.quote_ident(a.amname),
       pg_catalog.pg_get_userbyid(c.opcowner), NULL, NULL, NULL
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
JOIN pg_catalog.pg_opfamily m ON m.oid = c.opcfamily
JOIN pg_catalog.pg_namespace mn ON mn.oid = m.opfnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                           || pg_catalog.quote_ident(c.opcname) AS name) f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 2, 3
