"""Generated schemas: rewritten, proved, and rewritten again without a change."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from dsql_compat.rewriting.model import Rewrite
from tests.proof.mutants import rewritten, undeclared

pytestmark = pytest.mark.postgres

# A type with defaults and checks ({c} is the column) that fit it.
TYPES: list[tuple[str, list[str], list[str]]] = [
    (
        "integer",
        ["0", "-7", "1 + 2"],
        ["{c} > 3", "{c} BETWEEN 1 AND 9", "{c} <> ALL (ARRAY[1, 2])"],
    ),
    ("bigint", ["10000000000"], ["{c} % 2 = 0"]),
    ("numeric(10,2)", ["0.50"], ["{c} >= 0.01"]),
    ("numeric", ["1.5"], ["{c} < 100"]),
    (
        "text",
        ["''", "'it''s'", "upper('x')"],
        ["length({c}) <= 20", "{c} ~ '^[a-z]+$'", "{c} LIKE 'a%'"],
    ),
    ("varchar(30)", ["'x'"], ["{c} IN ('a', 'b')"]),
    ("char(4)", ["'ab'"], ["{c} <> 'zz'"]),
    ("boolean", ["true"], ["{c} OR NOT {c}"]),
    ("date", ["'2024-02-29'", "CURRENT_DATE"], ["{c} > '2000-01-01'"]),
    ("timestamptz", ["now()"], ["{c} < '2100-01-01'"]),
    ("uuid", ["gen_random_uuid()"], []),
    ("jsonb", ["'{}'", """'{"a": [1]}'"""], ["jsonb_typeof({c}) = 'object'"]),
    ("text[]", ["'{}'", "'{a,b}'"], []),
    ("integer[]", ["'{1,2}'"], []),
    ("bytea", ["'\\x00'"], []),
    ("interval", ["'1 day'"], []),
    ("interval day to second(3)", [], []),
    ("inet", [], []),
    ("money", [], []),
    ("int4range", [], []),
    ("bit(3)", ["B'101'"], []),
    ("mood", ["'ok'"], ["{c} <> 'bad'"]),
    ("positive", ["1"], []),
]
KEYS = ("integer", "bigint", "uuid", "text", "serial", "bigserial", "identity", "smallserial")
ACTIONS = ("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE")
PREAMBLE = """\
CREATE TYPE mood AS ENUM ('bad', 'ok', 'it''s good');
CREATE DOMAIN positive AS integer DEFAULT 1 CHECK (VALUE > 0);
CREATE SEQUENCE shared_seq START WITH 7 INCREMENT BY 3;
"""
NAMES = ("users", "Order Lines", "group", "items_2")


@st.composite
def column(draw: st.DrawFn, number: int) -> tuple[str, list[str]]:
    """A column's definition, and what else goes into its table."""
    name = draw(st.sampled_from([f"c{number}", f'"Col {number}"']))
    type_name, defaults, checks = draw(st.sampled_from(TYPES))
    words = [name, type_name]
    if defaults and draw(st.booleans()):
        words.append(f"DEFAULT {draw(st.sampled_from(defaults))}")
    if draw(st.booleans()):
        words.append("NOT NULL")
    more = []
    if checks and draw(st.booleans()):
        more.append(f"CHECK ({draw(st.sampled_from(checks)).format(c=name)})")
    return " ".join(words), more


@st.composite
def schema(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    script, late, keys = [PREAMBLE], [], {}
    for name in names:
        key = draw(st.sampled_from(KEYS))
        keys[name] = key
        generated = (
            f"bigint GENERATED {draw(st.sampled_from(['ALWAYS', 'BY DEFAULT']))} AS IDENTITY"
        )
        lines = [f"id {generated if key == 'identity' else key} PRIMARY KEY"]
        for number in range(draw(st.integers(0, 4))):
            definition, more = draw(column(number))
            lines += [definition, *more]
        lines.append("label text")
        if draw(st.booleans()):
            lines.append("no bigint DEFAULT nextval('shared_seq')")
        if draw(st.booleans()):
            lines.append("UNIQUE (label, id)")
        script.append(f'CREATE TABLE "{name}" (\n  ' + ",\n  ".join(lines) + "\n);")
        late += draw(remarks(name))
        if "serial" in key and draw(st.booleans()):
            late.append(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), 50);")
    for number, (child, parent) in enumerate(draw(references(names))):
        type_name = {"identity": "bigint", "serial": "integer", "bigserial": "bigint"}
        shown = type_name.get(keys[parent], keys[parent].replace("smallserial", "smallint"))
        script.append(f'ALTER TABLE "{child}" ADD COLUMN ref{number} {shown};')
        late.append(
            f'ALTER TABLE "{child}" ADD CONSTRAINT fk_{number} FOREIGN KEY (ref{number}) '
            f'REFERENCES "{parent}" (id){draw(st.sampled_from(ACTIONS))};'
        )
    return "\n".join([*script, *late]) + "\n"


def references(names: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Any table to any: circles and tables that refer to themselves among them."""
    return st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=3)


@st.composite
def remarks(draw: st.DrawFn, name: str) -> list[str]:
    plain = name.replace(" ", "_")
    possible = [
        f'CREATE INDEX "{plain}_label_idx" ON "{name}" (label, id) WHERE label IS NOT NULL;',
        f'CREATE INDEX "{plain}_lower_idx" ON "{name}" (lower(label));',
        f'CREATE UNIQUE INDEX "{plain}_u_idx" ON "{name}" (label DESC NULLS LAST);',
        f'CREATE VIEW "{plain}_view" AS SELECT id, label || \'!\' AS "Shown" FROM "{name}";',
        f"COMMENT ON COLUMN \"{name}\".label IS 'what it''s called';",
        f"COMMENT ON TABLE \"{name}\" IS 'a table';",
    ]
    return draw(st.lists(st.sampled_from(possible), unique=True, max_size=4))


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sql=schema())
def test_a_rewrite_is_proved_and_settled(scratch: Scratch, sql: str) -> None:
    rewrite = rewritten(sql)
    proof = prove(scratch, rewrite)
    assert proof.open == []
    assert undeclared(proof) == []
    assert proof.compared["table"] >= 1
    again = rewritten(script(rewrite))
    assert script(again) == script(rewrite)


def script(rewrite: Rewrite) -> str:
    return "".join(f"{item.sql};\n" for item in rewrite.items)
