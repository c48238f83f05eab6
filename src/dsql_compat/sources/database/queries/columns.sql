SELECT a.attrelid::bigint AS relation, a.attnum AS number, a.attname AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, a.attislocal AS is_local, a.attidentity::text AS identity,
       a.attgenerated::text AS generated, a.attstattarget::int AS statistics,
       a.attstorage::text AS storage, t.typstorage::text AS type_storage,
       a.attcompression::text AS compression, -- from 14
       '' AS compression, -- before 14
       a.attoptions AS options, a.attfdwoptions AS foreign_options, a.attacl::text[] AS acl,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
            END AS collation,
       d.oid::bigint AS default_oid, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_text,
       nn.conname AS not_null_name, nn.conislocal AS not_null_local, -- from 18
       nn.connoinherit AS not_null_no_inherit, nn.convalidated AS not_null_valid, -- from 18
       nn.oid::bigint AS not_null_oid -- from 18
       NULL AS not_null_name, NULL AS not_null_local, false AS not_null_no_inherit, -- before 18
       NULL AS not_null_valid, NULL AS not_null_oid -- before 18
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_constraint nn -- from 18
       ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum] -- from 18
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
