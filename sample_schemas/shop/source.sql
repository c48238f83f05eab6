-- An online shop as a small team grows it on PostgreSQL: serial keys, triggers that keep
-- timestamps and an audit trail, JSONB attributes, one enum, and the shortcuts of ten years.
-- schema.sql beside this file is what pg_dump makes of it; see ../regenerate.py.

CREATE ROLE shop_owner;
CREATE ROLE shop_app;
CREATE ROLE shop_readonly;
GRANT USAGE, CREATE ON SCHEMA public TO shop_owner;
SET ROLE shop_owner;

-- Types and helpers ------------------------------------------------------------------------

CREATE TYPE order_status AS ENUM ('cart', 'placed', 'paid', 'shipped', 'returned');

-- 0.9 * 0.8 for two stacked discounts
CREATE AGGREGATE stacked_discount(numeric) (
    SFUNC = numeric_mul,
    STYPE = numeric,
    INITCOND = '1'
);

-- People -----------------------------------------------------------------------------------

-- Customers and addresses point at each other: every address belongs to a customer, and a
-- customer has a default address.
CREATE TABLE customers (
    id serial PRIMARY KEY,
    email text NOT NULL,
    full_name character varying(120) NOT NULL,
    default_address_id integer,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT customers_email_has_at CHECK (email LIKE '%_@_%')
);

CREATE TABLE addresses (
    id serial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers ON DELETE CASCADE,
    street text NOT NULL,
    city text NOT NULL,
    country character(2) DEFAULT 'NL' NOT NULL
);

ALTER TABLE customers
    ADD CONSTRAINT customers_default_address_fkey FOREIGN KEY (default_address_id)
    REFERENCES addresses (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

-- Catalogue --------------------------------------------------------------------------------

CREATE TABLE categories (
    id serial PRIMARY KEY,
    parent_id integer REFERENCES categories ON DELETE SET NULL,
    slug text NOT NULL UNIQUE,
    title text NOT NULL
);

CREATE TABLE products (
    id serial PRIMARY KEY,
    category_id integer REFERENCES categories ON DELETE RESTRICT,
    sku character varying(32) NOT NULL UNIQUE,
    title text NOT NULL,
    description text,
    price numeric NOT NULL,
    tax_rate numeric(5,2) DEFAULT 21.00 NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    discontinued boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT products_price_not_negative CHECK (price >= 0)
);

CREATE TABLE product_variants (
    product_id integer NOT NULL REFERENCES products ON DELETE CASCADE,
    variant_no smallint NOT NULL,
    label text NOT NULL,
    stock integer DEFAULT 0 NOT NULL CHECK (stock >= 0),
    PRIMARY KEY (product_id, variant_no)
);

-- Two promotions may never run on the same day.
CREATE TABLE promotions (
    id serial PRIMARY KEY,
    title text NOT NULL,
    factor numeric(4,3) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    CONSTRAINT promotions_never_overlap
        EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
);

-- Orders -----------------------------------------------------------------------------------

CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers ON DELETE RESTRICT,
    status order_status DEFAULT 'cart' NOT NULL,
    shipping numeric DEFAULT 0 NOT NULL,
    placed_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE order_lines (
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    variant_no smallint NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_price numeric(12,2) NOT NULL,
    PRIMARY KEY (order_id, line_no),
    CONSTRAINT order_lines_variant_fkey FOREIGN KEY (product_id, variant_no)
        REFERENCES product_variants (product_id, variant_no) ON UPDATE CASCADE
);

CREATE TABLE order_events (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    status order_status NOT NULL,
    note text,
    happened_at timestamp with time zone DEFAULT now() NOT NULL
);

-- Losing these after a crash is fine.
CREATE UNLOGGED TABLE carts (
    token uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    customer_id integer REFERENCES customers ON DELETE SET NULL,
    content jsonb NOT NULL,
    touched_at timestamp without time zone DEFAULT now() NOT NULL
);

CREATE TABLE audit_log (
    id bigserial PRIMARY KEY,
    table_name text NOT NULL,
    operation text NOT NULL,
    old_row jsonb,
    new_row jsonb,
    changed_by text DEFAULT CURRENT_USER NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

-- Indexes ----------------------------------------------------------------------------------

CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));
CREATE INDEX addresses_customer_id_idx ON addresses (customer_id);
CREATE INDEX products_attributes_idx ON products USING gin (attributes jsonb_path_ops);
CREATE INDEX products_title_prefix_idx ON products (title text_pattern_ops);
CREATE INDEX products_on_sale_idx ON products (category_id, price) WHERE NOT discontinued;
CREATE INDEX orders_customer_recent_idx ON orders (customer_id, placed_at DESC NULLS LAST);
CREATE INDEX orders_open_idx ON orders (placed_at) WHERE status IN ('placed', 'paid');
CREATE INDEX order_events_order_id_idx ON order_events (order_id);

