"""Chapter 3: the gap list with what was found, then every other difference by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.findings import ObjectRef
from dsql_compat.guide.drawing import foreign_key_picture
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import all_listed, heading, plural
from dsql_compat.report.grouping import Group
from dsql_compat.report.markdown import code, prose, table
from dsql_compat.report.model import FindingInfo
from dsql_compat.report.views import STATUSES, rule_title
from dsql_compat.sql.names import Name, quote_list

STEM, TITLE = "03-gaps", "The gap list"
_MOST = 8


def chapter(view: View) -> Chapter:
    """The chapter."""
    picture = foreign_key_picture(view.graph)
    parts = [heading(1, TITLE), *_gap_list(view), *_rules(view), *_keys(view)]
    return Chapter(STEM, TITLE, "\n\n".join(parts), (picture,) if picture else ())


def _gap_list(view: View) -> Iterator[str]:
    found = [row for row in view.report.gap_list if any(f.rule in row.rules for f in view.findings)]
    if found:
        yield (
            "What the migration guide of March 2026 lists as gaps, as of "
            f"{view.report.target.date}, where this schema meets them."
        )
        rows = []
        for row in found:
            about = [f for f in view.findings if f.rule in row.rules]
            rows.append(
                [prose(row.feature), STATUSES[row.status], f"{len(about):,}", _objects(view, about)]
            )
        yield table(["Feature", "Status", " Found", "Where"], rows)
    absent = [row.feature for row in view.report.gap_list if row not in found]
    if absent:
        yield f"Not met here: {prose('; '.join(absent))}."


def _rules(view: View) -> Iterator[str]:
    for severity, title, intro in (
        (
            "error",
            "What DSQL refuses",
            "Every rule, with what it found.",
        ),
        (
            "warning",
            "What DSQL accepts with another meaning",
            "Nothing fails, so nothing reminds anybody: read these.",
        ),
        ("info", "Worth knowing", "Nothing to do."),
    ):
        groups = [group for group in view.groups if group.severity == severity]
        if not groups:
            continue
        yield heading(2, title)
        yield intro
        rows = [_row(view, group) for group in groups]
        heads = ["Difference", " Found", "What becomes of it", "Where"]
        if severity == "info" and len({row[2] for row in rows}) == 1:  # said above
            heads, rows = heads[:2] + heads[3:], [row[:2] + row[3:] for row in rows]
        yield table(heads, rows)


_BECOMES = {
    "as-is": "nothing to do",
    "automatic": "rewritten, same meaning",
    "review": "rewritten, read it",
    "manual": "for a **person**",
}


def _row(view: View, group: Group) -> list[str]:
    title = f"{prose(rule_title(group.rule))}<br>{code(group.rule)}"
    return [
        title,
        f"{len(group.findings):,}",
        _outcome(group),
        _objects(view, list(group.findings)),
    ]


def _outcome(group: Group) -> str:
    """What becomes of the findings, counted where they differ."""
    count: Counter[str] = Counter(finding.disposition for finding in group.findings)
    if len(count) == 1:
        return _BECOMES[group.disposition]
    return "; ".join(f"{count[name]:,} {text}" for name, text in _BECOMES.items() if count[name])


def _objects(view: View, findings: list[FindingInfo]) -> str:
    """The objects, each once, linked where the chapter on the schema shows them."""
    cells: dict[str, None] = {}
    for finding in findings:
        thing = finding.object
        ref = ObjectRef(thing.kind, thing.name, thing.schema, thing.table)
        name = "the whole database" if thing.kind == "database" else code(name_of(thing))
        if thing.kind == "statement":
            name = f"{name} at {code(_place(view, finding))}"
        link = view.link(ref) or (
            view.link(ObjectRef("table", thing.table, thing.schema)) if thing.table else None
        )
        cells[f"[{name}]({link})" if link else name] = None
    listed = list(cells)
    if len(listed) <= _MOST + 2:
        return ", ".join(listed)
    head, rest = ", ".join(listed[:_MOST]), ", ".join(listed[_MOST:])
    return f"{head} <details><summary>{len(listed) - _MOST:,} more</summary>{rest}</details>"


def _place(view: View, finding: FindingInfo) -> str:
    """The line, with the name of the file where there are several."""
    at = finding.location
    if len(view.report.sources) == 1:
        return f"line {at.line}"
    return f"{at.source.rsplit('/', 1)[-1]}:{at.line}"


def _keys(view: View) -> Iterator[str]:
    graph = view.graph
    if not graph.references:
        return
    yield heading(2, "Foreign keys")
    picture = foreign_key_picture(graph)
    if picture:
        yield f"![{prose(picture.title)}](images/{picture.name}.svg)"
    parents = [name for name in graph.tables if graph.fan_in[name] or graph.cascades_from(name)]
    parents.sort(key=lambda name: -graph.fan_in[name])
    rows = []
    children: dict[Name, list[str]] = {}
    for reference in graph.references:
        if reference.parent != reference.child:
            children.setdefault(reference.parent, []).append(str(reference.child))
    for name in parents:
        steps = graph.cascades_from(name)
        reach = [table_name for step in steps for table_name in step]
        count = {load.table.name: load.rows for load in view.loads}
        most = sum(count.get(n, 0) for n in reach)
        rows.append(
            [
                code(str(name)),
                f"{graph.fan_in[name]:,}",
                all_listed(children.get(name, []), 6),
                f"{len(steps)}" if steps else "–",
                plural(len(reach), "table") if reach else "–",
                f"{most:,}" if reach and most else "–",
            ]
        )
    yield table(
        ["Parent", " Keys to it", "From", " Cascade depth", " A delete reaches", " Rows there"],
        rows,
    )
    bare = [r for r in graph.references if not r.is_led]
    if bare:
        yield (
            f"{plural(len(bare), 'key')} without an index on the referring side; each "
            "delete of a parent reads the whole "
            f"table: {all_listed((f'{r.child} ({quote_list(r.columns)})' for r in bare), 12)}"
        )
