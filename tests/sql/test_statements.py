"""Parsing one statement: trees, positions, DSQL's own words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pglast import ast
from pglast.parser import parse_sql
from pglast.visitors import Visitor

from dsql_compat.sql.lexer import Lexer
from dsql_compat.sql.statements import Statement, parse_nested, parse_statement, unchecked_nodes
from dsql_compat.sql.walk import walk

SAMPLES = Path(__file__).parents[2] / "sample_schemas"


def parsed(text: str) -> Statement:
    return parse_statement(Statement(text))


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("CREATE INDEX ASYNC i ON t (a);", "index-async"),
        ("create unique index async if not exists i on t (lower(a)) where b;", "index-async"),
        ("CREATE INDEX ASYNC ON t (a);", "index-async"),
        ("ALTER TABLE ASYNC t VALIDATE CONSTRAINT c;", "alter-async"),
        ("ALTER TABLE ASYNC IF EXISTS ONLY s.t VALIDATE CONSTRAINT c;", "alter-async"),
        ("AWS IAM GRANT app TO 'arn:aws:iam::123456789012:role/app';", "iam"),
        ("AWS IAM REVOKE app FROM 'arn:aws:iam::123456789012:role/app';", "iam"),
        ("CALL sys.wait_for_job('4mnye5meqjdrvnkw7sbs5ojc5e');", None),
        ('CREATE INDEX "async" ON t (a);', None),
        ("ALTER TABLE async ADD COLUMN a int;", None),
    ],
)
def test_words_of_dsql_are_understood(text: str, extension: str | None) -> None:
    statement = parsed(text)
    assert statement.problem is None
    assert statement.extension == extension


def test_masking_keeps_every_position() -> None:
    statement = parsed("CREATE INDEX ASYNC orders_idx ON orders (customer);")
    assert isinstance(statement.tree, ast.IndexStmt)
    at = statement.tree.relation.location
    assert statement.text[at:].startswith("orders (customer)")
    assert statement.tree.idxname == "orders_idx"


@pytest.mark.parametrize("name", ["name", "'name'", '"name"'])
def test_psql_variables_parse_as_what_they_stand_for(name: str) -> None:
    assert parsed(f"SELECT a FROM t WHERE b = :{name};").problem is None


def test_a_problem_says_where() -> None:
    problem = parsed("CREATE TABEL t (id int);").problem
    assert problem is not None
    assert problem.at == 7


def test_columns_count_characters_not_bytes() -> None:
    statement = Statement("SELECT 'é😀',\n  x", line=3, column=5)
    assert statement.position(0) == (3, 5)
    assert statement.position(statement.text.index(",")) == (3, 16)
    assert statement.position(statement.text.index("x")) == (4, 3)


def test_nested_statements_point_into_the_outer_text() -> None:
    outer = Statement("CREATE FUNCTION f() … $$\n SELECT 1;\n  TRUNCATE t $$", line=10)
    body = outer.text.index("$$") + 2
    first, second = parse_nested(outer.text[body:-3], outer, body)
    assert first.position(first.start) == (11, 2)
    assert second.position(second.start) == (12, 3)
    assert [token.text for token in second.tokens] == ["TRUNCATE", "t"]


def sample_statements() -> list[str]:
    found = []
    for path in sorted(SAMPLES.glob("*/*.sql")):
        with path.open("rb") as stream:
            lexer = Lexer(stream.read)
            for piece in lexer:
                if piece.kind == "sql":
                    found.append(piece.text.decode())
                if piece.text.startswith(b"COPY"):
                    lexer.skip_copy_rows()
    return found


def test_trees_built_without_checks_equal_those_built_with_them() -> None:
    for text in sample_statements():
        if parsed(text).extension is not None:
            continue
        checked = parse_sql(text)
        with unchecked_nodes():
            unchecked = parse_sql(text)
        assert checked == unchecked
        for one, other in zip(walk(checked[0]), walk(unchecked[0]), strict=True):
            assert [type(getattr(one, a)) for a in one] == [type(getattr(other, a)) for a in other]


def test_the_walk_leaves_out_nothing_but_names_and_constants() -> None:
    class Count(Visitor):  # type: ignore[misc]
        def __init__(self) -> None:
            self.seen: Counter[str] = Counter()

        def visit(self, ancestors: object, node: ast.Node) -> None:
            self.seen[type(node).__name__] += 1

    values = ("String", "Integer", "Float", "Boolean", "BitString", "A_Star", "RawStmt")
    for text in sample_statements():
        if parsed(text).extension is not None:
            continue
        tree = parse_sql(text)
        visitor = Count()
        visitor(tree)
        expected = {name: n for name, n in visitor.seen.items() if name not in values}
        assert Counter(type(node).__name__ for node in walk(tree[0].stmt)) == expected


def test_the_walk_sees_every_node_but_names_and_constants() -> None:
    (raw,) = parse_sql("CREATE TABLE t (a int DEFAULT f(1 + 2) CHECK (a > 0)); ")
    kinds = [type(node).__name__ for node in walk(raw.stmt)]
    assert kinds.count("A_Expr") == 2
    assert kinds.count("FuncCall") == 1
    assert kinds.count("ColumnDef") == 1
    assert "String" not in kinds
