-- A multi-tenant SaaS: every row belongs to a tenant, row level security keeps tenants apart
-- by a session parameter, and PostgreSQL also serves as queue, lock service and search engine.
-- schema.sql beside this file is what pg_dump makes of it; see ../regenerate.py, which needs a
-- server with the contrib extensions for this one.

CREATE ROLE saas_owner;
CREATE ROLE saas_api;
CREATE ROLE saas_support;

CREATE EXTENSION "uuid-ossp";
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION pgcrypto;

CREATE SCHEMA core AUTHORIZATION saas_owner;
CREATE SCHEMA billing AUTHORIZATION saas_owner;
CREATE SCHEMA private AUTHORIZATION saas_owner;
SET ROLE saas_owner;

-- Before the objects, so that the defaults apply to them -----------------------------------

ALTER DEFAULT PRIVILEGES IN SCHEMA core GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO saas_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA core GRANT USAGE ON SEQUENCES TO saas_api;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Types ------------------------------------------------------------------------------------

CREATE DOMAIN core.email AS public.citext
    CONSTRAINT email_has_no_space CHECK (VALUE = btrim(VALUE))
    CONSTRAINT email_has_at CHECK (VALUE ~ '^[^@\s]+@[^@\s]+$');

CREATE DOMAIN billing.amount AS numeric(14,2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0);

CREATE TYPE core.member_role AS ENUM ('owner', 'admin', 'editor', 'viewer');

CREATE TYPE billing.postal_address AS (
    recipient text,
    street text,
    postcode character varying(12),
    city text,
    country character(2)
);

-- The tenant of the session, set by the API: SET app.tenant_id = '…'
CREATE FUNCTION private.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid
$$;

-- Tenants and members ----------------------------------------------------------------------

CREATE TABLE core.tenants (
    id uuid DEFAULT public.uuid_generate_v4() PRIMARY KEY,
    slug character varying(40) NOT NULL UNIQUE,
    display_name text NOT NULL,
    billing_email core.email,
    settings jsonb DEFAULT '{"locale": "en"}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE core.users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email public.citext NOT NULL UNIQUE,
    full_name text COLLATE "C" NOT NULL,
    password_hash text
);

CREATE TABLE core.memberships (
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL
        REFERENCES core.tenants ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES core.users ON DELETE CASCADE,
    role core.member_role DEFAULT 'viewer' NOT NULL,
    invited_by bigint REFERENCES core.users ON DELETE SET NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user_id_idx ON core.memberships (user_id);

CREATE TABLE core.invitations (
    id uuid DEFAULT public.uuid_generate_v4() PRIMARY KEY,
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL
        REFERENCES core.tenants ON DELETE CASCADE,
    email public.citext NOT NULL,
    role core.member_role DEFAULT 'viewer' NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '7 days'::interval) NOT NULL,
    UNIQUE (tenant_id, email)
);

CREATE FUNCTION private.set_password(who bigint, password text) RETURNS void
LANGUAGE sql
AS $$
    UPDATE core.users
    SET password_hash = public.crypt(password, public.gen_salt('bf', 12))
    WHERE id = who
$$;

CREATE FUNCTION private.check_password(login public.citext, password text) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT u.id FROM core.users u
    WHERE u.email OPERATOR(public.=) login
    AND u.password_hash = public.crypt(password, u.password_hash)
$$;

-- Documents, with full-text and fuzzy search -----------------------------------------------

CREATE TABLE core.documents (
    tenant_id uuid DEFAULT private.current_tenant() NOT NULL
        REFERENCES core.tenants ON DELETE CASCADE,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    title text NOT NULL,
    body text DEFAULT '' NOT NULL,
    labels text[] DEFAULT '{}'::text[] NOT NULL,
    search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')
    ) STORED,
    edited_at timestamp with time zone DEFAULT now() NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX documents_search_idx ON core.documents USING gin (search);
CREATE INDEX documents_labels_idx ON core.documents USING gin (labels);
CREATE INDEX documents_title_trgm_idx ON core.documents USING gin (title public.gin_trgm_ops);

CREATE FUNCTION core.search_documents(terms text, max_hits integer DEFAULT 20)
RETURNS TABLE (id uuid, title text, excerpt text)
LANGUAGE sql STABLE
AS $$
    SELECT d.id, d.title, ts_headline('english', d.body, q)
    FROM core.documents d, websearch_to_tsquery('english', terms) q
    WHERE d.search @@ q
    ORDER BY ts_rank(d.search, q) DESC
    LIMIT max_hits
