--
-- PostgreSQL database dump
--

\restrict saas

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: billing; Type: SCHEMA; Schema: -; Owner: saas_owner
--

CREATE SCHEMA billing;


ALTER SCHEMA billing OWNER TO saas_owner;

--
-- Name: core; Type: SCHEMA; Schema: -; Owner: saas_owner
--

CREATE SCHEMA core;


ALTER SCHEMA core OWNER TO saas_owner;

--
-- Name: private; Type: SCHEMA; Schema: -; Owner: saas_owner
--

CREATE SCHEMA private;


ALTER SCHEMA private OWNER TO saas_owner;

--
-- Name: SCHEMA private; Type: COMMENT; Schema: -; Owner: saas_owner
--

COMMENT ON SCHEMA private IS 'Nobody but the owner looks in here';


--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';


--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: pgcrypto; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;


--
-- Name: EXTENSION pgcrypto; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';


--
-- Name: uuid-ossp; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;


--
-- Name: EXTENSION "uuid-ossp"; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION "uuid-ossp" IS 'generate universally unique identifiers (UUIDs)';


--
-- Name: amount; Type: DOMAIN; Schema: billing; Owner: saas_owner
--

CREATE DOMAIN billing.amount AS numeric(14,2) NOT NULL DEFAULT 0
	CONSTRAINT amount_check CHECK ((VALUE >= (0)::numeric));


ALTER DOMAIN billing.amount OWNER TO saas_owner;

--
-- Name: postal_address; Type: TYPE; Schema: billing; Owner: saas_owner
--

CREATE TYPE billing.postal_address AS (
	recipient text,
	street text,
	postcode character varying(12),
	city text,
	country character(2)
);


ALTER TYPE billing.postal_address OWNER TO saas_owner;

--
-- Name: email; Type: DOMAIN; Schema: core; Owner: saas_owner
--

CREATE DOMAIN core.email AS public.citext
	CONSTRAINT email_has_at CHECK ((VALUE OPERATOR(public.~) '^[^@\s]+@[^@\s]+$'::public.citext))
	CONSTRAINT email_has_no_space CHECK (((VALUE)::text = btrim((VALUE)::text)));


ALTER DOMAIN core.email OWNER TO saas_owner;

--
-- Name: DOMAIN email; Type: COMMENT; Schema: core; Owner: saas_owner
--

COMMENT ON DOMAIN core.email IS 'Letter case does not count, so that equality is identity';


--
-- Name: member_role; Type: TYPE; Schema: core; Owner: saas_owner
--

CREATE TYPE core.member_role AS ENUM (
    'owner',
    'admin',
    'editor',
    'viewer'
);


ALTER TYPE core.member_role OWNER TO saas_owner;

--
-- Name: run_month(date); Type: PROCEDURE; Schema: billing; Owner: saas_owner
--

CREATE PROCEDURE billing.run_month(IN for_month date)
    LANGUAGE plpgsql
    AS $$
DECLARE
    tenant uuid;
BEGIN
    IF NOT pg_try_advisory_lock(hashtext('billing.run_month')) THEN
        RAISE EXCEPTION 'a billing run is already under way';
    END IF;
    FOR tenant IN SELECT id FROM core.tenants LOOP
        INSERT INTO billing.invoices (tenant_id, plan_code, month)
        VALUES (tenant, 'basic', date_trunc('month', for_month))
        ON CONFLICT DO NOTHING;
        COMMIT;
    END LOOP;
    PERFORM pg_advisory_unlock(hashtext('billing.run_month'));
END;
$$;


ALTER PROCEDURE billing.run_month(IN for_month date) OWNER TO saas_owner;

--
-- Name: search_documents(text, integer); Type: FUNCTION; Schema: core; Owner: saas_owner
--

CREATE FUNCTION core.search_documents(terms text, max_hits integer DEFAULT 20) RETURNS TABLE(id uuid, title text, excerpt text)
    LANGUAGE sql STABLE
    AS $$
    SELECT d.id, d.title, ts_headline('english', d.body, q)
    FROM core.documents d, websearch_to_tsquery('english', terms) q
    WHERE d.search @@ q
    ORDER BY ts_rank(d.search, q) DESC
    LIMIT max_hits
$$;


ALTER FUNCTION core.search_documents(terms text, max_hits integer) OWNER TO saas_owner;

--
-- Name: announce_job(); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.announce_job() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('jobs', json_build_object('id', NEW.id, 'queue', NEW.queue)::text);
    RETURN NULL;
