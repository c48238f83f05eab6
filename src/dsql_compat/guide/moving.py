"""Chapter 6: how the rows get there, how that is checked, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.catalog.types import display
from dsql_compat.guide.checking import check_files, source_query, target_query
from dsql_compat.guide.drawing import Phase, timeline_picture
from dsql_compat.guide.model import Chapter, Picture
from dsql_compat.guide.view import View
from dsql_compat.guide.words import duration, heading, listed, plural
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.views import amount
from dsql_compat.rewriting.batches import MOST_BYTES, MOST_ROWS
from dsql_compat.rewriting.load_plan import LARGE
from dsql_compat.sql.names import quote

STEM, TITLE = "06-data", "Data move"
_ROWS_A_SECOND = 3_000  # of one new table, before it has split
_LONG_STOP = 2 * 3600  # seconds that writes may stand still, for most
_SHOWN = 60  # tables of the load that are listed


def chapter(view: View) -> Chapter:
    """The chapter."""
    picture = timeline_picture(_phases(view))
    parts = [heading(1, TITLE), *_size(view), *_order(view), *_values(view)]
    parts += [*_numbers(view), *_checks(view), *_cut_over(view, picture)]
    return Chapter(STEM, TITLE, "\n\n".join(part for part in parts if part), (picture,))


def _rows(view: View) -> int:
    return sum(load.rows for load in view.loads)


def _seconds(view: View) -> float:
    return _rows(view) / _ROWS_A_SECOND


def _size(view: View) -> Iterator[str]:
    rows, size = _rows(view), sum(load.bytes for load in view.loads)
    if not rows:
        yield (
            "The source holds no rows, so sizes are unknown here. Run the guide on a "
            "dump with data or on "
            "the database itself, and this chapter has the figures."
        )
        return
    batches = sum(load.transactions for load in view.loads)
    filled = sum(1 for load in view.loads if load.rows)
    yield (
        f"{rows:,} rows, {amount(size, 'bytes')} of text, in {plural(filled, 'table')}: "
        f"{plural(batches, 'transaction')} of at most {MOST_ROWS:,} rows and "
        f"{amount(MOST_BYTES, 'bytes')}. One table after the other, "
        f"at {_ROWS_A_SECOND:,} rows a second, which a new table takes at first, that "
        f"is {duration(_seconds(view))}; "
        "tables loaded side by side take less."
    )
    if size >= LARGE:
        yield (
            "That is much for psql: use AWS's `aurora-dsql-loader`, which loads in "
            "parallel and goes on where it "
            "stopped. It converts no values; export the tables with conversions by "
            "the queries of `load/plan.md`."
        )
    else:
        yield (
            "`dsql-compat rewrite --data` writes them as such transactions, values "
            "converted; `sh apply.sh load` runs them."
        )


def _order(view: View) -> Iterator[str]:
    yield heading(2, "Order and batches")
    keys = sum(1 for item in view.rewrite.items if item.phase == "after-load")
    waits = sum(1 for item in view.rewrite.items if item.waits)
    yield (
        f"Schema first, then the tables in this order, then {plural(keys, 'statement')} "
        "for indexes and keys, "
        f"{waits} of which start a job to be waited for. Afterwards ANALYZE each table."
    )
    rows = []
    for load in view.loads[:_SHOWN]:
        notes = [f"{plural(len(load.converted), 'column')} converted"] if load.converted else []
        notes += [f"{quote(key.name)} only holds once the circle is loaded" for key in load.late]
        if len(load.table.sources) > 1:
            notes.append(f"takes {plural(len(load.table.sources) - 1, 'partition')}")
        notes += [f"has {warning}" for warning in load.warnings]
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
    lines = []
    for load in view.loads:
        for column in load.table.columns:
            if column.identity is not None:
                name = quote(column.name)
                lines.append(f"SELECT max({name}) + 1 FROM {load.table.name};")  # noqa: S608
                lines.append(
                    f"ALTER TABLE {load.table.name} ALTER COLUMN {name} RESTART WITH <that number>;"
                )
    if not lines:
        return
    yield heading(2, "Numbers after the load")
    yield (
        "Rows that bring their own numbers do not move the counter; set each "
        "behind the largest, before anybody inserts:"
    )
    text = fence("\n".join(lines))
    if len(lines) > 12:
        yield f"<details><summary>{plural(len(lines) // 2, 'counter')}</summary>"
        yield text
        yield "</details>"
    else:
        yield text


def _checks(view: View) -> Iterator[str]:
    if not check_files(view):
        return
    yield heading(2, "Checks")
    yield (
        "[`checks/source.sql`](checks/source.sql) and "
        "[`checks/target.sql`](checks/target.sql) count the rows of every table "
        "and sum a hash of each, values as they are after conversion. The two "
        "answers are equal, or rows differ:"
    )
    yield fence(
        "psql --no-psqlrc --quiet --csv --file checks/source.sql <source> > source.csv\n"
        "psql --no-psqlrc --quiet --csv --file checks/target.sql <cluster> > target.csv\n"
        "diff source.csv target.csv && echo 'the same rows'",
        "sh",
    )
    load = max(
        (load for load in view.loads if load.table.columns),
        key=lambda load: (load.rows, -load.number),
    )
    yield f"For {code(str(load.table.name))}, on PostgreSQL and on the cluster:"
    yield fence(source_query(load))
    yield fence(target_query(load))
    big = [str(x.table.name) for x in view.loads if x.rows > 1_000_000]
    if big:
        yield (
            f"A query may not run for more than five minutes: give {listed(big)} "
            "ranges of the key, `WHERE … >= … AND … < …`, and compare range by range."
        )
    unsure = [
        f"{x.table.name}.{c.name}"
        for x in view.loads
        for c in x.table.columns
        if c.type in ("json", "real", "double precision")
    ]
    if unsure:
        yield (
            f"If only a sum differs, look at {listed(unsure, 6)} first: their text "
            "may differ where the value does not."
        )


# -- the cut-over -------------------------------------------------------------------------------


def _phases(view: View) -> list[Phase]:
    stop = duration(_seconds(view)) if _rows(view) else "the load"
    jobs = sum(1 for item in view.rewrite.items if item.waits)
    return [
        Phase("Rehearse", "weeks before", "load a copy, run all tests, measure times"),
        Phase("Prepare", "the day before", "schema on the cluster, roles, alarms, tokens"),
        Phase("Stop writes", "hour 0", "read-only role on the source, last export", "still"),
        Phase("Load", "then", f"{stop}; {plural(jobs, 'job')} for indexes and keys", "still"),
        Phase("Check", "then", "counts and sums alike, smoke tests", "still"),
        Phase("Switch", "go or no go", "connections to the cluster, a few users first", "back"),
        Phase("Watch", "days after", "conflicts, errors, cost; then close the way back", "back"),
    ]


def _cut_over(view: View, picture: Picture) -> Iterator[str]:
    yield heading(2, "Cut-over and way back")
    yield f"![{picture.title}](images/{picture.name}.svg)"
    rows = _rows(view)
    if not rows or _seconds(view) <= _LONG_STOP:
        plan = "Writes stand still while everything is loaded"
        plan += (
            f": {duration(_seconds(view))} for the rows, at the rate above, and the "
            "jobs for indexes and keys."
            if rows
            else "; the rehearsal tells for how long."
        )
        yield f"**Plan:** {plan}"
    else:
        yield (
            f"**Plan:** {duration(_seconds(view))} are long for writes to stand "
            "still. Load a first copy while the application runs, "
            "then repeat for rows that changed since, by a column such as "
            "`updated_at` or by logical decoding of the source "
            "into batched upserts (neither AWS DMS nor logical replication writes to "
            "DSQL). Only the last round stops writes."
        )
    yield (
        "**Before the switch** the way back costs nothing: the source still has "
        "everything, so start writes there again. "
        "Stop if the checks differ, if a job of an index or key failed (`SELECT * "
        "FROM sys.jobs`), or if the time for it is used up."
    )
    yield (
        "**After the switch** the cluster has rows that the source lacks. Keep the "
        "source as it is, and keep a record of what is "
        "written: a change stream (CDC) to Kinesis, or the application's own log of "
        "writes. Going back means stopping writes, "
        "playing those into the source in the order of their time stamps, and "
        "switching connections. Try it once in the rehearsal; "
        "agree on the day after which there is no way back."
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