$$;

-- Activity, partitioned by quarter ---------------------------------------------------------

CREATE TABLE core.activity (
    tenant_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    actor_id bigint REFERENCES core.users,
    verb text NOT NULL,
    detail jsonb,
    PRIMARY KEY (tenant_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE TABLE core.activity_2026_q3 PARTITION OF core.activity
    FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');
CREATE TABLE core.activity_2026_q4 PARTITION OF core.activity
    FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
CREATE TABLE core.activity_other PARTITION OF core.activity DEFAULT;
CREATE INDEX activity_actor_idx ON core.activity (actor_id, occurred_at DESC);

-- Jobs: a queue with notification ----------------------------------------------------------

CREATE TABLE private.jobs (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    queue text DEFAULT 'default' NOT NULL,
    payload jsonb NOT NULL,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone
);
CREATE INDEX jobs_waiting_idx ON private.jobs (queue, run_after) WHERE finished_at IS NULL;

CREATE FUNCTION private.announce_job() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_notify('jobs', json_build_object('id', NEW.id, 'queue', NEW.queue)::text);
    RETURN NULL;
END;
$$;

CREATE TRIGGER jobs_announce AFTER INSERT ON private.jobs
    FOR EACH ROW EXECUTE FUNCTION private.announce_job();

CREATE FUNCTION private.start_worker(wanted text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    LISTEN jobs;
    EXECUTE format('NOTIFY worker_started, %L', wanted);
END;
$$;

CREATE FUNCTION private.claim_job(wanted text) RETURNS SETOF private.jobs
LANGUAGE sql
AS $$
    SELECT * FROM private.jobs
    WHERE queue = wanted AND finished_at IS NULL AND run_after <= now()
    ORDER BY run_after
    FOR UPDATE SKIP LOCKED
    LIMIT 1
$$;

-- Billing ----------------------------------------------------------------------------------

CREATE SEQUENCE billing.invoice_number AS integer START WITH 10000 CACHE 20;

CREATE TABLE billing.plans (
    code character varying(20) PRIMARY KEY,
    monthly billing.amount,
    seats integer CHECK (seats > 0)
);

CREATE TABLE billing.invoices (
    number integer DEFAULT nextval('billing.invoice_number') PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES core.tenants ON DELETE RESTRICT,
    plan_code character varying(20) NOT NULL REFERENCES billing.plans ON UPDATE CASCADE,
    bill_to billing.postal_address,
    net billing.amount,
    vat billing.amount,
    gross numeric(14,2) GENERATED ALWAYS AS (net + vat) STORED,
    month date NOT NULL,
    UNIQUE (tenant_id, month) DEFERRABLE INITIALLY DEFERRED
);

-- One run at a time, whichever server starts it; each tenant is its own transaction.
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

CREATE VIEW billing.revenue_by_month WITH (security_barrier = true) AS
SELECT i.month, count(*) AS invoices, sum(i.gross) AS gross, (i.bill_to).country AS country
FROM billing.invoices i
GROUP BY i.month, (i.bill_to).country;

-- Row level security -----------------------------------------------------------------------

ALTER TABLE core.memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.documents FORCE ROW LEVEL SECURITY;
ALTER TABLE billing.invoices ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_memberships ON core.memberships
    USING (tenant_id = private.current_tenant());
CREATE POLICY tenant_documents ON core.documents TO saas_api
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY support_reads_documents ON core.documents FOR SELECT TO saas_support USING (true);
CREATE POLICY tenant_invoices ON billing.invoices AS RESTRICTIVE FOR SELECT TO saas_api
    USING (tenant_id = private.current_tenant());

-- Grants and comments ----------------------------------------------------------------------

GRANT USAGE ON SCHEMA core TO saas_api, saas_support;
GRANT USAGE ON SCHEMA billing TO saas_api;
GRANT SELECT ON core.documents TO saas_support;
GRANT SELECT ON billing.invoices, billing.revenue_by_month TO saas_api;
GRANT EXECUTE ON FUNCTION core.search_documents(text, integer) TO saas_api;

COMMENT ON SCHEMA private IS 'Nobody but the owner looks in here';
COMMENT ON DOMAIN core.email IS 'Letter case does not count, so that equality is identity';
COMMENT ON POLICY tenant_documents ON core.documents IS 'The API sets app.tenant_id on every checkout';
