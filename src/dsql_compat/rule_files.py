"""Reads `rules/*.yaml` strictly and compiles them into the catalogue the program loads.

Run `python -m dsql_compat.rule_files` after a change in `rules/`; a test fails until it is done.
Needs PyYAML, which users of the program do not.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dsql_compat.rules import Confidence, Conversion, Disposition, Severity, Support

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "rules"
COMPILED = Path(__file__).with_name("catalogue.json")

Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^(https://\S+|[\w.-]+/[\w.-]+(:\S+)?.*)$")]
# DSQL's answer: SQLSTATE and message; `unknown` if nobody published it, `none` if there is none.
Answer = Text


class RuleFileError(ValueError):
    """A file in `rules/` says something it may not; the message names file and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlternativeEntry(_Strict):
    """Another way out: a title and the SQL for it."""

    title: Text
    after: list[Text] = []


class StatusEntry(_Strict):
    """A dated status.  Every text left out is taken from the rule's own."""

    since: date
    case: str = ""
    status: Support
    severity: Severity | None = None
    disposition: Disposition = "as-is"
    source: Text
    confidence: Confidence | None = None
    verified: date | None = None
    error: Answer | None = None
    message: Text = "-"
    why: Text = "-"
    advice: Text = "-"
    rewrite: list[Text] = []
    notes: list[Text] = []
    alternatives: list[AlternativeEntry] = []
    effort: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _agrees(self) -> StatusEntry:
        if self.severity == "error" and self.status not in ("unsupported", "partial"):
            raise ValueError("severity error means that DSQL refuses it: the status must say so")
        if self.severity is None and self.disposition != "as-is":
            raise ValueError("a status without severity yields no finding: leave disposition out")
        if self.severity == "info" and self.disposition not in ("as-is",):
            raise ValueError("info means nothing to do: its disposition is as-is")
        if self.severity in ("error",) and self.disposition == "as-is":
            raise ValueError("what DSQL refuses cannot stay as it is: give a disposition")
        if self.effort and not 0 <= self.effort[0] <= self.effort[1]:
            raise ValueError("effort is [low, high] in minutes")
        return self


class CalledEntry(_Strict):
    """How often the statement of an example ran, in all with how many rows and seconds."""

    calls: int
    rows: int | None = None
    seconds: int | None = None


class ExampleEntry(_Strict):
    """A statement that wakes the rule, and one that does not."""

    name: Text
    case: str = ""
    bad: Text
    marks: list[Text]
    good: str | None = None
    after: list[Text] | None = None
    repeat: tuple[int, int] | None = None
    called: CalledEntry | None = None
    tool: Text | None = None


class RuleEntry(_Strict):
    """One file of `rules/<family>/`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    feature: Text
    gap: str | None = None
    confidence: Confidence
    verified: date
    reference: Url
    message: Text
    why: Text
    advice: Text
    error: Answer | None = None
    rewrite: list[Text] = []
    notes: list[Text] = []
    alternatives: list[AlternativeEntry] = []
    effort: tuple[int, int] | None = None
    support: Annotated[list[StatusEntry], Field(min_length=1)]
    examples: Annotated[list[ExampleEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees(self) -> RuleEntry:
        by_case: dict[str, date] = {}
        for status in self.support:
            before = by_case.get(status.case)
            if before and status.since <= before:
                raise ValueError(f"dates of support must ascend, {status.since} does not")
            by_case[status.case] = status.since
        for example in self.examples:
            if example.case not in by_case:
                raise ValueError(f"example {example.name!r} has a case that support lacks")
        missing = set(by_case) - {example.case for example in self.examples}
        if missing:
            raise ValueError(f"no example for case {', '.join(sorted(missing))}")
        return self


class GapEntry(_Strict):
    """A row of the gap list and the rule whose status it shows."""

    key: Text
    feature: Text
    rule: Text
    case: str = ""
    before: str | None = None
    today: Text


class LimitEntry(_Strict):
    """A quota, and what in a schema is counted against it."""

    key: Text
    subject: Text
    value: int
    unit: Text
    counts: Text
    error: str | None = None
    source: Text


CHOICES = {
    "arrays": ("jsonb", "text", "manual"),
    "enums": ("domain", "check"),
}


class FormEntry(_Strict):
    """One of the types that may stand in: the first whose conditions hold is taken."""

    type: Text | None
    needs: str | None = None
    choice: dict[str, str] = {}
    sized: bool | None = None
    over: str | int | None = None
    scale: int | None = None
    conversion: Conversion = "same"
    parts: dict[str, Conversion] = {}
    check: Text | None = None
    asks: bool = False
    rule: str | None = None

    @model_validator(mode="after")
    def _agrees(self) -> FormEntry:
        for name, value in self.choice.items():
            if value not in CHOICES.get(name, ()):
                raise ValueError(f"no such choice: {name}: {value}")
        if len(self.choice) > 1:
            raise ValueError("a form hangs on one choice at most")
        if self.parts and self.conversion != "same":
            raise ValueError("a form with parts has a conversion for each of them")
        return self


class TypeEntry(_Strict):
    """An entry of `types.yaml`: types that are treated alike."""

    family: Text
    types: list[Text] | dict[Text, str | int] = ["*"]
    rule: str | None = None
    case: str = ""
    forms: Annotated[list[FormEntry], Field(min_length=1)]
    lost: str = ""
    values: str = ""
    queries: str = ""


class _StrictLoader(yaml.SafeLoader):
    """YAML without its surprises: no doubled keys, no `on`, `yes` or `no` turned into booleans."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    doubled = {key for key in keys if keys.count(key) > 1}
    if doubled:
        raise yaml.constructor.ConstructorError(
            None, None, f"key written twice: {', '.join(map(str, doubled))}", node.start_mark
        )
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> Any:
    """One YAML file, read strictly.  Raises RuleFileError with file and place."""
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise RuleFileError(f"{path}: {error}") from None


