SELECT a.aggfnoid::oid::bigint AS oid, a.aggtransfn::regproc::text AS sfunc,
       pg_catalog.format_type(a.aggtranstype, NULL) AS stype, a.aggtransspace::text AS sspace,
       a.agginitval AS initcond, a.aggfinalfn::regproc::text AS finalfunc,
       a.aggfinalextra AS finalfunc_extra, a.aggfinalmodify::text AS finalfunc_modify,
       a.aggcombinefn::regproc::text AS combinefunc, a.aggserialfn::regproc::text AS serialfunc,
       a.aggdeserialfn::regproc::text AS deserialfunc, a.aggmtransfn::regproc::text AS msfunc,
       a.aggminvtransfn::regproc::text AS minvfunc,
       pg_catalog.format_type(a.aggmtranstype, NULL) AS mstype, a.aggmtransspace::text AS msspace,
       a.aggminitval AS minitcond, a.aggmfinalfn::regproc::text AS mfinalfunc,
       a.aggmfinalextra AS mfinalfunc_extra, a.aggmfinalmodify::text AS mfinalfunc_modify,
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || o.oprname
        FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
        WHERE o.oid = a.aggsortop) AS sortop, a.aggkind::text AS kind
FROM pg_catalog.pg_aggregate a
WHERE a.aggfnoid::oid >= 16384
