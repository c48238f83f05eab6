"""Queries: clauses, casts, columns and views that DSQL lacks or answers differently."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.extensions import extension_of_type, extensions_of_operator
from dsql_compat.catalog.model import Type
from dsql_compat.catalog.postgres import newer, supported
from dsql_compat.catalog.types import FAMILIES, display
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import constant
from dsql_compat.checks.registry import detects
from dsql_compat.checks.system_relations import LARGE_OBJECTS, shows_the_server
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_SYSTEM = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}
_GEOMETRIC = {"point", "line", "lseg", "box", "path", "polygon", "circle"}
_REFUSED = _GEOMETRIC | {"xml"}
_TEXTS = {"text", "varchar", "bpchar"}
# Which extension is meant by an operator that several have.
_LIKELY = {"<=>": "vector", "<#>": "vector", "%>": "pg_trgm", "~==": "postgis"}


@detects("tablesample", on=ast.RangeTableSample)
def tablesample(node: ast.RangeTableSample, here: Here) -> Found:
    statement, relation = here.statement, node.relation
    word = spans.words(statement, "TABLESAMPLE", after=relation.location)
    method = spans.parenthesised(statement, word.end)
    span = Span(statement, word.start, method.end if method else word.end)
    percent = node.args[0].val if isinstance(node.args[0], ast.A_Const) else None
    number = getattr(percent, "fval", None) or getattr(percent, "ival", None)
    share = f"{float(number) / 100:g}" if number is not None else "0.01"
    alias = relation.alias.aliasname if relation.alias else relation.relname
    table = relation_name(relation)
    yield here.found(
        "tablesample",
        span,
        before=statement.text[relation.location : span.end],
        table=table,
        share=share,
        alias=quote(alias),
    )


@detects("lateral-join", on=ast.JoinExpr)
def lateral_join(node: ast.JoinExpr, here: Here) -> Found:
    if node.jointype != enums.JoinType.JOIN_LEFT:
        return
    right = node.rarg
    if not isinstance(right, ast.RangeSubselect) or not right.lateral:
        return
    inner = set(_names_in(right.subquery.fromClause or ()))
    for target in right.subquery.targetList or ():
        outer = next((ref for ref in walk(target) if _is_outer(ref, inner)), None)
        if outer is None:
            continue
        span = spans.head(here.statement)
        for token in here.statement.tokens:  # the last LATERAL before the column is this one
            if token.start < outer.location and token.text.upper() == "LATERAL":
                span = Span(here.statement, token.start, token.end)
        yield here.found(
            "lateral-join",
            span,
            key=str(span.start),
            column=".".join(quote(field.sval) for field in outer.fields),
        )
        return


def _names_in(items: tuple[ast.Node, ...]) -> Iterator[str]:
    """The names under which a FROM clause's relations can be referred to."""
    for item in items:
        match item:
            case ast.JoinExpr():
                yield from _names_in((item.larg, item.rarg))
            case ast.RangeVar():
                yield item.alias.aliasname if item.alias else item.relname
            case _:
                alias = getattr(item, "alias", None)
                yield alias.aliasname if alias is not None else ""


def _is_outer(node: ast.Node, inner: set[str]) -> bool:
    if not isinstance(node, ast.ColumnRef) or not isinstance(node.fields[-1], ast.String):
        return False
    return (len(node.fields) > 1 and node.fields[0].sval not in inner) or not inner


@detects("system-column", on=ast.ColumnRef)
def system_column(node: ast.ColumnRef, here: Here) -> Found:
    field = node.fields[-1]
    if field.__class__ is not ast.String or field.sval not in _SYSTEM:
        return
    column = field.sval
    if re.search(rf"\bAS\s+\"?{column}\b", here.statement.text, re.I):
        return  # a name the query gives itself
    span = _last_name(here.statement, node)
    yield here.found(
        "system-column", span, case="" if column == "ctid" else "other", key=column, column=column
    )


