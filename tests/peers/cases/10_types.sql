CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');  -- finds: enum-type
CREATE TABLE t_vector (id bigint PRIMARY KEY, embedding vector(3));  -- finds: vector-column
CREATE TABLE t_search (id bigint PRIMARY KEY, doc tsvector, query tsquery);  -- finds: text-search-column
CREATE TABLE t_net (id bigint PRIMARY KEY, ip inet, net cidr, mac macaddr);  -- finds: network-column
CREATE TABLE t_enum (id bigint PRIMARY KEY, mood mood);  -- finds: enum-column
CREATE TABLE t_xml (id bigint PRIMARY KEY, body xml);  -- finds: xml-column
CREATE TABLE t_money (id bigint PRIMARY KEY, price money);  -- finds: money-column
CREATE TABLE t_range (id bigint PRIMARY KEY, days daterange, spans int4multirange);  -- finds: range-column
CREATE TABLE t_array (id bigint PRIMARY KEY, a int[], b text ARRAY);  -- finds: array-column
CREATE TABLE t_geo (id bigint PRIMARY KEY, spot point, area public.geometry(Polygon, 4326));  -- finds: extension-type-column, geometric-column
CREATE TABLE t_bit (id bigint PRIMARY KEY, flags bit(8), more bit varying(16));  -- finds: bit-column
CREATE TABLE t_misc (
    id bigint PRIMARY KEY,
    o oid,  -- finds: system-type-column
    n name,  -- finds: system-type-column
    c "char",  -- finds: system-type-column
    h hstore,  -- finds: extension-type-column
    e citext,  -- finds: extension-type-column
    l ltree,  -- finds: extension-type-column
    p pg_lsn,  -- finds: system-type-column
    j jsonpath,  -- finds: system-type-column
    r regclass  -- finds: system-type-column
);
CREATE TABLE t_good (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    name varchar(100) NOT NULL,
    code char(3),
    amount numeric(12, 2),
    ratio double precision,
    small smallint,
    flag boolean DEFAULT false,
    data bytea,
    made timestamptz DEFAULT now(),
    day date,
    at time,
    gap interval,
    doc jsonb,
    raw json
);
