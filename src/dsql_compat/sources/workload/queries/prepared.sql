-- Transactions that wait for their second phase.
SELECT count(*) AS count,
  coalesce(extract(epoch FROM clock_timestamp() - min(prepared))::int, 0) AS seconds
FROM pg_catalog.pg_prepared_xacts
WHERE database = current_database()
