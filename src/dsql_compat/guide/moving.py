"""Chapter 6: how the rows get there, how that is checked, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.catalog.types import display
from dsql_compat.guide.check_values import compared, zoned_texts
from dsql_compat.guide.checking import not_compared, source_query, target_query
from dsql_compat.guide.counting import Counter, counters
from dsql_compat.guide.cut_over import (
    COUNTERS,
    ROWS_A_SECOND,
    SLICES,
    SUMS,
    cut_over,
    phases,
    rows_of,
    seconds,
)
from dsql_compat.guide.drawing import timeline_picture
from dsql_compat.guide.exporting import is_large
from dsql_compat.guide.model import Chapter, Picture
from dsql_compat.guide.slicing import SLICE, is_big, sliced
from dsql_compat.guide.view import View
from dsql_compat.guide.words import duration, heading, joined, listed, plural
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.views import amount
from dsql_compat.rewriting.batches import MOST_BYTES, MOST_ROWS
from dsql_compat.rewriting.load_plan import TableLoad
from dsql_compat.sql.names import quote

STEM, TITLE = "06-data", "Data move"
_SHOWN = 60  # tables of the load that are listed
_FEW = 12  # lines that are shown at once


def chapter(view: View) -> Chapter:
    """The chapter."""
    picture = timeline_picture(phases(view))
    parts = [heading(1, TITLE), *_size(view), *_order(view), *_values(view)]
    parts += [*_numbers(view), *_checks(view), *_cut_over(view, picture)]
    return Chapter(STEM, TITLE, "\n\n".join(part for part in parts if part), (picture,))


def _size(view: View) -> Iterator[str]:
    rows, size = rows_of(view), sum(load.bytes for load in view.loads)
    if not rows:
        yield (
            "The source holds no rows, so sizes are unknown here. Run the guide on a "
            "dump with data or on "
            "the database itself, and this chapter has the figures."
        )
        return
    is_live = any(source.kind == "database" for source in view.report.sources)
    batches = sum(load.transactions for load in view.loads)
    filled = sum(1 for load in view.loads if load.rows)
    of = "by the server's own estimate, indexes aside" if is_live else "of text"
    text = f"{amount(size, 'bytes')} {of}"
    yield (
        f"{plural(rows, 'row')}{f', {text}' if size else ''}, in {plural(filled, 'table')}: "
        f"{plural(batches, 'transaction')} of at most {MOST_ROWS:,} rows and "
        f"{amount(MOST_BYTES, 'bytes')}; DSQL takes 10 MiB, what it adds to a row counted in."
    )
    yield (
        f"**{duration(seconds(view)).capitalize()}** for one table after the other, if a table "
        f"takes {ROWS_A_SECOND:,} rows a second. That rate is assumed: AWS speaks of a few "
        "thousand for a new table, and of more once it has split, 10 to 20 minutes into the load. "
        "Tables loaded side by side take less; the rehearsal measures it."
    )
    if is_large(view):
        yield (
            "That is much for psql: use AWS's `aurora-dsql-loader`, which loads in "
            "parallel and goes on where it stopped. It converts no values: "
            "[`checks/export.sql`](checks/export.sql) writes a CSV file for each table with them "
            "converted. CSV tells NULL from an empty text by quotes alone; the checks below show "
            "whether they arrived as what they were."
        )
    elif is_live:
        yield (
            "`pg_dump`, then `dsql-compat rewrite --data` writes such transactions, values "
            "converted; `sh apply.sh load` runs them."
        )
    else:
        yield (
            "`dsql-compat rewrite --data` writes them as such transactions, values "
            "converted; `sh apply.sh load` runs them."
        )


def _counters(number: int) -> str:
    return f"each of {number:,} counters" if number > 1 else "the one counter"


def _order(view: View) -> Iterator[str]:
    if not view.loads:
        return
    yield heading(2, "Order and batches")
    keys = sum(1 for item in view.rewrite.items if item.phase == "after-load")
    waits = sum(1 for item in view.rewrite.items if item.waits)
    yield (
        f"Schema first, then the tables in this order, then {plural(keys, 'statement')} "
        "for indexes and keys, "
        f"{waits} of which {'starts' if waits == 1 else 'start'} a job to be waited for. "
        "Afterwards ANALYZE each table. Built then, indexes weigh on no batch: only keys and "
        "UNIQUE of the table itself are counted in."
    )
    circle = [load for load in view.loads if load.late]
    if circle:
        yield (
            f"{listed(str(load.table.name) for load in circle)} "
            f"{'stands' if len(circle) == 1 else 'stand'} where a circle of foreign keys is cut; "
            "since keys come after the rows, nothing has to be deferred."
        )
    rows = []
    for load in view.loads[:_SHOWN]:
        notes = _notes(load)
        rows.append(
            [
                str(load.number),
                code(str(load.table.name)),
                f"{load.rows:,}" if load.rows else "–",
                f"{load.batch_rows:,}",
                f"{load.transactions:,}" if load.rows else "–",
                prose("; ".join(notes)),
            ]
        )
    yield table([" #", "Table", " Rows", " Rows a batch", " Transactions", "Note"], rows)
    more = len(view.loads) - _SHOWN
    if more > 0:
        yield f"… and {plural(more, 'table')} more: `load/plan.md` of the rewrite has all."


def _notes(load: TableLoad) -> list[str]:
    """What to know of a table's rows."""
    notes = [f"{plural(len(load.converted), 'column')} converted"] if load.converted else []
    notes += [f"{quote(key.name)} only holds once the circle is loaded" for key in load.late]
    if len(load.table.sources) > 1:
        notes.append(f"takes {plural(len(load.table.sources) - 1, 'partition')}")
    computed = [quote(column.name) for column in load.table.columns if column.generated]
    if computed:
        notes.append(f"{joined(computed)} not loaded: the cluster computes it")
    notes += [f"{quote(c.name)} to be filled: it was computed" for c in load.plain_now]
    return notes + [f"has {warning}" for warning in load.warnings]