def _last_name(statement: Statement, node: ast.ColumnRef) -> Span:
    tokens = iter(statement.tokens)
    for token in tokens:
        if token.start == node.location:
            for _ in range(2 * (len(node.fields) - 1)):
                token = next(tokens, token)
            return Span(statement, token.start, token.end)
    return spans.head(statement)


@detects("statistics-view", "large-object", on=ast.RangeVar)
def system_view(node: ast.RangeVar, here: Here) -> Found:
    name = node.relname
    if not name.startswith("pg_") or node.schemaname not in (None, "pg_catalog"):
        return
    span = spans.name_at(here.statement, node.location)
    if name in LARGE_OBJECTS:
        yield here.found("large-object", span, key=name, function=name)
    elif shows_the_server(name) and name not in newer("relations"):
        yield here.found("statistics-view", span, key=name, view=name)


@detects("xml-function", on=(ast.XmlExpr, ast.XmlSerialize, ast.RangeTableFunc))
def xml_syntax(node: ast.XmlExpr | ast.XmlSerialize | ast.RangeTableFunc, here: Here) -> Found:
    span = spans.word_at(here.statement, node.location)
    yield here.found("xml-function", span, key=span.text.lower(), function=span.text.lower())


@detects("extension-operator", on=ast.A_Expr)
def extension_operator(node: ast.A_Expr, here: Here) -> Found:
    operator = node.name[-1].sval
    extension = _extension_of(operator, here)
    is_modulo = operator == "%" and not (_is_word(node.rexpr) or _is_text(node.lexpr, here))
    is_distance = operator == "<->" and not _is_known_text(node, here)
    if operator in ("%", "<->") and not (is_modulo or is_distance):
        extension = "pg_trgm"
    elif operator == "<->" and (constant(node.rexpr) or "").startswith("["):
        extension = "vector"
    if extension is None:
        return
    others = (other for other in here.catalog.others if other[0] == "operator")
    if any(name.name == operator for _, name, _ in others):
        return  # the schema's own, reported where it is made
    yield here.found(
        "extension-operator",
        spans.operator(here.statement, node.location),
        case="" if extension else "unknown",
        cause=here.missing(ObjectRef("extension", extension)),
        key=f"{operator} {node.location}",
        operator=operator,
        extension=extension,
    )


@detects("text-search-function", on=ast.A_Expr)
def text_search_operator(node: ast.A_Expr, here: Here) -> Found:
    """@@ on a plain text makes a tsvector of it, by the default configuration."""
    if node.name[-1].sval == "@@" and _is_text(node.lexpr, here):
        yield here.found(
            "text-search-function",
            spans.operator(here.statement, node.location),
            case="operator",
            key=str(node.location),
            edited="",
        )


def _extension_of(operator: str, here: Here) -> str | None:
    """The extension of an operator that PostgreSQL itself lacks; empty if nobody knows it."""
    if operator in supported("operators") or operator in _GRAMMAR_OPERATORS:
        return None
    owners = extensions_of_operator(operator)
    made = next((owner for owner in owners if owner in here.catalog.extensions), None)
    return made or _LIKELY.get(operator) or (owners[0] if owners else "")


# What the parser writes, or takes, for operators of other names.
_GRAMMAR_OPERATORS = {"BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC", "!="}


def _is_text(node: ast.Node | None, here: Here) -> bool:
    """Whether an operand is text for sure; a column is when all columns of its name are."""
    match node:
        case ast.A_Const():
            return constant(node) is not None
        case ast.TypeCast():
            return bool(node.typeName.names[-1].sval in _TEXTS)
        case ast.ColumnRef() if isinstance(node.fields[-1], ast.String):
            name = node.fields[-1].sval
            columns = [t.columns[name] for t in here.catalog.tables() if name in t.columns]
            types = {c.type.names[-1].sval for c in columns if c.type is not None}
            return bool(types) and types <= _TEXTS
    return False


