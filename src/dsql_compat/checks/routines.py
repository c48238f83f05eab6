"""Functions, procedures and DO blocks, and CALL."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.extensions import extension_of_type
from dsql_compat.catalog.model import Function
from dsql_compat.catalog.types import display, resolve
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span, Unanalysed
from dsql_compat.sql import spans
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import name_of
from dsql_compat.sql.plpgsql import is_plain, query_of, steps_of
from dsql_compat.sql.statements import Statement

_MODE = enums.FunctionParameterMode
_OUT = {_MODE.FUNC_PARAM_OUT, _MODE.FUNC_PARAM_INOUT}
_IN = {_MODE.FUNC_PARAM_IN, _MODE.FUNC_PARAM_DEFAULT}


@detects("plpgsql-function", "other-language-function", "function-without-language", on=Function)
def function_language(made: Function, here: Here) -> Found:
    if made.kind != "function" or made.language == "sql":
        return
    statement = here.statement
    if made.language is None:
        yield here.found(
            "function-without-language",
            spans.name(statement, made.name),
            function=made.name,
            edited=_with_language(statement),
            breaks=True,
        )
    elif made.language != "plpgsql":
        yield here.found(
            "other-language-function",
            _language_words(statement, made.language),
            function=made.name,
            language=made.language,
            breaks=True,
        )
    else:
        yield _plpgsql_function(made, here)


def _plpgsql_function(made: Function, here: Here) -> Finding | None:
    statement = here.statement
    words = _language_words(statement, "plpgsql")
    body = _body_token(statement)
    query = None
    case = "trigger-function" if made.returns_trigger else ""
    if not made.returns_trigger and _returns_a_value(made.node) and body is not None:
        query = query_of(statement)
        case = "one-query" if query is not None else ""
    edited = ""
    if query is not None and body is not None:
        tag = "$$" if "$$" not in query else "$body$"
        edits = [
            (words.start, words.end, "LANGUAGE sql"),
            (body.start, body.end, f"{tag} {query} {tag}"),
        ]
        edited = spans.edited(statement, edits)
    return here.found(
        "plpgsql-function",
        words,
        case=case,
        function=made.name,
        steps=_steps(statement),
        edited=edited,
        breaks=True,
    )


def _returns_a_value(node: ast.Node) -> bool:
    """Whether the function returns something by RETURN alone, without OUT parameters."""
    returns = node.returnType
    if returns is None or name_of(returns.names).name == "void":
        return False
    return not any(parameter.mode in _OUT for parameter in node.parameters or ())


def _steps(statement: Statement) -> str:
    counted = steps_of(statement)
    shown = [word if times == 1 else f"{word} ({times})" for word, times in counted.items()]
    return ", ".join(shown) or "plain statements"


def _language_words(statement: Statement, language: str) -> Span:
    """LANGUAGE and the name behind it; a parameter may be called language too."""
    tokens = statement.tokens
    for at in range(len(tokens) - 2, -1, -1):
        word, name = tokens[at], tokens[at + 1]
        if word.text.upper() == "LANGUAGE" and name.text.strip("'\"").lower() == language:
            return Span(statement, word.start, name.end)
    return spans.head(statement)


def _body_token(statement: Statement) -> Span | None:
    """The string that holds the body: the one behind AS."""
    tokens = statement.tokens
    for at in range(1, len(tokens)):
        if tokens[at].name == "SCONST" and tokens[at - 1].text.upper() == "AS":
            return Span(statement, tokens[at].start, tokens[at].end)
    return None


def _with_language(statement: Statement) -> str:
    body = _body_token(statement)
    end = body.end if body else len(statement.text)
    return spans.edited(statement, [(end, end, " LANGUAGE sql")])


@detects("procedure", on=Function)
def procedure(made: Function, here: Here) -> Found:
    if made.kind != "procedure":
        return
    statement = here.statement
    name = spans.name(statement, made.name)
    arguments = spans.parenthesised(statement, name.end)
    only_in = all(parameter.mode in _IN for parameter in made.node.parameters or ())
    case, edited = "", ""
    if made.language == "sql" and only_in and arguments is not None:
        word = spans.words(statement, "PROCEDURE")
        edits = [
            (word.start, word.end, "FUNCTION"),
            (arguments.end, arguments.end, " RETURNS void"),
        ]
        case, edited = "sql-procedure", spans.edited(statement, edits)
    yield here.found(
        "procedure",
        name,
        case=case,
        procedure=made.name,
        language=made.language or "sql",
        steps=_steps(statement) if made.language == "plpgsql" else "plain statements",
        edited=edited,
        breaks=True,
    )


@detects("aggregate", on=Function)
def aggregate(made: Function, here: Here) -> Found:
    if made.kind == "aggregate":
        yield here.found(
            "aggregate", spans.name(here.statement, made.name), aggregate=made.name, breaks=True
        )


@detects("leakproof-function", "function-attribute", on=Function)
def function_attributes(made: Function, here: Here) -> Found:
    """What a SQL function may not declare; other languages are refused as they are."""
    if made.language != "sql" or made.kind != "function":
        return
    statement = here.statement
    for option in made.node.options or ():
        match option.defname:
            case "leakproof" if option.arg.boolval:
                span = spans.words(statement, "LEAKPROOF")
                yield here.found(
                    "leakproof-function",
                    span,
                    function=made.name,
                    edited=spans.edited(statement, [(span.start, span.end, "")]),
                )
            case "transform" | "support" | "window":
                span = _attribute(statement, option.defname)
                yield here.found(
                    "function-attribute",
                    span,
                    case="" if option.defname == "transform" else option.defname,
                    key=option.defname,
                    function=made.name,
                    attribute=option.defname.upper(),
                    edited=spans.edited(statement, [(span.start, span.end, "")]),
                )


def _attribute(statement: Statement, word: str) -> Span:
    """The clause with what it names: SUPPORT f, TRANSFORM FOR TYPE a, FOR TYPE b, WINDOW."""
    start = spans.words(statement, word)
    end, tokens = start.end, statement.tokens
    if word == "window":
        return start
    at = sum(1 for token in tokens if token.start <= start.start)
    while at < len(tokens):
        if tokens[at].text.upper() == "FOR":
            at += 2
        while at + 2 < len(tokens) and tokens[at + 1].text == ".":
            at += 2
        end = tokens[min(at, len(tokens) - 1)].end
        if at + 1 < len(tokens) and tokens[at + 1].text == ",":
            at += 2
            continue
        break
    return Span(statement, start.start, end)


@detects("function-range-return", on=Function)
def range_return(made: Function, here: Here) -> Found:
    returns = getattr(made.node, "returnType", None)
    if made.language != "sql" or returns is None:
        return
    if resolve(here.catalog, returns).family == "range":
        yield here.found(
            "function-range-return",
            spans.type_name(here.statement, returns),
            function=made.name,
            type=display(returns),
            breaks=True,
        )


@detects("do-block", on=ast.DoStmt)
def do_block(_: ast.DoStmt, here: Here) -> Found:
    statement = here.statement
    parts = list(read_body(statement)) if is_plain(statement) else []
    plain = [part for part in parts if not isinstance(part, Unanalysed)]
    yield here.found(
        "do-block",
        spans.head(statement, 1),
        case="plain-statements" if plain and len(plain) == len(parts) else "",
        steps=_steps(statement),
        statements="\n".join(_alone(part) for part in plain),
    )


def _alone(part: Statement) -> str:
    text = part.excerpt.strip().rstrip(";")
    if text[:7].upper() == "PERFORM":
        text = "SELECT" + text[7:]
    return f"{text};"


@detects("call", "wait-for-job", on=ast.CallStmt)
def call(node: ast.CallStmt, here: Here) -> Found:
    name = name_of(node.funccall.funcname)
    if name.schema == "sys":
        if any(isinstance(argument, ast.SubLink) for argument in node.funccall.args or ()):
            yield here.found(
                "wait-for-job", spans.call(here.statement, node.funccall), case="subquery"
            )
        return
    own = here.catalog.functions_named(name)
    cause = here.missing(own[0].ref) if own else None
    arguments = here.statement.text[spans.call(here.statement, node.funccall).end :]
    yield here.found(
        "call",
        spans.call(here.statement, node.funccall),
        case="sql-procedure" if cause and cause.status.case == "sql-procedure" else "",
        cause=cause,
        procedure=own[0].name if own else name,
        arguments=arguments.strip().rstrip(";").strip(),
    )


@detects("function-type", on=Function)
def function_type(made: Function, here: Here) -> Found:
    """Types in a routine's signature that DSQL will not have."""
    if made.language not in ("sql", "plpgsql") or made.kind == "aggregate":
        return
    node: Any = made.node
    types = [parameter.argType for parameter in node.parameters or ()]
    arguments = {
        parameter.argType.location
        for parameter in node.parameters or ()
        if parameter.mode not in (_MODE.FUNC_PARAM_OUT, _MODE.FUNC_PARAM_TABLE)
    }
    if node.returnType is not None and node.returnType.location not in {t.location for t in types}:
        types.append(node.returnType)
    for type_node in types:
        name = name_of(type_node.names)
        if name.schema == "pg_catalog":
            continue
        resolved = resolve(here.catalog, type_node)
        own = here.catalog.type(name)
        extension = resolved.extension or ""
        if resolved.family == "array" and own is None:
            extension = extension_of_type(name.name) or ""
        cause = here.missing(own.ref if own else ObjectRef("extension", extension))
        if not extension and (own is None or own.kind == "domain" or cause is None):
            continue
        span = spans.type_name(here.statement, type_node)
        case = "extension" if extension else "enum" if own and own.kind == "enum" else ""
        finding = here.found(
            "function-type",
            span,
            about=made.ref,
            case=case,
            cause=cause,
            key=str(span.start - here.statement.start),
            function=made.name,
            type=display(type_node),
            extension=extension,
        )
        # With other arguments it is another function, which GRANT and OWNER TO must name anew.
        if finding is not None and case != "enum" and type_node.location in arguments:
            here.run.missing.add(made.ref, finding)
        yield finding
