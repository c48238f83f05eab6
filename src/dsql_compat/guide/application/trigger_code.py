"""A trigger function, written again in Python; or why a person has to do that."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.catalog.model import Catalog
from dsql_compat.guide.application.python import literal
from dsql_compat.guide.application.steps import Body, Step
from dsql_compat.report.markdown import code
from dsql_compat.sql.names import Name, relation_name
from dsql_compat.sql.walk import walk

_OPERATION = re.compile(r"\(?\s*TG_OP\s*(=|<>|!=)\s*'(\w+)'\s*\)?\Z", re.I)
_NAMES = {"tg_op", "tg_name", "tg_table_schema", "tg_table_name", "tg_argv"}
_UNKNOWN = {"tg_when", "tg_level", "tg_relid", "tg_nargs", "found", "sqlerrm", "sqlstate"}
_ERRCODE, _MESSAGE = 0, 1
_MARK = re.compile(r"%\(\w+\)s")
_WIDTH = 84
OUTBOX = "application_outbox"


class ByHandError(Exception):
    """This cannot be written again; the message names what hinders it."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Where names are looked up, and the function's variables with their types.

    Only triggers know NEW and OLD.
    """

    catalog: Catalog
    variables: dict[str, str]
    is_trigger: bool = True

    def sql(self, text: str, *, is_statement: bool = False) -> str:
        """SQL with NEW, OLD, TG_… and variables as the generated code gives them."""
        return _replaced(self, text.strip().rstrip(";"), is_statement=is_statement)


def function_lines(catalog: Catalog, body: Body) -> list[str]:
    """The lines of a Python function of one argument, `fired`.  Raises ByHandError."""
    if body.hindrance:
        raise ByHandError(body.hindrance)
    translation = Translation(catalog, {name: kind for name, kind, _ in body.variables})
    lines: list[str] = []
    for name, _, default in body.variables:
        value = "None"
        if default is not None:
            value = f"fired.value({sql_literal('SELECT (' + translation.sql(default) + ')')})"
        lines.append(f'fired.variables["{name}"] = {value}')
    lines += _steps(translation, body.steps)
    if not lines or not lines[-1].startswith(("return", "raise")):
        lines.append("return True")
    return lines


def condition(catalog: Catalog, text: str) -> str:
    """A trigger's WHEN as a call.  Raises ByHandError."""
    return f"fired.test({sql_literal(Translation(catalog, {}).sql(text))})"


