-- What depends on what, the members of extensions (deptype e) included.
SELECT classid::bigint, objid::bigint, refclassid::bigint, refobjid::bigint, deptype::text
FROM pg_catalog.pg_depend
WHERE deptype <> 'p' AND objid >= 16384 AND classid NOT IN (2602, 2603)
UNION ALL
SELECT 2753, o.amopfamily::bigint, d.refclassid::bigint, d.refobjid::bigint, d.deptype::text
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_amop o ON o.oid = d.objid
WHERE d.classid = 2602 AND d.deptype NOT IN ('p', 'e', 'i')
  AND NOT (d.refclassid = 2753 AND d.refobjid = o.amopfamily)
UNION ALL
SELECT 2753, o.amprocfamily::bigint, d.refclassid::bigint, d.refobjid::bigint, d.deptype::text
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_amproc o ON o.oid = d.objid
WHERE d.classid = 2603 AND d.deptype NOT IN ('p', 'e', 'i')
  AND NOT (d.refclassid = 2753 AND d.refobjid = o.amprocfamily)
ORDER BY 1, 2
