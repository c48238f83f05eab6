CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamptz);  -- accepted
CREATE RULE no_delete AS ON DELETE TO orders DO INSTEAD NOTHING;  -- finds: rule
DO $$ BEGIN RAISE NOTICE 'hello'; END $$;  -- finds: do-block
DO LANGUAGE plpgsql 'BEGIN PERFORM 1; END';  -- finds: do-block
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION note_it();  -- finds: event-trigger
CREATE AGGREGATE total (numeric) (SFUNC = numeric_add, STYPE = numeric);  -- finds: aggregate
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);  -- finds: operator
CREATE CAST (text AS integer) WITH INOUT AS ASSIGNMENT;  -- finds: cast
CREATE FOREIGN TABLE remote_orders (id bigint) SERVER elsewhere;  -- finds: foreign-table
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);  -- finds: text-search-object
CREATE UNLOGGED TABLE scratch (id bigint PRIMARY KEY);  -- finds: unlogged-table
CREATE TABLESPACE fast LOCATION '/mnt/fast';  -- finds: tablespace
CREATE PUBLICATION feed FOR TABLE orders;  -- finds: publication
ALTER SYSTEM SET work_mem = '64MB';  -- finds: alter-system
REINDEX TABLE orders;  -- finds: reindex
CLUSTER orders USING orders_pkey;  -- finds: cluster
REFRESH MATERIALIZED VIEW totals;  -- finds: refresh-materialized-view
SECURITY LABEL ON TABLE orders IS 'secret';  -- finds: security-label
CALL tidy();  -- finds: call
CREATE COLLATION german (provider = icu, locale = 'de');  -- finds: collation
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;  -- accepted
