"""Row level security of a source: its policies as conditions that a query can carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pglast import ast, enums
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.catalog.model import Function, Other, Table
from dsql_compat.findings import Finding, Unanalysed
from dsql_compat.guide.application.accepted import KEPT, shown
from dsql_compat.guide.application.relations import made
from dsql_compat.guide.application.trigger_code import ByHandError
from dsql_compat.pipeline import analyze_text
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.plpgsql_queries import query_body
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.references import needs
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.walk import walk

EVERYBODY = "public"
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with %(setting)s and `{name}` for what only the running query knows."""

    text: str
    reads: tuple[tuple[str, Name], ...] = ()
    settings: tuple[str, ...] = ()
    may_lack: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy; `reason` says why a person has to write its condition."""

    name: str
    command: str
    roles: tuple[str, ...]
    is_restrictive: bool
    using: Condition | None = None
    check: Condition | None = None
    reason: str = ""
    source: tuple[str, str] = ("", "")
    findings: tuple[Finding, ...] = ()

    @property
    def conditions(self) -> list[Condition]:
        """Those that it has."""
        return [found for found in (self.using, self.check) if found is not None]


@dataclass(frozen=True, slots=True)
class Protected:
    """A table whose policies are in force."""

    table: Name
    owner: str
    is_forced: bool
    policies: tuple[Policy, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether all of its policies have their conditions."""
        return not any(policy.reason for policy in self.policies)


@dataclass(slots=True)
class _State:
    is_on: bool = False
    is_forced: bool = False


def protected_tables(rewrite: Rewrite) -> list[Protected]:
    """The tables under row level security, in the order of their names."""
    states = _states(rewrite)
    names = {name for name, state in states.items() if state.is_on}
    found = []
    for name in sorted(names, key=str):
        table = rewrite.catalog.table(name)
        if table is not None:
            policies = tuple(_policies(rewrite, table, names))
            owner = table.owner or ""
            found.append(Protected(name, owner, states[name].is_forced, policies))
    return _without_circles(found)


def idle_policies(rewrite: Rewrite) -> list[str]:
    """Policies of tables whose row level security is off."""
    states = _states(rewrite)
    return [
        f"{other.name.name} on {Name(other.name.schema, other.table or '')}"
        for other in rewrite.catalog.others.values()
        if other.kind == "policy"
        and not states.get(Name(other.name.schema, other.table or ""), _State()).is_on
    ]


def _states(rewrite: Rewrite) -> dict[Name, _State]:
    kinds = enums.AlterTableType
    found: dict[Name, _State] = {}
    for statement in rewrite.statements:
        node = statement.tree
        if not isinstance(node, ast.AlterTableStmt):
            continue
        for command in node.cmds or ():
            table = rewrite.catalog.table(relation_name(node.relation))
            if table is None:
                continue
            state = found.setdefault(table.name, _State())
            match command.subtype:
                case kinds.AT_EnableRowSecurity:
                    state.is_on = True
                case kinds.AT_DisableRowSecurity:
                    state.is_on = False
                case kinds.AT_ForceRowSecurity:
                    state.is_forced = True
                case kinds.AT_NoForceRowSecurity:
                    state.is_forced = False
    return found


def _policies(rewrite: Rewrite, table: Table, protected: set[Name]) -> Iterator[Policy]:
    others = [
        other
        for other in rewrite.catalog.others.values()
        if other.kind == "policy"
        and Name(other.name.schema, other.table or "") == table.name
        and isinstance(other.node, ast.CreatePolicyStmt)
    ]
    for other in sorted(others, key=lambda o: o.name.name):
        yield _policy(rewrite, table, other, protected)


def _policy(rewrite: Rewrite, table: Table, other: Other, protected: set[Name]) -> Policy:
    node = other.node
    assert isinstance(node, ast.CreatePolicyStmt)
    roles, using, check = node.roles, node.qual, node.with_check
    for statement in rewrite.statements:
        later = statement.tree
        if (
            isinstance(later, ast.AlterPolicyStmt)
            and later.policy_name == node.policy_name
            and rewrite.catalog.table(relation_name(later.table)) is table
        ):
            roles = later.roles or roles
            using, check = later.qual or using, later.with_check or check
    plain = Policy(
        node.policy_name,
        str(node.cmd_name or "all").upper(),
        tuple(dict.fromkeys(map(_role, roles or ()))) or (EVERYBODY,),
        not node.permissive,
        source=(expression(using) if using else "", expression(check) if check else ""),
        findings=tuple(rewrite.findings.get(other.ref, ())),
    )
    reader = _Reader(rewrite, table, protected)
    try:
        return replace(
            plain,
            using=reader.condition(expression(using)) if using else None,
            check=reader.condition(expression(check)) if check else None,
        )
    except ByHandError as error:
        return replace(plain, reason=str(error))


