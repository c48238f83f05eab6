"""Sequences that stand on their own, and the functions that take numbers from them."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Sequence
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns import absorbed_sequences, nextval_argument, sequence_argument
from dsql_compat.checks.columns_declared import end_of_words
from dsql_compat.checks.columns_identity import SMALLEST_BLOCK, is_good_cache
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.traps import first_names
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_from_text, name_of, quote, relation_name
from dsql_compat.sql.statements import Statement

_SEQUENCE = enums.ObjectType.OBJECT_SEQUENCE
_LARGEST = {"int2": 32767, "int4": 2147483647}
_FEWEST_BLOCKS = 32_768  # sessions come and go, each leaves the rest of its block behind
_WORDS = {"int2": "smallint", "int4": "integer"}
_BOUNDS = {_WORDS[kind]: largest for kind, largest in _LARGEST.items()}
_FUNCTIONS = {"nextval", "currval", "setval", "lastval"}
Edit = tuple[int, int, str]


@detects("sequence", "sequence-cache", "sequence-type", "temporary-sequence", on=Catalog)
def sequences(catalog: Catalog, here: Here) -> Found:
    """judged at the end: only then is it known which ones become identity columns."""
    absorbed = {sequence.ref for _, sequence in absorbed_sequences(catalog, here.run)}
    dropped = [item for item in catalog.dropped if isinstance(item, Sequence)]
    narrow = _narrow_columns(catalog)
    for sequence in [*catalog.sequences(), *dropped]:
        if sequence.ref not in absorbed:
            yield from _judge(sequence, here, narrow.get(sequence.ref, []))


def fitting_cache(sequence: Sequence, catalog: Catalog, wanted: int) -> int:
    """The CACHE of a sequence that stays one: its own if DSQL takes that, else the one wanted,
    and 1 where blocks would use its numbers up."""
    if sequence.cache is not None and is_good_cache(sequence.cache):
        return sequence.cache
    bounds = (sequence.minvalue, sequence.maxvalue)
    is_short = _has_few(sequence.increment or 1, bounds, _BOUNDS.get(sequence.type))
    return 1 if is_short or sequence.ref in _narrow_columns(catalog) else wanted


def _narrow_columns(catalog: Catalog) -> dict[ObjectRef, list[Column]]:
    """The smallint and integer columns that take their numbers from a sequence, by that one."""
    found: dict[ObjectRef, list[Column]] = {}
    for table in catalog.tables():
        for column in table.columns.values():
            drawn = nextval_argument(column.default)
            sequence = catalog.relation(name_from_text(drawn)) if drawn else None
            base = resolve(catalog, column.type).base if column.type is not None else ""
            if isinstance(sequence, Sequence) and base in _BOUNDS:
                found.setdefault(sequence.ref, []).append(column)
    return found


@detects(
    "sequence",
    on=(
        *(ast.AlterSeqStmt, ast.AlterTableStmt, ast.RenameStmt),
        *(ast.AlterObjectSchemaStmt, ast.DropStmt),
    ),
)
def altered_sequence(node: Any, here: Here) -> Found:
    """A statement about a sequence that is not in the source; of others the rest is told."""
    if here.run.status("sequence", "altered") is None:
        return
    for name in _altered(node):
        renamed = Name(name.schema, node.newname) if isinstance(node, ast.RenameStmt) else name
        dropped = (s.name for s in here.catalog.dropped if isinstance(s, Sequence))
        if any(here.catalog.relation(known) is not None for known in (name, renamed)):
            continue
        full = here.catalog.qualified(name)
        if full in here.catalog.identities or full in dropped:
            continue
        span = spans.head(here.statement)
        yield here.found(
            "sequence",
            span,
            about=ObjectRef("sequence", full.name, full.schema),
            case="altered",
            key=here.statement.excerpt,
            words=span.text.upper(),
            sequence=name,
        )


def _altered(node: Any) -> list[Name]:
    """The sequences that the statement is about."""
    match node:
        case ast.AlterSeqStmt():
            return [relation_name(node.sequence)]
        case ast.DropStmt() if node.removeType == _SEQUENCE:
            return [name_of(parts) for parts in node.objects]
        case ast.RenameStmt() if node.renameType == _SEQUENCE:
            return [relation_name(node.relation)]
        case ast.AlterObjectSchemaStmt() if node.objectType == _SEQUENCE:
            return [relation_name(node.relation)]
        case ast.AlterTableStmt() if node.objtype == _SEQUENCE:
            return [relation_name(node.relation)]
    return []


def _judge(sequence: Sequence, here: Here, narrow: list[Column]) -> Found:
    statement = sequence.statement
    node = _node(sequence)
    if node is None:
        return
    options = {option.defname: option for option in node.options or ()}
    edits, cache, kind, word = _edits(statement, node, options, is_narrow=bool(narrow))
    facts: dict[str, Any] = {
        "sequence": sequence.name,
        "edited": spans.edited(statement, edits),
        "about": sequence.ref,
        "columns": first_names([f"{c.table.name}.{quote(c.name)}" for c in narrow]),
    }
    judged = [("sequence", spans.head(statement), "")]
    if node.sequence.relpersistence == "t" and word is not None:
        judged.append(("temporary-sequence", word, ""))
    if not is_good_cache(cache):
        given = options.get("cache")
        span = _option(statement, given) if given is not None else spans.head(statement)
        case = "" if given is None else "size"
        if _is_short(options, kind):
            case = "short" if given is None else "short-size"
        elif narrow:
            case = "narrow" if given is None else "narrow-size"
        judged.append(("sequence-cache", span, case))
    if kind in _LARGEST:
        judged.append(("sequence-type", _option(statement, options["as"]), ""))
    for rule, span, case in judged:
        yield here.found(
            rule,
            span,
            case=case,
            cache=cache,
            type=_WORDS.get(kind, kind),
            before=_text(statement),
            **facts,
        )


def _text(statement: Statement) -> str:
    return statement.excerpt.removesuffix(";") + ";"


def _node(sequence: Sequence) -> ast.CreateSeqStmt | None:
    """The words that made the sequence; CREATE SCHEMA may hold them."""
    tree = sequence.statement.tree
    if isinstance(tree, ast.CreateSeqStmt):
        return tree
    if isinstance(tree, ast.CreateSchemaStmt):
        for element in tree.schemaElts or ():
            if isinstance(element, ast.CreateSeqStmt):
                return element
    return None


def _edits(
    statement: Statement,
    node: ast.CreateSeqStmt,
    options: dict[str, ast.DefElem],
    *,
    is_narrow: bool,
) -> tuple[list[Edit], int | None, str, Span | None]:
    """What must change for DSQL to take the sequence, and what it says today."""
    edits: list[Edit] = []
    added = ""
    kind = options["as"].arg.names[-1].sval if "as" in options else ""
    if kind in _LARGEST:
        span = _option(statement, options["as"])
        edits.append((span.start, span.end, "AS bigint"))
        step = _number(options.get("increment")) or 1
        limit = "minvalue" if step < 0 else "maxvalue"
        if _number(options.get(limit)) is None:
            bound = -_LARGEST[kind] - 1 if step < 0 else _LARGEST[kind]
            given = options.get(limit)
            text = f"{limit.upper()} {bound}"
            if given is not None:  # NO MAXVALUE
                span = _option(statement, given)
                edits.append((span.start, span.end, text))
            else:
                added += f" {text}"
    cache = _number(options.get("cache"))
    fitting = 1 if is_narrow or _is_short(options, kind) else SMALLEST_BLOCK
    if "cache" not in options:
        added += f" CACHE {fitting}"
    elif not is_good_cache(cache):
        span = _option(statement, options["cache"])
        edits.append((span.start, span.end, f"CACHE {fitting}"))
    word = spans.find_words(statement, "TEMP") or spans.find_words(statement, "TEMPORARY")
    if node.sequence.relpersistence == "t" and word is not None:
        edits.append((word.start, word.end, ""))
    if added:
        end = _end(statement, node)
        edits.append((end, end, added))
    return edits, cache, kind, word


def _is_short(options: dict[str, ast.DefElem], kind: str) -> bool:
    """Whether blocks would use up the numbers: a few sessions, and the sequence ends or cycles."""
    step = _number(options.get("increment")) or 1
    bounds = (_number(options.get("minvalue")), _number(options.get("maxvalue")))
    return _has_few(step, bounds, _LARGEST.get(kind))


def _has_few(step: int, bounds: tuple[int | None, int | None], largest: int | None) -> bool:
    (low, high), largest = bounds, largest or 2**63 - 1
    if low is None:
        low = 1 if step > 0 else -largest
    if high is None:
        high = largest if step > 0 else -1
    return (high - low) // abs(step) < _FEWEST_BLOCKS * SMALLEST_BLOCK


def _end(statement: Statement, node: ast.CreateSeqStmt) -> int:
    """Where the options of a sequence end."""
    if isinstance(statement.tree, ast.CreateSeqStmt):
        return end_of_words(statement)
    if node.options:
        return _option(statement, node.options[-1]).end
    return spans.name(statement, relation_name(node.sequence)).end


def _option(statement: Statement, option: ast.DefElem) -> Span:
    """An option with its value: CACHE 20, AS integer, NO MAXVALUE."""
    tokens = [t for t in statement.tokens if t.start >= option.location]
    if not tokens:
        return spans.head(statement)
    words = 2
    if tokens[0].text.upper() not in ("AS", "NO") and len(tokens) > 2:
        if tokens[1].text.upper() in ("BY", "WITH"):
            words += 1
        if tokens[words - 1].text in ("-", "+"):
            words += 1
    return Span(statement, tokens[0].start, tokens[min(words, len(tokens)) - 1].end)


def _number(option: ast.DefElem | None) -> int | None:
    match option.arg if option is not None else None:
        case ast.Integer() as number:
            return int(number.ival)
        case ast.Float() as number:
            return int(number.fval)
    return None


@detects("sequence-cache", "sequence-type", on=ast.AlterSeqStmt)
def alter_sequence(node: ast.AlterSeqStmt, here: Here) -> Found:
    name = relation_name(node.sequence)
    full = here.catalog.relation(name)
    ref = full.ref if isinstance(full, Sequence) else None
    ref = ref or ObjectRef("sequence", name.name, here.catalog.qualified(name).schema)
    for option in node.options or ():
        if option.defname == "cache" and not is_good_cache(_number(option)):
            rule, new = "sequence-cache", f"CACHE {SMALLEST_BLOCK}"
        elif option.defname == "as" and option.arg.names[-1].sval in _LARGEST:
            rule, new = "sequence-type", "AS bigint"
        else:
            continue
        span = _option(here.statement, option)
        yield here.found(
            rule,
            span,
            about=ref,
            case="altered",
            sequence=full.name if isinstance(full, Sequence) else name,
            cache=_number(option),
            type=span.text.split()[-1],
            edited=spans.edited(here.statement, [(span.start, span.end, new)]),
        )


@detects("sequence-function", on=ast.FuncCall)
def sequence_function(node: ast.FuncCall, here: Here) -> Found:
    name = node.funcname[-1].sval
    if name not in _FUNCTIONS:
        return
    if len(node.funcname) > 1 and node.funcname[0].sval != "pg_catalog":
        return
    if name == "lastval":
        yield here.found(
            "sequence-function",
            spans.call(here.statement, node),
            case="lastval",
            key="lastval",
            function=name,
        )
        return
    literal = sequence_argument(node)
    found = here.catalog.relation(name_from_text(literal)) if literal else None
    tree = here.statement.tree
    if isinstance(tree, ast.CreateStmt | ast.AlterTableStmt):
        return  # a default: the column's rule or the sequence's tells
    is_position = name == "setval" and here.inside is None
    if isinstance(found, Sequence) and not is_position:
        here.run.used_sequences.add(found.ref)
    yield here.found(
        "sequence-function",
        spans.call(here.statement, node),
        case="position" if is_position else "",
        key=f"{name} {literal or ''}",
        function=name,
        sequence=literal or name_of(node.funcname),
    )
