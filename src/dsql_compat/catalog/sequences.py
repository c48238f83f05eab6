"""Replays CREATE SEQUENCE and ALTER SEQUENCE."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog, Object, Sequence
from dsql_compat.sql.names import Name, relation_name
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


def option_number(option: ast.DefElem) -> int | None:
    """The number an option gives; None for NO MINVALUE and its like."""
    match option.arg:
        case ast.Integer():
            return int(option.arg.ival)
        case ast.Float():
            return int(option.arg.fval)
    return None