def _values(view: View) -> Iterator[str]:
    rows = []
    for load in view.loads:
        for column, how in load.converted:
            before = display(column.source.type) if column.source and column.source.type else ""
            rows.append(
                [
                    code(f"{load.table.name}.{quote(column.name)}"),
                    code(before),
                    code(column.type),
                    how,
                ]
            )
    if rows:
        yield heading(2, "Values that change")
        yield table(["Column", "From", "To", "How"], rows)


def _numbers(view: View) -> Iterator[str]:
    found = counters(view.rewrite)
    if not found:
        return
    yield heading(2, "Numbers after the load")
    yield (
        f"Rows that bring their own numbers move no counter. The source knows where "
        f"{_counters(len(found))} has to go on: behind its own sequence and behind the "
        "furthest number of the rows, whichever is further, in the sequence's steps. Once writes "
        "stand still, [`checks/counters.sql`](checks/counters.sql) prints the statements, which "
        "psql runs one by one, as DSQL wants DDL:"
    )
    yield fence(COUNTERS, "sh")
    shown = [
        [code(c.what), listed((f"{t.name}.{quote(n)}" for t, n in c.columns), 6) or "–", _at(c)]
        for c in found
    ]
    text = table(["Counter", "Numbers in the source", "In the result it begins at"], shown)
    if len(found) > 12:
        yield f"<details><summary>{plural(len(found), 'counter')}</summary>"
        yield text
        yield "</details>"
    else:
        yield text


def _at(counter: Counter) -> str:
    return "1" if counter.start is None else f"{counter.start}"


def _checks(view: View) -> Iterator[str]:
    if not view.loads:
        return
    yield heading(2, "Checks")
    yield (
        "[`checks/source.sql`](checks/source.sql) and "
        "[`checks/target.sql`](checks/target.sql) count the rows of every table "
        "and sum a hash of each, values as they are after conversion, in the same time zone and "
        "formats whatever the servers are set to. The two answers are equal, or rows differ:"
    )
    yield fence(SUMS, "sh")
    load = max(view.loads, key=lambda load: (load.rows, -load.number))
    yield f"For {code(str(load.table.name))}, on PostgreSQL and on the cluster:"
    yield fence(source_query(load, view))
    yield fence(target_query(load, view))
    yield from _big(view)
    yield from _unsure(view)


def _big(view: View) -> Iterator[str]:
    loads = sliced(view)
    if not loads:
        if not rows_of(view):
            yield (
                "A query of DSQL ends after five minutes, which may be too short for a table of "
                "millions of rows. Sizes are unknown here: made from the database itself, this "
                "guide has a script that compares what is big in ranges of the key."
            )
        return
    big = [load for load in loads if is_big(load)]
    which = (
        f"What may take longer is in [`checks/slices.sql`](checks/slices.sql) instead: "
        f"{listed(str(load.table.name) for load in big)}"
        if big
        else "No size is known here, so all tables with a key are in "
        "[`checks/slices.sql`](checks/slices.sql), too, for those that take longer"
    )
    yield (
        f"A query of DSQL ends after five minutes. {which}. The source cuts a table into ranges of "
        f"{SLICE:,} rows by its key, sums up each, and writes the cluster's queries:"
    )
    yield fence(SLICES, "sh")


def _unsure(view: View) -> Iterator[str]:
    lines = not_compared(view)
    if lines:
        yield "What no query compares; the files say so, too:"
        shown = [f"- {prose(line.replace(': not compared: ', ': ', 1))}" for line in lines]
        if len(shown) > _FEW:
            yield f"<details><summary>{plural(len(shown), 'table')}</summary>"
            yield "\n".join(shown)
            yield "</details>"
        else:
            yield "\n".join(shown)
    zoned = [
        f"{load.table.name}.{quote(column.name)}"
        for load in view.loads
        for column in zoned_texts(load, view.rewrite.catalog)
    ]
    if zoned:
        yield (
            f"Instants inside of {listed(zoned, 6)} are spelled in the time zone of the session "
            "that dumps them: dump with `PGTZ=UTC`, or sums differ though the instants do not."
        )
    floats = [
        f"{load.table.name}.{quote(column.name)}"
        for load in view.loads
        for column in compared(load)
        if column.type in ("real", "double precision")
    ]
    if floats:
        yield (
            f"A source before PostgreSQL 12 writes {listed(floats, 6)} with other digits: there, "
            "a sum that differs needs a second look."
        )


def _cut_over(view: View, picture: Picture) -> Iterator[str]:
    yield heading(2, "Cut-over and way back")
    yield f"![{picture.title}](images/{picture.name}.svg)"
    yield from cut_over(view)
    objects = [
        note for source in view.report.sources for note in source.notes if "large object" in note
    ]
    if objects:
        yield (
            f"**{prose(joined(objects))}** stay behind, as DSQL has none: copy them to S3, and "
            "keep the address where the source keeps the number."
        )
    left = {
        str(t.name): t.data.rows
        for t in view.rewrite.catalog.tables()
        if t.data.rows and not any(t in made.sources for made in view.rewrite.tables)
    }
    if left:
        yield (
            "**Rows that stay behind**, since their table is not in the result: "
            + ", ".join(f"{code(n)} ({c:,})" for n, c in left.items())
            + "."
        )
