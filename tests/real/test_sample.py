"""The sample of findings is drawn the same again, and shows the words that are pointed at."""

from __future__ import annotations

import random
from pathlib import Path

from dsql_compat.pipeline import analyze_sources

from .sample import Judged, draw, first, shown

SQL = """SET search_path = public;
CREATE UNLOGGED TABLE orders (id uuid PRIMARY KEY, "größe" money,
  tags text[]);
CREATE INDEX ON orders (id);
COMMENT ON TABLE orders IS 'nothing to say';
"""


def judged(folder: Path) -> Judged:
    path = folder / "schema.sql"
    path.write_text(SQL, encoding="utf-8")
    return Judged("shop", path, analyze_sources([str(path)]))


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    part = judged(tmp_path)
    once, again = (draw([part], 3, random.Random(7)) for _ in range(2))
    assert [f.id for _, f in once] == [f.id for _, f in again]
    assert len({f.rule for _, f in once}) == 3
    assert len(draw([part], 999, random.Random(7))) == len(part.report.findings)


def test_each_rule_is_shown_with_its_first_hit(tmp_path: Path) -> None:
    part = judged(tmp_path)
    hits = first([part], 1)
    assert [f.rule for _, f in hits] == sorted({f.rule for f in part.report.findings})
    (money,) = [f for _, f in hits if f.rule == "money-column"]
    assert part.marked(money) == "money"
    assert "  mark: money\n" in shown(part, money)


def test_silent_statements_hold_no_finding(tmp_path: Path) -> None:
    silent = [statement.text.split()[0] for statement in judged(tmp_path).silent()]
    assert silent == ["SET", "COMMENT"]
