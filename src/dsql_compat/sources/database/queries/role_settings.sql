-- Settings that roles begin with, everywhere or in this database, and those of the database.
SELECT r.rolname AS role, d.datname AS database, s.setconfig AS settings
FROM pg_catalog.pg_db_role_setting s
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
  AND (s.setrole = 0 OR r.rolname !~ '^pg_')
ORDER BY d.datname NULLS FIRST, r.rolname NULLS FIRST
