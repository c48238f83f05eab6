--
-- PostgreSQL database dump
--

\restrict analytics

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: by_code_point; Type: COLLATION; Schema: public; Owner: postgres
--

CREATE COLLATION public.by_code_point (provider = builtin, locale = 'C.UTF-8');


ALTER COLLATION public.by_code_point OWNER TO postgres;

--
-- Name: price_band; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.price_band AS RANGE (
    subtype = numeric,
    multirange_type_name = public.price_band_multirange
);


ALTER TYPE public.price_band OWNER TO postgres;

--
-- Name: band_holds(public.price_band, numeric); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.band_holds(public.price_band, numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN ($1 @> $2);


ALTER FUNCTION public.band_holds(public.price_band, numeric) OWNER TO postgres;

--
-- Name: median_sorted(numeric[]); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.median_sorted(VARIADIC amounts numeric[]) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM unnest(amounts) AS a
$$;


ALTER FUNCTION public.median_sorted(VARIADIC amounts numeric[]) OWNER TO postgres;

--
-- Name: refresh_summaries(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.refresh_summaries() RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    CREATE TEMPORARY TABLE started ON COMMIT DROP AS SELECT clock_timestamp() AS at;
    REFRESH MATERIALIZED VIEW CONCURRENTLY revenue_by_region;
    REFRESH MATERIALIZED VIEW visitors_per_day;
    ANALYZE fact_sales;
END;
$$;


ALTER FUNCTION public.refresh_summaries() OWNER TO postgres;

--
-- Name: refuse_drops(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.refuse_drops() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'tables of the warehouse are not dropped by hand (%)', tg_tag;
END;
$$;


ALTER FUNCTION public.refuse_drops() OWNER TO postgres;

--
-- Name: @@>; Type: OPERATOR; Schema: public; Owner: postgres
--

CREATE OPERATOR public.@@> (
    FUNCTION = public.band_holds,
    LEFTARG = public.price_band,
    RIGHTARG = numeric
);


ALTER OPERATOR public.@@> (public.price_band, numeric) OWNER TO postgres;

--
-- Name: ledger_bridge; Type: FOREIGN DATA WRAPPER; Schema: -; Owner: postgres
--

CREATE FOREIGN DATA WRAPPER ledger_bridge;


ALTER FOREIGN DATA WRAPPER ledger_bridge OWNER TO postgres;

--
-- Name: ledger; Type: SERVER; Schema: -; Owner: postgres
--

CREATE SERVER ledger FOREIGN DATA WRAPPER ledger_bridge OPTIONS (
    dbname 'ledger',
    host 'ledger.internal'
);


ALTER SERVER ledger OWNER TO postgres;

--
-- Name: USER MAPPING analyst SERVER ledger; Type: USER MAPPING; Schema: -; Owner: postgres
--

CREATE USER MAPPING FOR analyst SERVER ledger OPTIONS (
    "user" 'reader'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: dim_customer; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.dim_customer (
    customer_key integer NOT NULL,
    name text NOT NULL COLLATE public.by_code_point,
    segment text DEFAULT 'unknown'::text COLLATE pg_catalog."C",
    interests text[] DEFAULT '{}'::text[] NOT NULL,
    valid_during tstzrange NOT NULL,
    contract xml,
    home point
)
WITH (fillfactor='90');


ALTER TABLE public.dim_customer OWNER TO postgres;

--
-- Name: customer_directory; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.customer_directory AS
 SELECT customer_key,
    name,
    array_to_string(interests, ', '::text) AS interests
   FROM public.dim_customer
  WHERE (valid_during @> now())
  ORDER BY (name COLLATE "C");


ALTER VIEW public.customer_directory OWNER TO postgres;

--
-- Name: dim_product; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.dim_product (
    product_key integer NOT NULL,
    code character varying(20) NOT NULL,
    band public.price_band,
    list_price money,
    flags bit(8) DEFAULT '00000000'::"bit" NOT NULL,
    history bit varying(64),
    shelf_life interval day to hour
);
ALTER TABLE ONLY public.dim_product ALTER COLUMN code SET STATISTICS 500;

ALTER TABLE ONLY public.dim_product REPLICA IDENTITY FULL;


ALTER TABLE public.dim_product OWNER TO postgres;

--
-- Name: COLUMN dim_product.flags; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON COLUMN public.dim_product.flags IS 'One bit per sales channel';


--
-- Name: events; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events (
    event_id bigint NOT NULL,
    customer_key integer,
    happened_at timestamp with time zone NOT NULL,
    properties jsonb DEFAULT '{}'::jsonb NOT NULL
);


ALTER TABLE public.events OWNER TO postgres;

--
-- Name: events_store; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events_store (
    NOT NULL event_id,
    till macaddr,
    basket integer[]
)
INHERITS (public.events);


ALTER TABLE public.events_store OWNER TO postgres;

--
-- Name: events_web; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events_web (
    NOT NULL event_id,
    visitor inet,
    network cidr,
    user_agent text
)
INHERITS (public.events);
ALTER TABLE ONLY public.events_web ALTER COLUMN user_agent SET STORAGE EXTERNAL;


ALTER TABLE public.events_web OWNER TO postgres;

--
-- Name: fact_sales; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.fact_sales (
    sale_id bigint NOT NULL,
    sold_on date NOT NULL,
    region text NOT NULL,
    customer_key integer NOT NULL,
    product_key integer NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12,4) NOT NULL,
    discount numeric DEFAULT 0 NOT NULL,
    revenue numeric GENERATED ALWAYS AS ((((quantity)::numeric * unit_price) - discount)) STORED,
    week date GENERATED ALWAYS AS ((sold_on - ((EXTRACT(isodow FROM sold_on))::integer - 1))) STORED
)
PARTITION BY LIST (region);


ALTER TABLE public.fact_sales OWNER TO postgres;

--
-- Name: fact_sales_emea; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.fact_sales_emea (
    sale_id bigint CONSTRAINT fact_sales_sale_id_not_null NOT NULL,
    sold_on date CONSTRAINT fact_sales_sold_on_not_null NOT NULL,
    region text CONSTRAINT fact_sales_region_not_null NOT NULL,
    customer_key integer CONSTRAINT fact_sales_customer_key_not_null NOT NULL,
    product_key integer CONSTRAINT fact_sales_product_key_not_null NOT NULL,
    quantity integer CONSTRAINT fact_sales_quantity_not_null NOT NULL,
    unit_price numeric(12,4) CONSTRAINT fact_sales_unit_price_not_null NOT NULL,
    discount numeric DEFAULT 0 CONSTRAINT fact_sales_discount_not_null NOT NULL,
    revenue numeric GENERATED ALWAYS AS ((((quantity)::numeric * unit_price) - discount)) STORED,
    week date GENERATED ALWAYS AS ((sold_on - ((EXTRACT(isodow FROM sold_on))::integer - 1))) STORED
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_threshold='5000');


ALTER TABLE public.fact_sales_emea OWNER TO postgres;

--
-- Name: fact_sales_rest; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.fact_sales_rest (
    sale_id bigint CONSTRAINT fact_sales_sale_id_not_null NOT NULL,
    sold_on date CONSTRAINT fact_sales_sold_on_not_null NOT NULL,
    region text CONSTRAINT fact_sales_region_not_null NOT NULL,
    customer_key integer CONSTRAINT fact_sales_customer_key_not_null NOT NULL,
    product_key integer CONSTRAINT fact_sales_product_key_not_null NOT NULL,
    quantity integer CONSTRAINT fact_sales_quantity_not_null NOT NULL,
    unit_price numeric(12,4) CONSTRAINT fact_sales_unit_price_not_null NOT NULL,
    discount numeric DEFAULT 0 CONSTRAINT fact_sales_discount_not_null NOT NULL,
    revenue numeric GENERATED ALWAYS AS ((((quantity)::numeric * unit_price) - discount)) STORED,
    week date GENERATED ALWAYS AS ((sold_on - ((EXTRACT(isodow FROM sold_on))::integer - 1))) STORED
);


ALTER TABLE public.fact_sales_rest OWNER TO postgres;

--
-- Name: ledger_entries; Type: FOREIGN TABLE; Schema: public; Owner: postgres
--

CREATE FOREIGN TABLE public.ledger_entries (
    entry_no bigint NOT NULL,
    booked_on date,
    amount money
)
SERVER ledger
OPTIONS (
    table_name 'entries'
);


ALTER FOREIGN TABLE public.ledger_entries OWNER TO postgres;

--
-- Name: revenue_by_region; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.revenue_by_region AS
 SELECT region,
    date_trunc('month'::text, (sold_on)::timestamp with time zone) AS month,
    sum(revenue) AS revenue
   FROM public.fact_sales
  GROUP BY ROLLUP(region, (date_trunc('month'::text, (sold_on)::timestamp with time zone)))
  WITH NO DATA;


ALTER MATERIALIZED VIEW public.revenue_by_region OWNER TO postgres;

--
-- Name: sales_trend; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.sales_trend AS
 SELECT week,
    region,
    sum(revenue) AS revenue,
    sum(sum(revenue)) OVER by_region AS revenue_to_date,
    lag(sum(revenue)) OVER by_region AS week_before,
    rank() OVER (PARTITION BY week ORDER BY (sum(revenue)) DESC) AS place
   FROM public.fact_sales
  GROUP BY week, region
  WINDOW by_region AS (PARTITION BY region ORDER BY week);


ALTER VIEW public.sales_trend OWNER TO postgres;

--
-- Name: staging_sales; Type: TABLE; Schema: public; Owner: postgres
--

CREATE UNLOGGED TABLE public.staging_sales (
    loaded_at timestamp without time zone DEFAULT now() NOT NULL,
    line text NOT NULL
)
WITH (autovacuum_enabled='false');


ALTER TABLE public.staging_sales OWNER TO postgres;

--
-- Name: visitors_per_day; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.visitors_per_day AS
 SELECT (happened_at)::date AS day,
    count(DISTINCT visitor) AS visitors,
    array_agg(DISTINCT network) AS networks
   FROM public.events_web
  GROUP BY ((happened_at)::date)
  WITH NO DATA;


ALTER MATERIALIZED VIEW public.visitors_per_day OWNER TO postgres;

--
-- Name: MATERIALIZED VIEW visitors_per_day; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON MATERIALIZED VIEW public.visitors_per_day IS 'Refreshed each night by refresh_summaries()';


--
-- Name: fact_sales_emea; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_sales ATTACH PARTITION public.fact_sales_emea FOR VALUES IN ('EU', 'UK', 'MEA');


--
-- Name: fact_sales_rest; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_sales ATTACH PARTITION public.fact_sales_rest DEFAULT;


--
-- Name: events_store properties; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_store ALTER COLUMN properties SET DEFAULT '{}'::jsonb;


--
-- Name: events_web properties; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_web ALTER COLUMN properties SET DEFAULT '{}'::jsonb;


--
-- Name: dim_customer dim_customer_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.dim_customer
    ADD CONSTRAINT dim_customer_pkey PRIMARY KEY (customer_key);

ALTER TABLE public.dim_customer CLUSTER ON dim_customer_pkey;


--
-- Name: dim_product dim_product_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.dim_product
    ADD CONSTRAINT dim_product_pkey PRIMARY KEY (product_key);


--
-- Name: events_store events_store_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_store
    ADD CONSTRAINT events_store_pkey PRIMARY KEY (event_id);


--
-- Name: events_web events_web_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_web
    ADD CONSTRAINT events_web_pkey PRIMARY KEY (event_id);


--
-- Name: fact_sales fact_sales_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_sales
    ADD CONSTRAINT fact_sales_pkey PRIMARY KEY (region, sale_id);


--
-- Name: fact_sales_emea fact_sales_emea_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_sales_emea
    ADD CONSTRAINT fact_sales_emea_pkey PRIMARY KEY (region, sale_id);


--
-- Name: fact_sales_rest fact_sales_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_sales_rest
    ADD CONSTRAINT fact_sales_rest_pkey PRIMARY KEY (region, sale_id);


--
-- Name: dim_customer_interests_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX dim_customer_interests_idx ON public.dim_customer USING gin (interests);


--
-- Name: dim_customer_name_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX dim_customer_name_idx ON public.dim_customer USING btree (name COLLATE "C");


--
-- Name: dim_customer_valid_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX dim_customer_valid_idx ON public.dim_customer USING gist (valid_during);


--
-- Name: dim_product_code_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX dim_product_code_idx ON public.dim_product USING hash (code);


--
-- Name: events_web_happened_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX events_web_happened_idx ON public.events_web USING brin (happened_at) WITH (pages_per_range='64');


--
-- Name: events_web_visitor_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX events_web_visitor_idx ON public.events_web USING spgist (visitor);


--
-- Name: fact_sales_week_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX fact_sales_week_idx ON ONLY public.fact_sales USING btree (week DESC) INCLUDE (revenue) WITH (fillfactor='70');


--
-- Name: fact_sales_emea_week_revenue_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX fact_sales_emea_week_revenue_idx ON public.fact_sales_emea USING btree (week DESC) INCLUDE (revenue) WITH (fillfactor='70');


--
-- Name: fact_sales_rest_week_revenue_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX fact_sales_rest_week_revenue_idx ON public.fact_sales_rest USING btree (week DESC) INCLUDE (revenue) WITH (fillfactor='70');


--
-- Name: revenue_by_region_key; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX revenue_by_region_key ON public.revenue_by_region USING btree (region, month);


--
-- Name: fact_sales_emea_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.fact_sales_pkey ATTACH PARTITION public.fact_sales_emea_pkey;


--
-- Name: fact_sales_emea_week_revenue_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.fact_sales_week_idx ATTACH PARTITION public.fact_sales_emea_week_revenue_idx;


--
-- Name: fact_sales_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.fact_sales_pkey ATTACH PARTITION public.fact_sales_rest_pkey;


--
-- Name: fact_sales_rest_week_revenue_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.fact_sales_week_idx ATTACH PARTITION public.fact_sales_rest_week_revenue_idx;


--
-- Name: fact_sales_region_product; Type: STATISTICS; Schema: public; Owner: postgres
--

CREATE STATISTICS public.fact_sales_region_product (ndistinct, dependencies) ON region, product_key FROM public.fact_sales;


ALTER STATISTICS public.fact_sales_region_product OWNER TO postgres;

--
-- Name: STATISTICS fact_sales_region_product; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON STATISTICS public.fact_sales_region_product IS 'Products are sold in few regions';


--
-- Name: events events_insert; Type: RULE; Schema: public; Owner: postgres
--

CREATE RULE events_insert AS
    ON INSERT TO public.events DO INSTEAD  INSERT INTO public.events_web (event_id, customer_key, happened_at, properties)
  VALUES (new.event_id, new.customer_key, new.happened_at, new.properties);


--
-- Name: fact_sales fact_sales_customer_key_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE public.fact_sales
    ADD CONSTRAINT fact_sales_customer_key_fkey FOREIGN KEY (customer_key) REFERENCES public.dim_customer(customer_key);


--
-- Name: fact_sales fact_sales_product_key_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE public.fact_sales
    ADD CONSTRAINT fact_sales_product_key_fkey FOREIGN KEY (product_key) REFERENCES public.dim_product(product_key);


--
-- Name: warehouse_out; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION warehouse_out WITH (publish = 'insert, update', publish_via_partition_root = true);


ALTER PUBLICATION warehouse_out OWNER TO postgres;

--
-- Name: warehouse_out dim_product; Type: PUBLICATION TABLE; Schema: public; Owner: postgres
--

ALTER PUBLICATION warehouse_out ADD TABLE ONLY public.dim_product (product_key, code);


--
-- Name: warehouse_out fact_sales; Type: PUBLICATION TABLE; Schema: public; Owner: postgres
--

ALTER PUBLICATION warehouse_out ADD TABLE ONLY public.fact_sales;


--
-- Name: TABLE dim_customer; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.dim_customer TO analyst;


--
-- Name: TABLE customer_directory; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.customer_directory TO analyst;


--
-- Name: TABLE dim_product; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.dim_product TO analyst;


--
-- Name: TABLE events; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.events TO analyst;


--
-- Name: TABLE events_store; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.events_store TO analyst;


--
-- Name: TABLE events_web; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.events_web TO analyst;


--
-- Name: TABLE fact_sales; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.fact_sales TO analyst;


--
-- Name: TABLE fact_sales_emea; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.fact_sales_emea TO analyst;


--
-- Name: TABLE fact_sales_rest; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.fact_sales_rest TO analyst;


--
-- Name: TABLE ledger_entries; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.ledger_entries TO analyst;


--
-- Name: TABLE revenue_by_region; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.revenue_by_region TO analyst;


--
-- Name: TABLE sales_trend; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.sales_trend TO analyst;


--
-- Name: TABLE staging_sales; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.staging_sales TO analyst;


--
-- Name: TABLE visitors_per_day; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.visitors_per_day TO analyst;


--
-- Name: no_drops; Type: EVENT TRIGGER; Schema: -; Owner: postgres
--

CREATE EVENT TRIGGER no_drops ON sql_drop
         WHEN TAG IN ('DROP TABLE')
   EXECUTE FUNCTION public.refuse_drops();


ALTER EVENT TRIGGER no_drops OWNER TO postgres;

--
-- PostgreSQL database dump complete
--

\unrestrict analytics

