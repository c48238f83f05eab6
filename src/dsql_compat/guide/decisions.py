"""What has to be decided before the work begins; only what this schema raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dsql_compat.guide import decisions_values as values
from dsql_compat.guide.graph import Reference
from dsql_compat.guide.model import Decision, Option
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import common, joined, listed, plural
from dsql_compat.report.markdown import prose
from dsql_compat.report.views import rule_title
from dsql_compat.rewriting.batches import MOST_ROWS


def decisions(view: View) -> list[Decision]:
    """All that this schema raises, those that shape most first."""
    made = [decision for make in _MAKERS for decision in make(view)]
    return [*made, *_rest(view, {rule for d in made for rule in _RULES.get(d.key, ())})]


# The rules whose findings a decision settles.
_RULES: dict[str, tuple[str, ...]] = {
    "foreign-keys": ("foreign-key", "cascade-size", "foreign-key-unindexed"),
    "triggers": ("trigger", "plpgsql-function"),
    "enums": ("enum-type", "enum-column"),
    "row-security": ("policy", "row-level-security", "set-config"),
    "search": ("text-search-function", "text-search-column", "text-search-object"),
    "partitions": ("partitioned-table", "partition", "inheritance", "table-inheritance"),
    "extensions": ("extension", "extension-function", "extension-type-column"),
    "json": ("index-method", "operator-class"),
    "conflicts": (
        "snapshot-isolation", "isolation-level", "lock-table", "advisory-lock", "skip-locked",
        "savepoint", "row-lock",
    ),
}  # fmt: skip


def _foreign_keys(view: View) -> Iterator[Decision]:
    references = view.graph.references
    if not references:
        return
    kept = view.rewrite.choices.foreign_keys == "keep"
    cascades = [r for r in references if r.on_delete == "CASCADE"]
    bare = [r for r in references if not r.is_led]
    raised = (
        f"{plural(len(references), 'foreign key')} between {plural(len(view.graph.tied), 'table')}"
    )
    if cascades:
        raised += f", {len(cascades)} of them with ON DELETE CASCADE"
    raised += "."
    hot = view.graph.hot
    if hot:
        raised += f" Most point at {listed((str(name) for name in hot), 4)}."
    keep = (
        "DSQL enforces them. The check looks at the parent when the transaction commits, so a "
        "parent that is deleted or whose key changes at the same time ends one side with 40001."
    )
    if cascades:
        keep += (
            f" Rows that a cascade deletes count towards the {MOST_ROWS:,} of the transaction: "
            f"{listed(map(_cascade, cascades), 4)} need a bound."
        )
    if bare:
        keep += (
            f" {plural(len(bare), 'key')} without an index on the referring side "
            f"{'make' if len(bare) > 1 else 'makes'} each delete of the parent read the whole "
            f"table: {listed((r.name for r in bare), 6)}."
        )
    since = _since(view, "foreign-key")
    options = [
        Option(
            "Checks in the application (`--foreign-keys app-checks`)",
            "Nothing reads the parent unless the application does; large deletes run in batches. "
            "Every writer has to use the checks, scripts and consoles too, and a nightly query has "
            "to look for orphans.",
            not kept,
        )
    ]
    if kept:
        options.insert(0, Option("Keep them (`--foreign-keys keep`)", keep, kept))
        advice = "Keep them, unless load tests show conflicts on a parent that everybody refers to."
    else:
        advice = "The checks, for now."
        if since:
            advice = f"DSQL takes foreign keys from {since} on: a later `--target` keeps them."
    yield Decision(
        "foreign-keys",
        "Foreign keys: in the database or in the application",
        raised,
        options,
        advice,
    )


def _cascade(reference: Reference) -> str:
    return f"{reference.parent} → {reference.child}"


def _since(view: View, rule: str) -> str:
    from dsql_compat.rules import load_catalogue

    known = load_catalogue().rules.get(rule)
    day = known.supported_since("") if known else None
    return day.isoformat() if day else ""


def _conflicts(view: View) -> Iterator[Decision]:
    found = [f for f in view.findings if f.rule in _RULES["conflicts"]]
    if not view.rewrite.tables or not found:
        return
    seen = {finding.rule for finding in found}
    kinds = [text for rule, text in _CONFLICTING.items() if rule in seen]
    raised = f"This schema has {joined(kinds)}."
    if view.graph.hot:
        raised += f" Many rows refer to those of {listed(map(str, view.graph.hot), 5)}."
    yield Decision(
        "conflicts",
        "Conflicts: where a transaction is tried again",
        f"{raised} DSQL never waits for a lock: of two transactions that write the same row, the "
        "later COMMIT fails with 40001. Isolation is REPEATABLE READ, always.",
        [
            Option(
                "One wrapper around each unit of work",
                "The whole transaction runs again, at most five times, with a growing and random "
                "pause. Mails and payments move behind the COMMIT.",
            ),
            Option(
                "At the edge: the request or the job is repeated",
                "Little code, but every handler has to be safe to run twice.",
            ),
        ],
        "The wrapper. Where a rule spans rows (a sum, a free seat), read those rows FOR UPDATE, or "
        "two transactions that each see the other's old rows both commit.",
    )


# What raises the question, in a sentence.
_CONFLICTING = {
    "snapshot-isolation": "code that changes rows it has read before",
    "isolation-level": "transactions with an isolation level of their own",
    "lock-table": "LOCK TABLE",
    "advisory-lock": "advisory locks",
    "row-lock": "rows locked while they are read",
    "skip-locked": "queues that pass locked rows (SKIP LOCKED, NOWAIT)",
    "savepoint": "savepoints",
}


def _partitions(view: View) -> Iterator[Decision]:
    merged = [t for t in view.rewrite.tables if len(t.sources) > 1]
    names = [str(t.name) for t in merged] or view.names("partitioned-table")
    if not names:
        return
    count = sum(len(t.sources) - 1 for t in merged)
    parts = f" with {plural(count, 'partition')}" if count else ""
    yield Decision(
        "partitions",
        "Partitions: one table, and how old rows leave",
        f"{listed(names)}{parts}. DSQL spreads a "
        "table by its key on its own, and DROP of a partition no longer drops a month.",
        [
            Option(
                "One table, old rows deleted in batches",
                "What the rewrite does. Deleting takes transactions of at most "
                f"{MOST_ROWS:,} rows, "
                "found by an index on the date.",
                True,
            ),
            Option(
                "A table a period, and a view over all",
                "DROP TABLE stays cheap. The application picks the table to write to, and 1,000 "
                "tables are the most.",
            ),
            Option(
                "Old rows to S3", "The cluster keeps what is queried; history is read elsewhere."
            ),
        ],
        "One table, and a job that deletes every few minutes rather than once a month.",
    )


def _row_security(view: View) -> Iterator[Decision]:
    policies, secured = view.names("policy"), view.names("row-level-security")
    if not policies and not secured:
        return
    counted = [
        text
        for names, text in (
            (policies, f"{plural(len(policies), 'policy', 'policies')} ({listed(policies, 8)})"),
            (secured, f"row level security on {plural(len(secured), 'table')} ({listed(secured)})"),
        )
        if names
    ]
    yield Decision(
        "row-security",
        "Row level security: who sees to it now",
        f"The schema has {joined(counted)}. DSQL has neither, and no settings of one's own, such "
        "as a tenant in `set_config`.",
        [
            Option(
                "The application names the tenant in every query",
                "A layer that no query passes by; a test has to try it for each table.",
            ),
            Option(
                "Views with security_barrier and GRANT",
                "One view a role; holds for consoles, too. Only for few roles, since "
                "the view cannot "
                "ask who the tenant is.",
            ),
            Option(
                "A cluster a tenant",
                "Nothing is shared; 20 clusters an account and Region until raised.",
            ),
        ],
        "The application, with a test for each table; views for reporting roles.",
    )


def _triggers(view: View) -> Iterator[Decision]:
    names = view.names("trigger")
    if not names:
        return
    yield Decision(
        "triggers",
        "Triggers: where their work goes",
        f"{plural(len(names), 'trigger')}: {listed(names, 10)}.",
        [
            Option(
                "Into the application, in the same transaction",
                "As exact as before, for every writer that uses the code. Rows it writes count "
                "towards the transaction.",
            ),
            Option(
                "Behind a change stream (CDC to Kinesis)",
                "For copies, audit and notices. Later, at least once, not in order, "
                "and without the "
                "old values of an update.",
            ),
            Option(
                "Into the statement",
                "A DEFAULT for a first value, `SET updated_at = now()` in each UPDATE, a generated "
                "column for what follows from the row.",
            ),
        ],
        "In the application what the next read relies on; the stream for audit and search. "
        "[Application changes](05-application.md) goes through them.",
    )


_MAKERS: list[Callable[[View], Iterator[Decision]]] = [
    _foreign_keys, _triggers, _conflicts, values.identities, _row_security, _partitions,
    values.extensions, values.search, values.enums, values.json_and_arrays, values.text_order,
]  # fmt: skip


def _rest(view: View, settled: set[str]) -> list[Decision]:
    """What a person decides and no question above asks, a decision for each rule."""
    found = []
    for blocker in view.blockers:
        causes = [
            cause.finding for cause in blocker.causes if cause.finding.disposition == "manual"
        ]
        if not causes or blocker.rule in settled | _PART_OF_OTHERS:
            continue
        first = causes[0]
        names = list(dict.fromkeys(name_of(f.object) for f in causes))
        options = [Option(prose(a.title), "", sql="\n".join(a.after)) for a in first.alternatives]
        found.append(
            Decision(
                blocker.rule,
                f"{prose(rule_title(blocker.rule))}: what takes its place",
                f"{listed(names, 8)}. {prose(common([f.why for f in causes]) or first.why)}",
                options,
                prose(first.advice),
            )
        )
    return found


# Settled together with the objects that use them.
_PART_OF_OTHERS = {"sync-index", "operator-class", "missing-object", "extension-function"}
