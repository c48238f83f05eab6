"""What is written down: one item an object, with what it needs, as pg_dump keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

# Object identifiers of system catalogs, the same in every version.
TYPE, PROC, CLASS, ATTRDEF, CONSTRAINT = 1247, 1255, 1259, 2604, 2606
NAMESPACE, REWRITE, EXTENSION, SERVER, EVENT_TRIGGER = 2615, 2618, 3079, 1417, 3466

# The order in which pg_dump writes kinds, where nothing else decides.
_ORDER = (
    ("schema",),
    ("language",),
    ("collation",),
    ("transform",),
    ("extension",),
    ("type", "shell type"),
    ("cast",),
    ("function",),
    ("aggregate",),
    ("access method",),
    ("operator",),
    ("opclass",),
    ("opfamily",),
    ("conversion",),
    ("ts parser",),
    ("ts template",),
    ("ts dictionary",),
    ("ts configuration",),
    ("fdw",),
    ("server",),
    ("table",),
    ("table attach",),
    ("dummy type",),
    ("default",),
    ("before data",),
    ("data",),
    ("after data",),
    ("constraint",),
    ("index",),
    ("index attach",),
    ("statistics",),
    ("rule",),
    ("trigger",),
    ("foreign key",),
    ("policy",),
    ("publication",),
    ("publication table",),
    ("publication schema",),
    ("subscription",),
    ("default grants",),
    ("event trigger",),
)
PRIORITY = {kind: number for number, kinds in enumerate(_ORDER) for kind in kinds}
AFTER_DATA = PRIORITY["after data"]
BEFORE_DATA = PRIORITY["before data"]
Text = Callable[[], Iterable[str]]


def _nothing() -> Iterable[str]:
    return ()


@dataclass(slots=True, eq=False)
class Item:
    """An object, or a part of one that may have to stand apart from it.

    `text` gives its statements once the order is known.  `is_merged` says that another item's
    statement holds it (a column's default, a view's rule) unless the order tears them apart.
    """

    number: int
    kind: str
    schema: str | None
    name: str
    tie: tuple[object, ...] = ()
    text: Text = _nothing
    grants: Text = _nothing
    needs: dict[Item, None] = field(default_factory=dict)
    is_merged: bool = False
    is_dummy: bool = False  # a view that has to begin as a table does
    owner: Item | None = None  # whose statement would hold it
    part_of: Item | None = None  # the table that it lives and dies with
    relation_kind: str = ""
    shell: Item | None = None
    tablespace: str | None = None
    access_method: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """How items sort before what they need is looked at."""
        schema = (0, self.schema.encode()) if self.schema is not None else (1, b"")
        return PRIORITY[self.kind], schema, self.name.encode(), self.tie, self.number

    def needs_also(self, other: Item | None) -> None:
        """This item comes after the other."""
        if other is not None:
            self.needs[other] = None


class Items:
    """All items, by what they are in the server's catalog."""

    def __init__(self) -> None:
        self._all: list[Item] = []
        self._known: dict[tuple[int, int], Item] = {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._all)

    def add(
        self,
        kind: str,
        schema: str | None,
        name: str,
        place: tuple[int, int] | None = None,
        tie: tuple[object, ...] = (),
        text: Text = _nothing,
    ) -> Item:
        """Make an item; `place` is its catalog and its number there."""
        item = Item(len(self._all), kind, schema, name, tie, text)
        self._all.append(item)
        if place is not None:
            self._known[place] = item
        return item

    def get(self, class_: int, oid: int) -> Item | None:
        """The item of a catalog's row."""
        return self._known.get((class_, oid))

    def stand_in(self, class_: int, oid: int, item: Item) -> None:
        """Let what depends on one object depend on another item: on its extension."""
        self._known[class_, oid] = item
