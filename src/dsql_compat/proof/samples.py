"""Values to try an expression with: those its constants make interesting, and some of each type."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from pglast import ast
from pglast.parser import ParseError, parse_sql

from dsql_compat.sql.walk import walk

MOST_ROWS = 600
_MOST_CONSTANTS = 60
_NUMBERS = ("0", "1", "-1", "2", "0.5", "100", "-100", "32767", "2147483647")
_STRINGS = (
    *(
        "",
        "a",
        "A",
        "abc",
        "ABC",
        "a1",
        "1",
        "12345",
        " ",
        "a b",
        "a@b.c",
        "a_b-c",
        "é",
        "%",
        "x.y",
    ),
)
_BY_CATEGORY: dict[str, tuple[str, ...]] = {
    "N": _NUMBERS,
    "S": _STRINGS,
    "B": ("true", "false"),
    "D": ("2000-01-01", "1999-12-31 23:59:59", "2030-06-15 12:00:00", "00:00:00", "23:59:59"),
    "T": ("0", "1 day", "-1 day", "1 month", "01:30:00"),
    "A": ("{}", "{1}", "{1,2,3}", "{a}", "{a,b}", "{NULL}"),
    "V": ("0", "1", "101"),
    "I": ("10.0.0.1", "::1", "10.0.0.0/8"),
    "R": ("empty", "[1,5)", "(,)", "[2000-01-01,2000-02-01)"),
    "G": ("(0,0)", "(1,2)", "((0,0),(1,1))", "<(0,0),1>"),
}
_OTHER = (
    *("{}", "[]", '{"a": 1}', '"a"', "1", "null", "00000000-0000-0000-0000-000000000000"),
    *("\\x", "\\x00ff", "08:00:2b:01:02:03", "a"),
)


def candidates(category: str, constants: Iterable[str], labels: Iterable[str] = ()) -> list[str]:
    """Texts to try as values of a type of this category; not all are valid for it."""
    found: list[str] = [*labels]
    for constant in itertools.islice(constants, _MOST_CONSTANTS):
        found += _around(constant)
    found += _BY_CATEGORY.get(category, _OTHER)
    return list(dict.fromkeys(found))


def constants(expression: str) -> list[str]:
    """The constants of an expression, and the strings that its numbers may be lengths of."""
    try:
        tree = parse_sql(f"SELECT {expression}")
    except ParseError:
        return []
    found: list[str] = []
    for raw in tree:
        for node in walk(raw.stmt):
            if isinstance(node, ast.A_Const) and not node.isnull:
                found += _constant(node.val)
    return list(dict.fromkeys(found))


def _constant(value: ast.Node) -> list[str]:
    match value:
        case ast.Integer():
            number = value.ival or 0
            near = (number - 1, number, number + 1)
            return [str(number), *("x" * n for n in near if 0 < n <= 300)]
        case ast.Float():
            return [str(value.fval)]
        case ast.String():
            return [str(value.sval or "")]
    return []


def _around(constant: str) -> list[str]:
    """A constant and its neighbours."""
    try:
        number = Decimal(constant)
    except InvalidOperation:
        number = None
    if number is not None and number.is_finite() and abs(number) < Decimal(10) ** 30:
        step = Decimal(1).scaleb(min(0, int(number.as_tuple().exponent)))
        near = {number, number - 1, number + 1, number - step, number + step, -number}
        return [constant, *(format(n, "f") for n in sorted(near))]
    found = [constant]
    if constant and not constant.isspace():
        found += [constant + "x", constant[:-1], constant.swapcase()]
    if "%" in constant or "_" in constant:  # of LIKE
        found.append(constant.replace("%", "x").replace("_", "y"))
        found.append(constant.replace("%", ""))
    if len(constant) >= 10 and constant[4:5] == "-" and constant[:4].isdigit():
        found += _days(constant)
    if constant.startswith("{") and constant.endswith("}"):  # an array's elements
        found += [part.strip('"') for part in constant[1:-1].split(",") if part]
    return found


def _days(text: str) -> list[str]:
    from datetime import date, timedelta

    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return []
    return [(day + timedelta(days=n)).isoformat() + text[10:] for n in (-1, 1)]


def combinations(values: Sequence[Sequence[str | None]]) -> list[tuple[str | None, ...]]:
    """Rows of values: all combinations, or as many as are bearable, always the same ones."""
    total = 1
    for choice in values:
        total *= len(choice)
    if total <= 2 * MOST_ROWS:
        return list(itertools.product(*values))
    rows: dict[tuple[str | None, ...], None] = {}
    picks = random.Random(1)  # noqa: S311 - any numbers will do, the same each time
    bases = [tuple(picks.choice(choice) for choice in values) for _ in range(3)]
    for base in bases:
        for place, choice in enumerate(values):
            for value in choice:
                rows[(*base[:place], value, *base[place + 1 :])] = None
    same = set(values[0]).intersection(*values[1:])
    for value in sorted(v for v in same if v is not None):
        rows[tuple(value for _ in values)] = None
    for _ in range(MOST_ROWS):
        rows[tuple(picks.choice(choice) for choice in values)] = None
    return list(rows)