END;
$$;


ALTER FUNCTION private.announce_job() OWNER TO saas_owner;

--
-- Name: check_password(public.citext, text); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.check_password(login public.citext, password text) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT u.id FROM core.users u
    WHERE u.email OPERATOR(public.=) login
    AND u.password_hash = public.crypt(password, u.password_hash)
$$;


ALTER FUNCTION private.check_password(login public.citext, password text) OWNER TO saas_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: jobs; Type: TABLE; Schema: private; Owner: saas_owner
--

CREATE TABLE private.jobs (
    id bigint NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    payload jsonb NOT NULL,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone
);


ALTER TABLE private.jobs OWNER TO saas_owner;

--
-- Name: claim_job(text); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.claim_job(wanted text) RETURNS SETOF private.jobs
    LANGUAGE sql
    AS $$
    SELECT * FROM private.jobs
    WHERE queue = wanted AND finished_at IS NULL AND run_after <= now()
    ORDER BY run_after
    FOR UPDATE SKIP LOCKED
    LIMIT 1
$$;


ALTER FUNCTION private.claim_job(wanted text) OWNER TO saas_owner;

--
-- Name: current_tenant(); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid
$$;


ALTER FUNCTION private.current_tenant() OWNER TO saas_owner;

--
-- Name: set_password(bigint, text); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.set_password(who bigint, password text) RETURNS void
    LANGUAGE sql
    AS $$
    UPDATE core.users
    SET password_hash = public.crypt(password, public.gen_salt('bf', 12))
    WHERE id = who
$$;


ALTER FUNCTION private.set_password(who bigint, password text) OWNER TO saas_owner;

--
-- Name: start_worker(text); Type: FUNCTION; Schema: private; Owner: saas_owner
--

