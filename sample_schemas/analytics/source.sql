-- An analytics warehouse: wide facts, inheritance from before declarative partitioning,
-- summaries as materialized views, and most of the types PostgreSQL is loved for.
-- schema.sql beside this file is what pg_dump makes of it; see ../regenerate.py.

CREATE ROLE analyst;

-- Types ------------------------------------------------------------------------------------

CREATE TYPE price_band AS RANGE (SUBTYPE = numeric);

CREATE COLLATION by_code_point (PROVIDER = builtin, LOCALE = 'C.UTF-8');

-- Dimensions -------------------------------------------------------------------------------

CREATE TABLE dim_customer (
    customer_key integer PRIMARY KEY,
    name text COLLATE by_code_point NOT NULL,
    segment text COLLATE "C" DEFAULT 'unknown',
    interests text[] DEFAULT '{}'::text[] NOT NULL,
    valid_during tstzrange NOT NULL,
    contract xml,
    home point
) WITH (fillfactor = 90);
CREATE INDEX dim_customer_valid_idx ON dim_customer USING gist (valid_during);
CREATE INDEX dim_customer_interests_idx ON dim_customer USING gin (interests);
CREATE INDEX dim_customer_name_idx ON dim_customer (name COLLATE "C");
CLUSTER dim_customer USING dim_customer_pkey;

CREATE TABLE dim_product (
    product_key integer PRIMARY KEY,
    code character varying(20) NOT NULL,
    band price_band,
    list_price money,
    flags bit(8) DEFAULT B'00000000' NOT NULL,
    history bit varying(64),
    shelf_life interval day to hour
);
CREATE INDEX dim_product_code_idx ON dim_product USING hash (code);
ALTER TABLE dim_product ALTER COLUMN code SET STATISTICS 500;
ALTER TABLE dim_product REPLICA IDENTITY FULL;

-- Events: one parent, a child per channel --------------------------------------------------

CREATE TABLE events (
    event_id bigint NOT NULL,
    customer_key integer,
    happened_at timestamp with time zone NOT NULL,
    properties jsonb DEFAULT '{}'::jsonb NOT NULL
);
CREATE TABLE events_web (
    visitor inet,
    network cidr,
    user_agent text,
    CONSTRAINT events_web_pkey PRIMARY KEY (event_id)
) INHERITS (events);
CREATE TABLE events_store (
    till macaddr,
    basket integer[],
    CONSTRAINT events_store_pkey PRIMARY KEY (event_id)
) INHERITS (events);
CREATE INDEX events_web_happened_idx ON events_web USING brin (happened_at) WITH (pages_per_range = 64);
CREATE INDEX events_web_visitor_idx ON events_web USING spgist (visitor);
ALTER TABLE events_web ALTER COLUMN user_agent SET STORAGE EXTERNAL;

-- Writes to the parent go to the web channel.
CREATE RULE events_insert AS ON INSERT TO events DO INSTEAD
    INSERT INTO events_web (event_id, customer_key, happened_at, properties)
    VALUES (NEW.event_id, NEW.customer_key, NEW.happened_at, NEW.properties);

-- Facts ------------------------------------------------------------------------------------

CREATE TABLE fact_sales (
    sale_id bigint NOT NULL,
    sold_on date NOT NULL,
    region text NOT NULL,
    customer_key integer NOT NULL REFERENCES dim_customer,
    product_key integer NOT NULL REFERENCES dim_product,
    quantity integer NOT NULL,
    unit_price numeric(12,4) NOT NULL,
    discount numeric DEFAULT 0 NOT NULL,
    revenue numeric GENERATED ALWAYS AS (quantity * unit_price - discount) STORED,
    week date GENERATED ALWAYS AS (sold_on - (EXTRACT(isodow FROM sold_on)::integer - 1)) STORED,
    PRIMARY KEY (region, sale_id)
) PARTITION BY LIST (region);
CREATE TABLE fact_sales_emea PARTITION OF fact_sales FOR VALUES IN ('EU', 'UK', 'MEA')
    WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_threshold = 5000);
