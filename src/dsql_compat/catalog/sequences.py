"""Replays CREATE SEQUENCE and ALTER SEQUENCE."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog, Column, Object, Sequence
from dsql_compat.sql.names import Name, name_from_text, name_of, relation_name
from dsql_compat.sql.statements import Statement

_SEQUENCE_TYPES = {"int2": "smallint", "int4": "integer", "int8": "bigint"}


def create_sequence(
    catalog: Catalog, node: ast.CreateSeqStmt, statement: Statement
) -> list[Object]:
    """CREATE SEQUENCE."""
    name = catalog.qualified(relation_name(node.sequence))
    if node.if_not_exists and name in catalog.relations:
        return []
    sequence = Sequence(name, statement, persistence=node.sequence.relpersistence or "p")
    _sequence_options(catalog, sequence, node.options)
    catalog.relations[name] = sequence
    return [sequence]


def alter_sequence(catalog: Catalog, node: ast.AlterSeqStmt, _: Statement) -> list[Object]:
    """ALTER SEQUENCE: options, restarts, ownership."""
    name = relation_name(node.sequence)
    sequence = catalog.relation(name)
    if isinstance(sequence, Sequence):
        _sequence_options(catalog, sequence, node.options)
    elif sequence is None:
        _restart_column(catalog, name, node.options)
    return []


def _restart_column(catalog: Catalog, name: Name, options: tuple[ast.DefElem, ...] | None) -> None:
    """ALTER SEQUENCE … RESTART of the sequence that a serial or identity column brought along."""
    known = (n for n in catalog.candidates(name) if n in catalog.identities)
    column = next((catalog.identities[n] for n in known), None)
    given = column.identity_options if column is not None else None
    for option in options or ():
        number = option_number(option)
        if given is not None and option.defname == "restart" and number is not None:
            step = given.get("increment")
            given["last_value"] = number - (step if isinstance(step, int) else 1)


def _sequence_options(
    catalog: Catalog, sequence: Sequence, options: tuple[ast.DefElem, ...] | None
) -> None:
    # RESTART says the number that comes next, whatever the step, which may follow.
    for option in sorted(options or (), key=lambda option: option.defname == "restart"):
        match option.defname:
            case "as":
                word = option.arg.names[-1].sval
                sequence.type = _SEQUENCE_TYPES.get(word, word)
            case "cycle":
                sequence.cycle = bool(option.arg is None or option.arg.boolval)
            case "owned_by":
                _own(catalog, sequence, [part.sval for part in option.arg])
            case "restart":
                number = option_number(option)
                step = sequence.increment or 1
                sequence.last_value = None if number is None else number - step
            case "start" | "increment" | "minvalue" | "maxvalue" | "cache":
                setattr(sequence, option.defname, option_number(option))


def _own(catalog: Catalog, sequence: Sequence, parts: list[str]) -> None:
    if len(parts) < 2:
        sequence.owned_by = None
        return
    table = Name(parts[-3] if len(parts) > 2 else None, parts[-2])
    found = catalog.relation(table)
    full = found.name if found is not None else catalog.qualified(table)
    sequence.owned_by = (full, parts[-1])


def draw(catalog: Catalog, node: ast.SelectStmt, statement: Statement) -> bool:
    """`SELECT nextval('…')`: the sequence goes on behind the number, here as in the source."""
    drawn = _counters_drawn(catalog, node)
    for counter in drawn:
        match counter:
            case Sequence():
                counter.last_value = _following(
                    counter.last_value,
                    counter.increment or 1,
                    counter.start,
                    (counter.minvalue, counter.maxvalue),
                )
            case Column() if (given := counter.identity_options) is not None:
                names = ("last_value", "increment", "start", "minvalue", "maxvalue")
                last, step, start, low, high = (_whole(given.get(name)) for name in names)
                given["last_value"] = _following(last, step or 1, start, (low, high))
    if drawn:
        catalog.drawn.add(id(statement))
    return bool(drawn)


def _counters_drawn(catalog: Catalog, node: ast.SelectStmt) -> list[Sequence | Column]:
    """What a SELECT of nothing but nextval() counts on; none where it may be read otherwise."""
    found: list[Sequence | Column] = []
    for target in node.targetList or ():
        argument = _drawn_from(target.val)
        counter = _counter(catalog, argument) if argument is not None else None
        if counter is None:
            return []
        found.append(counter)
    is_plain = not (node.fromClause or node.whereClause or node.limitCount or node.limitOffset)
    return found if is_plain else []


def _drawn_from(node: ast.Node) -> str | None:
    """The literal in `nextval('…')`."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    if not isinstance(node, ast.FuncCall) or len(node.args or ()) != 1:
        return None
    argument = node.args[0]
    while isinstance(argument, ast.TypeCast):
        argument = argument.arg
    is_text = isinstance(argument, ast.A_Const) and isinstance(argument.val, ast.String)
    is_draw = name_of(node.funcname).name == "nextval"
    return str(argument.val.sval) if is_text and is_draw else None


def _counter(catalog: Catalog, text: str) -> Sequence | Column | None:
    name = name_from_text(text)
    found = catalog.relation(name)
    if isinstance(found, Sequence):
        return found
    known = (n for n in catalog.candidates(name) if n in catalog.identities)
    return next((catalog.identities[n] for n in known), None)


def _following(
    last: int | None, step: int, start: int | None, bounds: tuple[int | None, int | None]
) -> int:
    """The number that comes next: the first one before any was given."""
    if last is not None:
        return last + step
    least, most = bounds
    first = (least, 1) if step > 0 else (most, -1)
    return next(number for number in (start, *first) if number is not None)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def option_number(option: ast.DefElem) -> int | None:
    """The number an option gives; None for NO MINVALUE and its like."""
    match option.arg:
        case ast.Integer():
            return int(option.arg.ival)
        case ast.Float():
            return int(option.arg.fval)
    return None
