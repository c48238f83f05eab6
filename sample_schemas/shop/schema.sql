--
-- PostgreSQL database dump
--

\restrict shop

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
-- Name: order_status; Type: TYPE; Schema: public; Owner: shop_owner
--

CREATE TYPE public.order_status AS ENUM (
    'cart',
    'placed',
    'paid',
    'shipped',
    'returned'
);


ALTER TYPE public.order_status OWNER TO shop_owner;

--
-- Name: TYPE order_status; Type: COMMENT; Schema: public; Owner: shop_owner
--

COMMENT ON TYPE public.order_status IS 'Life of an order; values are only ever added at the end';


--
-- Name: forget_carts(); Type: FUNCTION; Schema: public; Owner: shop_owner
--

CREATE FUNCTION public.forget_carts() RETURNS void
    LANGUAGE sql
    AS $$
    TRUNCATE carts;
$$;


ALTER FUNCTION public.forget_carts() OWNER TO shop_owner;

--
-- Name: order_total(bigint); Type: FUNCTION; Schema: public; Owner: shop_owner
--

CREATE FUNCTION public.order_total(wanted bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    SELECT total FROM order_totals WHERE order_id = wanted
$$;


ALTER FUNCTION public.order_total(wanted bigint) OWNER TO shop_owner;

--
-- Name: FUNCTION order_total(wanted bigint); Type: COMMENT; Schema: public; Owner: shop_owner
--

COMMENT ON FUNCTION public.order_total(wanted bigint) IS 'Shipping included';


--
-- Name: record_order_event(); Type: FUNCTION; Schema: public; Owner: shop_owner
--

CREATE FUNCTION public.record_order_event() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO order_events (order_id, status, note) VALUES (NEW.id, NEW.status, TG_ARGV[0]);
    RETURN NULL;
END;
$$;


ALTER FUNCTION public.record_order_event() OWNER TO shop_owner;

--
-- Name: touch_updated_at(); Type: FUNCTION; Schema: public; Owner: shop_owner
--

CREATE FUNCTION public.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;


ALTER FUNCTION public.touch_updated_at() OWNER TO shop_owner;

--
-- Name: write_audit(); Type: FUNCTION; Schema: public; Owner: shop_owner
--

CREATE FUNCTION public.write_audit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO audit_log (table_name, operation, old_row)
        VALUES (TG_TABLE_NAME, TG_OP, to_jsonb(OLD));
        RETURN OLD;
    END IF;
    INSERT INTO audit_log (table_name, operation, old_row, new_row)
    VALUES (TG_TABLE_NAME, TG_OP,
            CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW));
    RETURN NEW;
END;
$$;


ALTER FUNCTION public.write_audit() OWNER TO shop_owner;

--
-- Name: stacked_discount(numeric); Type: AGGREGATE; Schema: public; Owner: shop_owner
--

CREATE AGGREGATE public.stacked_discount(numeric) (
    SFUNC = numeric_mul,
    STYPE = numeric,
    INITCOND = '1'
);


ALTER AGGREGATE public.stacked_discount(numeric) OWNER TO shop_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: addresses; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.addresses (
    id integer NOT NULL,
    customer_id integer NOT NULL,
    street text NOT NULL,
    city text NOT NULL,
    country character(2) DEFAULT 'NL'::bpchar NOT NULL
);


ALTER TABLE public.addresses OWNER TO shop_owner;

--
-- Name: addresses_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.addresses_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.addresses_id_seq OWNER TO shop_owner;

--
-- Name: addresses_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.addresses_id_seq OWNED BY public.addresses.id;


--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    old_row jsonb,
    new_row jsonb,
    changed_by text DEFAULT CURRENT_USER NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


ALTER TABLE public.audit_log OWNER TO shop_owner;

--
-- Name: audit_log_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.audit_log_id_seq OWNER TO shop_owner;

--
-- Name: audit_log_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.audit_log_id_seq OWNED BY public.audit_log.id;