def _role(node: ast.RoleSpec) -> str:
    if node.roletype == enums.RoleSpecType.ROLESPEC_CSTRING:
        return str(node.rolename)
    return EVERYBODY


def _without_circles(tables: list[Protected]) -> list[Protected]:
    """Policies that read their own table, by others too, never end in PostgreSQL either."""
    reads = {
        t.table: {name for p in t.policies for c in p.conditions for _, name in c.reads}
        for t in tables
    }

    def reaches(start: Name) -> bool:
        pending, seen = list(reads[start]), set()
        while pending:
            name = pending.pop()
            if name == start:
                return True
            if name not in seen:
                seen.add(name)
                pending += reads.get(name, ())
        return False

    circular = {table.table for table in tables if reaches(table.table)}
    return [
        replace(
            table,
            policies=tuple(
                replace(p, using=None, check=None, reason="it reads its own table, by others")
                if any(name in circular for c in p.conditions for _, name in c.reads)
                else p
                for p in table.policies
            ),
        )
        for table in tables
    ]


# -- a condition --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """Reads the conditions of one table's policies; raises ByHandError."""

    rewrite: Rewrite
    table: Table
    protected: set[Name]
    reads: dict[str, Name] = field(default_factory=dict)
    settings: dict[str, bool] = field(default_factory=dict)  # whether it may be missing

    def condition(self, text: str) -> Condition:
        self.reads, self.settings = {}, {}
        here = made(self.rewrite, self.table)
        if here is None or here.name != self.table.name:
            raise ByHandError(f"{code(str(self.table.name))} is not a table of the result")
        self._demand_columns(text)
        found = self._replaced(text, "SELECT ", 0).removeprefix("SELECT ")
        self._demand_accepted(found)
        return Condition(
            found,
            tuple(self.reads.items()),
            tuple(self.settings),
            frozenset(name for name, may_lack in self.settings.items() if may_lack),
        )

    def _replaced(self, text: str, lead: str, depth: int) -> str:
        """SQL with settings as parameters, and protected tables as names in braces."""
        if depth > 3:
            raise ByHandError("functions that call each other")
        whole = lead + text
        try:
            root = parse_sql(whole)[0].stmt
            tokens = [(t.start, t.end + 1) for t in scan(whole)]
        except ParseError:
            raise ByHandError("a condition that cannot be read") from None
        encoded = whole.encode()
        edits: list[tuple[int, int, str]] = []
        queries = {n.ctename for n in walk(root) if isinstance(n, ast.CommonTableExpr)}
        for node in walk(root):
            if isinstance(node, ast.FuncCall):
                new = self._call(node, depth)
                if new is not None:
                    start = len(encoded[: node.location].decode())
                    edits.append((start, _closing(whole, tokens, start), new))
            elif isinstance(node, ast.RangeVar) and node.relname not in queries:
                relation = self.rewrite.catalog.table(relation_name(node))
                if relation is not None and relation.name in self.protected:
                    start = len(encoded[: node.location].decode())
                    at = [s for s, _ in tokens].index(start)
                    end = tokens[at + (2 if node.schemaname else 0)][1]
                    alias = "" if node.alias else f" AS {quote(node.relname)}"
                    edits.append((start, end, f"{self._mark(relation.name)}{alias}"))
        out, last = "", 0
        for start, end, new in sorted(edits):
            if start >= last:  # not inside of what was replaced
                out += _escaped(whole[last:start]) + new
                last = end
        return out + _escaped(whole[last:])

    def _mark(self, name: Name) -> str:
        for mark, table in self.reads.items():
            if table == name:
                return f"{{{mark}}}"
        mark = f"table_{len(self.reads) + 1}"
        self.reads[mark] = name
        return f"{{{mark}}}"

    def _call(self, node: ast.FuncCall, depth: int) -> str | None:
        name = name_of(node.funcname)
        if name.name == "current_setting" and name.schema in (None, "pg_catalog"):
            return self._setting(node)
        functions = self.rewrite.catalog.functions_named(name)
        if len(functions) != 1 or not _reads_settings(functions[0]):
            return None
        if node.args:
            raise ByHandError(f"{code(str(name))} reads settings and has arguments")
        function = functions[0]
        query = _only_query(self.rewrite, function)
        tree = parse_sql(query)[0].stmt if query else None
        if tree is None or (_is_definer(function) and _has_tables(tree)):
            raise ByHandError(f"{code(str(name))} reads settings in a way that cannot be followed")
        returns = getattr(function.node, "returnType", None)
        inner = self._replaced(query, "", depth + 1)
        written = expression(returns) if returns is not None else ""
        value = tree.targetList[0].val
        has_type = isinstance(value, ast.TypeCast) and expression(value.typeName) == written
        return f"({inner})" if has_type or not written else f"CAST(({inner}) AS {written})"

    def _setting(self, node: ast.FuncCall) -> str:
        values = [_constant(argument) for argument in node.args or ()]
        if not values or not isinstance(values[0], str) or len(values) > 2:
            raise ByHandError("the name of its setting is made up at run time")
        name = values[0].lower()
        if "." not in name or any(c in name for c in "()%{}"):
            raise ByHandError(f"it reads the setting {code(name)}")
        may_lack = len(values) == 2 and values[1] is True
        self.settings[name] = self.settings.get(name, True) and may_lack
        return f"%({name})s::text"

    def _demand_columns(self, text: str) -> None:
        here = made(self.rewrite, self.table)
        assert here is not None
        stored = {column.name: column for column in here.columns}
        for node in walk(parse_sql(f"SELECT {text}")[0].stmt):
            if not isinstance(node, ast.ColumnRef):
                continue
            name = getattr(node.fields[-1], "sval", "")
            if name in self.table.columns and (
                name not in stored or stored[name].conversion not in KEPT
            ):
                raise ByHandError(f"its column {code(name)} is stored otherwise by now")

    def _demand_accepted(self, text: str) -> None:
        plain = text.replace("%%", "%").replace("{{", "\0").replace("}}", "\1")
        for mark, name in self.reads.items():
            plain = plain.replace(f"{{{mark}}}", str(name))
        for setting in self.settings:
            plain = plain.replace(f"%({setting})s", "NULL")
        plain = plain.replace("\0", "{").replace("\1", "}")
        query = f"SELECT 1 FROM {self.table.name} WHERE {plain}"
        there = {item.makes for item in self.rewrite.items if item.makes is not None}
        absent = sorted(
            shown(k) for k in needs(self.rewrite.catalog, parse_sql(query)[0].stmt) - there
        )
        if absent:
            raise ByHandError(f"it needs {code(absent[0])}, which is not there")
        report = analyze_text(f"{query};", self.rewrite.report.target.date.isoformat())
        wrong = [f for f in report.findings if f.severity == "error" and f.rule != "missing-object"]
        if wrong:
            raise ByHandError(wrong[0].message.rstrip("."))


