-- Parents of tables and of indexes.
SELECT inhrelid::bigint AS child, inhparent::bigint AS parent
FROM pg_catalog.pg_inherits
ORDER BY inhrelid, inhseqno