--
-- Name: carts; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE UNLOGGED TABLE public.carts (
    token uuid DEFAULT gen_random_uuid() NOT NULL,
    customer_id integer,
    content jsonb NOT NULL,
    touched_at timestamp without time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.carts OWNER TO shop_owner;

--
-- Name: categories; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.categories (
    id integer NOT NULL,
    parent_id integer,
    slug text NOT NULL,
    title text NOT NULL
);


ALTER TABLE public.categories OWNER TO shop_owner;

--
-- Name: categories_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.categories_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.categories_id_seq OWNER TO shop_owner;

--
-- Name: categories_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.categories_id_seq OWNED BY public.categories.id;


--
-- Name: customers; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.customers (
    id integer NOT NULL,
    email text NOT NULL,
    full_name character varying(120) NOT NULL,
    default_address_id integer,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT customers_email_has_at CHECK ((email ~~ '%_@_%'::text))
);


ALTER TABLE public.customers OWNER TO shop_owner;

--
-- Name: customers_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.customers_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.customers_id_seq OWNER TO shop_owner;

--
-- Name: customers_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.customers_id_seq OWNED BY public.customers.id;


--
-- Name: order_events; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.order_events (
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    status public.order_status NOT NULL,
    note text,
    happened_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.order_events OWNER TO shop_owner;

--
-- Name: order_events_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.order_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.order_events_id_seq OWNER TO shop_owner;

--
-- Name: order_events_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.order_events_id_seq OWNED BY public.order_events.id;


--
-- Name: order_lines; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.order_lines (
    order_id bigint NOT NULL,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    variant_no smallint NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    CONSTRAINT order_lines_quantity_check CHECK ((quantity > 0))
);


ALTER TABLE public.order_lines OWNER TO shop_owner;

--
-- Name: order_totals; Type: VIEW; Schema: public; Owner: shop_owner
--

CREATE VIEW public.order_totals AS
SELECT
    NULL::bigint AS order_id,
    NULL::integer AS customer_id,
    NULL::public.order_status AS status,
    NULL::timestamp with time zone AS placed_at,
    NULL::numeric AS total;


ALTER VIEW public.order_totals OWNER TO shop_owner;

--
-- Name: orders; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.orders (
    id bigint NOT NULL,
    customer_id integer NOT NULL,
    status public.order_status DEFAULT 'cart'::public.order_status NOT NULL,
    shipping numeric DEFAULT 0 NOT NULL,
    placed_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.orders OWNER TO shop_owner;

--
-- Name: orders_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.orders_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.orders_id_seq OWNER TO shop_owner;

--
-- Name: orders_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.orders_id_seq OWNED BY public.orders.id;


--
-- Name: product_variants; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.product_variants (
    product_id integer NOT NULL,
    variant_no smallint NOT NULL,
    label text NOT NULL,
    stock integer DEFAULT 0 NOT NULL,
    CONSTRAINT product_variants_stock_check CHECK ((stock >= 0))
);


ALTER TABLE public.product_variants OWNER TO shop_owner;

--
-- Name: products; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.products (
    id integer NOT NULL,
    category_id integer,
    sku character varying(32) NOT NULL,
    title text NOT NULL,
    description text,
    price numeric NOT NULL,
    tax_rate numeric(5,2) DEFAULT 21.00 NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    discontinued boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT products_price_not_negative CHECK ((price >= (0)::numeric))
);


ALTER TABLE public.products OWNER TO shop_owner;

--
-- Name: TABLE products; Type: COMMENT; Schema: public; Owner: shop_owner
--

COMMENT ON TABLE public.products IS 'What we sell; a product''s stock lives in product_variants';


--
-- Name: COLUMN products.price; Type: COMMENT; Schema: public; Owner: shop_owner
--

COMMENT ON COLUMN public.products.price IS 'Net price in euro; more than two digits for goods sold by weight';


--
-- Name: products_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.products_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.products_id_seq OWNER TO shop_owner;

--
-- Name: products_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.products_id_seq OWNED BY public.products.id;


--
-- Name: promotions; Type: TABLE; Schema: public; Owner: shop_owner
--

CREATE TABLE public.promotions (
    id integer NOT NULL,
    title text NOT NULL,
    factor numeric(4,3) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL
);


ALTER TABLE public.promotions OWNER TO shop_owner;

--
-- Name: promotions_id_seq; Type: SEQUENCE; Schema: public; Owner: shop_owner
--

CREATE SEQUENCE public.promotions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.promotions_id_seq OWNER TO shop_owner;

--
-- Name: promotions_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: shop_owner
--

ALTER SEQUENCE public.promotions_id_seq OWNED BY public.promotions.id;


--
-- Name: sold_out; Type: VIEW; Schema: public; Owner: shop_owner
--

CREATE VIEW public.sold_out AS
 SELECT p.sku,
    p.title,
    v.label,
    (p.attributes ->> 'color'::text) AS color
   FROM (public.products p
     JOIN public.product_variants v ON ((v.product_id = p.id)))
  WHERE ((v.stock = 0) AND (NOT p.discontinued));


ALTER VIEW public.sold_out OWNER TO shop_owner;

--
-- Name: addresses id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.addresses ALTER COLUMN id SET DEFAULT nextval('public.addresses_id_seq'::regclass);


--
-- Name: audit_log id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.audit_log ALTER COLUMN id SET DEFAULT nextval('public.audit_log_id_seq'::regclass);


--
-- Name: categories id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.categories ALTER COLUMN id SET DEFAULT nextval('public.categories_id_seq'::regclass);


--
-- Name: customers id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.customers ALTER COLUMN id SET DEFAULT nextval('public.customers_id_seq'::regclass);


--
-- Name: order_events id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_events ALTER COLUMN id SET DEFAULT nextval('public.order_events_id_seq'::regclass);


--
-- Name: orders id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.orders ALTER COLUMN id SET DEFAULT nextval('public.orders_id_seq'::regclass);


--
-- Name: products id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.products ALTER COLUMN id SET DEFAULT nextval('public.products_id_seq'::regclass);


--
-- Name: promotions id; Type: DEFAULT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.promotions ALTER COLUMN id SET DEFAULT nextval('public.promotions_id_seq'::regclass);


--
-- Data for Name: addresses; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.addresses (id, customer_id, street, city, country) FROM stdin;
1	1	12 Lock Lane; rear entrance	Utrecht	NL
2	1	Rue de l'Étoile 4	Liège	BE
3	2	C:\\temp\\new street 7	Zürich	CH
\.


--
-- Data for Name: audit_log; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.audit_log (id, table_name, operation, old_row, new_row, changed_by, changed_at) FROM stdin;
\.


--
-- Data for Name: carts; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.carts (token, customer_id, content, touched_at) FROM stdin;
5a0c1c52-8f3e-4a51-9a37-0d2f4b7c6e10	3	{"lines": [{"qty": 1, "sku": "MUG-001"}]}	2025-03-25 20:00:00
\.


--
-- Data for Name: categories; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.categories (id, parent_id, slug, title) FROM stdin;
1	\N	kitchen	Kitchen
2	1	mugs	Mugs & cups
3	\N	garden	Garden 🌱
\.


--
-- Data for Name: customers; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.customers (id, email, full_name, default_address_id, preferences, created_at, updated_at) FROM stdin;
3	Noor@Example.net	Noor El Idrissi	\N	{}	2025-03-05 23:59:59.999+00	2025-03-05 23:59:59.999+00
1	fleur@example.com	Fleur O'Hara	2	{"theme": "dark", "newsletter": true}	2025-03-01 09:15:00+00	2025-03-01 09:15:00+00
2	sam@example.org	Sam "Semi;colon" Jansen	3	{"quote": "it's -- fine; really"}	2025-03-02 10:00:00+00	2025-04-11 12:30:00+00
\.


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.order_events (id, order_id, status, note, happened_at) FROM stdin;
1	1001	placed	\N	2025-03-21 11:00:00+00
2	1001	shipped	courier said: "don't ring; -- baby asleep" 😴	2025-03-23 07:30:00+00
3	1002	paid	ends with a dot line:\n\\.\nand goes on	2025-03-22 18:46:00+00
\.


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.order_lines (order_id, line_no, product_id, variant_no, quantity, unit_price) FROM stdin;
1001	1	1	2	1	46.62
1001	2	3	1	3	3.33
1002	1	2	1	2	14.50
\.


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.orders (id, customer_id, status, shipping, placed_at, updated_at) FROM stdin;
1001	1	shipped	4.95	2025-03-21 11:00:00+00	2025-03-23 07:30:00+00
1002	2	paid	0	2025-03-22 18:45:10.25+00	2025-03-22 18:46:00+00
1003	2	cart	0	\N	2025-03-25 20:00:00+00
\.


--
-- Data for Name: product_variants; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.product_variants (product_id, variant_no, label, stock) FROM stdin;
1	1	single	40
1	2	set of 4; boxed	0
2	1	single	7
3	1	100 g	250
\.


--
-- Data for Name: products; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.products (id, category_id, sku, title, description, price, tax_rate, attributes, discontinued, updated_at) FROM stdin;
1	2	MUG-001	Cook's mug	-- our best seller; dishwasher safe	12.95	21.00	{"ml": 330, "color": "red"}	f	2025-02-01 08:00:00+00
2	2	MUG-002	Mug ☕ with spoon	Two lines:\nthe second has a\ttab and a \\backslash	14.5	21.00	{"tags": ["gift", "it's"], "color": "blue"}	f	2025-02-01 08:00:00+00
3	3	SEED-9	Seed mix	\N	3.3333333333	9.00	{}	f	2025-02-02 08:00:00+00
4	\N	OLD-1	\\N is not null here	$$ DROP TABLE products; $$	0	0.00	{"path": "C:\\\\old\\\\new"}	t	2025-02-02 08:00:00+00
\.


--
-- Data for Name: promotions; Type: TABLE DATA; Schema: public; Owner: shop_owner
--

COPY public.promotions (id, title, factor, starts_on, ends_on) FROM stdin;
1	Spring '25	0.900	2025-03-20	2025-04-03
2	/* quiet week */	1.000	2025-04-10	2025-04-16
\.


--
-- Name: addresses_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.addresses_id_seq', 3, true);


--
-- Name: audit_log_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.audit_log_id_seq', 1, false);


--
-- Name: categories_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.categories_id_seq', 3, true);


--
-- Name: customers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.customers_id_seq', 3, true);


--
-- Name: order_events_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.order_events_id_seq', 3, true);


--
-- Name: orders_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.orders_id_seq', 1003, true);


--
-- Name: products_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.products_id_seq', 4, true);


--
-- Name: promotions_id_seq; Type: SEQUENCE SET; Schema: public; Owner: shop_owner
--

SELECT pg_catalog.setval('public.promotions_id_seq', 2, true);


--
-- Name: addresses addresses_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.addresses
    ADD CONSTRAINT addresses_pkey PRIMARY KEY (id);


--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);


--
-- Name: carts carts_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_pkey PRIMARY KEY (token);


--
-- Name: categories categories_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (id);


--
-- Name: categories categories_slug_key; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_slug_key UNIQUE (slug);


--
-- Name: customers customers_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);


--
-- Name: order_events order_events_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_events
    ADD CONSTRAINT order_events_pkey PRIMARY KEY (id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_no);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: product_variants product_variants_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.product_variants
    ADD CONSTRAINT product_variants_pkey PRIMARY KEY (product_id, variant_no);


--
-- Name: products products_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);


