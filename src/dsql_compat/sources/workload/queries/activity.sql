-- The sessions of this database at the moment.
SELECT query, state, pid = pg_catalog.pg_backend_pid() AS is_own,
  extract(epoch FROM clock_timestamp() - xact_start)::int AS transaction_seconds,
  extract(epoch FROM clock_timestamp() - backend_start)::int AS connection_seconds
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND (backend_type = 'client backend' OR backend_type IS NULL)