CREATE FUNCTION private.start_worker(wanted text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    LISTEN jobs;
    EXECUTE format('NOTIFY worker_started, %L', wanted);
END;
$$;


ALTER FUNCTION private.start_worker(wanted text) OWNER TO saas_owner;

--
-- Name: invoice_number; Type: SEQUENCE; Schema: billing; Owner: saas_owner
--

CREATE SEQUENCE billing.invoice_number
    AS integer
    START WITH 10000
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 20;


ALTER TABLE billing.invoice_number OWNER TO saas_owner;

--
-- Name: invoices; Type: TABLE; Schema: billing; Owner: saas_owner
--

CREATE TABLE billing.invoices (
    number integer DEFAULT nextval('billing.invoice_number'::regclass) NOT NULL,
    tenant_id uuid NOT NULL,
    plan_code character varying(20) NOT NULL,
    bill_to billing.postal_address,
    net billing.amount,
    vat billing.amount,
    gross numeric(14,2) GENERATED ALWAYS AS (((net)::numeric + (vat)::numeric)) STORED,
    month date NOT NULL
);


ALTER TABLE billing.invoices OWNER TO saas_owner;

--
-- Name: plans; Type: TABLE; Schema: billing; Owner: saas_owner
--

CREATE TABLE billing.plans (
    code character varying(20) NOT NULL,
    monthly billing.amount,
    seats integer,
    CONSTRAINT plans_seats_check CHECK ((seats > 0))
);


ALTER TABLE billing.plans OWNER TO saas_owner;

--
-- Name: revenue_by_month; Type: VIEW; Schema: billing; Owner: saas_owner
--

CREATE VIEW billing.revenue_by_month WITH (security_barrier='true') AS
 SELECT i.month,
    count(*) AS invoices,
    sum(i.gross) AS gross,
    (i.bill_to).country AS country
   FROM billing.invoices i
  GROUP BY i.month, (i.bill_to).country;


ALTER TABLE billing.revenue_by_month OWNER TO saas_owner;

--
-- Name: activity; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.activity (
    tenant_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    id bigint NOT NULL,
    actor_id bigint,
    verb text NOT NULL,
    detail jsonb
)
PARTITION BY RANGE (occurred_at);


ALTER TABLE core.activity OWNER TO saas_owner;

--
-- Name: activity_2026_q3; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.activity_2026_q3 (
    tenant_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    id bigint NOT NULL,
    actor_id bigint,
    verb text NOT NULL,
    detail jsonb
);


ALTER TABLE core.activity_2026_q3 OWNER TO saas_owner;

--
-- Name: activity_2026_q4; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.activity_2026_q4 (
    tenant_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    id bigint NOT NULL,
    actor_id bigint,
    verb text NOT NULL,
    detail jsonb
);


ALTER TABLE core.activity_2026_q4 OWNER TO saas_owner;

--
-- Name: activity_id_seq; Type: SEQUENCE; Schema: core; Owner: saas_owner
--

ALTER TABLE core.activity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME core.activity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: activity_other; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.activity_other (
    tenant_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    id bigint NOT NULL,
    actor_id bigint,
    verb text NOT NULL,
    detail jsonb
);


ALTER TABLE core.activity_other OWNER TO saas_owner;

--
-- Name: documents; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.documents (
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    title text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    labels text[] DEFAULT '{}'::text[] NOT NULL,
    search tsvector GENERATED ALWAYS AS ((setweight(to_tsvector('english'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, body), 'B'::"char"))) STORED,
    edited_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY core.documents FORCE ROW LEVEL SECURITY;


ALTER TABLE core.documents OWNER TO saas_owner;

--
-- Name: invitations; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.invitations (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL,
    email public.citext NOT NULL,
    role core.member_role DEFAULT 'viewer'::core.member_role NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '7 days'::interval) NOT NULL
);


ALTER TABLE core.invitations OWNER TO saas_owner;

--
-- Name: memberships; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.memberships (
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL,
    user_id bigint NOT NULL,
    role core.member_role DEFAULT 'viewer'::core.member_role NOT NULL,
    invited_by bigint
);


ALTER TABLE core.memberships OWNER TO saas_owner;

--
-- Name: tenants; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.tenants (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    slug character varying(40) NOT NULL,
    display_name text NOT NULL,
    billing_email core.email,
    settings jsonb DEFAULT '{"locale": "en"}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE core.tenants OWNER TO saas_owner;

--
-- Name: users; Type: TABLE; Schema: core; Owner: saas_owner
--

CREATE TABLE core.users (
    id bigint NOT NULL,
    email public.citext NOT NULL,
    full_name text NOT NULL COLLATE pg_catalog."C",
    password_hash text
);


ALTER TABLE core.users OWNER TO saas_owner;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: core; Owner: saas_owner
--

ALTER TABLE core.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: jobs_id_seq; Type: SEQUENCE; Schema: private; Owner: saas_owner
--

ALTER TABLE private.jobs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME private.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: activity_2026_q3; Type: TABLE ATTACH; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity ATTACH PARTITION core.activity_2026_q3 FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');


--
-- Name: activity_2026_q4; Type: TABLE ATTACH; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity ATTACH PARTITION core.activity_2026_q4 FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: activity_other; Type: TABLE ATTACH; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity ATTACH PARTITION core.activity_other DEFAULT;


--
-- Name: invoices invoices_pkey; Type: CONSTRAINT; Schema: billing; Owner: saas_owner
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (number);


--
-- Name: invoices invoices_tenant_id_month_key; Type: CONSTRAINT; Schema: billing; Owner: saas_owner
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_tenant_id_month_key UNIQUE (tenant_id, month) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: plans plans_pkey; Type: CONSTRAINT; Schema: billing; Owner: saas_owner
--

ALTER TABLE ONLY billing.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (code);


--
-- Name: activity activity_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (tenant_id, occurred_at, id);


--
-- Name: activity_2026_q3 activity_2026_q3_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity_2026_q3
    ADD CONSTRAINT activity_2026_q3_pkey PRIMARY KEY (tenant_id, occurred_at, id);


--
-- Name: activity_2026_q4 activity_2026_q4_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity_2026_q4
    ADD CONSTRAINT activity_2026_q4_pkey PRIMARY KEY (tenant_id, occurred_at, id);


--
-- Name: activity_other activity_other_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.activity_other
    ADD CONSTRAINT activity_other_pkey PRIMARY KEY (tenant_id, occurred_at, id);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (tenant_id, id);


--
-- Name: invitations invitations_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);


--
-- Name: invitations invitations_tenant_id_email_key; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.invitations
    ADD CONSTRAINT invitations_tenant_id_email_key UNIQUE (tenant_id, email);


--
-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id);


--
-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);


--
-- Name: tenants tenants_slug_key; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: private; Owner: saas_owner
--

ALTER TABLE ONLY private.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);


--
-- Name: activity_actor_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX activity_actor_idx ON ONLY core.activity USING btree (actor_id, occurred_at DESC);


--
-- Name: activity_2026_q3_actor_id_occurred_at_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX activity_2026_q3_actor_id_occurred_at_idx ON core.activity_2026_q3 USING btree (actor_id, occurred_at DESC);