--
-- Name: products products_sku_key; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_sku_key UNIQUE (sku);


--
-- Name: promotions promotions_never_overlap; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.promotions
    ADD CONSTRAINT promotions_never_overlap EXCLUDE USING gist (daterange(starts_on, ends_on, '[]'::text) WITH &&);


--
-- Name: promotions promotions_pkey; Type: CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.promotions
    ADD CONSTRAINT promotions_pkey PRIMARY KEY (id);


--
-- Name: addresses_customer_id_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX addresses_customer_id_idx ON public.addresses USING btree (customer_id);


--
-- Name: customers_email_key; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE UNIQUE INDEX customers_email_key ON public.customers USING btree (lower(email));


--
-- Name: order_events_order_id_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX order_events_order_id_idx ON public.order_events USING btree (order_id);


--
-- Name: orders_customer_recent_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX orders_customer_recent_idx ON public.orders USING btree (customer_id, placed_at DESC NULLS LAST);


--
-- Name: orders_open_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX orders_open_idx ON public.orders USING btree (placed_at) WHERE (status = ANY (ARRAY['placed'::public.order_status, 'paid'::public.order_status]));


--
-- Name: INDEX orders_open_idx; Type: COMMENT; Schema: public; Owner: shop_owner
--

COMMENT ON INDEX public.orders_open_idx IS 'Feeds the packing screen';


