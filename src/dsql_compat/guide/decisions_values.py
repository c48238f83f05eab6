"""Decisions about values: numbers, labels, documents, text and the functions on them."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.model import Decision, Option
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import listed, plural
from dsql_compat.report.markdown import code, prose


def identities(view: View) -> Iterator[Decision]:
    """Counters: in blocks, one by one, or none."""
    names = [
        f"{table.name}.{column.name}"
        for table in view.rewrite.tables
        for column in table.columns
        if column.identity is not None
    ]
    cache = view.rewrite.choices.identity_cache
    plain = [  # others keep the CACHE that they have, or have too few numbers for blocks
        str(i.ref)
        for i in view.rewrite.items
        if i.ref.kind == "sequence" and "CREATE" in i.sql and i.sql.endswith(f"CACHE {cache}")
    ]
    if not names and not plain:
        return
    raised = f"{plural(len(names) + len(plain), 'counter')}: {listed([*names, *plain], 8)}."
    yield Decision(
        "numbers",
        "Numbers: how identity columns and sequences count",
        raised,
        [
            Option(
                "A block a session (`--identity-cache 65536`)",
                "No session waits for another. Numbers have large gaps and say nothing about the "
                "order in which rows came; a page sorted by id is not sorted by age.",
                cache == 65536,
            ),
            Option(
                "One after the other (`--identity-cache 1`)",
                "Numbers nearly in order, without large gaps. Each insert touches "
                "the same counter, "
                "which limits how many a second are possible.",
                cache == 1,
            ),
            Option(
                "UUIDs instead (`uuid DEFAULT gen_random_uuid()`)",
                "Spreads inserts over the cluster and needs no counter. Changes the "
                "type of the key, "
                "of all columns that refer to it, and of every address that shows it.",
            ),
        ],
        "65536 for tables that many write to, 1 where people read the numbers (invoices, tickets). "
        "Sort by a timestamp, not by the id.",
    )


def enums(view: View) -> Iterator[Decision]:
    """Domain or CHECK."""
    types = [t for t in view.rewrite.catalog.types.values() if t.kind == "enum"]
    if not types:
        return
    chosen = view.rewrite.choices.enums
    shown = ", ".join(f"{code(str(t.name))} ({plural(len(t.labels), 'label')})" for t in types[:8])
    more = f" and {len(types) - 8} more" if len(types) > 8 else ""
    yield Decision(
        "enums",
        "Enums: a domain or a CHECK on each column",
        f"{plural(len(types), 'enum type')}: {shown}{more}.",
        [
            Option(
                "A domain over text (`--enums domain`)",
                "The type keeps its name, and casts in queries stay. A label can "
                "only be added with "
                "a new domain and a new column.",
                chosen == "domain",
            ),
            Option(
                "Text with a CHECK (`--enums check`)",
                "A label is added by a new CHECK (NOT VALID, then validated) and the "
                "old one dropped. "
                "Queries that cast to the type have to change.",
                chosen == "check",
            ),
        ],
        "CHECK where labels still change, a domain where they are settled. Either way they compare "
        "as text: an ORDER BY on such a column needs a CASE or a table of labels.",
    )


def json_and_arrays(view: View) -> Iterator[Decision]:
    """How arrays and documents are stored and searched."""
    arrays = [
        f"{table.name}.{column.name}"
        for table in view.rewrite.tables
        for column in table.columns
        if column.conversion == "array"
    ]
    arrays = list(dict.fromkeys([*arrays, *view.names("array-column")]))
    if arrays:
        chosen = view.rewrite.choices.arrays
        yield Decision(
            "arrays",
            "Arrays: jsonb, text or a table of their own",
            f"{plural(len(arrays), 'array column')}: {listed(arrays, 8)}.",
            [
                Option(
                    "jsonb (`--arrays jsonb`)",
                    '`{a,b}` becomes `["a", "b"]`; `= ANY(col)` becomes `col ? \'a\'` or a lateral '
                    "`jsonb_array_elements_text(col)`. No index helps to look inside.",
                    chosen == "jsonb",
                ),
                Option(
                    "text (`--arrays text`)",
                    "The same JSON as text, read with a cast in every query; for "
                    "targets before jsonb.",
                    chosen == "text",
                ),
                Option(
                    "A table of their own (`--arrays manual`)",
                    "A row an element with an index on it. The way to go where queries look for "
                    "elements; more work, and more rows in each transaction.",
                    chosen == "manual",
                ),
            ],
            "jsonb where the array is only read and written as a whole, a table "
            "where it is searched.",
        )
    columns = view.names("jsonb-column", "json-column")
    gins = [name_of(f.object) for f in view.of_rule("index-method") if "gin" in f.message.lower()]
    is_text = view.rewrite.choices.json == "text"
    if columns and (is_text or gins):
        raised = f"{plural(len(columns), 'json or jsonb column')}: {listed(columns, 8)}."
        if gins:
            raised += f" {listed(gins, 6)} cannot be carried over: DSQL has no GIN."
        options = [
            Option(
                "Text (`--json text`)",
                "Values stay as they are written; operators need `col::jsonb`, and nothing checks "
                "that it is JSON unless the application does.",
                is_text,
            )
        ]
        if not is_text:
            options.insert(
                0,
                Option(
                    "Keep jsonb (`--json keep`)",
                    "Operators work, containment (`@>`) reads the whole table. An "
                    "index on one path, "
                    "`((col->>'key'))`, serves equality.",
                    True,
                ),
            )
        options.append(
            Option(
                "Searched keys as columns",
                "What queries look for becomes a column with an index, filled by the application; "
                "the rest stays JSON.",
            )
        )
        advice = (
            "List the keys that WHERE clauses name; give those an index on the path or a column."
        )
        yield Decision("json", "JSON: how it is stored and searched", raised, options, advice)


def text_order(view: View) -> Iterator[Decision]:
    """What to do about the order of bytes."""
    found = view.of_rule("text-order")
    if not found:
        return
    names = [name_of(f.object) for f in found if f.object.kind != "database"]
    where = f" Seen at {listed(names, 8)}." if names else ""
    yield Decision(
        "text-order",
        "Text order: DSQL sorts by bytes",
        f"Every ORDER BY, `<` and `BETWEEN` on text.{where} `Zebra` comes before `apple`, and `é` "
        "after `z`.",
        [
            Option(
                "Accept it", "Nothing to do for codes, e-mail addresses in lower case and keys."
            ),
            Option(
                "Sort by a key of its own",
                "A column with `lower(…)` or a key that the application makes for "
                "the language, and "
                "an index on it. Works with paging.",
            ),
            Option(
                "Sort in the application",
                "Right for every language, as long as all rows of a list fit on one page.",
            ),
        ],
        "Accept it for keys; a sort column for names that people see in pages.",
    )


def search(view: View) -> Iterator[Decision]:
    """Full-text search inside or outside."""
    found = [f for f in view.findings if f.rule.startswith("text-search")]
    if not found:
        return
    names = list(dict.fromkeys(name_of(f.object) for f in found))
    yield Decision(
        "search",
        "Full-text search: inside or outside",
        f"{listed(names, 8)} use it. DSQL computes `to_tsvector('simple', …)` in "
        "a query, knows no "
        "other configuration and has no index for it.",
        [
            Option(
                "In the query, with `simple`",
                "No stemming, no stop words, and each search reads the rows that other conditions "
                "leave. For some thousand rows a tenant.",
            ),
            Option(
                "A search service, fed by the change stream",
                "Ranking and languages as before or better; results lag behind by seconds.",
            ),
        ],
        "Outside, unless another condition with an index keeps the rows few.",
    )


def extensions(view: View) -> Iterator[Decision]:
    """What stands in for each extension."""
    fates = [
        fate
        for fate in view.rewrite.fates
        if fate.ref.kind == "extension" and fate.outcome == "left"
    ]
    if not fates:
        return
    options = []
    for fate in fates:
        about = [
            f for f in view.findings if f.rule == "extension" and f.object.name == fate.ref.name
        ]
        text = prose(about[0].advice) if about else "No counterpart."
        hit = [
            f
            for f in view.findings
            if f.rule.startswith("extension-") and fate.ref.name in f.message
        ]
        uses = f" Used by {listed((name_of(f.object) for f in hit), 5)}." if hit else ""
        options.append(Option(code(fate.ref.name), text + uses))
    yield Decision(
        "extensions",
        "Extensions: what stands in for each",
        f"{listed(str(fate.ref) for fate in fates)}. DSQL has no extensions.",
        options,
        "Settle those with functions in queries first: each is a change of the application.",
    )