def _is_known_text(node: ast.A_Expr, here: Here) -> bool:
    """Whether an operand is text for sure; a constant alone may be a point or a query as well."""
    sides = (node.lexpr, node.rexpr)
    return any(not isinstance(side, ast.A_Const) and _is_text(side, here) for side in sides)


def _is_word(node: ast.Node | None) -> bool:
    text = constant(node)
    return text is not None and not re.fullmatch(r"\s*[-+]?[\d.]+\s*", text)


_NAMES_TYPES = (ast.RangeFunction, ast.JsonTableColumn, ast.JsonOutput, ast.PrepareStmt)


@detects("missing-type-cast", "geometric-value", "xml-function", on=_NAMES_TYPES)
def named_types(node: ast.Node, here: Here) -> Found:
    """Types that a query names without a cast: of its columns, results and parameters."""
    if isinstance(node, ast.RangeFunction):
        types = [column.typeName for column in node.coldeflist or ()]
    elif isinstance(node, ast.PrepareStmt):
        types = list(node.argtypes or ())
    else:
        types = [node.typeName]
    for type_node in types:
        if type_node is not None:
            yield from _missing_type(type_node, "named", here)


@detects("missing-type-cast", "geometric-value", "xml-function", on=ast.TypeCast)
def type_cast(node: ast.TypeCast, here: Here) -> Found:
    # The type of a variable is shown as a cast whose operand stands outside of the statement.
    case = "named" if (node.location or 0) < here.statement.start else ""
    yield from _missing_type(node.typeName, case, here)


def _missing_type(type_node: ast.TypeName, case: str, here: Here) -> Found:
    """What is wrong with a type in an expression; `case` where it is no cast."""
    names = type_node.names
    word = names[-1].sval
    if len(names) > 1 and names[-2].sval == "pg_catalog" and word not in _REFUSED:
        return
    name = name_of(names)
    own = here.catalog.type(name) if name.schema != "pg_catalog" else None
    if own is None and word not in _REFUSED and (word in FAMILIES or _is_known(name, here)):
        return
    if own is None and word not in _REFUSED and extension_of_type(word) is None:
        return
    if _is_declared(word, here):
        return
    span = spans.type_name(here.statement, type_node)
    if own is not None:
        yield _own_type_cast(own, span, case, here)
    elif word == "xml":
        yield here.found("xml-function", span, key=f"cast {span.start}", function="xml")
    elif word in _GEOMETRIC:
        of_type = "point" if word == "point" else ""
        yield here.found("geometric-value", span, case=of_type, key=f"cast {span.start}", type=word)
    else:
        extension = extension_of_type(word, here.catalog.extensions) or ""
        yield here.found(
            "missing-type-cast",
            span,
            case=f"{case}-extension" if case else "citext" if word == "citext" else "extension",
            cause=here.missing(ObjectRef("extension", extension)),
            key=f"{name} {span.start}",
            type=display(type_node),
            extension=extension,
        )


def _own_type_cast(own: Type, span: Span, case: str, here: Here) -> Finding | None:
    cause = here.missing(own.ref)
    if own.kind == "domain" or cause is None:
        return None
    return here.found(
        "missing-type-cast",
        span,
        case="-".join(filter(None, (case, "enum" if own.kind == "enum" else ""))),
        cause=cause,
        key=f"{own.name} {span.start}",
        type=own.name,
    )


def _is_known(name: Name, here: Here) -> bool:
    """Whether a table has that name, so that its row type does."""
    return here.catalog.relation(name) is not None


def _is_declared(word: str, here: Here) -> bool:
    """Whether the statement makes a column of that type, which is a finding of its own."""
    tree = here.statement.tree
    if not isinstance(tree, ast.CreateStmt):
        return False
    return any(
        isinstance(item, ast.ColumnDef)
        and item.typeName is not None
        and item.typeName.names[-1].sval == word
        for item in tree.tableElts or ()
    )