--
-- Name: products_attributes_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX products_attributes_idx ON public.products USING gin (attributes jsonb_path_ops);


--
-- Name: products_on_sale_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX products_on_sale_idx ON public.products USING btree (category_id, price) WHERE (NOT discontinued);


--
-- Name: products_title_prefix_idx; Type: INDEX; Schema: public; Owner: shop_owner
--

CREATE INDEX products_title_prefix_idx ON public.products USING btree (title text_pattern_ops);


--
-- Name: order_totals _RETURN; Type: RULE; Schema: public; Owner: shop_owner
--

CREATE OR REPLACE VIEW public.order_totals AS
 SELECT o.id AS order_id,
    o.customer_id,
    o.status,
    o.placed_at,
    (o.shipping + COALESCE(sum(((l.quantity)::numeric * l.unit_price)), (0)::numeric)) AS total
   FROM (public.orders o
     LEFT JOIN public.order_lines l ON ((l.order_id = o.id)))
  GROUP BY o.id;


--
-- Name: customers customers_touch; Type: TRIGGER; Schema: public; Owner: shop_owner
--

CREATE TRIGGER customers_touch BEFORE UPDATE ON public.customers FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();


--
-- Name: orders orders_event; Type: TRIGGER; Schema: public; Owner: shop_owner
--