CREATE TABLE fact_sales_rest PARTITION OF fact_sales DEFAULT;
CREATE INDEX fact_sales_week_idx ON fact_sales (week DESC) INCLUDE (revenue) WITH (fillfactor = 70);
CREATE STATISTICS fact_sales_region_product (ndistinct, dependencies)
    ON region, product_key FROM fact_sales;

CREATE UNLOGGED TABLE staging_sales (
    loaded_at timestamp without time zone DEFAULT now() NOT NULL,
    line text NOT NULL
) WITH (autovacuum_enabled = false);

-- Summaries --------------------------------------------------------------------------------

CREATE VIEW sales_trend AS
SELECT week,
       region,
       sum(revenue) AS revenue,
       sum(sum(revenue)) OVER by_region AS revenue_to_date,
       lag(sum(revenue)) OVER by_region AS week_before,
       rank() OVER (PARTITION BY week ORDER BY sum(revenue) DESC) AS place
FROM fact_sales
GROUP BY week, region
WINDOW by_region AS (PARTITION BY region ORDER BY week);

CREATE VIEW customer_directory AS
SELECT customer_key, name, array_to_string(interests, ', ') AS interests
FROM dim_customer
WHERE valid_during @> now()
ORDER BY name COLLATE "C";

CREATE MATERIALIZED VIEW revenue_by_region AS
SELECT region, date_trunc('month', sold_on) AS month, sum(revenue) AS revenue
FROM fact_sales
GROUP BY ROLLUP (region, date_trunc('month', sold_on));
CREATE UNIQUE INDEX revenue_by_region_key ON revenue_by_region (region, month);

CREATE MATERIALIZED VIEW visitors_per_day AS
SELECT happened_at::date AS day, count(DISTINCT visitor) AS visitors, array_agg(DISTINCT network) AS networks
FROM events_web
GROUP BY happened_at::date
WITH NO DATA;

-- Functions, casts, event trigger ----------------------------------------------------------

CREATE FUNCTION refresh_summaries() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    CREATE TEMPORARY TABLE started ON COMMIT DROP AS SELECT clock_timestamp() AS at;
    REFRESH MATERIALIZED VIEW CONCURRENTLY revenue_by_region;
    REFRESH MATERIALIZED VIEW visitors_per_day;
    ANALYZE fact_sales;
END;
$$;

CREATE FUNCTION median_sorted(VARIADIC amounts numeric[]) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT
AS $$
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM unnest(amounts) AS a
$$;

CREATE FUNCTION band_holds(price_band, numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN $1 @> $2;

CREATE OPERATOR @@> (
    FUNCTION = band_holds,
    LEFTARG = price_band,
    RIGHTARG = numeric
);

CREATE FUNCTION refuse_drops() RETURNS event_trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'tables of the warehouse are not dropped by hand (%)', tg_tag;
END;
$$;

-- Other databases --------------------------------------------------------------------------

-- A wrapper without a handler is enough to keep the definitions; the real one is added on site.
CREATE FOREIGN DATA WRAPPER ledger_bridge;
CREATE SERVER ledger FOREIGN DATA WRAPPER ledger_bridge OPTIONS (host 'ledger.internal', dbname 'ledger');
CREATE USER MAPPING FOR analyst SERVER ledger OPTIONS (user 'reader');
CREATE FOREIGN TABLE ledger_entries (
    entry_no bigint NOT NULL,
    booked_on date,
    amount money
) SERVER ledger OPTIONS (table_name 'entries');

CREATE PUBLICATION warehouse_out FOR TABLE dim_product (product_key, code), fact_sales
    WITH (publish = 'insert, update', publish_via_partition_root = true);

-- Grants and comments ----------------------------------------------------------------------

GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst;
COMMENT ON MATERIALIZED VIEW visitors_per_day IS 'Refreshed each night by refresh_summaries()';
COMMENT ON COLUMN dim_product.flags IS 'One bit per sales channel';
COMMENT ON STATISTICS fact_sales_region_product IS 'Products are sold in few regions';

CREATE EVENT TRIGGER no_drops ON sql_drop WHEN TAG IN ('DROP TABLE')
    EXECUTE FUNCTION refuse_drops();
