"""No statement of PostgreSQL's grammar may be of a kind that nobody judges."""

from __future__ import annotations

import pytest
from pglast import ast

from dsql_compat.checks import load_all
from dsql_compat.checks.registry import BY_RULE
from dsql_compat.checks.statement_kinds import ACCEPTED_STATEMENTS, PARTS, REFUSED_STATEMENTS
from dsql_compat.pipeline import analyze_text

load_all()

STATEMENTS = sorted(
    (
        cls
        for cls in vars(ast).values()
        if isinstance(cls, type) and issubclass(cls, ast.Node) and cls.__name__.endswith("Stmt")
    ),
    key=lambda cls: cls.__name__,
)
# The net's own example: of all statements this one fits no family.
IN_THE_NET = {ast.AlterExtensionContentsStmt}


def test_the_grammar_has_statements() -> None:
    assert len(STATEMENTS) > 100


@pytest.mark.parametrize("cls", STATEMENTS, ids=lambda cls: cls.__name__)
def test_every_kind_of_statement_is_accepted_or_judged_by_a_family(cls: type) -> None:
    lists = [ACCEPTED_STATEMENTS, REFUSED_STATEMENTS, PARTS, IN_THE_NET]
    assert sum(cls in known for known in lists) == 1


@pytest.mark.parametrize("cls", list(REFUSED_STATEMENTS), ids=lambda cls: cls.__name__)
def test_every_rule_named_for_a_kind_of_statement_has_a_detector(cls: type) -> None:
    assert [rule for rule in REFUSED_STATEMENTS[cls] if rule not in BY_RULE] == []


REFUSED = """
ALTER COLLATION plain REFRESH VERSION
ALTER DATABASE shop REFRESH COLLATION VERSION
ALTER DATABASE shop SET work_mem = '4MB'
ALTER DATABASE shop CONNECTION LIMIT 5
ALTER TYPE state ADD VALUE 'lost'
ALTER EVENT TRIGGER guard DISABLE
ALTER EXTENSION hstore ADD FUNCTION f()
ALTER EXTENSION hstore UPDATE
ALTER FOREIGN DATA WRAPPER w OPTIONS (a 'b')
ALTER SERVER s OPTIONS (a 'b')
ALTER FUNCTION f() DEPENDS ON EXTENSION hstore
ALTER OPERATOR FAMILY of USING btree ADD OPERATOR 1 < (integer, integer)
ALTER OPERATOR + (integer, text) SET (RESTRICT = NONE)
ALTER POLICY p ON orders USING (true)
ALTER PUBLICATION p ADD TABLE orders
ALTER ROLE app SET search_path = shop
ALTER ROLE app SUPERUSER
ALTER SUBSCRIPTION s DISABLE
ALTER SYSTEM SET work_mem = '4MB'
ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR word
ALTER TEXT SEARCH DICTIONARY d (stopwords = x)
ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b
ALTER TABLESPACE a SET (seq_page_cost = 1)
ALTER TYPE money_pair ADD ATTRIBUTE c integer
ALTER TYPE shell SET (STORAGE = plain)
ALTER USER MAPPING FOR app SERVER s OPTIONS (a 'b')
CHECKPOINT
CLOSE c
CLUSTER orders
CREATE TYPE pair AS (a integer, b integer)
CREATE ACCESS METHOD m TYPE INDEX HANDLER h
CREATE CAST (text AS integer) WITH INOUT
CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f
CREATE TYPE state AS ENUM ('open')
CREATE EVENT TRIGGER guard ON ddl_command_end EXECUTE FUNCTION f()
CREATE EXTENSION hstore
CREATE FOREIGN DATA WRAPPER w
CREATE SERVER s FOREIGN DATA WRAPPER w
CREATE FOREIGN TABLE t (a integer) SERVER s
CREATE OPERATOR CLASS oc FOR TYPE integer USING btree AS OPERATOR 1 <
CREATE OPERATOR FAMILY of USING btree
CREATE LANGUAGE plperl
CREATE POLICY p ON orders
CREATE PUBLICATION p
CREATE TYPE span AS RANGE (subtype = integer)
CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p
CREATE TABLE copy AS SELECT 1 AS a
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a
CREATE TABLESPACE a LOCATION '/x'
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION f(internal))
CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION f()
CREATE USER MAPPING FOR app SERVER s
CREATE DATABASE shop
DECLARE c CURSOR FOR SELECT 1
CREATE AGGREGATE total (integer) (sfunc = int4pl, stype = integer)
CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq)
CREATE TYPE shell
CREATE COLLATION plain FROM "C"
CREATE TEXT SEARCH PARSER p (start = a, gettoken = b, end = c, lextypes = d)
DISCARD ALL
DO $$BEGIN END$$
DROP OWNED BY app
DROP SUBSCRIPTION s
DROP TABLESPACE a
DROP USER MAPPING FOR app SERVER s
DROP DATABASE shop
EXECUTE q
FETCH c
IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b
LISTEN c
LOAD 'x'
LOCK TABLE orders
MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE
NOTIFY c
PREPARE q AS SELECT 1
REASSIGN OWNED BY a TO b
REFRESH MATERIALIZED VIEW m
REINDEX TABLE orders
CREATE RULE r AS ON INSERT TO orders DO INSTEAD NOTHING
SECURITY LABEL ON TABLE orders IS 'x'
TRUNCATE orders
UNLISTEN *
SAVEPOINT a
ROLLBACK PREPARED 'x'
VACUUM
ANALYZE
COPY orders FROM '/x'
DROP TYPE state
DROP EXTENSION hstore
DROP AGGREGATE total (integer)
DROP POLICY p ON orders
DROP RULE r ON orders
DROP TRIGGER t ON orders
DROP EVENT TRIGGER guard
DROP PUBLICATION p
DROP SERVER s
DROP FOREIGN TABLE t
DROP FOREIGN DATA WRAPPER w
DROP COLLATION plain
DROP CONVERSION c
DROP OPERATOR === (integer, integer)
DROP OPERATOR CLASS oc USING btree
DROP OPERATOR FAMILY of USING btree
DROP ACCESS METHOD m
DROP TRANSFORM FOR integer LANGUAGE sql
DROP TEXT SEARCH TEMPLATE t
DROP LANGUAGE plperl
DROP PROCEDURE p
DROP MATERIALIZED VIEW m
ALTER LARGE OBJECT 1 OWNER TO app
ALTER TABLESPACE a OWNER TO app
ALTER DATABASE shop RENAME TO shop_old
ALTER TRIGGER t ON orders RENAME TO u
COMMENT ON DATABASE shop IS 'x'
COMMENT ON TRIGGER t ON orders IS 'x'
COMMENT ON TEXT SEARCH CONFIGURATION c IS 'x'
""".strip().splitlines()

