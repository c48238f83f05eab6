"""PostgreSQL's objects as a script leaves them; the checks read this and never write to it.

An object remembers the statement that made it, and nodes of that statement for exact positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pglast import ast

from dsql_compat.findings import ObjectRef
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement


@dataclass(slots=True, eq=False)
class Column:
    """A column as declared.  `type` is the node that names its type, None when it is not known."""

    name: str
    table: Table
    type: ast.TypeName | None
    statement: Statement
    node: ast.ColumnDef | None = None
    not_null: bool = False
    default: ast.Node | None = None
    identity: str = ""
    identity_options: dict[str, object] | None = None
    generated: str = ""
    collation: Name | None = None

    @property
    def ref(self) -> ObjectRef:
        """How findings name this column."""
        return ObjectRef("column", self.name, self.table.name.schema, self.table.name.name)


@dataclass(slots=True, eq=False)
class Constraint:
    """A table constraint; `kind` is its PostgreSQL name in lower case, such as `foreign key`."""

    name: str
    kind: str
    table: Table
    statement: Statement
    node: ast.Constraint
    columns: tuple[str, ...] = ()
    referenced: Name | None = None
    referenced_columns: tuple[str, ...] = ()
    deferrable: bool = False
    initially_deferred: bool = False
    not_valid: bool = False
    using_index: str | None = None
    is_inline: bool = False
    is_added_later: bool = False
    taken_index: Index | None = None

    @property
    def ref(self) -> ObjectRef:
        """How findings name this constraint."""
        return ObjectRef("constraint", self.name, self.table.name.schema, self.table.name.name)


@dataclass(slots=True, eq=False)
class Index:
    """An index made by CREATE INDEX (those behind constraints are counted at the constraint)."""

    name: Name
    table: Table | None
    table_name: Name
    statement: Statement
    node: ast.IndexStmt
    keys: tuple[ast.IndexElem, ...]
    method: str
    is_unique: bool = False

    @property
    def ref(self) -> ObjectRef:
        """How findings name this index."""
        return ObjectRef("index", self.name.name, self.name.schema, self.table_name.name)


@dataclass(slots=True, eq=False)
class Trigger:
    """A trigger on a table or view."""

    name: str
    table: Name
    function: Name
    statement: Statement
    node: ast.CreateTrigStmt

    @property
    def ref(self) -> ObjectRef:
        """How findings name this trigger."""
        return ObjectRef("trigger", self.name, self.table.schema, self.table.name)


@dataclass(slots=True)
class DataVolume:
    """What the source's data rows show of a table: counts and bytes, never contents."""

    rows: int = 0
    bytes: int = 0
    widest_row: int = 0
    largest_batch: int = 0
    largest_copy: int = 0
    largest_insert: int = 0
    copy_bytes: int = 0  # of the largest one
    insert_bytes: int = 0
    widest_values: dict[str, int] = field(default_factory=dict)  # bytes by column, of long rows
    inserted: int = 0  # rows, since the statistics of a running database began


@dataclass(slots=True, eq=False)
class Table:
    """A table, partition or foreign table (`kind` says which)."""

    name: Name
    kind: str
    statement: Statement
    node: ast.Node | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    parents: tuple[Name, ...] = ()
    is_partition: bool = False
    is_partitioned: bool = False
    persistence: str = "p"
    has_row_security: bool = False
    columns_known: bool = True
    keys_known: bool = True  # not where LIKE copies those of an unknown table
    dropped_columns: int = 0
    owner: str | None = None
    data: DataVolume = field(default_factory=DataVolume)
    touched_by_data: bool = False
    rows_changed: bool = False  # by UPDATE, DELETE and the like, so not only filled

    @property
    def ref(self) -> ObjectRef:
        """How findings name this table."""
        return ObjectRef(self.kind, self.name.name, self.name.schema)

    def constraints_of(self, kind: str) -> Iterator[Constraint]:
        """The constraints of one kind."""
        return (c for c in self.constraints.values() if c.kind == kind)

    @property
    def primary_key(self) -> Constraint | None:
        """The primary key, if there is one."""
        return next(self.constraints_of("primary key"), None)

    @property
    def index_count(self) -> int:
        """Indexes as Aurora DSQL counts them: those behind keys and unique constraints too."""
        backed = sum(1 for c in self.constraints.values() if c.kind in ("primary key", "unique"))
        return len(self.indexes) + backed


@dataclass(slots=True, eq=False)
class View:
    """A view; `kind` is `view` or `materialized view`."""

    name: Name
    kind: str
    statement: Statement
    node: ast.Node
    query: ast.Node | None
    indexes: dict[str, Index] = field(default_factory=dict)

    @property
    def ref(self) -> ObjectRef:
        """How findings name this view."""
        return ObjectRef(self.kind, self.name.name, self.name.schema)


