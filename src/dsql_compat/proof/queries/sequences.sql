-- Every sequence, those of identity columns too, with the column it counts for.
SELECT n.nspname AS schema, c.relname AS name, c.oid::regclass::text AS qualified,
       format_type(s.seqtypid, NULL) AS type,
       s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum, s.seqcycle AS cycle,
       s.seqcache AS cache
  FROM pg_sequence s
  JOIN pg_class c ON c.oid = s.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_(toast_)?temp_'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY n.nspname, c.relname
