"""Types: enums become domains or checks, domains get a base that DSQL stores, the rest is left."""

from __future__ import annotations

from pglast import ast, enums
from pglast.parser import scan

from dsql_compat.catalog import model as source
from dsql_compat.catalog.types import ResolvedType, resolve
from dsql_compat.checks.columns_declared import as_json_array, as_json_object, without_cast
from dsql_compat.checks.type_map import stand_in_of
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.columns import spelled
from dsql_compat.rewriting.expressions import settled_in
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.scopes import Scope, Source
from dsql_compat.rewriting.uses import of_type
from dsql_compat.rewriting.work import Settled, Work
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
    if base is None or made.base is None or not isinstance(node, ast.CreateDomainStmt):
        what = "no type of DSQL holds its values"
        work.settle(made.ref, "left", what, made.statement, key=key)
        return
    words, said = [f"CREATE DOMAIN {made.name} AS {base}"], []
    resolved = resolve(work.catalog, made.base)
    wanted: frozenset[Key] = frozenset()
    scope = Scope(sources=[Source("", {"value": of_type(work, made.base, resolved, base)})])
    for constraint in node.constraints or ():
        name = f"CONSTRAINT {quote(constraint.conname)} " if constraint.conname else ""
        match constraint.contype:
            case kind if kind == _CHECK:
                found = settled_in(work, constraint.raw_expr, scope)
                if found.fails:
                    _leave_check(work, made, constraint, found)
                    said.append(f"without the check {constraint.conname or found.sql}")
                    continue
                wanted |= needs(work.catalog, constraint.raw_expr)
                words.append(f"{name}CHECK ({_of_value(found.sql)})")
                said += [f"CHECK ({_of_value(found.sql)})"] if found.is_translated else []
                said += [*found.said, *found.notes]
            case kind if kind == _NOT_NULL:
                words.append(f"{name}NOT NULL")
            case kind if kind == _DEFAULT:
                text, problem = _default(work, constraint.raw_expr, resolved, base)
                words += [f"DEFAULT {text}"] if text else []
                said += [problem] if problem else []
    if resolved.family != "storable":
        said.insert(0, f"over {base}")
    item = Item(made.ref, " ".join(words), makes=key, needs=wanted)
    _take(work, made, item, "; ".join(said))


def _leave_check(work: Work, made: source.Type, constraint: ast.Constraint, found: Settled) -> None:
    """A check of a domain that has no match; the domain itself is there."""
    name = constraint.conname or expression(constraint.raw_expr)
    ref = ObjectRef("constraint", name, made.name.schema, made.name.name)
    reason = found.reason or "DSQL cannot evaluate it"
    work.settle(ref, "left", reason, made.statement, cause=found.problem)


def _default(
    work: Work, node: ast.Node, resolved: ResolvedType, base: str
) -> tuple[str | None, str]:
    """A domain's default, as it is for a column of its type; or why there is none."""
    text = expression(node)
    if resolved.family == "array" and base == "jsonb":
        text = as_json_array(resolved.base)(node, text)
    elif resolved.family == "extension" and base == "jsonb":
        text = as_json_object(node, text) or "NULL"
    elif resolved.family not in ("storable", "enum"):
        text = without_cast(node, text)
    found = work.settled_expression(text, needs(work.catalog, node))
    return (None, "without its default") if found.fails else (found.sql, "")


def _base(work: Work, node: ast.TypeName) -> str | None:
    """What a domain may be over: a type that holds the values without a second column."""
    choices = {"arrays": work.choices.arrays, "enums": work.choices.enums}
    found = stand_in_of(work.run, work.catalog, node, choices)
    return None if found.form.asks or found.type is None else spelled(found.type)


def _of_value(check: str) -> str:
    """A domain's check, with VALUE as PostgreSQL spells it."""
    text = check.encode()
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
