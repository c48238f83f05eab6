CREATE FUNCTION wipe(name text) RETURNS void LANGUAGE plpgsql AS $$  -- finds: plpgsql-function
BEGIN
    EXECUTE 'TRUNCATE TABLE ' || quote_ident(name);  -- finds: truncate
END $$;
CREATE FUNCTION add_all(n integer) RETURNS integer LANGUAGE plpgsql AS $$  -- finds: plpgsql-function
DECLARE
    total integer := 0;
BEGIN
    FOR i IN 1..n LOOP
        total := total + i;
    END LOOP;
    PERFORM pg_advisory_lock(1);  -- finds: advisory-lock
    RETURN total;
END $$;
CREATE FUNCTION careful() RETURNS void LANGUAGE plpgsql AS $$  -- finds: plpgsql-function
BEGIN
    INSERT INTO log VALUES (1);
EXCEPTION WHEN unique_violation THEN
    NULL;
END $$;
CREATE FUNCTION noting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';  -- finds: plpgsql-function
CREATE FUNCTION find(words text) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7);  -- finds: advisory-lock
    SELECT id FROM articles WHERE to_tsvector('simple', body) @@ plainto_tsquery(words);  -- finds: text-search-function
$$;
CREATE FUNCTION two() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 'a'; SELECT 'b'; END;  -- accepted
CREATE PROCEDURE tidy() LANGUAGE sql AS $$ DELETE FROM log WHERE id < 0 $$;  -- finds: procedure
CREATE FUNCTION good(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;  -- accepted
