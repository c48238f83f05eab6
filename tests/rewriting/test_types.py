"""The map of types: whole, in words that the rest knows, and one with the rules' own rewrites."""

from __future__ import annotations

from typing import get_args

import pytest

from dsql_compat.catalog.types import FAMILIES, SERIAL, STORABLE
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rules import Conversion, TypeMapping, load_catalogue

from .whole import again, refusals, text_of

CATALOGUE = load_catalogue()
ENTRIES = list({id(entry): entry for entry in CATALOGUE.types.values()}.values())
OWN = {"array", "enum", "composite", "range", "extension", "user", "unknown", "serial"}
CHOICES = {"arrays": {"jsonb", "text", "manual"}, "enums": {"domain", "check"}}


def test_every_type_is_in_the_map() -> None:
    for name in STORABLE:
        assert CATALOGUE.types["storable", name], name
    for name, family in FAMILIES.items():
        assert CATALOGUE.type(family, name).family == family
    for family in OWN:
        assert CATALOGUE.types[family, "*"].forms
    assert set(SERIAL.values()) <= STORABLE


def test_its_words_are_known_to_the_rewrite() -> None:
    forms = [form for entry in ENTRIES for form in entry.forms]
    used = {form.conversion for form in forms} | {c for form in forms for _, c in form.parts}
    assert used <= set(get_args(Conversion))
    for form in forms:
        assert form.choice is None or form.choice[1] in CHOICES[form.choice[0]]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.family}-{min(e.types)}")
def test_some_form_fits_whatever_is_chosen(entry: TypeMapping) -> None:
    bare = [f for f in entry.forms if not (f.needs or f.over or f.sized is not None)]
    chosen = {form.choice for form in bare if form.choice is not None}
    assert any(form.choice is None for form in bare) or len(chosen) >= 2


COLUMNS = {
    "money": ["numeric(19,4)"],
    "xml": ["text"],
    "inet": ["text"],
    "macaddr8": ["text"],
    "bit(8)": ["text"],
    "tstzrange": ["timestamp with time zone", "timestamp with time zone"],
    "point": ["double precision", "double precision"],
    "polygon": ["text"],
    "tsvector": [],
    "oid": ["bigint"],
    "name": ["character varying(63)"],
    "text[]": ["jsonb"],
    "numeric": ["numeric(38,10)"],
    "char(5000)": ["character varying(5000)"],
    "varchar(70000)": ["text"],
    "smallserial": ["bigint"],
    "int4multirange": ["text"],
}


def rewrite_of(sql: str, target: str = "latest") -> Rewrite:
    return again(sql, target, None)


@pytest.mark.parametrize(("given", "wanted"), COLUMNS.items(), ids=COLUMNS)
def test_a_column_gets_the_type_of_the_map(given: str, wanted: list[str]) -> None:
    found = rewrite_of(f"CREATE TABLE t (id int PRIMARY KEY, c {given});")
    made = [column.type for column in found.tables[0].columns[1:]]
    assert made == wanted
    assert refusals(text_of(found), "latest") == []


@pytest.mark.parametrize(
    "rule",
    sorted({e.rule for e in ENTRIES if e.rule and CATALOGUE.rules[e.rule].examples}),
)
def test_the_examples_of_the_rules_agree_with_the_map(rule: str) -> None:
    """The rewrite that a rule's example states is what the rewriter makes of that example."""
    for example in CATALOGUE.rules[rule].examples:
        if not example.after or len(example.after) != 1 or "CREATE TABLE" not in example.bad:
            continue
        status = CATALOGUE.rules[rule].at(CATALOGUE.verified, example.case)
        if status is None or status.disposition == "manual":
            continue
        found = rewrite_of(example.script)
        if not found.tables:
            continue
        types = {c.type for table in found.tables for c in table.columns}
        stated = rewrite_of(f"CREATE TABLE t ({example.after[0]});")
        if not stated.tables:
            continue
        assert {c.type for c in stated.tables[0].columns} <= types, example.name
