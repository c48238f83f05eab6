CREATE ROLE reader;
CREATE SCHEMA app;
CREATE SCHEMA "Odd Name";
CREATE TABLE t (id int PRIMARY KEY, only_public text);
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE VIEW pv AS SELECT id FROM t;
CREATE TABLE shared (id int PRIMARY KEY);
SET search_path = app, public;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION chk(i int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT i > 0';
CREATE DOMAIN checked AS int CHECK (chk(VALUE));
CREATE SEQUENCE s1;
CREATE TABLE t (
  id int PRIMARY KEY CHECK (chk(id)), m mood DEFAULT 'ok'::mood, p positive, d int DEFAULT twice(3),
  s int REFERENCES shared (id), k bigint DEFAULT nextval('s1'), k2 bigint DEFAULT nextval('s1'::regclass),
  g int GENERATED ALWAYS AS (twice(id)) STORED
);
CREATE INDEX t_e ON t ((twice(id))) WHERE chk(d);
CREATE VIEW v AS WITH t2 AS (SELECT id FROM t)
  SELECT t2.id, t.m, 'sad'::mood AS sad, shared.id AS sid FROM t2 JOIN t ON t.id = t2.id, shared;
CREATE VIEW vv AS SELECT * FROM v WHERE chk(id);
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM t WITH NO DATA;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM t WHERE chk(t.id) $$;
CREATE FUNCTION quoted() RETURNS bigint LANGUAGE sql STABLE AS
  'SELECT count(*) FROM shared, t WHERE ''t''::regclass IS NOT NULL AND chk(t.id)';
CREATE FUNCTION atomic() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM t; END;
CREATE FUNCTION own() RETURNS bigint LANGUAGE sql STABLE SET search_path = app
  AS $$ SELECT count(*) FROM t $$;
CREATE FUNCTION pl(x t.id%TYPE) RETURNS bigint LANGUAGE plpgsql STABLE AS
  $$ DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM t WHERE id = x; RETURN n; END $$;
CREATE FUNCTION rows_of() RETURNS SETOF t LANGUAGE sql STABLE AS $$ SELECT * FROM t $$;
COMMENT ON TABLE t IS 'the app''s';
COMMENT ON COLUMN t.id IS 'its key';
COMMENT ON FUNCTION chk(int) IS 'checks';
COMMENT ON CONSTRAINT t_pkey ON t IS 'key';
COMMENT ON VIEW v IS 'view';
COMMENT ON MATERIALIZED VIEW mv IS 'mview';
COMMENT ON DOMAIN positive IS 'dom';
COMMENT ON INDEX t_e IS 'ix';
GRANT SELECT ON t, v TO reader;
GRANT EXECUTE ON FUNCTION chk(int) TO reader;
GRANT USAGE ON SEQUENCE s1 TO reader;
CREATE SCHEMA away;
CREATE TABLE away.t (id int PRIMARY KEY, away text);
CREATE FUNCTION altered() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM t';
ALTER FUNCTION altered() SET search_path = away;
SET search_path = "Odd Name";
CREATE TABLE "T x" (id int PRIMARY KEY);
CREATE VIEW "V" AS SELECT * FROM "T x";
CREATE SEQUENCE "S";
CREATE TABLE n (id int DEFAULT nextval('"S"') PRIMARY KEY);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM "T x"';
RESET search_path;
CREATE VIEW last AS SELECT only_public FROM t;
COMMENT ON TABLE t IS 'public''s';
CREATE ROLE clerk;
CREATE SCHEMA shop
  CREATE TABLE t (id int PRIMARY KEY)
  CREATE VIEW v AS SELECT id FROM t
  CREATE SEQUENCE sq
  GRANT SELECT ON t TO clerk;
BEGIN;
SET LOCAL search_path TO shop;
CREATE TABLE l (id int PRIMARY KEY, t int REFERENCES t);
CREATE VIEW lv AS SELECT * FROM l;
COMMIT;
CREATE TABLE plain (id int PRIMARY KEY);
CREATE VIEW plain_v AS SELECT * FROM plain;
SET SCHEMA 'shop';
CREATE TABLE q (id serial PRIMARY KEY, a int[], CHECK (id > 0));
CREATE TABLE made AS SELECT id FROM l;
CREATE TABLE parts (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE VIEW parts_v AS SELECT * FROM parts_1;
CREATE VIEW arr AS SELECT a[1] AS x FROM q;
CREATE FUNCTION arrf() RETURNS int LANGUAGE sql STABLE AS $$ SELECT q.a[1] FROM q $$;
CREATE STATISTICS st ON id, d FROM parts;
SELECT setval('q_id_seq', 41);
SET search_path TO DEFAULT;
CREATE FUNCTION late() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM plain $$;
