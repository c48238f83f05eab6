"""Rules and event triggers: what each did, and who does it now."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Other
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.steps import body_of
from dsql_compat.guide.application.telling import told
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code, fence
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.printing import expression, statement
from dsql_compat.sql.names import Name, name_of

_EVENTS = {
    enums.CmdType.CMD_INSERT: "INSERT",
    enums.CmdType.CMD_UPDATE: "UPDATE",
    enums.CmdType.CMD_DELETE: "DELETE",
}


def rule_part(rewrite: Rewrite) -> Part | None:
    """What becomes of rules and event triggers; None where there are none."""
    others = sorted(rewrite.catalog.others.values(), key=lambda o: (str(o.table), o.name.name))
    rules = [o for o in others if isinstance(o.node, ast.RuleStmt) and o.node.event in _EVENTS]
    events = [o for o in others if isinstance(o.node, ast.CreateEventTrigStmt)]
    if not rules and not events:
        return None
    title = " and ".join(["Rules"] * bool(rules) + ["event triggers"] * bool(events))
    lines = [line for o in rules for line in _rule(o)]
    if events:
        lines += [
            "Event triggers ran when the schema changed; DSQL runs nothing then. What they did "
            "belongs to the tool that runs the migrations, or to its pipeline:",
            "",
            *(line for o in events for line in _event(rewrite, o)),
        ]
    found = [f.id for o in [*rules, *events] for f in rewrite.findings.get(o.ref, ()) if f.id]
    return Part(
        "rules",
        f"{title[0].upper()}{title[1:]}",
        "\n".join([*(_INTRODUCTION if rules else []), *lines]),
        {},
        tuple(dict.fromkeys(found)),
    )


_INTRODUCTION = [
    "DSQL has no rules: a statement reaches the table or view that it names. The application "
    "sends the statements of the rule itself, with the values of the row it wanted in the place "
    "of `new` and those of the row it read in the place of `old`, all in one transaction.",
    "",
]


def _rule(other: Other) -> Iterator[str]:
    node = other.node
    assert isinstance(node, ast.RuleStmt)
    event, table = _EVENTS[node.event], code(str(Name(other.name.schema, other.table or "")))
    when = f", where {code(expression(node.whereClause), 400)}," if node.whereClause else ""
    article = "a" if event == "DELETE" else "an"
    what = _what(node, event)
    yield f"**{code(other.name.name)}** on {table}: {article} {event} of it{when} {what}"
    yield ""
    if node.actions:
        text = "\n".join(f"{statement(action)};" for action in node.actions)
        yield fence(mask_secrets(text))
        yield ""


def _what(node: ast.RuleStmt, event: str) -> str:
    if not node.actions:
        if not node.instead:
            return "was changed by nothing: leave the rule out."
        return (
            f"did nothing. Take {event} on it from every role, so that it fails where it was "
            "silently left out, or let the application leave it out."
        )
    if node.instead:
        return "became another statement. Send this instead:"
    return "was followed by another statement. Send both:"


def _event(rewrite: Rewrite, other: Other) -> Iterator[str]:
    node = other.node
    assert isinstance(node, ast.CreateEventTrigStmt)
    name = name_of(node.funcname)
    tags = [str(tag.sval) for item in node.whenclause or () for tag in item.arg or ()]
    only = f" for {', '.join(tags)}" if tags else ""
    event, called = code(node.eventname), code(str(name))
    yield f"- {code(other.name.name)}: at {event}{only} it called {called}"
    for function in rewrite.catalog.functions_named(name)[:1]:
        yield from told(body_of(function.statement).steps, 1, "fails with")
    yield ""