@dataclass(slots=True, eq=False)
class Sequence:
    """A sequence made by CREATE SEQUENCE, with the options as written (None: PostgreSQL's own)."""

    name: Name
    statement: Statement
    type: str = "bigint"
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cache: int | None = None
    cycle: bool = False
    owned_by: tuple[Name, str] | None = None
    last_value: int | None = None
    persistence: str = "p"

    @property
    def ref(self) -> ObjectRef:
        """How findings name this sequence."""
        return ObjectRef("sequence", self.name.name, self.name.schema)


@dataclass(slots=True, eq=False)
class Type:
    """A type of the schema; `kind` is enum, composite, range, base, shell or domain."""

    name: Name
    kind: str
    statement: Statement
    node: ast.Node
    base: ast.TypeName | None = None
    labels: tuple[str, ...] = ()
    attributes: tuple[ast.ColumnDef, ...] = ()

    @property
    def ref(self) -> ObjectRef:
        """How findings name this type."""
        return ObjectRef(
            "domain" if self.kind == "domain" else "type", self.name.name, self.name.schema
        )


@dataclass(slots=True, eq=False)
class Function:
    """A function, procedure or aggregate (`kind`); `path` is where it was made to find names."""

    name: Name
    kind: str
    statement: Statement
    node: ast.Node
    language: str | None = None
    returns_trigger: bool = False
    path: tuple[str, ...] = ("public",)

    @property
    def ref(self) -> ObjectRef:
        """How findings name this routine."""
        return ObjectRef(self.kind, self.name.name, self.name.schema)


@dataclass(slots=True, eq=False)
class Extension:
    """An extension and the schema its objects live in."""

    name: str
    schema: str | None
    statement: Statement

    @property
    def ref(self) -> ObjectRef:
        """How findings name this extension."""
        return ObjectRef("extension", self.name)


@dataclass(slots=True, eq=False)
class Other:
    """Any further object, known by its kind and name only (policy, rule, publication …)."""

    name: Name
    kind: str
    statement: Statement
    node: ast.Node | None = None
    table: str | None = None

    @property
    def ref(self) -> ObjectRef:
        """How findings name this object."""
        return ObjectRef(self.kind, self.name.name, self.name.schema, self.table)


Relation = Table | View | Sequence | Index
Object = (
    Column
    | Constraint
    | Index
    | Trigger
    | Table
    | View
    | Sequence
    | Type
    | Function
    | Extension
    | Other
)


class Catalog:
    """One database.  Relations share a namespace, as they do in PostgreSQL."""

    def __init__(self, database: str | None = None) -> None:
        self.database = database
        self.collation = ""  # of a running database, which no statement tells
        self.search_path: tuple[str, ...]
        self.path_after_commit: tuple[str, ...] | None  # where SET LOCAL has another
        self.begin_session()
        self.schemas: dict[str, Other] = {}
        self.relations: dict[Name, Relation] = {}
        self.types: dict[Name, Type] = {}
        self.functions: dict[Name, list[Function]] = {}
        self.extensions: dict[str, Extension] = {}
        self.others: dict[tuple[str, Name, str | None], Other] = {}
        self.dropped: list[Object] = []
        self.constraint_tables: dict[str, list[Table]] = {}  # by name, ever
        self.identities: dict[Name, Column] = {}  # by the names of their sequences
        self.drawn: set[int] = set()  # statements whose numbers are counted, by their id()

    def begin_session(self) -> None:
        """Nothing is set in a session that begins."""
        self.search_path, self.path_after_commit = ("public",), None

    @property
    def creation_schema(self) -> str:
        """The schema that an object without one is made in."""
        return self.search_path[0] if self.search_path else "public"

    def qualified(self, name: Name) -> Name:
        """The full name an object gets when it is made now."""
        return name if name.schema else Name(self.creation_schema, name.name)

    def candidates(self, name: Name) -> Iterator[Name]:
        """The full names a reference may mean, in the order of the search path."""
        if name.schema:
            yield name
            return
        for schema in self.search_path or ("public",):
            yield Name(schema, name.name)

    def relation(self, name: Name) -> Relation | None:
        """The relation that a reference means now."""
        for full in self.candidates(name):
            found = self.relations.get(full)
            if found is not None:
                return found
        return None

    def table(self, name: Name) -> Table | None:
        """The table that a reference means now, None for anything else."""
        found = self.relation(name)
        return found if isinstance(found, Table) else None

    def type(self, name: Name) -> Type | None:
        """The type of the schema that a reference means now."""
        for full in self.candidates(name):
            found = self.types.get(full)
            if found is not None:
                return found
        return None

    def functions_named(self, name: Name) -> list[Function]:
        """All routines of that name which a reference may mean."""
        for full in self.candidates(name):
            found = self.functions.get(full)
            if found:
                return found
        return []

    def tables(self) -> Iterator[Table]:
        """All tables, in the order they were made."""
        return (r for r in self.relations.values() if isinstance(r, Table))

    def sequences(self) -> Iterator[Sequence]:
        """All sequences."""
        return (r for r in self.relations.values() if isinstance(r, Sequence))

    def views(self) -> Iterator[View]:
        """All views, materialized ones too."""
        return (r for r in self.relations.values() if isinstance(r, View))


Handler = Callable[[Catalog, ast.Node, Statement], list[Object]]
