SELECT 'event trigger' AS kind, 3466 AS class, e.oid::bigint, NULL::name AS schema,
       e.evtname AS name, '' AS tie,
       'CREATE EVENT TRIGGER ' || f.name || ' ON ' || pg_catalog.quote_ident(e.evtevent)
         || COALESCE(E'\n         WHEN TAG IN (' || (
              SELECT pg_catalog.string_agg(pg_catalog.quote_literal(u.tag), ', ')
              FROM pg_catalog.unnest(e.evttags) AS u(tag)) || ')', '')
         || E'\n   EXECUTE FUNCTION ' || e.evtfoid::regproc || '()'
         || CASE e.evtenabled WHEN 'O' THEN ''
                 WHEN 'D' THEN E'\x1eALTER EVENT TRIGGER ' || f.name || ' DISABLE'
                 WHEN 'A' THEN E'\x1eALTER EVENT TRIGGER ' || f.name || ' ENABLE ALWAYS'
                 ELSE E'\x1eALTER EVENT TRIGGER ' || f.name || ' ENABLE REPLICA' END AS sql,
       'EVENT TRIGGER ' || f.name AS address, pg_catalog.pg_get_userbyid(e.evtowner) AS owner,
       0::bigint AS relation
FROM pg_catalog.pg_event_trigger e
CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(e.evtname) AS name) f
ORDER BY 3
