-- What decides how complete the statistics are.
SELECT name, setting
FROM pg_catalog.pg_settings
WHERE name IN ('pg_stat_statements.track', 'pg_stat_statements.track_utility',
               'track_activity_query_size', 'default_transaction_isolation')
