"""The steps of a PL/pgSQL body in words, a line each."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.application.steps import Step
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code

_LONGEST = 160
DETAILS = "12-line-by-line"  # the chapter for what is too long for its place
_MOST_IN_PLACE = 20_000  # characters


def told(
    steps: tuple[Step, ...], depth: int = 0, refuses: str = "refuses the write"
) -> Iterator[str]:
    """Steps as a list in Markdown; `refuses` is what RAISE EXCEPTION does here."""
    for step in steps:
        if not step.line:
            continue  # the parser's own RETURN
        lead = f"{'  ' * depth}- line {step.line}: "
        if step.kind in ("if", "block"):
            for text, inner in step.branches:
                yield lead + (f"if {_sql(text)}:" if text is not None else _otherwise(step))
                yield from told(inner, depth + 1, refuses)
            continue
        yield lead + _words(step, refuses) + (":" if step.branches else "")
        for _, inner in step.branches:
            yield from told(inner, depth + 1, refuses)


def is_apart(details: str) -> bool:
    """Whether so long a text goes to a chapter of its own."""
    return len(details) > _MOST_IN_PLACE


def _otherwise(step: Step) -> str:
    return "otherwise:" if step.kind == "if" else "in a block:"


def _words(step: Step, refuses: str) -> str:
    """One step without what is inside of it."""
    text, into = _sql(step.text), ", ".join(code(name) for name in step.targets)
    match step.kind:
        case "assign":
            return f"sets {code(step.target)} to {text}"
        case "sql":
            return f"runs {text}"
        case "into":
            return f"keeps {text} in {into}"
        case "perform":
            return f"calls {text} and ignores what it returns"
        case "raise":
            return f"{refuses if step.is_error else 'says'}: {_sql(step.text or step.word)}"
        case "return":
            returned = f" {step.text.upper()}" if step.text in ("new", "old", "null") else ""
            value = "" if returned or not step.text else f" with {text}"
            return f"ends{value}" if not returned else f"ends with `RETURN{returned}`"
        case "return query":
            return f"adds to its result: {text}"
        case "for":
            return f"for each row of {text}" + (f", kept in {into}" if into else "")
        case "count":
            low, high, by, reverse = step.arguments
            order = f"from {_sql(high)} down to {_sql(low)}" if reverse else ""
            order = order or f"from {_sql(low)} to {_sql(high)}"
            return f"counts {into} {order}" + (f" by {_sql(by)}" if by != "1" else "")
        case "while":
            return f"as long as {text}"
        case "loop":
            return "again and again"
        case "exit" | "continue":
            what = "leaves the loop" if step.kind == "exit" else "goes on with the next pass"
            return what + (f" if {text}" if step.text else "")
        case "commit":
            return "commits"
        case "rollback":
            return "rolls back"
        case "row count":
            return f"keeps the number of rows in {code(step.target)}"
    return step.word + (f": {text}" if step.text else "")


def _sql(text: str) -> str:
    words = " ".join(mask_secrets(text).replace("`", "'").split())
    return code(words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…", 400)