def _escaped(text: str) -> str:
    return text.replace("%", "%%").replace("{", "{{").replace("}", "}}")


def _closing(text: str, tokens: list[tuple[int, int]], start: int) -> int:
    """Where the call that begins here ends."""
    depth = 0
    for begin, end in tokens:
        if begin < start:
            continue
        depth += {"(": 1, ")": -1}.get(text[begin:end], 0)
        if text[begin:end] == ")" and depth == 0:
            return end
    raise ByHandError("a call that cannot be read")


def _constant(node: ast.Node) -> object:
    while isinstance(node, ast.TypeCast):
        node = node.arg
    value = node.val if isinstance(node, ast.A_Const) else None
    return getattr(value, "sval", None) or getattr(value, "boolval", None)


def _reads_settings(function: Function) -> bool:
    return "current_setting" in function.statement.text.lower()


def _only_query(rewrite: Rewrite, function: Function) -> str:
    """The one SELECT that a function's body comes down to; nothing where it is more."""
    node = function.node
    atomic = getattr(node, "sql_body", None)
    if isinstance(atomic, ast.ReturnStmt):
        return f"SELECT {expression(atomic.returnval)}"
    if function.language == "plpgsql":
        text = query_body(function.statement, rewrite.catalog).sql
    else:
        parts = [p for p in read_body(function.statement) if not isinstance(p, Unanalysed)]
        text = parts[0].text[parts[0].start :] if len(parts) == 1 else ""
    text = text.strip().rstrip(";")
    try:
        roots = parse_sql(text)
    except ParseError:
        return ""
    is_query = len(roots) == 1 and isinstance(roots[0].stmt, ast.SelectStmt)
    return text if is_query and "--" not in text else ""


def _is_definer(function: Function) -> bool:
    options = getattr(function.node, "options", None) or ()
    return any(o.defname == "security" and getattr(o.arg, "boolval", False) for o in options)


def _has_tables(tree: ast.Node) -> bool:
    return any(isinstance(node, ast.RangeVar) for node in walk(tree))
