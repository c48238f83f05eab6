"""Row policies: what each role may see and write, and the module that sees to it."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.policies import (
    COMMANDS,
    EVERYBODY,
    Condition,
    Policy,
    Protected,
    idle_policies,
    protected_tables,
)
from dsql_compat.guide.application.python import literal, module, source_of
from dsql_compat.guide.application.relations import pair
from dsql_compat.report.markdown import code, table
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import Name, quote

_LONGEST = 63  # a name in PostgreSQL
_MOST = 400


def policy_part(rewrite: Rewrite) -> Part | None:
    """What becomes of row level security; None where there is none."""
    tables = protected_tables(rewrite)
    idle = idle_policies(rewrite)
    if not tables and not idle:
        return None
    done = [t for t in tables if t.is_done]
    files = {}
    if done:
        files = {"row_policies.py": source_of("row_policies"), "policies.py": _module(done)}
        views = _views(rewrite, done)
        if views:
            files["policies.sql"] = views
    found = [f.id for t in tables for p in t.policies for f in p.findings if f.id]
    lines = list(_explanation(tables, idle, files))
    return Part(
        "policies",
        "Row policies: a condition in every query",
        "\n".join(lines),
        files,
        tuple(dict.fromkeys(found)),
    )


# -- the module ---------------------------------------------------------------------------------


def _module(tables: list[Protected]) -> str:
    lines = [
        "from __future__ import annotations",
        "",
        "from .row_policies import Name, Policy, Protected",
        "",
        "POLICIES: dict[Name, Protected] = {",
    ]
    for protected in tables:
        name = literal(pair(protected.table))
        lines += [
            f"    {name}: Protected(",
            f"        table={name},",
            f"        owner={literal(protected.owner)},",
            f"        is_forced={protected.is_forced},",
            "        policies=(",
            *(f"            {line}" for policy in protected.policies for line in _entry(policy)),
            "        ),",
            "    ),",
        ]
    if not any(protected.policies for protected in tables):
        lines[2] = "from .row_policies import Name, Protected"
    return module("The row policies of the former database.", [*lines, "}"])


def _entry(policy: Policy) -> Iterator[str]:
    yield "Policy("
    yield f"    {literal(policy.name)},"
    if policy.command != "ALL":
        yield f"    command={literal(policy.command)},"
    if policy.roles != (EVERYBODY,):
        yield f"    roles={literal(frozenset(policy.roles))},"
    for word, condition in (("using", policy.using), ("check", policy.check)):
        if condition is not None:
            yield f"    {word}={_text(condition.text)},"
    if policy.is_restrictive:
        yield "    is_restrictive=True,"
    reads = {mark: name for found in policy.conditions for mark, name in found.reads}
    if reads:
        pairs = ", ".join(f"{literal(m)}: {literal(pair(n))}" for m, n in sorted(reads.items()))
        yield f"    reads={{{pairs}}},"
    lacking = frozenset(name for found in policy.conditions for name in found.may_lack)
    needed = {n for c in policy.conditions for n in c.settings if n not in c.may_lack}
    if lacking - needed:
        yield f"    may_lack={literal(lacking - needed)},"
    yield "),"


def _text(condition: str) -> str:
    return literal(" ".join(condition.split()) if "'" not in condition else condition)


# -- views --------------------------------------------------------------------------------------


def _views(rewrite: Rewrite, tables: list[Protected]) -> str:
    """A view for each table and role whose condition needs no setting of the session."""
    by_name = {t.table: t for t in tables}
    taken = {(name.schema or "public", name.name) for name in rewrite.catalog.relations}
    made: list[str] = []
    for protected in tables:
        for role in _roles(protected):
            condition = _condition(by_name, protected, role, "SELECT")
            if condition is None or condition == "false":
                continue
            name = _view_name(protected.table, role, taken)
            taken.add((name.schema or "public", name.name))
            who = "whoever may read it" if role == EVERYBODY else role
            grantee = "" if role == EVERYBODY else quote(role)
            made.append(
                f"-- what {' '.join(who.split())} sees of {protected.table}\n"
                f"CREATE VIEW {name} WITH (security_barrier) AS\n"
                f"SELECT * FROM {protected.table} WHERE {condition};\n"
                + (f"GRANT SELECT ON {name} TO {grantee};\n" if grantee else "")
            )
    if not made:
        return ""
    head = (
        "-- Views in place of policies that need no setting. Grant them, and take SELECT on the\n"
        "-- tables away from the same roles.\n\n"
    )
    return head + "\n".join(made)


def _view_name(table: Name, role: str, taken: set[tuple[str, str]]) -> Name:
    ending = "_visible" if role == EVERYBODY else f"_visible_to_{role}"
    stem, number = table.name, 1
    name = f"{stem[: _LONGEST - len(ending)]}{ending}"[:_LONGEST]
    while (table.schema or "public", name) in taken:
        number += 1
        mark = f"_{number}"
        name = f"{f'{stem}{ending}'[: _LONGEST - len(mark)]}{mark}"
    return Name(table.schema, name)


def _condition(
    tables: dict[Name, Protected], protected: Protected, role: str, command: str
) -> str | None:
    """What a role's queries of a table must have in their WHERE; None if it takes settings."""
    allowing: list[str] = []
    limits: list[str] = []
    for policy in protected.policies:
        if policy.command not in ("ALL", command) or not {role, EVERYBODY} & set(policy.roles):
            continue
        if policy.using is None:
            continue
        text = _without_marks(tables, policy.using, role)
        if text is None:
            return None
        (limits if policy.is_restrictive else allowing).append(f"({text})")
    if not allowing:
        return "false"
    anything = " OR ".join(allowing)
    return " AND ".join([f"({anything})" if len(allowing) > 1 else anything, *limits])