ACCEPTED = """
SELECT 1 AS a
INSERT INTO orders (id) VALUES (1)
UPDATE orders SET state = 'paid' WHERE id = 1
DELETE FROM orders WHERE id = 1
EXPLAIN ANALYZE SELECT 1 AS a
CREATE TABLE a (id uuid PRIMARY KEY)
ALTER TABLE orders RENAME TO purchases
CREATE INDEX ASYNC ON orders (id)
CREATE VIEW v AS SELECT 1 AS a
CREATE SCHEMA shop
CREATE SEQUENCE s CACHE 1
ALTER SEQUENCE s RESTART
CREATE DOMAIN percent AS numeric(5,2) CHECK (VALUE > 0)
ALTER DOMAIN percent DROP NOT NULL
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
ALTER FUNCTION f() OWNER TO app
CALL sys.wait_for_job('4mnye5meqjdrvnkw7sbs5ojc5e')
CREATE ROLE app WITH LOGIN
DROP ROLE app
GRANT SELECT ON orders TO app
GRANT reader TO app
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app
DROP TABLE orders
COMMENT ON TABLE orders IS 'x'
COMMENT ON FUNCTION f() IS 'x'
COPY orders FROM STDIN
BEGIN
SET CONSTRAINTS ALL DEFERRED
SET search_path = shop
SHOW search_path
ANALYZE orders
DEALLOCATE ALL
CREATE STATISTICS st ON a, b FROM orders
ALTER STATISTICS st SET STATISTICS 100
DROP STATISTICS st
DROP FUNCTION IF EXISTS f()
ALTER SCHEMA shop RENAME TO store
SELECT 1 AS a FROM orders WHERE id = 1 FOR KEY SHARE
""".strip().splitlines()


@pytest.mark.parametrize("sql", REFUSED)
def test_what_dsql_refuses_is_found(sql: str) -> None:
    errors = [f for f in analyze_text(sql + ";").findings if f.severity == "error"]
    assert errors
    assert len({f.rule for f in errors}) == 1, "one fact, one finding"


@pytest.mark.parametrize("sql", ACCEPTED)
def test_what_dsql_accepts_is_not_refused(sql: str) -> None:
    assert [f for f in analyze_text(sql + ";").findings if f.severity == "error"] == []
