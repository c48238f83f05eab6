"""SQL inside string literals: what a literal says, and what EXECUTE runs, as far as can be seen.

A text put together from literals, `||` and format() is read with stand-ins for the parts known only
at run time; every piece keeps where it stands, so positions in the text lead back to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pglast import ast, enums
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.sql.names import literal, name_of, quote
from dsql_compat.sql.walk import walk

Shifts = tuple[tuple[int, int], ...]

_DOLLAR = re.compile(r"\$[^$]*\$")
_JOINT = r"'[ \t\f\v]*[\n\r](?:\s|--[^\n\r]*[\n\r])*'"  # a literal goes on in the next line
_ESCAPE = re.compile(
    rf"\\(?:x[0-9A-Fa-f]{{1,2}}|[0-7]{{1,3}}|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}|.)|''|{_JOINT}",
    re.S,
)
_QUOTES = re.compile(rf"''|{_JOINT}")
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PLACEHOLDER = re.compile(r"%(?:(\d+)\$)?-?(?:\d+|\*(?:\d+\$)?)?([sIL%])")
_QUOTING = {"quote_ident", "quote_literal", "quote_nullable"}
_TEXTS = {"text", "varchar", "name", "bpchar"}
_JOINING = {"format", "concat", "concat_ws", *_QUOTING}


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a string literal holds: its text, where that begins in it, and where it is shifted."""

    text: str
    at: int
    shifts: Shifts = ()


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The SQL an expression makes; `shifts` lead from its characters to the expression's.

    `is_exact` says that only names and values are open, so that the statement's form is known.
    """

    text: str
    shifts: Shifts
    is_exact: bool


class Made(NamedTuple):
    """What an expression makes: a text for each of its branches, None where nothing is known.

    `computes` says that making it takes more than literals, names and their joining.
    """

    texts: tuple[Dynamic | None, ...]
    computes: bool


def unquote(token: str, escape: str = "\\") -> Quoted | None:
    """The text of a string literal in any of its spellings; None for bits and the like."""
    dollar = _DOLLAR.match(token)
    if dollar:
        tag = len(dollar[0])
        return Quoted(token[tag : len(token) - tag], tag)
    if token[:1] == "'":
        return _unescape(token[1:-1], 1, backslashes=False)
    if token[:2] in ("E'", "e'"):
        return _unescape(token[2:-1], 2, backslashes=True)
    if token[:3] in ("U&'", "u&'"):
        return _decode(token[3:-1], re.escape(escape))
    return None


def _unescape(inner: str, at: int, *, backslashes: bool) -> Quoted:
    if "'" not in inner and not (backslashes and "\\" in inner):
        return Quoted(inner, at)
    text, shifts, last = "", [], 0
    for escape in (_ESCAPE if backslashes else _QUOTES).finditer(inner):
        text += inner[last : escape.start()] + _escaped(escape[0])
        last = escape.end()
        shifts.append((len(text), last - len(text)))
    return Quoted(text + inner[last:], at, tuple(shifts))


def _decode(inner: str, sign: str) -> Quoted:
    """A literal with code points: four digits, six behind +, or half of a pair of surrogates."""
    text, shifts, last = "", [], 0
    code = rf"{sign}(?:([0-9A-Fa-f]{{4}})|\+([0-9A-Fa-f]{{6}})|{sign})|''|{_JOINT}"
    for found in re.finditer(code, inner):
        digits = found[1] or found[2]
        text += inner[last : found.start()]
        text += chr(int(digits, 16)) if digits else _escaped(found[0])
        last = found.end()
        if "\udc00" <= text[-1:] <= "\udfff":
            text = text[:-2] + text[-2:].encode("utf-16", "surrogatepass").decode(
                "utf-16", "replace"
            )
        shifts.append((len(text), last - len(text)))
    return Quoted(text + inner[last:], 3, tuple(shifts))


def _escaped(escape: str) -> str:
    if escape[0] == "'":
        return "'" if escape == "''" else ""
    letter = escape[1]
    if letter in "xuU" and len(escape) > 2:
        return chr(int(escape[2:], 16))
    if letter in "01234567":
        return chr(int(escape[1:], 8))
    return _CONTROL.get(letter, letter)


def dynamic_texts(expression: str) -> Made:
    """The SQL that EXECUTE gets from an expression."""
    source = "SELECT " + expression
    try:
        tree = parse_sql(source)
    except ParseError:
        return Made((None,), computes=True)
    skip = len("SELECT ")
    literals = [
        (t.start - skip, source[t.start : t.end + 1])
        for t in scan(source)
        if t.name in ("SCONST", "USCONST")
    ]
    value = tree[0].stmt.targetList[0].val
    return Made(
        tuple(_dynamic(branch, literals) for branch in _branches(value)),
        any(_computes(node) for node in walk(value)),
    )


def _dynamic(node: ast.Node, literals: list[tuple[int, str]]) -> Dynamic | None:
    text = _Text(literals)
    text.add(node)
    return Dynamic(text.text, tuple(text.shifts), text.is_exact) if text.has_literal else None


def _branches(node: ast.Node) -> Iterator[ast.Node]:
    match node:
        case ast.CaseExpr():
            for branch in node.args:
                yield from _branches(branch.result)
            if node.defresult is not None:
                yield from _branches(node.defresult)
        case ast.CoalesceExpr():
            for argument in node.args:
                yield from _branches(argument)
        case _:
            yield node


def _computes(node: ast.Node) -> bool:
    match node:
        case ast.FuncCall():
            return name_of(node.funcname).name not in _JOINING
        case ast.A_Expr():
            return name_of(node.name).name != "||"
        case ast.A_Const() | ast.ColumnRef() | ast.ParamRef():
            return False
        case ast.TypeCast():
            return name_of(node.typeName.names).name not in _TEXTS
        case ast.TypeName():
            return False
    return True


class _Text:
    """Strings the pieces together; remembers at each seam how far the source is ahead."""

    def __init__(self, literals: list[tuple[int, str]]) -> None:
        self._literals = literals
        self.text = ""
        self.shifts: list[tuple[int, int]] = []
        self.is_exact = True
        self.has_literal = False

    def add(self, node: ast.Node) -> None:
        """One operand of `||`."""
        while isinstance(node, ast.TypeCast):
            node = node.arg
        match node:
            case ast.A_Expr(kind=enums.A_Expr_Kind.AEXPR_OP) if (
                node.lexpr is not None and name_of(node.name).name == "||"
            ):
                self.add(node.lexpr)
                self.add(node.rexpr)
            case ast.A_Const(val=ast.String()):
                found = self._next_literal(node)
                if found is None:
                    self._stand_in(node, "s")
                else:
                    self._literal(*found)
            case ast.FuncCall() if name_of(node.funcname).name == "format" and node.args:
                self._format(node)
            case ast.FuncCall() if name_of(node.funcname).name == "concat" and node.args:
                for argument in node.args:
                    self.add(argument)
            case ast.FuncCall() if name_of(node.funcname).name == "concat_ws" and node.args:
                self._join(node.args)
            case ast.FuncCall() if name_of(node.funcname).name in _QUOTING and node.args:
                name = name_of(node.funcname).name
                self._stand_in(node.args[0], "I" if name == "quote_ident" else "L")
            case _:
                self._stand_in(node, "s")

    def _next_literal(self, node: object) -> tuple[int, Quoted] | None:
        """Where a constant stands: its node does not say, so it is told by its text."""
        if not isinstance(node, ast.A_Const) or not isinstance(node.val, ast.String):
            return None
        for number, (at, token) in enumerate(self._literals):
            quoted = unquote(token)
            if quoted is not None and quoted.text == node.val.sval:
                self._literals = self._literals[number + 1 :]
                return at, quoted
        return None

    def _literal(self, at: int, quoted: Quoted) -> None:
        self.has_literal = True
        base = len(self.text)
        self._seam(at + quoted.at)
        self.shifts += [
            (base + place, at + quoted.at + shift - base) for place, shift in quoted.shifts
        ]
        self.text += quoted.text

    def _format(self, node: ast.FuncCall) -> None:
        pattern, *arguments = node.args
        while isinstance(pattern, ast.TypeCast):
            pattern = pattern.arg
        literal_found = self._next_literal(pattern)
        if literal_found is None:
            self._stand_in(node, "s")
            return
        self.has_literal = True
        start, quoted = literal_found
        at, last, number = start + quoted.at, 0, 0
        for found in _PLACEHOLDER.finditer(quoted.text):
            self._piece(quoted, at, last, found.start())
            last = found.end()
            if found[2] == "%":
                self.text += "%"
                continue
            number = int(found[1]) if found[1] else number + 1
            argument = arguments[number - 1] if number <= len(arguments) else None
            self._seam(at + _shifted(quoted, found.start()))
            self.text += self._word(argument, found[2])
        self._piece(quoted, at, last, len(quoted.text))

    def _join(self, arguments: tuple[ast.Node, ...]) -> None:
        separator = self._next_literal(arguments[0])
        for number, argument in enumerate(arguments[1:]):
            if number and separator is not None:
                self._literal(*separator)
            elif number:
                self._stand_in(arguments[0], "s")
            self.add(argument)

    def _piece(self, quoted: Quoted, at: int, start: int, end: int) -> None:
        base = len(self.text) - start
        self._seam(at + _shifted(quoted, start))
        self.shifts += [
            (base + place, at + shift - base)
            for place, shift in quoted.shifts
            if start < place < end
        ]
        self.text += quoted.text[start:end]

    def _stand_in(self, node: ast.Node, kind: str) -> None:
        location = getattr(node, "location", None)
        if location is not None:
            self._seam(location - len("SELECT "))
        self.text += self._word(node, kind)

    def _seam(self, at: int) -> None:
        self.shifts.append((len(self.text), at - len(self.text)))

    def _word(self, node: ast.Node | None, kind: str) -> str:
        """A stand-in that tells the reader what goes there: the name of the variable."""
        while isinstance(node, ast.TypeCast):
            node = node.arg
        name = "value"
        if isinstance(node, ast.ColumnRef) and isinstance(node.fields[-1], ast.String):
            name = node.fields[-1].sval
        elif isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
            name = node.val.sval
        if kind == "s":
            self.is_exact = False
        return literal(name) if kind == "L" else quote(name)


def _shifted(quoted: Quoted, at: int) -> int:
    shift = 0
    for place, more in quoted.shifts:
        if place > at:
            break
        shift = more
    return at + shift