def _steps(t: Translation, steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        yield from _step(t, step)
        if step.kind == "return" or (step.kind == "raise" and step.is_error):
            return  # what follows is the parser's own RETURN


def _step(t: Translation, step: Step) -> Iterator[str]:
    match step.kind:
        case "assign":
            yield _assignment(t, step)
        case "sql":
            yield f"fired.run({sql_literal(t.sql(step.text, is_statement=True))})"
        case "into" if len(step.targets) == 1:
            yield f'fired.variables["{step.target}"] = fired.value({sql_literal(_select(t, step))})'
        case "perform":
            yield _perform(t, step)
        case "if":
            yield from _if(t, step)
        case "raise":
            yield from raised(t, step, "fired", "TriggerError")
        case "return":
            yield from _return(step)
        case "block":
            yield from _steps(t, step.branches[0][1])
        case _:
            raise ByHandError(f"line {step.line}: {step.word or 'INTO several variables'}")


def _select(t: Translation, step: Step) -> str:
    if not step.text.lstrip().lower().startswith("select"):
        raise ByHandError(f"line {step.line}: RETURNING … INTO")
    return t.sql(step.text, is_statement=True)


def _assignment(t: Translation, step: Step) -> str:
    record, _, column = step.target.partition(".")
    if record == "new" and column:
        return f"fired.set({literal(column)}, {sql_literal(t.sql(step.text))})"
    if record in t.variables and not column:
        query = sql_literal(f"SELECT ({t.sql(step.text)})")
        return f'fired.variables["{record}"] = fired.value({query})'
    raise ByHandError(f"line {step.line}: {step.target} := …")


def _perform(t: Translation, step: Step) -> str:
    found = re.fullmatch(
        r"\s*SELECT\s+(pg_catalog\.)?pg_notify\s*\((.*)\)\s*", step.text, re.I | re.S
    )
    if not found:
        return f"fired.value({sql_literal(t.sql(step.text, is_statement=True))})"
    arguments = t.sql(found[2])
    query = f"INSERT INTO {OUTBOX} (channel, payload) VALUES ({arguments})"
    return f"fired.run({sql_literal(query)})"


def _if(t: Translation, step: Step) -> Iterator[str]:
    for number, (text, inner) in enumerate(step.branches):
        if text is None:
            yield "else:"
        else:
            yield f"{'elif' if number else 'if'} {_condition(t, text)}:"
        lines = list(_steps(t, inner)) or ["pass"]
        yield from (f"    {line}" for line in lines)


def _condition(t: Translation, text: str) -> str:
    found = _OPERATION.match(text.strip())
    if found:
        return f'fired.event {"==" if found[1] == "=" else "!="} "{found[2].upper()}"'
    return f"fired.test({sql_literal(t.sql(text))})"


def raised(t: Translation, step: Step, receiver: str, error: str) -> Iterator[str]:
    """RAISE: `receiver` computes values, and `error` is the exception."""
    if not step.is_error:
        yield f"pass  # RAISE without an error: {' '.join(step.text.split())}"
        return
    options = dict(step.options)
    message = step.text or step.word
    parts = message.replace("%%", "\0").split("%")
    if len(parts) - 1 != len(step.arguments):
        raise ByHandError(f"line {step.line}: RAISE with another number of values")
    if _MESSAGE in options:
        parts, values = ["", ""], [options[_MESSAGE]]
    else:
        values = list(step.arguments)
    texts = [literal(part.replace("\0", "%")) for part in parts]
    queries = [sql_literal(f"SELECT ({t.sql(value)})") for value in values]
    calls = [f"str({receiver}.value({query}))" for query in queries]
    pieces = [texts[0], *(piece for pair in zip(calls, texts[1:], strict=True) for piece in pair)]
    shown = " + ".join(piece for piece in pieces if piece != '""') or '""'
    yield f"raise {error}({shown}, {literal(_state(step, options))})"


def _state(step: Step, options: dict[int, str]) -> str:
    given = options.get(_ERRCODE, "").strip().strip("'") or step.word
    return given or "P0001"


def _return(step: Step) -> Iterator[str]:
    if step.text == "old":
        yield "fired.new = fired.old"
    if step.text in ("new", "old"):
        yield "return True"
    elif step.text == "null":
        yield "return False"
    elif step.text == "":
        yield "return True"
    else:
        raise ByHandError(f"line {step.line}: RETURN {step.text}")


# -- SQL ----------------------------------------------------------------------------------------


def _replaced(t: Translation, text: str, *, is_statement: bool) -> str:
    """Names replaced token by token, so that strings and comments stay as they are."""
    try:
        tokens = scan(text)
    except ParseError:
        raise ByHandError("SQL that cannot be read") from None
    words = [text[token.start : token.end + 1] for token in tokens]
    places = _places(text, is_statement=is_statement)
    homes = _homes(t.catalog, text) if is_statement else {}
    out, last, at = "", 0, 0
    while at < len(tokens):
        stop, new = _one(t, words, at, is_value=tokens[at].start in places)
        if new is None and tokens[at].start in homes:
            new = homes[tokens[at].start]
        if new is not None:
            out += _escaped(text[last : tokens[at].start]) + new
            last = tokens[stop].end + 1
        at = stop + 1
    return out + _escaped(text[last:])


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _places(text: str, *, is_statement: bool) -> set[int]:
    """Where a column or variable stands as a value: elsewhere a name is only a name."""
    lead = "" if is_statement else "SELECT "
    try:
        tree = parse_sql(lead + text)
    except ParseError:
        raise ByHandError("SQL that cannot be read") from None
    encoded = (lead + text).encode()
    return {
        len(encoded[: node.location].decode()) - len(lead)
        for node in walk(tree)
        if isinstance(node, ast.ColumnRef)
    }


def _one(t: Translation, words: list[str], at: int, *, is_value: bool) -> tuple[int, str | None]:
    """The last token of what begins here, and its replacement, None to leave it."""
    word = words[at].lower()
    following = words[at + 1] if at + 1 < len(words) else ""
    is_field = at > 0 and words[at - 1] == "."
    if is_field:
        return at, None
    if not t.is_trigger:
        return at, _variable(t, words[at], following) if is_value else None
    if word in ("new", "old"):
        if following == "." and at + 2 < len(words):
            return at + 2, f"(SELECT {words[at + 2]} FROM {word})"
        return at, f"(SELECT {word} FROM {word})"
    if word == "tg_argv" and following == "[" and at + 3 < len(words) and words[at + 2].isdigit():
        return at + 3, f"(%(tg_argv)s::text[])[{int(words[at + 2]) + 1}]"
    if word == "tg_relname":
        word = "tg_table_name"
    if word in _NAMES - {"tg_argv"}:
        return at, f"%({word})s::text"
    if word in _UNKNOWN or word == "tg_argv":
        raise ByHandError(f"it asks for {code(str(words[at]))}")
    return at, _variable(t, words[at], following) if is_value else None


def _variable(t: Translation, written: str, following: str) -> str | None:
    """A variable as a parameter; None if the word is none."""
    word = written[1:-1] if written.startswith('"') else written.lower()
    if word not in t.variables or following == ".":
        return None
    value = f"CAST(%({word})s AS {t.variables[word]})"
    return f"({value})" if following == "[" else value


def _homes(catalog: Catalog, text: str) -> dict[int, str]:
    """Where relations outside of `public` are named without a schema, with their full names."""
    try:
        tree = parse_sql(text)
    except ParseError:
        raise ByHandError("a statement that cannot be read") from None
    queries = {n.ctename for n in walk(tree) if isinstance(n, ast.CommonTableExpr)}
    found: dict[int, str] = {}
    encoded = text.encode()
    for node in walk(tree):
        if not isinstance(node, ast.RangeVar) or node.schemaname or node.relname in queries:
            continue
        home = home_of(catalog, relation_name(node))
        if home is not None and home.schema not in (None, "public"):
            found[len(encoded[: node.location].decode())] = str(home)
    return found


def home_of(catalog: Catalog, name: Name) -> Name | None:
    """The relation that a name without a schema means: there may be only one of it."""
    relation = catalog.relation(name)
    if relation is not None:
        return relation.name
    named = [full for full in catalog.relations if full.name == name.name]
    return named[0] if len(named) == 1 and name.schema is None else None


def sql_literal(sql: str) -> str:
    """SQL as a literal of Python, over several lines if it has them or is long."""
    text = "\n".join(line.rstrip() for line in sql.strip().split("\n"))
    if "\\" in text or '"""' in text or text.endswith('"'):
        return literal(text)
    constants = [
        text[token.start : token.end + 1]
        for token in scan(_MARK.sub(lambda m: "x" * len(m[0]), text))
        if "CONST" in token.name
    ]
    if any("\n" in constant for constant in constants):
        return literal(text)  # its lines must not be indented
    if "\n" not in text and len(text) > _WIDTH and not any(" " in c for c in constants):
        text = textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f'"""{text}"""' if "\n" in text else literal(text)
