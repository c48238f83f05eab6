--
-- PostgreSQL database dump
--

\restrict dAYgtT2zd9LlOqP7yGdQssOXcz8bfiMdXbUaPP7SqDpyuBunVOJYCae1IyTgdWa

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
-- Name: d; Type: DATABASE; Schema: -; Owner: postgres
--

CREATE DATABASE d WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE d OWNER TO postgres;

\unrestrict dAYgtT2zd9LlOqP7yGdQssOXcz8bfiMdXbUaPP7SqDpyuBunVOJYCae1IyTgdWa
\connect d
\restrict dAYgtT2zd9LlOqP7yGdQssOXcz8bfiMdXbUaPP7SqDpyuBunVOJYCae1IyTgdWa

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
-- Name: shop; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA shop;


ALTER SCHEMA shop OWNER TO postgres;

--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: address; Type: TYPE; Schema: shop; Owner: postgres
--

CREATE TYPE shop.address AS (
	street text,
	town text
);


ALTER TYPE shop.address OWNER TO postgres;

--
-- Name: email; Type: DOMAIN; Schema: shop; Owner: postgres
--

CREATE DOMAIN shop.email AS text
	CONSTRAINT email_check CHECK ((VALUE ~~ '%@%'::text));


ALTER DOMAIN shop.email OWNER TO postgres;

--
-- Name: state; Type: TYPE; Schema: shop; Owner: postgres
--

CREATE TYPE shop.state AS ENUM (
    'open',
    'paid',
    'shipped'
);


ALTER TYPE shop.state OWNER TO postgres;

--
-- Name: tidy(); Type: PROCEDURE; Schema: shop; Owner: postgres
--

CREATE PROCEDURE shop.tidy()
    LANGUAGE sql
    AS $$ DELETE FROM shop.log $$;


ALTER PROCEDURE shop.tidy() OWNER TO postgres;

--
-- Name: touch(); Type: FUNCTION; Schema: shop; Owner: postgres
--

CREATE FUNCTION shop.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.placed := now(); RETURN NEW; END $$;


ALTER FUNCTION shop.touch() OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: customers; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.customers (
    id integer NOT NULL,
    email shop.email NOT NULL,
    name text,
    home shop.address,
    tags text[]
);


ALTER TABLE shop.customers OWNER TO postgres;

--
-- Name: customers_id_seq; Type: SEQUENCE; Schema: shop; Owner: postgres
--

CREATE SEQUENCE shop.customers_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE shop.customers_id_seq OWNER TO postgres;

--
-- Name: customers_id_seq; Type: SEQUENCE OWNED BY; Schema: shop; Owner: postgres
--

ALTER SEQUENCE shop.customers_id_seq OWNED BY shop.customers.id;


--
-- Name: events; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.events (
    id bigint NOT NULL,
    at date NOT NULL
)
PARTITION BY RANGE (at);


ALTER TABLE shop.events OWNER TO postgres;

--
-- Name: events_2024; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.events_2024 (
    id bigint CONSTRAINT events_id_not_null NOT NULL,
    at date CONSTRAINT events_at_not_null NOT NULL
);


ALTER TABLE shop.events_2024 OWNER TO postgres;

--
-- Name: log; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.log (
    id bigint,
    line text
);


ALTER TABLE shop.log OWNER TO postgres;

--
-- Name: orders; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.orders (
    id bigint NOT NULL,
    customer_id integer NOT NULL,
    state shop.state DEFAULT 'open'::shop.state,
    total numeric(12,2),
    note text COLLATE pg_catalog."C",
    placed timestamp with time zone DEFAULT now()
);


ALTER TABLE shop.orders OWNER TO postgres;

--
-- Name: orders_id_seq; Type: SEQUENCE; Schema: shop; Owner: postgres
--

ALTER TABLE shop.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME shop.orders_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: rooms; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.rooms (
    id integer NOT NULL,
    during tstzrange
);


ALTER TABLE shop.rooms OWNER TO postgres;

--
-- Name: sorted; Type: VIEW; Schema: shop; Owner: postgres
--

CREATE VIEW shop.sorted AS
 SELECT id,
    (note COLLATE "C") AS note
   FROM shop.orders;


ALTER VIEW shop.sorted OWNER TO postgres;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: shop; Owner: postgres
--

