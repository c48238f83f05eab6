"""A rewrite with one thing broken in it."""

from __future__ import annotations

from dataclasses import replace

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import Proof, prove
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import Input


def rewritten(sql: str, target: str = "latest", wishes: Wishes | None = None) -> Rewrite:
    source = Input("<text>", "dump", "plain", None, len(sql.encode()), sql.encode())
    (result,) = rewrite_inputs([source], target, wishes)
    return result


def broken(rewrite: Rewrite, old: str, new: str | None) -> Rewrite:
    """The rewrite with a text replaced in its statements; None drops the whole statement."""
    hit = [item for item in rewrite.items if old in item.sql]
    assert hit, f"{old!r} is in no statement of:\n" + "\n".join(i.sql for i in rewrite.items)
    if new is None:
        rewrite.items = [item for item in rewrite.items if old not in item.sql]
    else:
        rewrite.items = [replace(i, sql=i.sql.replace(old, new)) for i in rewrite.items]
    return rewrite


def undeclared(proof: Proof) -> list[tuple[str, str]]:
    """Objects and the aspects in which they differ without a word about it."""
    return [(str(d.key), d.aspect) for d in proof.undeclared]


def proved(scratch: Scratch, sql: str, target: str = "latest") -> Proof:
    return prove(scratch, rewritten(sql, target))
