-- Not where they connect to: that holds a password, and only a superuser may read it.
SELECT 'subscription' AS kind, 6100 AS class, s.oid::bigint, NULL::name AS schema,
       s.subname AS name, '' AS tie,
       'CREATE SUBSCRIPTION ' || pg_catalog.quote_ident(s.subname) || ' CONNECTION ''***'''
         || ' PUBLICATION ' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(u.name), ', ')
                                FROM pg_catalog.unnest(s.subpublications) AS u(name))
         || ' WITH (connect = false, slot_name = '
         || COALESCE(pg_catalog.quote_literal(s.subslotname), 'NONE')
         || CASE WHEN s.subbinary THEN ', binary = true' ELSE '' END -- from 14
         || CASE WHEN s.substream THEN ', streaming = on' ELSE '' END -- from 14 before 16
         || CASE s.substream WHEN 't' THEN ', streaming = on' -- from 16
                 WHEN 'p' THEN ', streaming = parallel' ELSE '' END -- from 16
         || CASE WHEN s.subtwophasestate <> 'd' THEN ', two_phase = on' ELSE '' END -- from 15
         || CASE WHEN s.subdisableonerr THEN ', disable_on_error = true' ELSE '' END -- from 15
         || CASE WHEN s.subpasswordrequired THEN '' ELSE ', password_required = false' END -- from 16
         || CASE WHEN s.subrunasowner THEN ', run_as_owner = true' ELSE '' END -- from 16
         || CASE WHEN s.subfailover THEN ', failover = true' ELSE '' END -- from 17
         || CASE WHEN s.subsynccommit <> 'off'
                 THEN ', synchronous_commit = ' || pg_catalog.quote_literal(s.subsynccommit)
                 ELSE '' END
         || CASE WHEN s.suborigin <> 'any' THEN ', origin = ' || s.suborigin ELSE '' END -- from 16
         || ')' AS sql,
       'SUBSCRIPTION ' || pg_catalog.quote_ident(s.subname) AS address,
       pg_catalog.pg_get_userbyid(s.subowner) AS owner, 0::bigint AS relation
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d
                   WHERE d.datname = pg_catalog.current_database())
ORDER BY 3
