SELECT classoid::bigint, objoid::bigint, objsubid, description AS text, NULL AS provider
FROM pg_catalog.pg_description
WHERE objoid >= 16384 OR classoid = 2615
UNION ALL
SELECT classoid::bigint, objoid::bigint, objsubid, label, provider
FROM pg_catalog.pg_seclabel
WHERE objoid >= 16384
ORDER BY 1, 2, 3
