-- Not the values that are secrets.
SELECT u.srvid::bigint AS server,
       'CREATE USER MAPPING FOR ' || CASE u.usename WHEN 'public' THEN 'public'
                                     ELSE pg_catalog.quote_ident(u.usename) END
         || ' SERVER ' || pg_catalog.quote_ident(u.srvname)
         || COALESCE(E' OPTIONS (\n    ' || (
              SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name)
                       || CASE WHEN o.option_name ~* 'pass|secret|token|key' THEN ' ''***'''
                               ELSE ' ' || pg_catalog.quote_literal(o.option_value) END, E',\n    '
                       ORDER BY o.option_name)
              FROM pg_catalog.pg_options_to_table(u.umoptions) o) || E'\n)', '') AS sql
FROM pg_catalog.pg_user_mappings u
ORDER BY u.usename
