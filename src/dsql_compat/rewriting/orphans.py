"""What turned out to need something that is not there after all goes as well.

Routines are decided before tables, whose defaults and checks call them, so a table that could not
be made takes back the routines and views that read it.
"""

from __future__ import annotations

from dsql_compat.rewriting.model import Item
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.statements import Statement


def leave_orphans(work: Work) -> None:
    """Take back items that need what is gone, and those that need these."""
    while True:
        orphans = [item for item in work.items if work.lacks(item.needs) is not None]
        if not orphans:
            return
        for item in orphans:
            work.items.remove(item)
            _leave(work, item)


def _leave(work: Work, item: Item) -> None:
    lacking = work.lacks(item.needs)
    assert lacking is not None
    statements = [s for fate in work.fates if fate.ref == item.ref for s in fate.statements]
    work.fates = [f for f in work.fates if f.ref != item.ref or f.outcome == "left"]
    statements = statements or _makers(work, item)
    if item.makes is None and any(fate.ref == item.ref for fate in work.fates):
        return  # the second statement of an object that is gone already
    work.settle(item.ref, "left", f"needs {lacking.ref}", *statements, key=item.makes)


def _makers(work: Work, item: Item) -> list[Statement]:
    """The statements of the source that made the object."""
    catalog = work.catalog
    relation = catalog.relations.get(item.makes.name) if item.makes is not None else None
    if relation is not None:
        return [relation.statement]
    return [
        function.statement
        for overloads in catalog.functions.values()
        for function in overloads
        if function.ref == item.ref
    ]