CREATE MATERIALIZED VIEW shop.totals AS
 SELECT customer_id,
    sum(total) AS total
   FROM shop.orders
  GROUP BY customer_id
  WITH NO DATA;


ALTER MATERIALIZED VIEW shop.totals OWNER TO postgres;

--
-- Name: events_2024; Type: TABLE ATTACH; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.events ATTACH PARTITION shop.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');


--
-- Name: customers id; Type: DEFAULT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.customers ALTER COLUMN id SET DEFAULT nextval('shop.customers_id_seq'::regclass);


--
-- Data for Name: customers; Type: TABLE DATA; Schema: shop; Owner: postgres
--

INSERT INTO shop.customers VALUES (1, 'a@x.org', 'Ann', NULL, '{new}');
INSERT INTO shop.customers VALUES (2, 'b@x.org', 'Bob''s', NULL, NULL);


--
-- Data for Name: events_2024; Type: TABLE DATA; Schema: shop; Owner: postgres
--

INSERT INTO shop.events_2024 VALUES (1, '2024-05-05');


--
-- Data for Name: log; Type: TABLE DATA; Schema: shop; Owner: postgres
--

INSERT INTO shop.log VALUES (1, 'CREATE TABLE inside_data (id serial);');


--
-- Data for Name: orders; Type: TABLE DATA; Schema: shop; Owner: postgres
--

INSERT INTO shop.orders OVERRIDING SYSTEM VALUE VALUES (1, 1, 'open', 10.00, 'it''s -- fine; really', '2026-11-23 06:44:31.495605+00');
INSERT INTO shop.orders OVERRIDING SYSTEM VALUE VALUES (2, 2, 'open', 20.00, 'two
lines', '2026-11-23 06:44:31.495605+00');


--
-- Data for Name: rooms; Type: TABLE DATA; Schema: shop; Owner: postgres
--



--
-- Name: customers_id_seq; Type: SEQUENCE SET; Schema: shop; Owner: postgres
--

SELECT pg_catalog.setval('shop.customers_id_seq', 2, true);


--
-- Name: orders_id_seq; Type: SEQUENCE SET; Schema: shop; Owner: postgres
--

SELECT pg_catalog.setval('shop.orders_id_seq', 2, true);


--
-- Name: customers customers_email_key; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.customers
    ADD CONSTRAINT customers_email_key UNIQUE (email);


--
-- Name: customers customers_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id, at);


--
-- Name: events_2024 events_2024_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.events_2024
    ADD CONSTRAINT events_2024_pkey PRIMARY KEY (id, at);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: rooms rooms_during_excl; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.rooms
    ADD CONSTRAINT rooms_during_excl EXCLUDE USING gist (during WITH &&);


--
-- Name: rooms rooms_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (id);


--
-- Name: log_text; Type: INDEX; Schema: shop; Owner: postgres
--

CREATE INDEX log_text ON shop.log USING gin (to_tsvector('simple'::regconfig, line));


--
-- Name: orders_state; Type: INDEX; Schema: shop; Owner: postgres
--

CREATE INDEX orders_state ON shop.orders USING btree (state);


--
-- Name: events_2024_pkey; Type: INDEX ATTACH; Schema: shop; Owner: postgres
--

ALTER INDEX shop.events_pkey ATTACH PARTITION shop.events_2024_pkey;


--
-- Name: log no_delete; Type: RULE; Schema: shop; Owner: postgres
--

CREATE RULE no_delete AS
    ON DELETE TO shop.log DO INSTEAD NOTHING;


--
-- Name: orders touch; Type: TRIGGER; Schema: shop; Owner: postgres
--

CREATE TRIGGER touch BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();


--
-- Name: orders orders_customer_id_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES shop.customers(id);


--
-- Name: feed; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION feed WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION feed OWNER TO postgres;

--
-- Name: feed orders; Type: PUBLICATION TABLE; Schema: shop; Owner: postgres
--

ALTER PUBLICATION feed ADD TABLE ONLY shop.orders;


--
-- Name: totals; Type: MATERIALIZED VIEW DATA; Schema: shop; Owner: postgres
--

REFRESH MATERIALIZED VIEW shop.totals;


--
-- PostgreSQL database dump complete
--

\unrestrict dAYgtT2zd9LlOqP7yGdQssOXcz8bfiMdXbUaPP7SqDpyuBunVOJYCae1IyTgdWa

