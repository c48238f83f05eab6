"""Types: enums become domains or checks, domains get a base that DSQL stores, the rest is left."""

from __future__ import annotations

from pglast import ast, enums
from pglast.parser import scan

from dsql_compat.catalog import model as source
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.type_map import stand_in_of
from dsql_compat.rewriting.columns import spelled
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import literal, quote

_CHECK = enums.ConstrType.CONSTR_CHECK
_NOT_NULL = enums.ConstrType.CONSTR_NOTNULL
_DEFAULT = enums.ConstrType.CONSTR_DEFAULT


def rewrite_types(work: Work) -> None:
    """Decide every type of the catalog, in the order they were made."""
    for made in work.catalog.types.values():
        key = Key("type", made.name)
        match made.kind:
            case "enum" if work.choices.enums == "domain":
                _enum(work, made, key)
            case "enum":
                what = "text, with a check on every column"
                work.settle(made.ref, "absorbed", what, made.statement)
            case "domain":
                _domain(work, made, key)
            case kind:
                what = f"DSQL has no {kind} types of one's own"
                work.settle(made.ref, "left", what, made.statement, key=key)


def _enum(work: Work, made: source.Type, key: Key) -> None:
    labels = ", ".join(map(literal, made.labels))
    sql = f"CREATE DOMAIN {made.name} AS text CHECK (VALUE IN ({labels}))"
    _take(work, made, Item(made.ref, sql, makes=key), "a domain over text")


def _domain(work: Work, made: source.Type, key: Key) -> None:
    node = made.node
    base = _base(work, made.base) if made.base is not None else None
    if base is None or not isinstance(node, ast.CreateDomainStmt):
        what = "no type of DSQL holds its values"
        work.settle(made.ref, "left", what, made.statement, key=key)
        return
    words = [f"CREATE DOMAIN {made.name} AS {base}"]
    same = resolve(work.catalog, made.base).family == "storable"
    for constraint in node.constraints or ():
        name = f"CONSTRAINT {quote(constraint.conname)} " if constraint.conname else ""
        match constraint.contype:
            case kind if kind == _CHECK:
                words.append(f"{name}CHECK ({_of_value(constraint.raw_expr)})")
            case kind if kind == _NOT_NULL:
                words.append(f"{name}NOT NULL")
            case kind if kind == _DEFAULT:
                words.append(f"DEFAULT {expression(constraint.raw_expr)}")
    _take(work, made, Item(made.ref, " ".join(words), makes=key), "" if same else f"over {base}")


def _base(work: Work, node: ast.TypeName) -> str | None:
    """What a domain may be over: a type that holds the values without a second column."""
    choices = {"arrays": work.choices.arrays, "enums": work.choices.enums}
    found = stand_in_of(work.run, work.catalog, node, choices)
    return None if found.form.asks or found.type is None else spelled(found.type)


def _of_value(node: ast.Node) -> str:
    """A domain's check, with VALUE as PostgreSQL spells it."""
    text = expression(node).encode()
    for token in reversed(scan(text.decode())):
        if token.name == "VALUE_P":
            text = text[: token.start] + b"VALUE" + text[token.end + 1 :]
    return text.decode()


def _take(work: Work, made: source.Type, item: Item, what: str) -> None:
    problem = work.add(item)
    if problem is not None:
        work.settle(
            made.ref, "left", "DSQL refuses it", made.statement, key=item.makes, cause=problem
        )
    else:
        work.settle(made.ref, "changed" if what else "kept", what)
