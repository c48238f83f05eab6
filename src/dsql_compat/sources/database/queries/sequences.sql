SELECT s.seqrelid::bigint AS oid, pg_catalog.format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start, s.seqincrement AS increment, s.seqmax AS maxvalue,
       s.seqmin AS minvalue, s.seqcache AS cache, s.seqcycle AS cycle,
       d.refobjid::bigint AS owner_table, d.refobjsubid AS owner_column, d.deptype::text AS owned,
       CASE WHEN pg_catalog.has_sequence_privilege(s.seqrelid, 'USAGE, SELECT')
             AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
            THEN pg_catalog.pg_sequence_last_value(s.seqrelid::regclass) END AS last_value,
       pg_catalog.has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') AS is_visible
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
LEFT JOIN pg_catalog.pg_depend d
       ON d.classid = 1259 AND d.objid = s.seqrelid AND d.refclassid = 1259
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
