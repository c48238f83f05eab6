"""Comments between statements that name this program, as the lexer comes by them."""

from __future__ import annotations

from dataclasses import dataclass

OUR_NAME = b"dsql-compat"


@dataclass(frozen=True, slots=True)
class Aside:
    """Comments that stand side by side: a run of `--` lines, or one in `/* */`.

    `text` stands at `at` of the lead that follows, in `line`, behind the bytes of `prefix`.
    """

    text: bytes
    line: int
    prefix: bytes
    at: int
