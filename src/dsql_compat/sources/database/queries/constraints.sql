SELECT k.oid::bigint, k.conname AS name, k.contype::text AS kind, k.conrelid::bigint AS relation,
       k.contypid::bigint AS domain, k.conindid::bigint AS index, k.confrelid::bigint AS referenced,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition, k.conislocal AS is_local,
       k.convalidated AS is_valid, k.conparentid::bigint AS parent
FROM pg_catalog.pg_constraint k
LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(c.relnamespace, t.typnamespace)
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n')
  AND (k.contype <> 'n' OR k.conrelid = 0 OR NOT k.convalidated)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY k.conname, k.oid
