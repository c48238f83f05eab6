"""A rewrite as files: one DDL statement each, with a plan and what was left behind.

Pure: paths below the output folder with their text.  output.py writes them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from dsql_compat import __version__
from dsql_compat.findings import Finding
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.rewriting.load_plan import Written, load_json, load_values
from dsql_compat.rewriting.model import Column, Fate, Item, Rewrite, Table
from dsql_compat.sql.names import quote

PLAN_VERSION = 1
_UNSAFE = re.compile(r"[^\w.-]+")
_DOES = re.compile(r"CREATE (?:OR REPLACE )?(DOMAIN|TABLE|VIEW)\b|(GRANT|REVOKE)\b", re.I)
_LONGEST_SLUG = 80


def rewrite_files(
    rewrite: Rewrite, *, single_file: bool = False, written: Written | None = None
) -> dict[str, str]:
    """Every file of one rewritten database but the rows, by its path; `written`: those rows."""
    steps = list(_steps(rewrite.items, single_file=single_file))
    files: dict[str, str] = {}
    for path, item in steps:
        files[path] = files.get(path, "") + _statement(item, comment=single_file)
    files["left-behind.md"] = left_behind(rewrite)
    files["README.md"] = _readme(rewrite, single_file=single_file, has_rows=written is not None)
    files["apply.sh"] = _template("apply.sh")
    if rewrite.tables:
        files["load/plan.md"] = _template("load.md", **load_values(rewrite, written))
    whole = plan(rewrite, steps) | {"load": load_json(rewrite, written)}
    files["plan.json"] = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    return files


def _steps(items: list[Item], *, single_file: bool) -> Iterator[tuple[str, Item]]:
    """Each statement with the file that it goes to."""
    if single_file:
        yield from ((f"{item.phase}.sql", item) for item in items)
        return
    for phase in ("schema", "after-load"):
        listed = [item for item in items if item.phase == phase]
        width = max(3, len(str(len(listed))))
        for number, item in enumerate(listed, 1):
            slug = _UNSAFE.sub("_", str(item.ref))[:_LONGEST_SLUG].strip("_") or item.ref.kind
            yield f"{phase}/{number:0{width}}-{slug}.sql", item


def _statement(item: Item, *, comment: bool) -> str:
    head = f"-- {_kind(item)} {_one_line(str(item.ref))}\n" if comment else ""
    return f"{head}{item.sql.rstrip()};\n" + ("\n" if comment else "")


def _kind(item: Item) -> str:
    """What an object is in the result, so that a rewrite of that says the same."""
    found = _DOES.match(item.sql)
    return (found[1] or found[2]).lower() if found is not None else item.ref.kind


def _one_line(text: str) -> str:
    return " ".join(text.split())


# -- plan.json ----------------------------------------------------------------------------------


def plan(rewrite: Rewrite, steps: list[tuple[str, Item]]) -> dict[str, Any]:
    """The same for machines: steps in order, the fate of every object, where rows go."""
    target, choices = rewrite.report.target, rewrite.choices
    return {
        "plan_version": PLAN_VERSION,
        "tool": {"name": "dsql-compat", "version": __version__},
        "target": {"date": target.date.isoformat(), "alias": target.alias},
        "database": rewrite.database,
        "choices": {
            "foreign_keys": choices.foreign_keys,
            "json": choices.json,
            "identity_cache": choices.identity_cache,
            "enums": choices.enums,
            "arrays": choices.arrays,
        },
        "steps": [
            {
                "file": path,
                "phase": item.phase,
                "object": _ref(item.ref),
                "sql": item.sql,
                "starts_job": item.waits,
            }
            for path, item in steps
        ],
        "objects": [
            {
                "object": _ref(fate.ref),
                "outcome": fate.outcome,
                "what": fate.what,
                "findings": [finding.id for finding in fate.findings],
            }
            for fate in rewrite.fates
        ],
        "tables": [_table(table) for table in rewrite.tables],
    }


def _ref(ref: Any) -> dict[str, str | None]:
    return {"kind": ref.kind, "schema": ref.schema, "name": ref.name, "table": ref.table}


def _table(table: Table) -> dict[str, Any]:
    volumes = [source.data for source in table.sources]
    return {
        "name": str(table.name),
        "rows_from": [str(source.name) for source in table.sources],
        "rows": sum(volume.rows for volume in volumes),
        "bytes": sum(volume.bytes for volume in volumes),
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "from": column.source.name if column.source is not None else None,
        "conversion": column.conversion,
    }


# -- left-behind.md -----------------------------------------------------------------------------


def left_behind(rewrite: Rewrite) -> str:
    """Every object that has no counterpart, with its DDL; then what became part of another."""
    lines = ["# Left behind", ""]
    if not rewrite.left:
        lines += ["Nothing: every object of the source has a counterpart.", ""]
    else:
        lines += [
            "Objects and statements of the source that have no counterpart in the result, with",
            "their own SQL.",
            "",
        ]
    for kind in sorted({fate.ref.kind for fate in rewrite.left}):
        listed = [fate for fate in rewrite.left if fate.ref.kind == kind]
        lines += [f"## {kind.capitalize()} ({len(listed)})", ""]
        for fate in listed:
            lines += _fate(fate)
    return "\n".join([*lines, *_absorbed(rewrite.fates)])


def _absorbed(fates: list[Fate]) -> list[str]:
    """What is part of something else by now, a line each; the same reason is given once."""
    by_reason: dict[str, list[Fate]] = {}
    for fate in fates:
        if fate.outcome == "absorbed":
            by_reason.setdefault(fate.what, []).append(fate)
    if not by_reason:
        return []
    lines = ["## Part of something else", ""]
    for reason, listed in by_reason.items():
        names = Counter(_one_line(f"{fate.ref.kind} {fate.ref}") for fate in listed)
        shown = ", ".join(
            f"`{name}`" + (f" × {count}" if count > 1 else "") for name, count in names.items()
        )
        lines.append(f"- {shown}: {reason}")
    return [*lines, ""]


def _fate(fate: Fate) -> list[str]:
    lines = [f"### {_one_line(str(fate.ref))}", ""]
    if fate.what:
        lines += [f"{fate.what[0].upper()}{fate.what[1:]}.", ""]
    for finding in _reasons(fate):
        status = finding.status
        advice = status.advice.format_map(finding.facts)
        lines.append(f"- `{finding.rule}`: {status.message.format_map(finding.facts)} {advice}")
    if fate.findings:
        lines.append("")
    for statement in fate.statements:
        text = mask_secrets(statement.excerpt.strip())
        fence = "```" + "`" * text.count("```")
        lines += [f"{fence}sql", text, fence, ""]
    return lines


def _reasons(fate: Fate) -> list[Finding]:
    errors = [f for f in fate.findings if f.status.severity == "error"]
    return errors[:3]


# -- README.md and apply.sh ---------------------------------------------------------------------


def _readme(rewrite: Rewrite, *, single_file: bool, has_rows: bool) -> str:
    outcomes = [fate.outcome for fate in rewrite.fates]
    return _template(
        "README.md",
        database=rewrite.database,
        target=rewrite.report.target,
        choices=rewrite.choices,
        schema=sum(1 for item in rewrite.items if item.phase == "schema"),
        after=sum(1 for item in rewrite.items if item.phase == "after-load"),
        jobs=sum(1 for item in rewrite.items if item.waits),
        left=outcomes.count("left"),
        tables=rewrite.tables,
        single_file=single_file,
        has_rows=has_rows,
        keyless=[
            table.name
            for table in rewrite.tables
            if any(source.primary_key is not None for source in table.sources)
            and not any(constraint.kind == "primary key" for constraint in table.constraints)
        ],
        identities=[
            (table, column)
            for table in rewrite.tables
            for column in table.columns
            if column.identity is not None
        ],
        quote=quote,
    )


def _template(name: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Markdown and shell, no HTML
        loader=PackageLoader("dsql_compat.rewriting"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(values)