CREATE TRIGGER orders_event AFTER UPDATE OF status ON public.orders FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION public.record_order_event('changed in the shop');


--
-- Name: orders orders_touch; Type: TRIGGER; Schema: public; Owner: shop_owner
--

CREATE TRIGGER orders_touch BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();


--
-- Name: products products_audit; Type: TRIGGER; Schema: public; Owner: shop_owner
--

CREATE TRIGGER products_audit AFTER INSERT OR DELETE OR UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION public.write_audit();


--
-- Name: products products_touch; Type: TRIGGER; Schema: public; Owner: shop_owner
--

CREATE TRIGGER products_touch BEFORE UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();


--
-- Name: addresses addresses_customer_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.addresses
    ADD CONSTRAINT addresses_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;


--
-- Name: carts carts_customer_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE SET NULL;


--
-- Name: categories categories_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.categories(id) ON DELETE SET NULL;


--
-- Name: customers customers_default_address_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_default_address_fkey FOREIGN KEY (default_address_id) REFERENCES public.addresses(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: order_events order_events_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_events
    ADD CONSTRAINT order_events_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;


--
-- Name: order_lines order_lines_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;


--
-- Name: order_lines order_lines_variant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_variant_fkey FOREIGN KEY (product_id, variant_no) REFERENCES public.product_variants(product_id, variant_no) ON UPDATE CASCADE;


--
-- Name: orders orders_customer_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE RESTRICT;


--
-- Name: product_variants product_variants_product_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.product_variants
    ADD CONSTRAINT product_variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id) ON DELETE CASCADE;


--
-- Name: products products_category_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: shop_owner
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.categories(id) ON DELETE RESTRICT;


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

GRANT ALL ON SCHEMA public TO shop_owner;


--
-- Name: FUNCTION forget_carts(); Type: ACL; Schema: public; Owner: shop_owner
--

REVOKE ALL ON FUNCTION public.forget_carts() FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_carts() TO shop_app;


--
-- Name: TABLE addresses; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.addresses TO shop_app;


--
-- Name: TABLE carts; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.carts TO shop_app;


--
-- Name: TABLE categories; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT ON TABLE public.categories TO shop_app;


--
-- Name: TABLE customers; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.customers TO shop_app;


--
-- Name: COLUMN customers.id; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT(id) ON TABLE public.customers TO shop_readonly;


--
-- Name: COLUMN customers.full_name; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT(full_name) ON TABLE public.customers TO shop_readonly;


--
-- Name: SEQUENCE customers_id_seq; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT USAGE ON SEQUENCE public.customers_id_seq TO shop_app;


--
-- Name: TABLE order_lines; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.order_lines TO shop_app;


--
-- Name: TABLE order_totals; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT ON TABLE public.order_totals TO shop_readonly;


--
-- Name: TABLE orders; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.orders TO shop_app;


--
-- Name: SEQUENCE orders_id_seq; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT USAGE ON SEQUENCE public.orders_id_seq TO shop_app;


--
-- Name: TABLE product_variants; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT ON TABLE public.product_variants TO shop_app;


--
-- Name: TABLE products; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT ON TABLE public.products TO shop_app;


--
-- Name: TABLE sold_out; Type: ACL; Schema: public; Owner: shop_owner
--

GRANT SELECT ON TABLE public.sold_out TO shop_readonly;


--
-- PostgreSQL database dump complete
--

\unrestrict shop

