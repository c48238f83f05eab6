"""The cut-over: its phases, the run-book with its commands, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsql_compat.guide.counting import counters
from dsql_compat.guide.drawing import Phase
from dsql_compat.guide.exporting import is_large
from dsql_compat.guide.slicing import is_big, sliced
from dsql_compat.guide.view import View
from dsql_compat.guide.words import duration, heading, listed, plural
from dsql_compat.report.markdown import fence

ROWS_A_SECOND = 3_000  # of one new table, before it has split; AWS says "a few thousand"
_LONG_STOP = 2 * 3600  # seconds that writes may stand still, for most
_CHANGED = re.compile(
    r"(last_)?(updated?|modified|modification|changed?)(_at|_on|_time|_date)?", re.IGNORECASE
)

_PSQL = "psql --no-psqlrc --quiet"
SUMS = (
    f"{_PSQL} --csv --file checks/source.sql <source> > source.csv\n"
    f"{_PSQL} --csv --file checks/target.sql <cluster> > target.csv\n"
    "diff source.csv target.csv && echo 'the same rows'"
)
SLICES = (
    f"{_PSQL} --file checks/slices.sql <source>\n"
    f"{_PSQL} --file slices-target.sql <cluster> > slices-target.csv\n"
    "diff slices-source.csv slices-target.csv && echo 'the same rows'"
)
COUNTERS = (
    f"{_PSQL} --tuples-only --no-align --file checks/counters.sql <source> > restart.sql\n"
    "psql --no-psqlrc --set ON_ERROR_STOP=1 --file restart.sql <cluster>"
)
_STOP = """\
ALTER DATABASE <database> SET default_transaction_read_only = on;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();"""
_AGAIN = "ALTER DATABASE <database> RESET default_transaction_read_only;"
_DUMP = """\
PGTZ=UTC pg_dump --encoding=UTF8 --file last.sql <source>
dsql-compat rewrite last.sql --data --output last
(cd last && sh apply.sh load)"""
_SLOT = "SELECT pg_create_logical_replication_slot('to_dsql', 'test_decoding');"
_CHANGES = "SELECT lsn, data FROM pg_logical_slot_peek_changes('to_dsql', NULL, 10000);"


def rows_of(view: View) -> int:
    """All rows that move."""
    return sum(load.rows for load in view.loads)


def seconds(view: View) -> float:
    """What they take, a table after the other."""
    return rows_of(view) / ROWS_A_SECOND


def phases(view: View) -> list[Phase]:
    """The time line."""
    stop = duration(seconds(view)) if rows_of(view) else "the load"
    jobs = _jobs(view)
    return [
        Phase("Rehearse", "weeks before", "load a copy, run all tests, measure times"),
        Phase("Prepare", "the day before", "schema on the cluster, roles, alarms, tokens"),
        Phase("Stop writes", "hour 0", "read-only role on the source, last export", "still"),
        Phase("Load", "then", f"{stop}; {plural(jobs, 'job')} for indexes and keys", "still"),
        Phase("Check", "then", "counts and sums alike, smoke tests", "still"),
        Phase("Switch", "go or no go", "connections to the cluster, a few users first", "back"),
        Phase("Watch", "days after", "conflicts, errors, cost; then close the way back", "back"),
    ]


def _jobs(view: View) -> int:
    return sum(1 for item in view.rewrite.items if item.waits)


def cut_over(view: View) -> Iterator[str]:
    """The plans and their steps."""
    known, is_long = rows_of(view) > 0, seconds(view) > _LONG_STOP
    if known and not is_long:
        yield (
            "**Plan:** writes stand still while everything is loaded: "
            f"{duration(seconds(view))} for the rows, at the rate above, and the jobs for "
            "indexes and keys."
        )
    elif known:
        yield (
            f"**Plan:** {duration(seconds(view))} are long for writes to stand still, so a first "
            "copy is loaded while the application runs, and what changed since follows in rounds. "
            "Only the last round stops writes."
        )
    else:
        yield (
            "**Plan:** one copy while writes stand still, if the rehearsal shows that there is "
            "time for it; else a first copy while the application runs, and rounds."
        )
    yield heading(3, "Run-book: one copy while writes stand still")
    yield _numbered(_steps(view))
    if is_long or not known:
        yield heading(3, "Run-book: a first copy, then rounds")
        yield _numbered(_rounds(view))
    yield from _way_back(view)


def _numbered(steps: Iterator[str]) -> str:
    """A list; what hangs on a step is indented below it."""
    lines = []
    for number, step in enumerate(steps, 1):
        mark = f"{number}. "
        first, *rest = step.split("\n")
        lines.append(mark + first)
        lines += [f"{' ' * len(mark)}{line}" if line else "" for line in rest]
    return "\n".join(lines)


def _steps(view: View) -> Iterator[str]:
    shell = "sh"
    yield (
        "**Prepare**, the day before: an empty cluster, the schema (`sh apply.sh schema` in the "
        "folder of `dsql-compat rewrite`), roles, alarms; everything that writes to the source is "
        "known by name."
    )
    yield (
        "**Stop writes.** Application and jobs first; then the source itself, against what was "
        f"forgotten:\n\n{fence(_STOP)}\n\nA session that sets the setting back can still write."
    )
    if is_large(view):
        yield (
            "**Last copy**: `checks/export.sql` on the source, then the loader, table by table in "
            "the order above, with its manifest folder on a disk that stays."
        )
    else:
        yield (
            "**Last copy**, with the choices of this guide; the cluster's tables are empty:\n\n"
            + fence(_DUMP, shell)
        )
    fill = [str(load.table.name) for load in view.loads if load.plain_now]
    if fill:
        yield f"**Fill** the columns of {listed(fill)} that were computed, in batches."
    yield (
        "**Indexes and keys**: `(cd last && sh apply.sh after-load)` starts "
        f"{plural(_jobs(view), 'job')} and waits for each. A failed one stops it; "
        "`sys.jobs` says why, for half an hour. Then `ANALYZE` each table."
    )
    if counters(view.rewrite):
        yield f"**Counters**, before anybody inserts:\n\n{fence(COUNTERS, shell)}"
    yield f"**Check**:\n\n{fence(SUMS, shell)}"
    if any(is_big(load) for load in sliced(view)):
        yield f"**Check what is big**:\n\n{fence(SLICES, shell)}"
    yield (
        "**Go or no go.** Stop if sums differ, a job failed, or the time for it is used up. Then "
        "smoke tests with the application, as a user of its own."
    )
    yield "**Switch** the connections, a few users first."
    yield (
        "**Watch** errors with SQLSTATE 40001 and their retries, commit latency, cost; for days, "
        "not hours. The source stays read-only until the way back is closed."
    )


def _rounds(view: View) -> Iterator[str]:
    yield (
        "Neither AWS DMS nor logical replication writes to DSQL: what follows is a program of "
        "yours. On the source, with `wal_level = logical`, before the first copy:\n\n"
        f"{fence(_SLOT)}\n\nFrom now on the source keeps its log for you: watch its disk."
    )
    yield "**First copy** as above, without stopping writes, then indexes and keys."
    without = [str(load.table.name) for load in view.loads if not _has_key(view, load.number)]
    keyless = (
        f" {listed(without, 6)} have no key to find a row by: copy them anew in the last round."
        if without
        else ""
    )
    yield (
        "**Rounds**: read changes and write them in their order by primary key, inserts and "
        "updates as one upsert, values converted as above, fewer than 3,000 rows a transaction, "
        f"40001 retried:\n\n{fence(_CHANGES)}\n\nOnce they are committed there, advance the slot "
        "by `pg_replication_slot_advance`. A change that comes twice does no harm that way."
        + keyless
    )
    followed = _followed(view)
    if followed:
        yield (
            f"**Or by a column of time**, where the application keeps one for every change: "
            f"{listed(followed, 6)}. Export rows changed since the last round began, and load "
            "them in the loader's conflict mode `do-update`. Deleted rows are not seen: list keys."
        )
    yield (
        "When a round is done within a minute: stop writes, the last round, then the run-book "
        "above from the counters on; at its end `SELECT pg_drop_replication_slot('to_dsql');`."
    )


def _has_key(view: View, number: int) -> bool:
    load = view.loads[number - 1]
    return any(constraint.kind == "primary key" for constraint in load.table.constraints)


def _followed(view: View) -> list[str]:
    """Columns that by name and type say when a row changed."""
    return [
        f"{load.table.name}.{column.name}"
        for load in view.loads
        for column in load.table.columns
        if column.type.startswith(("timestamp", "date")) and _CHANGED.fullmatch(column.name)
    ]


def _way_back(view: View) -> Iterator[str]:
    yield heading(3, "The way back")
    yield (
        "**Before the switch** it costs nothing: the source still has everything, so let it be "
        f"written again.\n\n{fence(_AGAIN)}"
    )
    without = [str(load.table.name) for load in view.loads if not _has_key(view, load.number)]
    keyless = f" What has no key is not in it: {listed(without, 6)}." if without else ""
    yield (
        "**After the switch** the cluster has rows that the source lacks. Keep the "
        "source as it is, and keep a record of what is "
        "written: a change stream (CDC) to Kinesis, set up before the switch, or the "
        "application's own log of writes. The stream tells each change at least once and in no "
        f"order across rows: sort by `ts_ns` for each key, and skip what comes twice.{keyless} "
        "Going back means stopping writes, playing the record into the source, setting its "
        "sequences behind the largest numbers, and switching connections. Try it once in the "
        "rehearsal; agree on the day after which there is no way back."
    )
