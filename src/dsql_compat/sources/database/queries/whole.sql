-- Of the database as a whole, what a dump does not write down.
SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata) AS large_objects,
       d.datcollate AS collate, d.datctype AS ctype,
       d.datlocprovider::text AS provider, -- from 15
       'c' AS provider, -- before 15
       d.daticulocale AS locale, -- from 15 before 17
       d.datlocale AS locale, -- from 17
       NULL AS locale, -- before 15
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       ARRAY(SELECT o.datname::text FROM pg_catalog.pg_database o
             WHERE NOT o.datistemplate AND o.datallowconn AND o.datname <> d.datname
             ORDER BY 1) AS others,
       ARRAY(SELECT pg_catalog.format('%s.%s', n.nspname, c.relname)
             FROM pg_catalog.pg_index i
             JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
             WHERE NOT i.indisvalid AND t.relkind <> 'p' AND n.nspname !~ '^pg_'
             ORDER BY 1) AS invalid_indexes
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