def _without_marks(tables: dict[Name, Protected], condition: Condition, role: str) -> str | None:
    if condition.settings:
        return None
    shown = {}
    for mark, name in condition.reads:
        if name not in tables:
            return None
        inner = _condition(tables, tables[name], role, "SELECT")
        if inner is None:
            return None
        shown[mark] = f"(SELECT * FROM {name} WHERE {inner})"
    return condition.text.format(**shown).replace("%%", "%")


def _roles(protected: Protected) -> list[str]:
    return list(dict.fromkeys(role for p in protected.policies for role in p.roles))


# -- the explanation ----------------------------------------------------------------------------


def _explanation(tables: list[Protected], idle: list[str], files: dict[str, str]) -> Iterator[str]:
    yield (
        "DSQL has no row level security: whoever may read a table reads all of it. The conditions "
        "of the policies go into the queries. Permissive ones are joined with OR, restrictive ones "
        "with AND, and a role that no permissive policy names sees nothing. `USING` goes into the "
        "WHERE of SELECT, UPDATE and DELETE; `WITH CHECK`, or `USING` where there is none, must "
        "hold for every new or changed row. An UPDATE or DELETE with a WHERE also needs what "
        "SELECT needs. A setting of the session is a parameter of the query now; `current_user` "
        "still is the role that logs in. Superusers and roles with BYPASSRLS saw everything."
    )
    yield ""
    if "policies.py" in files:
        done = [t for t in tables if t.is_done]
        open_ones = [t for t in done if any(not p.is_restrictive for p in t.policies)]
        yield from _example([*open_ones, *done][0])
    if "policies.sql" in files:
        yield from (
            "`policies.sql` has a view for each role whose condition takes no setting: with SELECT "
            "on the view and not on the table, the database itself keeps rows from that role.",
            "",
        )
    groups: dict[tuple[object, ...], list[Protected]] = {}
    for protected in tables:
        key = (protected.owner, protected.is_forced, *(row[1:] for row in _rows(protected)))
        groups.setdefault(key, []).append(protected)
    for alike in groups.values():
        yield from _section(alike)
    if idle:
        yield "Not in force, since row level security of their tables is off:"
        yield ""
        yield from (f"- {code(name)}" for name in idle)
        yield ""


