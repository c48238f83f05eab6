"""A proof as text or JSON.  Pure: values in, text out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from dsql_compat import __version__
from dsql_compat.proof.compare import MISSING, Difference, Open
from dsql_compat.proof.verify import Proof

PROOF_VERSION = 1
_LONGEST = 160
_FEW = 10
_SKIPPED = {
    "transaction": "BEGIN, COMMIT and the like: every statement ran in a transaction of its own",
    "role": "role statements: compared by their text",
    "owner": "ownership: everything belongs to the role that loads it",
    "grant": "grants: a shared server keeps its roles",
    "data": "statements that bring or change rows",
    "session": "settings of the session that the proof makes itself",
    "server": "statements that reach beyond the database",
}


def render_text(proofs: list[Proof], *, everything: bool = False) -> str:
    """What was compared, what differs undeclared, what is declared, what could not be proved."""
    lines: list[str] = []
    for proof in proofs:
        lines += [*_text(proof, everything), ""]
    return "\n".join(lines[:-1]) + "\n"


def _text(proof: Proof, everything: bool) -> Iterator[str]:
    where = f"{proof.database}: " if proof.database else ""
    ran, made = proof.statements
    yield f"{where}{ran} statements of the source, {made} of the rewrite, on a scratch PostgreSQL"
    yield ""
    yield "compared: " + (", ".join(_counts(proof)) or "nothing")
    if proof.undeclared:
        yield ""
        yield f"undeclared: {len(proof.undeclared)}"
        yield from (f"  {_line(difference)}" for difference in proof.undeclared)
    if proof.declared:
        yield ""
        yield f"declared: {len(proof.declared)}"
        yield from _declared(proof, everything)
    if proof.open:
        yield ""
        yield f"not provable: {len(proof.open)}"
        yield from _open(proof.open, everything)
    skipped = [(count, _SKIPPED[name]) for name, count in sorted(proof.skipped.items())]
    if skipped and everything:
        yield ""
        yield "not run:"
        yield from (f"  {count:4}  {what}" for count, what in skipped)
    yield ""
    yield _verdict(proof)


def _counts(proof: Proof) -> Iterator[str]:
    for kind, count in sorted(proof.compared.items()):
        if count:
            yield f"{count} {_plural(kind, count)}"


def _plural(kind: str, count: int) -> str:
    if count == 1 or kind == "statistics":
        return kind
    if kind == "table with rows":
        return "tables with rows"
    if kind.endswith("x"):
        return kind + "es"
    return kind[:-1] + "ies" if kind.endswith("cy") else kind + "s"


def _line(difference: Difference) -> str:
    """Object, aspect, source, rewrite."""
    head = f"{difference.kind} {difference.key}"
    if difference.aspect == MISSING:
        missing_from = "rewrite" if difference.rewrite is None else "source"
        return f"{head}: not in the {missing_from}"
    if difference.aspect == "loads":
        return f"{head}: its statement fails: {_short(difference.rewrite)}"
    return (
        f"{head}: {difference.aspect}: source {_short(difference.source)}, "
        f"rewrite {_short(difference.rewrite)}"
    )


def _short(value: str | None) -> str:
    if value is None or value == "":
        return "none"
    text = " ".join(value.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _declared(proof: Proof, everything: bool) -> Iterator[str]:
    if everything:
        for declared in proof.declared:
            yield f"  {declared.by}: {_line(declared.difference)}"
        return
    for by, count in Counter(declared.by for declared in proof.declared).most_common():
        yield f"  {count:4}  {by}"


def _open(listed: list[Open], everything: bool) -> Iterator[str]:
    shown = listed if everything else listed[:_FEW]
    yield from (f"  {_short(entry.what)}: {_short(entry.reason)}" for entry in shown)
    if len(listed) > len(shown):
        yield f"  … and {len(listed) - len(shown)} more (--all)"


def _verdict(proof: Proof) -> str:
    if not proof.undeclared:
        count = len(proof.open)
        things = "1 thing" if count == 1 else f"{count} things"
        but = f"; {things} could not be proved" if count else ""
        return f"Proved: no undeclared difference{but}."
    count = len(proof.undeclared)
    return f"Not proved: {count} undeclared difference{'s' if count > 1 else ''}."


# -- JSON ---------------------------------------------------------------------------------------


def render_json(proofs: list[Proof]) -> str:
    """The same for machines."""
    document = {
        "proof_version": PROOF_VERSION,
        "tool": {"name": "dsql-compat", "version": __version__},
        "holds": all(proof.holds for proof in proofs),
        "databases": [_as_json(proof) for proof in proofs],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_json(proof: Proof) -> dict[str, Any]:
    return {
        "database": proof.database,
        "holds": proof.holds,
        "statements": {"source": proof.statements[0], "rewrite": proof.statements[1]},
        "compared": {kind: count for kind, count in sorted(proof.compared.items()) if count},
        "undeclared": [_difference(difference) for difference in proof.undeclared],
        "declared": [
            _difference(declared.difference) | {"by": declared.by} for declared in proof.declared
        ],
        "not_provable": [{"what": entry.what, "reason": entry.reason} for entry in proof.open],
        "not_run": dict(sorted(proof.skipped.items())),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    key = difference.key
    return {
        "object": {
            "kind": difference.kind,
            "schema": key.schema,
            "name": key.name,
            "table": key.table,
        },
        "aspect": difference.aspect,
        "source": difference.source,
        "rewrite": difference.rewrite,
    }