-- Views ------------------------------------------------------------------------------------

CREATE VIEW order_totals AS
SELECT o.id AS order_id,
       o.customer_id,
       o.status,
       o.placed_at,
       o.shipping + COALESCE(sum(l.quantity * l.unit_price), 0) AS total
FROM orders o
LEFT JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id;

CREATE VIEW sold_out AS
SELECT p.sku, p.title, v.label, p.attributes ->> 'color' AS color
FROM products p
JOIN product_variants v ON v.product_id = p.id
WHERE v.stock = 0 AND NOT p.discontinued;

-- Functions --------------------------------------------------------------------------------

CREATE FUNCTION order_total(wanted bigint) RETURNS numeric
LANGUAGE sql STABLE
AS $$
    SELECT total FROM order_totals WHERE order_id = wanted
$$;

-- Called by the night job.
CREATE FUNCTION forget_carts() RETURNS void
LANGUAGE sql
AS $$
    TRUNCATE carts;
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

CREATE FUNCTION write_audit() RETURNS trigger
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

-- Every change of an order's status becomes an event; the argument is the note it carries.
CREATE FUNCTION record_order_event() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO order_events (order_id, status, note) VALUES (NEW.id, NEW.status, TG_ARGV[0]);
    RETURN NULL;
END;
$$;

-- Data: a handful of rows, some of them unkind ---------------------------------------------

COPY customers (id, email, full_name, preferences, created_at, updated_at) FROM stdin;
1	fleur@example.com	Fleur O'Hara	{"newsletter": true, "theme": "dark"}	2025-03-01 09:15:00+00	2025-03-01 09:15:00+00
2	sam@example.org	Sam "Semi;colon" Jansen	{"quote": "it's -- fine; really"}	2025-03-02 10:00:00+00	2025-04-11 12:30:00+00
3	Noor@Example.net	Noor El Idrissi	{}	2025-03-05 23:59:59.999+00	2025-03-05 23:59:59.999+00
\.

COPY addresses (id, customer_id, street, city, country) FROM stdin;
1	1	12 Lock Lane; rear entrance	Utrecht	NL
2	1	Rue de l'Étoile 4	Liège	BE
3	2	C:\\temp\\new street 7	Zürich	CH
\.

UPDATE customers SET default_address_id = 2 WHERE id = 1;
UPDATE customers SET default_address_id = 3 WHERE id = 2;

COPY categories (id, parent_id, slug, title) FROM stdin;
1	\N	kitchen	Kitchen
2	1	mugs	Mugs & cups
3	\N	garden	Garden 🌱
\.

