"""Chapter 7: roles, connections, retries, what to watch, and how near the limits are."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View
from dsql_compat.guide.words import bar, heading, in_text, listed, percent, plural, quantity
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.model import LimitRow
from dsql_compat.report.views import amount
from dsql_compat.rewriting.model import Item

STEM, TITLE = "07-operations", "Operations"
_ACCOUNT = "<account>"
_WORTH_A_ROW = 0.05  # of a limit; less is far away
_TABLES = 20  # tables with bars of their own
_COLUMNS, _INDEXES, _ROW = 255, 24, 2 << 20


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_roles(view), *_connections(), *_conflicts(view)]
    parts += [*_monitoring(view), *_limits(view), *_tables(view), *_routine(view)]
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _roles(view: View) -> Iterator[str]:
    yield heading(2, "Roles and logins", "operations-roles")
    made = [item for item in view.rewrite.items if item.ref.kind == "role"]
    yield (
        "DSQL knows no passwords: whoever logs in shows a token of an IAM role that "
        "is tied to the database role. "
        "The built-in `admin` sets things up; no application logs in as it."
    )
    if not made:
        made_up = (
            "CREATE ROLE app WITH LOGIN;\nGRANT SELECT, INSERT, UPDATE, DELETE "
            "ON ALL TABLES IN SCHEMA public TO app;\n"
        )
        yield "The source names no roles. One for the application, to begin with:"
        yield fence(f"{made_up}AWS IAM GRANT app TO 'arn:aws:iam::{_ACCOUNT}:role/app';")
        return
    grants = {item.ref.name: _grants_to(view, item.ref.name) for item in made}
    rows = [
        [
            code(i.ref.name),
            "yes" if _logs_in(i) else "no",
            f"{grants[i.ref.name]:,}",
            "its IAM role" if _logs_in(i) else "through roles that are granted it",
        ]
        for i in made
    ]
    yield table(["Role", "Logs in", " Grants to it", "Is used by"], rows)
    logins = [item for item in made if _logs_in(item)]
    if logins:
        yield (
            "Once the roles are made (they are among the first files of the "
            "rewrite), each statement by itself:"
        )
        yield fence("\n".join(_iam(item) for item in logins))
        yield "The IAM role needs this policy (`dsql:DbConnectAdmin` is for `admin` only):"
        yield fence(
            '{"Version": "2012-10-17", "Statement": [\n'
            '  {"Effect": "Allow", "Action": "dsql:DbConnect",\n'
            f'   "Resource": "arn:aws:dsql:<region>:{_ACCOUNT}:cluster/<cluster id>"}}]}}',
            "json",
        )
        yield (
            "`SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings;` shows what "
            "is tied. A tied role cannot be dropped before AWS IAM REVOKE."
        )
    lost = [fate for fate in view.rewrite.left if fate.ref.kind in ("grant", "revoke")]
    if lost:
        yield (
            f"{plural(len(lost), 'grant')} could not be carried over: [left "
            "behind](10-left-behind.md)."
        )


def _logs_in(item: Item) -> bool:
    return item.sql.endswith("WITH LOGIN")


def _iam(item: Item) -> str:
    role = item.sql.removeprefix("CREATE ROLE ").removesuffix(" WITH LOGIN")
    name = "".join(
        c if c.isascii() and (c.isalnum() or c in "+=,.@_-") else "-" for c in item.ref.name
    )
    return f"AWS IAM GRANT {role} TO 'arn:aws:iam::{_ACCOUNT}:role/{name}';"


def _grants_to(view: View, role: str) -> int:
    from dsql_compat.rewriting.model import Key
    from dsql_compat.sql.names import Name

    key = Key("role", Name(None, role))
    return sum(
        1 for item in view.rewrite.items if key in item.needs and item.sql.startswith("GRANT")
    )


def _connections() -> Iterator[str]:
    yield heading(2, "Connections and tokens", "operations-connections")
    yield table(
        ["Setting", "Value", "Because"],
        [
            [
                "Lifetime of a pooled connection",
                "50 minutes, less a random part",
                "DSQL ends each after 60; together they would all come back at once",
            ],
            [
                "New connections",
                "below 100 a second for the whole fleet",
                "a burst of 1,000 is taken, then 100 a second",
            ],
            [
                "Connections in all",
                "below 10,000 a cluster",
                "the sum over all instances; `SHOW max_connections` says something else",
            ],
            [
                "Password",
                "a fresh token for each new connection",
                "it lasts for 15 minutes unless asked for longer, and is only looked "
                "at when logging in",
            ],
            [
                "TLS",
                "`sslmode=verify-full`, `sslrootcert=system`",
                "required, with SNI: libpq 14 or newer",
            ],
            ["Database, port", "`postgres`, 5432", "the only one"],
            ["Reset of a connection", "none", "DISCARD is refused; set `server_reset_query` empty"],
            ["Proxies", "none", "RDS Proxy is not offered; PgBouncer cannot make tokens"],
            ["First connection", "with a few tries", "an idle cluster has to wake up"],
        ],
    )
    yield (
        "AWS's connectors make tokens and settle TLS: `aurora-dsql-python-connector` "
        "(psycopg, asyncpg), "
        "`aurora-dsql-jdbc-connector`, `@aws/aurora-dsql-node-postgres-connector`, "
        "one for Go's pgx, "
        "`Amazon.AuroraDsql.Npgsql`, `aurora-dsql-ruby-pg`."
    )


def _conflicts(view: View) -> Iterator[str]:
    yield heading(2, "Conflicts and retries", "operations-retries")
    yield table(
        ["Answer", "What happened", "What to do"],
        [
            [
                "`40001` … `(OC000)`",
                "another transaction wrote the same row first",
                "ROLLBACK, wait, run the whole transaction again",
            ],
            [
                "`40001` … `(OC001)`",
                "the schema changed, be it by a GRANT; reads get it, too",
                "the same; it normally works at once",
            ],
            [
                "`XX000`, or no answer to COMMIT",
                "it may or may not be done",
                "look for the row that the transaction would have left, by a key of its own",
            ],
            [
                "`54000`",
                "over 3,000 rows, 10 MiB or five minutes",
                "never again as it is: smaller batches",
            ],
            ["`23505`, `23503`, `23514`", "a key or a check", "tell the caller"],
        ],
    )
    yield (
        "Five attempts at most, 50 ms before the second, twice as long each time "
        "up to 5 s, half of it at random."
    )
    hot = view.graph.hot
    if hot:
        yield (
            f"Expect conflicts first where many rows hang on one: {listed(map(str, hot), 6)}. "
            "Reading such a parent costs nothing; deleting it, changing its key or locking "
            "it FOR UPDATE makes inserts of its children fail."
        )
    counters = [name for name in view.names("monotonic-key") if name != "the database"]
    if counters:
        yield f"Keys that only grow put all new rows in one place: {listed(counters, 6)}."


def _monitoring(view: View) -> Iterator[str]:
    yield heading(2, "What to watch", "operations-monitoring")
    yield table(
        ["Metric in CloudWatch, namespace `AuroraDSQL`", "Alarm when"],
        [
            [
                "`OccConflicts` ÷ `TotalTransactions`",
                "above 1% for five minutes, or twice the rate of the rehearsal",
            ],
            ["`QueryTimeouts`", "above 0: a transaction ran for five minutes"],
            ["`CommitLatency`", "twice the rehearsal's"],
            ["`ClusterStorageSize`", "above 8 TiB: ask for more than 10"],
            ["`TotalDPU`, `WriteDPU`, `ReadDPU`, `ComputeDPU`", "above the budget of the day"],
        ],
    )
    yield (
        "`pg_stat_activity`, `pg_stat_statements` and `pg_locks` are absent or "
        "empty: Database Insights shows sessions by what they "
        "wait for, `EXPLAIN ANALYZE VERBOSE` the cost of a statement, `sys.jobs` the "
        "jobs of indexes and constraints."
    )
    if view.graph.references and view.rewrite.choices.foreign_keys == "keep":
        yield "In Database Insights, the wait `FkExistenceCheck` is the price of the foreign keys."


def _limits(view: View) -> Iterator[str]:
    yield heading(2, "How near the limits are")
    # Of what there is one and may be no more, there is nothing to say.
    seen = [row for row in view.report.limits if row.observed and row.value > 1]
    seen.sort(key=lambda row: -(row.observed or 0) / row.value)
    near = [row for row in seen if (row.observed or 0) / row.value >= _WORTH_A_ROW]
    if near:
        yield table(
            ["Limit", "Used", " Here", " At most", "Where"],
            [
                [
                    prose(row.subject),
                    bar((row.observed or 0) / row.value),
                    quantity(row.observed or 0, row.unit),
                    quantity(row.value, row.unit),
                    code(row.where) if row.where else "",
                ]
                for row in near
            ],
        )
    far = [row for row in seen if row not in near]
    if far:
        yield f"Below {percent(_WORTH_A_ROW)}: {'; '.join(map(_with_most, far))}."
    unseen = [row for row in view.report.limits if row.observed is None]
    if unseen:
        yield (
            f"<details><summary>{plural(len(unseen), 'limit')} that this source does not "
            "show</summary>"
        )
        yield "\n".join(f"- {_with_most(row)}" for row in unseen)
        yield "</details>"


def _with_most(row: LimitRow) -> str:
    """`declared length of char: at most 4,096 characters`."""
    return f"{in_text(row.subject)}: at most {quantity(row.value, row.unit)}"


def _tables(view: View) -> Iterator[str]:
    rows = []
    for load in view.loads:
        indexes = sum(
            1
            for i in view.rewrite.items
            if i.ref.kind == "index" and (i.ref.schema, i.ref.table) == tuple(load.table.name)
        )
        keys = sum(1 for c in load.table.constraints if c.kind in ("primary key", "unique"))
        shares = (
            len(load.table.columns) / _COLUMNS,
            (indexes + keys) / _INDEXES,
            load.widest_row / _ROW,
        )
        rows.append((max(shares), load, shares, indexes + keys))
    rows.sort(key=lambda row: -row[0])
    if not rows:
        return
    yield heading(2, "Table by table")
    has_rows = any(load.widest_row for _, load, _, _ in rows)
    heads = ["Table", "Columns of 255", "Indexes of 24, keys included"] + [
        "Widest row of 2 MiB"
    ] * has_rows
    yield table(
        heads,
        [
            [
                code(str(load.table.name)),
                f"{bar(shares[0])} ({len(load.table.columns)})",
                f"{bar(shares[1])} ({indexes})",
            ]
            + [f"{bar(shares[2])} ({amount(load.widest_row, 'bytes')})"] * has_rows
            for _, load, shares, indexes in rows[:_TABLES]
        ],
    )
    if len(rows) > _TABLES:
        rest = len(rows) - _TABLES
        yield (
            f"The other {plural(rest, 'table')} {'use' if rest > 1 else 'uses'} no more than "
            f"{rows[_TABLES][0]:.0%} of any of these."
        )


def _routine(view: View) -> Iterator[str]:
    yield heading(2, "Routine", "operations-routine")
    yield "\n".join(
        [
            "- **Backup:** AWS Backup makes full copies and restores into a new "
            "cluster; there is no point in time to go back to. Measure both, and keep a "
            "change stream if the last hours matter.",
            "- **Schema changes:** one DDL statement a transaction, GRANT included; "
            "every session's next transaction may get OC001. Run them one by one, outside "
            "of peaks.",
            "- **Indexes:** `CREATE INDEX ASYNC` answers with a job; `CALL "
            "sys.wait_for_job('…')` waits. A unique index whose job failed still refuses "
            "duplicates until it is dropped.",
            "- **Vacuum:** none. `ANALYZE <table>` after large loads; statistics are "
            "otherwise kept by the service.",
            "- **Cost:** paid by DPU and GiB-month. Each secondary index is written "
            "with every row, so drop those that nothing reads.",
        ]
    )
