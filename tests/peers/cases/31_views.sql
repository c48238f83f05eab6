--
-- PostgreSQL database dump
--

\restrict d3SsLymMHXjVg5RSw3FlHJfAl73y2Qngagdf5a7Nsq9owbc1s9OLKghGeJ5aAou

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

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: orders; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.orders (
    id bigint NOT NULL,
    name text COLLATE pg_catalog."C",
    total numeric(12,2),
    placed timestamp with time zone
);


ALTER TABLE public.orders OWNER TO postgres;

--
-- Name: monthly; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.monthly WITH (security_barrier='true') AS
 SELECT date_trunc('month'::text, placed) AS month,
    sum(total) AS total
   FROM public.orders
  GROUP BY (date_trunc('month'::text, placed));


ALTER VIEW public.monthly OWNER TO postgres;

--
-- Name: plain; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.plain AS
 SELECT id,
    total
   FROM public.orders
  WHERE (total > (0)::numeric)
  WITH CASCADED CHECK OPTION;


ALTER VIEW public.plain OWNER TO postgres;

--
-- Name: sorted; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.sorted AS
 SELECT id,
    (name COLLATE "POSIX") AS name
   FROM public.orders;


ALTER VIEW public.sorted OWNER TO postgres;

--
-- Name: steps; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.steps AS
 WITH RECURSIVE steps(n) AS (
         VALUES (1)
        UNION ALL
         SELECT (steps_1.n + 1)
           FROM steps steps_1
          WHERE (steps_1.n < 5)
        )
 SELECT n
   FROM steps;


ALTER VIEW public.steps OWNER TO postgres;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.totals AS
 SELECT sum(total) AS total
   FROM public.orders
  WITH NO DATA;


ALTER MATERIALIZED VIEW public.totals OWNER TO postgres;

--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict d3SsLymMHXjVg5RSw3FlHJfAl73y2Qngagdf5a7Nsq9owbc1s9OLKghGeJ5aAou