--
-- Name: activity_2026_q4_actor_id_occurred_at_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX activity_2026_q4_actor_id_occurred_at_idx ON core.activity_2026_q4 USING btree (actor_id, occurred_at DESC);


--
-- Name: activity_other_actor_id_occurred_at_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX activity_other_actor_id_occurred_at_idx ON core.activity_other USING btree (actor_id, occurred_at DESC);


--
-- Name: documents_labels_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX documents_labels_idx ON core.documents USING gin (labels);


--
-- Name: documents_search_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX documents_search_idx ON core.documents USING gin (search);


--
-- Name: documents_title_trgm_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX documents_title_trgm_idx ON core.documents USING gin (title public.gin_trgm_ops);


--
-- Name: memberships_user_id_idx; Type: INDEX; Schema: core; Owner: saas_owner
--

CREATE INDEX memberships_user_id_idx ON core.memberships USING btree (user_id);


--
-- Name: jobs_waiting_idx; Type: INDEX; Schema: private; Owner: saas_owner
--

CREATE INDEX jobs_waiting_idx ON private.jobs USING btree (queue, run_after) WHERE (finished_at IS NULL);


--
-- Name: activity_2026_q3_actor_id_occurred_at_idx; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_actor_idx ATTACH PARTITION core.activity_2026_q3_actor_id_occurred_at_idx;


--
-- Name: activity_2026_q3_pkey; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_pkey ATTACH PARTITION core.activity_2026_q3_pkey;


--
-- Name: activity_2026_q4_actor_id_occurred_at_idx; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_actor_idx ATTACH PARTITION core.activity_2026_q4_actor_id_occurred_at_idx;


--
-- Name: activity_2026_q4_pkey; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_pkey ATTACH PARTITION core.activity_2026_q4_pkey;


--
-- Name: activity_other_actor_id_occurred_at_idx; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_actor_idx ATTACH PARTITION core.activity_other_actor_id_occurred_at_idx;


--
-- Name: activity_other_pkey; Type: INDEX ATTACH; Schema: core; Owner: saas_owner
--

ALTER INDEX core.activity_pkey ATTACH PARTITION core.activity_other_pkey;


--
-- Name: jobs jobs_announce; Type: TRIGGER; Schema: private; Owner: saas_owner
--

CREATE TRIGGER jobs_announce AFTER INSERT ON private.jobs FOR EACH ROW EXECUTE FUNCTION private.announce_job();


--
-- Name: invoices invoices_plan_code_fkey; Type: FK CONSTRAINT; Schema: billing; Owner: saas_owner
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_plan_code_fkey FOREIGN KEY (plan_code) REFERENCES billing.plans(code) ON UPDATE CASCADE;


--
-- Name: invoices invoices_tenant_id_fkey; Type: FK CONSTRAINT; Schema: billing; Owner: saas_owner
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES core.tenants(id) ON DELETE RESTRICT;


--
-- Name: activity activity_actor_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE core.activity
    ADD CONSTRAINT activity_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES core.users(id);


--
-- Name: documents documents_tenant_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT documents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES core.tenants(id) ON DELETE CASCADE;


--
-- Name: invitations invitations_tenant_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.invitations
    ADD CONSTRAINT invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES core.tenants(id) ON DELETE CASCADE;


--
-- Name: memberships memberships_invited_by_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES core.users(id) ON DELETE SET NULL;


--
-- Name: memberships memberships_tenant_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES core.tenants(id) ON DELETE CASCADE;


--
-- Name: memberships memberships_user_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: saas_owner
--

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES core.users(id) ON DELETE CASCADE;


--
-- Name: invoices; Type: ROW SECURITY; Schema: billing; Owner: saas_owner
--

ALTER TABLE billing.invoices ENABLE ROW LEVEL SECURITY;

--
-- Name: invoices tenant_invoices; Type: POLICY; Schema: billing; Owner: saas_owner
--

CREATE POLICY tenant_invoices ON billing.invoices AS RESTRICTIVE FOR SELECT TO saas_api USING ((tenant_id = private.current_tenant()));


--
-- Name: documents; Type: ROW SECURITY; Schema: core; Owner: saas_owner
--

ALTER TABLE core.documents ENABLE ROW LEVEL SECURITY;

--
-- Name: memberships; Type: ROW SECURITY; Schema: core; Owner: saas_owner
--

ALTER TABLE core.memberships ENABLE ROW LEVEL SECURITY;