def rule_paths(root: Path = RULES) -> list[Path]:
    """The rule files below `root`: one folder a family, one file a rule."""
    return sorted(root.glob("*/*.yaml"))


def compile_catalogue(root: Path = RULES) -> dict[str, Any]:
    """All of `rules/` as plain data, checked.  Raises RuleFileError."""
    rules = [_compile_rule(path) for path in rule_paths(root)]
    gaps = [GapEntry(**row).model_dump() for row in read_yaml(root / "gap-list.yaml")]
    limits = [LimitEntry(**row).model_dump() for row in read_yaml(root / "limits.yaml")]
    ids = {rule["id"] for rule in rules}
    keys = {gap["key"] for gap in gaps}
    for gap in gaps:
        if gap["rule"] not in ids:
            raise RuleFileError(f"gap-list.yaml: {gap['key']} names no rule: {gap['rule']}")
    for rule in rules:
        if rule["gap"] is not None and rule["gap"] not in keys:
            raise RuleFileError(f"{rule['id']}: no such row in the gap list: {rule['gap']}")
    quotas = {limit["key"]: limit["value"] for limit in limits}
    types = [_compile_type(row, ids, quotas) for row in read_yaml(root / "types.yaml")]
    known: set[tuple[str, str]] = set()
    for row in types:
        for name in row["types"]:
            if (row["family"], name) in known:
                raise RuleFileError(f"types.yaml: {row['family']} {name} stands there twice")
            known.add((row["family"], name))
    return {"rules": rules, "gaps": gaps, "limits": limits, "types": types}


def _compile_type(row: dict[str, Any], rules: set[str], quotas: dict[str, int]) -> dict[str, Any]:
    """An entry of types.yaml with its limits as numbers, and without what goes without saying."""
    where = f"types.yaml: {row.get('family')} {row.get('types', '')}"
    try:
        entry = TypeEntry(**row)
    except (ValidationError, TypeError) as error:
        raise RuleFileError(f"{where}: {error}") from None
    named = {entry.rule, *(form.rule for form in entry.forms), *(f.needs for f in entry.forms)}
    if missing := named - rules - {None}:
        raise RuleFileError(f"{where}: no such rule: {', '.join(map(str, missing))}")
    data = entry.model_dump(exclude_defaults=True)
    data["types"] = (
        {name: str(to) for name, to in entry.types.items()}
        if isinstance(entry.types, dict)
        else dict.fromkeys(entry.types, "")
    )
    for form in data["forms"]:
        form.setdefault("type", None)
        if isinstance(form.get("over"), str):
            if form["over"] not in quotas:
                raise RuleFileError(f"{where}: no such limit: {form['over']}")
            form["over"] = quotas[form["over"]]
    return data


def _compile_rule(path: Path) -> dict[str, Any]:
    try:
        entry = RuleEntry(**read_yaml(path))
    except (ValidationError, TypeError) as error:
        raise RuleFileError(f"{path.name}: {error}") from None
    if entry.id != path.stem:
        raise RuleFileError(f"{path.name}: its id is {entry.id}; file and id must agree")
    data = entry.model_dump(mode="json")
    texts = ("error", "message", "why", "advice", "rewrite", "notes", "alternatives", "effort")
    for status, written in zip(data["support"], entry.support, strict=True):
        for name in (*texts, "confidence", "verified"):
            if name not in written.model_fields_set:
                status[name] = data[name]
        accepted = written.status == "supported" and "error" not in written.model_fields_set
        if accepted or status["error"] in ("unknown", "none"):
            status["error"] = None
    for name in texts:
        del data[name]
    return {"family": path.parent.name, **data}


def main() -> int:
    """Write the compiled catalogue; with --check only say whether it is up to date."""
    try:
        text = json.dumps(compile_catalogue(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    except RuleFileError as error:
        print(error, file=sys.stderr)
        return 2
    if "--check" in sys.argv[1:]:
        fresh = COMPILED.exists() and COMPILED.read_text("utf-8") == text
        if not fresh:
            print("catalogue.json is older than rules/: run `make generate`", file=sys.stderr)
        return 0 if fresh else 1
    COMPILED.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
