-- Its views' columns, which differ by version: pg_stat_statements_info came with 1.9.
SELECT c.relname::text AS relation, a.attname::text AS name
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname IN ('pg_stat_statements', 'pg_stat_statements_info') AND n.nspname = %(schema)s
  AND a.attnum > 0 AND NOT a.attisdropped
