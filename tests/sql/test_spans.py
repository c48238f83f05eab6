"""Spans read off the text are those that the scanner's tokens give."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pglast import ast

from dsql_compat.checks import indexes_text
from dsql_compat.sql import spans
from dsql_compat.sql.statements import Statement, parse_statement
from dsql_compat.sql.walk import walk
from tests.sql.test_statements import sample_statements

NEVER = re.compile(r"(?!)")

TRICKY = [
    "CREATE TABLE t (a int DEFAULT (1 + 2), b text CHECK (b IN ('x,y', ')')) , c int)",
    "CREATE TABLE t (a text DEFAULT E'it\\'s, so', b int -- , comment\n, c int /* ) */)",
    'CREATE TABLE t (a "My Type", b public."T", c pg_catalog.int4, d character varying(20)[])',
    "CREATE TABLE t (a timestamp(3) with time zone NOT NULL, b interval day to second, c int[])",
    "CREATE TABLE t (a text DEFAULT $$a,b$$, b int DEFAULT -1, c numeric(4,2) DEFAULT 1.0/2)",
    "CREATE TABLE t (a text COLLATE \"C\" NOT NULL, b text DEFAULT ('a' || (f('b', (1)))), c x)",
    "ALTER TABLE t ADD COLUMN a int, ADD COLUMN b mood DEFAULT 'x'::mood;",
    "ALTER TABLE t ADD CONSTRAINT c CHECK ((a > 0) AND ((b)::text ~ '^[(]'::text)) NOT VALID;",
]


def spots(statement: Statement) -> Iterator[tuple[str, tuple[int, int]]]:
    for node in walk(statement.tree):
        if isinstance(node, ast.TypeName) and node.location is not None and node.location >= 0:
            yield "type", spans.type_name(statement, node)[1:]
        if isinstance(node, ast.ColumnDef | ast.Constraint):
            location = node.location
            if location is not None and location >= 0:
                yield "element", spans.element(statement, location)[1:]
    yield "head", spans.head(statement)[1:]


def test_the_quick_way_and_the_long_way_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    statements = [parse_statement(Statement(t)) for t in [*sample_statements(), *TRICKY]]
    parsed = [s for s in statements if s.tree is not None]
    assert len(parsed) > 300
    quick = [list(spots(statement)) for statement in parsed]
    for pattern in ("_ELEMENT", "_PLAIN_TYPE", "_TWO_WORDS"):
        monkeypatch.setattr(spans, pattern, NEVER)
    for statement, seen in zip(parsed, quick, strict=True):
        assert list(spots(statement)) == seen, statement.text


INDEXES = [
    "CREATE INDEX i ON t (a);",
    "CREATE UNIQUE INDEX i ON public.t USING btree (a, b);",
    'CREATE INDEX "my index" ON "T"("A" ,b )',
    "CREATE INDEX i ON t USING gin (a)",
    "CREATE INDEX i ON t (a DESC, b, c asc) WHERE (a > 0) AND b = ';'::text ;",
    "CREATE INDEX i ON t (a) -- WHERE x;\n WHERE a /* (b) */ > 0;",
    "CREATE INDEX i ON t (a nulls first, b DESC NULLS LAST) where b",
    "CREATE INDEX i ON t (a text_pattern_ops, b)",
]


def test_plain_indexes_are_read_as_all_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    statements = [parse_statement(Statement(t)) for t in [*sample_statements(), *INDEXES]]
    indexes = [s for s in statements if isinstance(s.tree, ast.IndexStmt)]
    quick = [indexes_text.read_index(statement, statement.tree) for statement in indexes]
    monkeypatch.setattr(indexes_text, "_PLAIN", NEVER)
    assert [indexes_text.read_index(s, s.tree) for s in indexes] == quick