--
-- Name: documents support_reads_documents; Type: POLICY; Schema: core; Owner: saas_owner
--

CREATE POLICY support_reads_documents ON core.documents FOR SELECT TO saas_support USING (true);


--
-- Name: documents tenant_documents; Type: POLICY; Schema: core; Owner: saas_owner
--

CREATE POLICY tenant_documents ON core.documents TO saas_api USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));


--
-- Name: POLICY tenant_documents ON documents; Type: COMMENT; Schema: core; Owner: saas_owner
--

COMMENT ON POLICY tenant_documents ON core.documents IS 'The API sets app.tenant_id on every checkout';


--
-- Name: memberships tenant_memberships; Type: POLICY; Schema: core; Owner: saas_owner
--

CREATE POLICY tenant_memberships ON core.memberships USING ((tenant_id = private.current_tenant()));


--
-- Name: SCHEMA billing; Type: ACL; Schema: -; Owner: saas_owner
--

GRANT USAGE ON SCHEMA billing TO saas_api;


--
-- Name: SCHEMA core; Type: ACL; Schema: -; Owner: saas_owner
--

GRANT USAGE ON SCHEMA core TO saas_api;
GRANT USAGE ON SCHEMA core TO saas_support;


--
-- Name: PROCEDURE run_month(IN for_month date); Type: ACL; Schema: billing; Owner: saas_owner
--

REVOKE ALL ON PROCEDURE billing.run_month(IN for_month date) FROM PUBLIC;


--
-- Name: FUNCTION search_documents(terms text, max_hits integer); Type: ACL; Schema: core; Owner: saas_owner
--

REVOKE ALL ON FUNCTION core.search_documents(terms text, max_hits integer) FROM PUBLIC;
GRANT ALL ON FUNCTION core.search_documents(terms text, max_hits integer) TO saas_api;


--
-- Name: FUNCTION announce_job(); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.announce_job() FROM PUBLIC;


--
-- Name: FUNCTION check_password(login public.citext, password text); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.check_password(login public.citext, password text) FROM PUBLIC;


--
-- Name: FUNCTION claim_job(wanted text); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.claim_job(wanted text) FROM PUBLIC;


--
-- Name: FUNCTION current_tenant(); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.current_tenant() FROM PUBLIC;


--
-- Name: FUNCTION set_password(who bigint, password text); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.set_password(who bigint, password text) FROM PUBLIC;


--
-- Name: FUNCTION start_worker(wanted text); Type: ACL; Schema: private; Owner: saas_owner
--

REVOKE ALL ON FUNCTION private.start_worker(wanted text) FROM PUBLIC;


--
-- Name: TABLE invoices; Type: ACL; Schema: billing; Owner: saas_owner
--

GRANT SELECT ON TABLE billing.invoices TO saas_api;


--
-- Name: TABLE revenue_by_month; Type: ACL; Schema: billing; Owner: saas_owner
--

GRANT SELECT ON TABLE billing.revenue_by_month TO saas_api;


--
-- Name: TABLE activity; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.activity TO saas_api;


--
-- Name: TABLE activity_2026_q3; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.activity_2026_q3 TO saas_api;


--
-- Name: TABLE activity_2026_q4; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.activity_2026_q4 TO saas_api;


--
-- Name: SEQUENCE activity_id_seq; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT USAGE ON SEQUENCE core.activity_id_seq TO saas_api;


--
-- Name: TABLE activity_other; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.activity_other TO saas_api;


--
-- Name: TABLE documents; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.documents TO saas_api;
GRANT SELECT ON TABLE core.documents TO saas_support;


--
-- Name: TABLE invitations; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.invitations TO saas_api;


--
-- Name: TABLE memberships; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.memberships TO saas_api;


--
-- Name: TABLE tenants; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.tenants TO saas_api;


--
-- Name: TABLE users; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.users TO saas_api;


--
-- Name: SEQUENCE users_id_seq; Type: ACL; Schema: core; Owner: saas_owner
--

GRANT USAGE ON SEQUENCE core.users_id_seq TO saas_api;


--
-- Name: DEFAULT PRIVILEGES FOR SEQUENCES; Type: DEFAULT ACL; Schema: core; Owner: saas_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE saas_owner IN SCHEMA core GRANT USAGE ON SEQUENCES  TO saas_api;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: core; Owner: saas_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE saas_owner IN SCHEMA core GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO saas_api;


--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: saas_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE saas_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;


--
-- PostgreSQL database dump complete
--

\unrestrict saas