COPY products (id, category_id, sku, title, description, price, tax_rate, attributes, discontinued, updated_at) FROM stdin;
1	2	MUG-001	Cook's mug	-- our best seller; dishwasher safe	12.95	21.00	{"color": "red", "ml": 330}	f	2025-02-01 08:00:00+00
2	2	MUG-002	Mug ☕ with spoon	Two lines:\nthe second has a\ttab and a \\backslash	14.5	21.00	{"color": "blue", "tags": ["gift", "it's"]}	f	2025-02-01 08:00:00+00
3	3	SEED-9	Seed mix	\N	3.3333333333	9.00	{}	f	2025-02-02 08:00:00+00
4	\N	OLD-1	\\N is not null here	$$ DROP TABLE products; $$	0	0.00	{"path": "C:\\\\old\\\\new"}	t	2025-02-02 08:00:00+00
\.

COPY product_variants (product_id, variant_no, label, stock) FROM stdin;
1	1	single	40
1	2	set of 4; boxed	0
2	1	single	7
3	1	100 g	250
\.

COPY promotions (id, title, factor, starts_on, ends_on) FROM stdin;
1	Spring '25	0.900	2025-03-20	2025-04-03
2	/* quiet week */	1.000	2025-04-10	2025-04-16
\.

COPY orders (id, customer_id, status, shipping, placed_at, updated_at) FROM stdin;
1001	1	shipped	4.95	2025-03-21 11:00:00+00	2025-03-23 07:30:00+00
1002	2	paid	0	2025-03-22 18:45:10.25+00	2025-03-22 18:46:00+00
1003	2	cart	0	\N	2025-03-25 20:00:00+00
\.

COPY order_lines (order_id, line_no, product_id, variant_no, quantity, unit_price) FROM stdin;
1001	1	1	2	1	46.62
1001	2	3	1	3	3.33
1002	1	2	1	2	14.50
\.

COPY order_events (id, order_id, status, note, happened_at) FROM stdin;
1	1001	placed	\N	2025-03-21 11:00:00+00
2	1001	shipped	courier said: "don't ring; -- baby asleep" 😴	2025-03-23 07:30:00+00
3	1002	paid	ends with a dot line:\n\\.\nand goes on	2025-03-22 18:46:00+00
\.

COPY carts (token, customer_id, content, touched_at) FROM stdin;
5a0c1c52-8f3e-4a51-9a37-0d2f4b7c6e10	3	{"lines": [{"sku": "MUG-001", "qty": 1}]}	2025-03-25 20:00:00
\.

SELECT setval('customers_id_seq', 3), setval('addresses_id_seq', 3), setval('categories_id_seq', 3);
SELECT setval('products_id_seq', 4), setval('promotions_id_seq', 2);
SELECT setval('orders_id_seq', 1003), setval('order_events_id_seq', 3);

-- Triggers, after the data so that loading writes no audit rows ----------------------------

CREATE TRIGGER customers_touch BEFORE UPDATE ON customers
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER products_touch BEFORE UPDATE ON products
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER products_audit AFTER INSERT OR DELETE OR UPDATE ON products
    FOR EACH ROW EXECUTE FUNCTION write_audit();
CREATE TRIGGER orders_event AFTER UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION record_order_event('changed in the shop');

-- Comments and grants ----------------------------------------------------------------------

COMMENT ON TABLE products IS 'What we sell; a product''s stock lives in product_variants';
COMMENT ON COLUMN products.price IS 'Net price in euro; more than two digits for goods sold by weight';
COMMENT ON TYPE order_status IS 'Life of an order; values are only ever added at the end';
COMMENT ON FUNCTION order_total(bigint) IS 'Shipping included';
COMMENT ON INDEX orders_open_idx IS 'Feeds the packing screen';

GRANT SELECT, INSERT, UPDATE, DELETE ON customers, addresses, orders, order_lines, carts TO shop_app;
GRANT SELECT ON products, product_variants, categories TO shop_app;
GRANT USAGE ON SEQUENCE customers_id_seq, orders_id_seq TO shop_app;
GRANT SELECT ON order_totals, sold_out TO shop_readonly;
GRANT SELECT (id, full_name) ON customers TO shop_readonly;
REVOKE ALL ON FUNCTION forget_carts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_carts() TO shop_app;