def _example(protected: Protected) -> Iterator[str]:
    settings = dict.fromkeys(
        name for p in protected.policies for c in p.conditions for name in c.settings
    )
    given = ", ".join(f"{literal(name)}: …" for name in settings)
    reads = [p for p in protected.policies if any(c.settings for c in p.conditions)]
    named = [role for p in [*reads, *protected.policies] for role in p.roles if role != EVERYBODY]
    role = next(iter(named), "…")
    name = literal(pair(protected.table))
    yield from (
        "```python",
        "from application import retry",
        "from application.policies import POLICIES",
        "from application.row_policies import Guard, Session",
        "",
        f"session = Session(frozenset({{{literal(role)}}}), {{{given}}})",
        "rows = retry.run(",
        f"    connection, lambda c: Guard(c, session, POLICIES).select({name})",
        ")",
        "# in SQL of your own: guard.condition(…) in the WHERE, guard.values(…) as its parameters",
        "```",
        "",
    )


def _section(alike: list[Protected]) -> Iterator[str]:
    first = alike[0]
    names = ", ".join(code(str(t.table)) for t in alike)
    yield f"**{names}**" if len(alike) == 1 else f"**{len(alike)} tables alike**: {names}"
    yield ""
    owner = f"the owner, {code(first.owner)}," if first.owner else "the owner"
    yield (
        f"Forced: {owner} is bound by it too."
        if first.is_forced
        else f"Not forced: {owner} sees and changes every row."
    )
    yield ""
    if not first.policies:
        yield "No policy: nobody else sees or writes a row."
        yield ""
        return
    rows = [list(row) if len(alike) == 1 else ["", *row[1:]] for row in _rows(first)]
    heads = ["Policy", "", "Role", "Command", "Rows seen or changed", "Rows written"]
    skipped = len(alike) > 1
    yield table(heads[skipped:], [row[skipped:] for row in rows])
    yield ""
    nothing = _forbidden(first)
    if nothing:
        yield (
            f"No permissive policy for {', '.join(nothing)}: a restrictive one alone lets nothing "
            "through, so only those may do it who are not bound by policies."
            if any(policy.is_restrictive for policy in first.policies)
            else f"No policy for {', '.join(nothing)}: only those may do it who are not bound by "
            "policies."
        )
        yield ""
    for policy in first.policies:
        if policy.reason:
            yield (
                f"{code(policy.name)} needs a person: {policy.reason}. Until then the table is in "
                "no module: let nobody read it but roles that may see all of it."
            )
            yield ""


def _rows(protected: Protected) -> Iterator[tuple[str, ...]]:
    for policy in protected.policies:
        using, check = policy.using, policy.check
        roles = ", ".join("everybody" if r == EVERYBODY else code(r) for r in policy.roles)
        joined = "restrictive, AND" if policy.is_restrictive else "permissive, OR"
        own = [_shown(using, policy.source[0]), _shown(check, policy.source[1])]
        command = policy.command if policy.command != "ALL" else ", ".join(COMMANDS)
        if policy.command in ("SELECT", "DELETE"):
            own[1] = "–"
        elif not own[1]:
            own[1] = "the same"
        if policy.command == "INSERT":
            own[0] = "–"
        yield code(policy.name), joined, roles, command, own[0], own[1]


def _forbidden(protected: Protected) -> list[str]:
    """The commands that no permissive policy allows to anybody."""
    allowed = {p.command for p in protected.policies if not p.is_restrictive}
    return [command for command in COMMANDS if not {command, "ALL"} & allowed]


def _shown(condition: Condition | None, source: str) -> str:
    text = source
    if condition is not None:
        marks = {mark: str(name) for mark, name in condition.reads}
        text = condition.text.format(**marks).replace("%%", "%")
    return code(" ".join(text.split()), _MOST) if text else ""
