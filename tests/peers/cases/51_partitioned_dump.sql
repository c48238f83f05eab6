--
-- PostgreSQL database dump
--

\restrict 9v6o3nfw4xv3KuYe0h5T7a3Mgsc6L6ORgCCPHPI0SIMm0MdahQvT7tIkvIkx68A

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

--
-- Name: m; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.m (
    id bigint NOT NULL,
    at date NOT NULL,
    v numeric(10,2)
)
PARTITION BY RANGE (at);


ALTER TABLE public.m OWNER TO postgres;

SET default_table_access_method = heap;

--
-- Name: m_2024; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.m_2024 (
    id bigint CONSTRAINT m_id_not_null NOT NULL,
    at date CONSTRAINT m_at_not_null NOT NULL,
    v numeric(10,2)
);


ALTER TABLE public.m_2024 OWNER TO postgres;

--
-- Name: m_2025; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.m_2025 (
    id bigint CONSTRAINT m_id_not_null NOT NULL,
    at date CONSTRAINT m_at_not_null NOT NULL,
    v numeric(10,2)
);


ALTER TABLE public.m_2025 OWNER TO postgres;

--
-- Name: m_2024; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.m ATTACH PARTITION public.m_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');


--
-- Name: m_2025; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.m ATTACH PARTITION public.m_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');


--
-- Data for Name: m_2024; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.m_2024 VALUES (1, '2024-03-01', 1.00);


--
-- Data for Name: m_2025; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.m_2025 VALUES (2, '2025-03-01', 2.00);


--
-- Name: m m_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.m
    ADD CONSTRAINT m_pkey PRIMARY KEY (id, at);


--
-- Name: m_2024 m_2024_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.m_2024
    ADD CONSTRAINT m_2024_pkey PRIMARY KEY (id, at);


--
-- Name: m_2025 m_2025_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.m_2025
    ADD CONSTRAINT m_2025_pkey PRIMARY KEY (id, at);


--
-- Name: m_2024_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.m_pkey ATTACH PARTITION public.m_2024_pkey;


--
-- Name: m_2025_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.m_pkey ATTACH PARTITION public.m_2025_pkey;


--
-- PostgreSQL database dump complete
--

\unrestrict 9v6o3nfw4xv3KuYe0h5T7a3Mgsc6L6ORgCCPHPI0SIMm0MdahQvT7tIkvIkx68A

