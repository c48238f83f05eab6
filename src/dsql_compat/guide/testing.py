"""Chapter 8: tests to add, each because of something in this schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, listed
from dsql_compat.report.markdown import table
from dsql_compat.rewriting.batches import MOST_ROWS

STEM, TITLE = "08-tests", "Tests to add"


@dataclass(frozen=True)
class Test:
    """What to try and what has to come out, in Markdown."""

    title: str
    how: str
    expected: str


def chapter(view: View) -> Chapter:
    """The chapter."""
    rows = [
        [f"T{n}", f"**{test.title}**", test.how, test.expected]
        for n, test in enumerate(tests(view), 1)
    ]
    text = (
        "Before the cut-over, on a test cluster: PostgreSQL does not show conflicts, "
        "and no emulator does. "
        "Numbers are those of the [checklist](09-checklist.md)."
    )
    return Chapter(
        STEM,
        TITLE,
        "\n\n".join([heading(1, TITLE), text, table(["", "Test", "How", "Expected"], rows)]),
    )


def tests(view: View) -> list[Test]:
    """All tests, the general ones last."""
    return [*_keys(view), *_triggers(view), *_values(view), *_others(view), *_always(view)]


def _keys(view: View) -> Iterator[Test]:
    references = view.graph.references
    if references:
        first = next((r for r in references if r.parent in view.graph.hot), references[0])
        yield Test(
            "Parent deleted while a child comes",
            f"Two sessions: one inserts into {listed([str(first.child)])}, the other "
            f"deletes its row of {listed([str(first.parent)])}; "
            "both commit. Then for the other keys.",
            "one of them gets 40001, and tries again; no orphan",
        )
    deep = [str(r.parent) for r in references if r.on_delete == "CASCADE"]
    if deep:
        yield Test(
            f"A cascade over {MOST_ROWS:,} rows",
            f"Delete a row of {listed(deep, 6)} with {MOST_ROWS + 1:,} rows hanging on it.",
            "54000 and nothing deleted; then the code that deletes in batches",
        )


def _triggers(view: View) -> Iterator[Test]:
    found = view.of_rule("trigger")
    tables = [".".join(filter(None, (f.object.schema, f.object.table))) for f in found]
    if found:
        yield Test(
            "What triggers did",
            f"Every way to write (application, jobs, console) to {listed(tables, 6)}.",
            "the same rows afterwards as on PostgreSQL, side effects included",
        )
    policies = view.names("policy")
    if policies:
        yield Test(
            "Whose rows are seen",
            f"As one tenant, ask for another's rows: {listed(policies, 6)}.",
            "none, by any query of the application",
        )


def _values(view: View) -> Iterator[Test]:
    numbers = view.names("numeric-without-precision")
    if numbers:
        yield Test(
            "Digits of numbers",
            f"Store and read long fractions and large values in {listed(numbers, 8)}.",
            "as before, or rounded as decided",
        )
    enums = [str(t.name) for t in view.rewrite.catalog.types.values() if t.kind == "enum"]
    if enums:
        yield Test(
            "Labels",
            f"Store a label that does not exist, and sort by {listed(enums, 8)}.",
            "23514 in place of 22P02; the order that people expect",
        )
    changed = [
        f"{x.table.name}.{c.name}"
        for x in view.loads
        for c in x.table.columns
        if c.conversion in ("array", "composite", "hstore", "range-lower", "point-x", "money")
    ]
    if changed:
        yield Test(
            "Values in another form",
            f"Read and write {listed(changed, 8)}, empty and NULL too.",
            "the application's own values come back",
        )
    counters = [
        f"{t.name}.{c.name}"
        for t in view.rewrite.tables
        for c in t.columns
        if c.identity is not None
    ]
    if counters:
        yield Test(
            "Numbers after the load",
            f"Insert into {listed((c.rsplit('.', 1)[0] for c in counters), 6)} without a number.",
            "no 23505; gaps disturb nobody; pages sort by time",
        )
    if view.of_rule("text-order"):
        yield Test(
            "Order of text",
            "Lists with upper and lower case and accents, page by page.",
            "the order that was decided, no row twice or missing",
        )


def _others(view: View) -> Iterator[Test]:
    for rules, title, how, expected in (
        (
            ("advisory-lock", "lock-table"),
            "One at a time",
            "Two workers start what {names} kept apart.",
            "one works, the other waits or leaves",
        ),
        (
            ("skip-locked",),
            "The queue",
            "Four workers on {names}.",
            "each job once, although conflicts occur",
        ),
        (
            ("truncate",),
            "Emptying tables",
            "What {names} emptied, with more than 3,000 rows in it.",
            "all gone, in batches; the test suite resets itself, too",
        ),
        (
            ("savepoint",),
            "A part that fails",
            "A failure in the middle of what {names} wraps.",
            "all of it undone, or the parts run in transactions of their own",
        ),
        (
            ("materialized-view", "refresh-materialized-view"),
            "The refreshed copy",
            "Read {names} while the job refreshes it.",
            "old or new rows, never none",
        ),
        (
            ("whole-table-change", "rows-per-statement"),
            "Large changes",
            "{names} on as many rows as production has.",
            "batches; after a break it goes on where it stopped",
        ),
        (
            ("long-transaction",),
            "Long transactions",
            "{names} with production's rows.",
            "under five minutes, or split",
        ),
    ):
        names = list(dict.fromkeys(name_of(f.object) for f in view.of_rule(*rules)))
        if names:
            yield Test(title, how.format(names=listed(names, 6)), expected)


def _always(view: View) -> Iterator[Test]:
    writers = [str(name) for name in view.graph.hot] or [
        str(t.name) for t in view.rewrite.tables[:1]
    ]
    if not writers:
        return
    yield Test(
        "Retry",
        f"Two sessions change the same row of {listed(writers, 3)} and commit.",
        "one 40001 `(OC000)`, the retry succeeds, side effects happen once",
    )
    yield Test(
        "Retry after DDL",
        "GRANT SELECT on any table in a second session, while the application reads.",
        "40001 `(OC001)` at most once a session, nobody sees it",
    )
    yield Test(
        "Old connections",
        "Run the load test for 70 minutes.",
        "connections are replaced, no request fails",
    )
    yield Test(
        "The way back",
        "Rehearse it once, with rows written after the switch.",
        "the source has them",
    )
