"""Row policies without row level security: their conditions, in every query.

A `Guard` stands for one transaction of one user: make one inside `retry.run`, and read and write
protected tables through it.  It sees and changes the rows that PostgreSQL let this user see and
change.  The policies are in policies.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import dict_row

from .retry import Connection

Name = tuple[str, str]  # schema and table
EVERYBODY = "public"


class PolicyError(Exception):
    """A new or changed row that no policy lets through; roll the transaction back."""


@dataclass(frozen=True)
class Policy:
    """A policy: its conditions take settings as parameters, `{name}` is a table of `reads`."""

    name: str
    command: str = "ALL"
    roles: frozenset[str] = frozenset({EVERYBODY})
    using: LiteralString | None = None
    check: LiteralString | None = None
    is_restrictive: bool = False
    reads: Mapping[str, Name] = field(default_factory=dict)  # with policies of their own
    may_lack: frozenset[str] = frozenset()  # settings that count as NULL where they are not given

    def concerns(self, command: str, roles: frozenset[str]) -> bool:
        """Whether it has a say when one with these roles sends a command."""
        return self.command in ("ALL", command) and bool(self.roles & (roles | {EVERYBODY}))


@dataclass(frozen=True)
class Protected:
    """A table under row level security.  Its owner is only bound by it if that is forced."""

    table: Name
    owner: str
    is_forced: bool
    policies: tuple[Policy, ...]


@dataclass(frozen=True)
class Session:
    """The roles that a user has, inherited ones too, and the settings that policies read."""

    roles: frozenset[str]
    settings: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Guard:
    """What one user may do.  Conditions of callers are SQL with %(name)s for their values."""

    connection: Connection
    session: Session
    tables: Mapping[Name, Protected]

    def condition(self, table: Name, command: str = "SELECT") -> sql.Composable:
        """What a query of the table, under its own name, has to have in its WHERE."""
        return self._combined(table, command, is_check=False)

    def values(self, more: Mapping[str, object] | None = None) -> dict[str, object]:
        """The parameters of a query with such a condition."""
        lacking = {
            setting: None
            for protected in self.tables.values()
            for policy in protected.policies
            for setting in policy.may_lack
        }
        return lacking | dict(self.session.settings) | dict(more or {})

    def select(
        self,
        table: Name,
        where: LiteralString = "true",
        values: Mapping[str, object] | None = None,
        columns: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """The rows of a condition that the user may see."""
        shown = sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("*")
        query = sql.SQL("SELECT {} FROM {} WHERE {} AND (" + where + ")").format(
            shown, sql.Identifier(*table), self.condition(table)
        )
        cursor = self.connection.cursor(row_factory=dict_row)
        return cursor.execute(query, self.values(values)).fetchall()

    def insert(self, table: Name, values: Mapping[str, object]) -> None:
        """Insert a row.  Raises PolicyError where the user may not write it."""
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        given = {f"new.{number}": value for number, value in enumerate(values.values())}
        marks = sql.SQL(", ").join(map(sql.Placeholder, given))
        check = self._combined(table, "INSERT", is_check=True)
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING ({}) IS TRUE").format(
            sql.Identifier(*table), columns, marks, check
        )
        self._checked(table, query, given)

    def update(
        self,
        table: Name,
        changes: Mapping[str, object],
        where: LiteralString = "true",
        values: Mapping[str, object] | None = None,
    ) -> int:
        """Change the rows of a condition that the user may change; how many they were.

        Raises PolicyError where one of them became a row that the user may not write or see.
        """
        given = {f"new.{number}": value for number, value in enumerate(changes.values())}
        pairs = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(mark))
            for column, mark in zip(changes, given, strict=True)
        )
        seen = self.condition(table)
        query = sql.SQL(
            "UPDATE {} SET {} WHERE {} AND {} AND (" + where + ") RETURNING ({} AND {}) IS TRUE"
        ).format(
            sql.Identifier(*table),
            pairs,
            self.condition(table, "UPDATE"),
            seen,
            self._combined(table, "UPDATE", is_check=True),
            seen,
        )
        return self._checked(table, query, given | dict(values or {}))

    def delete(
        self,
        table: Name,
        where: LiteralString = "true",
        values: Mapping[str, object] | None = None,
    ) -> int:
        """Delete the rows of a condition that the user may delete; how many they were."""
        query = sql.SQL("DELETE FROM {} WHERE {} AND {} AND (" + where + ")").format(
            sql.Identifier(*table), self.condition(table, "DELETE"), self.condition(table)
        )
        return self.connection.execute(query, self.values(values)).rowcount

    def _checked(self, table: Name, query: sql.Composed, given: Mapping[str, object]) -> int:
        cursor = self.connection.execute(query, self.values(given))
        if not all(is_allowed for (is_allowed,) in cursor.fetchall()):
            raise PolicyError(f"a new row of {'.'.join(table)} is against its policies")
        return cursor.rowcount

    def _combined(self, table: Name, command: str, *, is_check: bool) -> sql.Composable:
        """Permissive policies joined with OR, restrictive ones with AND."""
        protected = self.tables.get(table)
        if protected is None or self._is_free(protected):
            return sql.SQL("true")
        allowing: list[sql.Composable] = []
        limits: list[sql.Composable] = []
        for policy in protected.policies:
            if policy.concerns(command, self.session.roles):
                text = policy.using if not is_check or policy.check is None else policy.check
                if text is not None:
                    into = limits if policy.is_restrictive else allowing
                    into.append(sql.SQL("({})").format(self._filled(policy, text)))
        anything = sql.SQL(" OR ").join(allowing) if allowing else sql.SQL("false")
        return sql.SQL("({})").format(
            sql.SQL(" AND ").join([sql.SQL("({})").format(anything), *limits])
        )

    def _is_free(self, protected: Protected) -> bool:
        return protected.owner in self.session.roles and not protected.is_forced

    def _filled(self, policy: Policy, text: LiteralString) -> sql.Composed:
        """A condition in which other tables show what their own policies show this user."""
        shown = {
            mark: sql.SQL("(SELECT * FROM {} WHERE {})").format(
                sql.Identifier(*table), self.condition(table)
            )
            for mark, table in policy.reads.items()
        }
        return sql.SQL(text).format(**shown)
