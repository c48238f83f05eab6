"""What reports say of a workload in words, the same in every format."""

from __future__ import annotations

from dsql_compat.report.model import SessionsInfo, WorkloadSource

_CLIPPED = 60


def calls(number: int) -> str:
    """`12,345 calls`."""
    return f"{number:,} call{'s' if number != 1 else ''}"


def covered(source: WorkloadSource) -> str:
    """How much of a source was judged, by calls and by time."""
    text = f"{source.statements:,} statements, {calls(source.calls)}"
    if source.calls:
        text += f"; {share(source.parsed_calls, source.calls)} of the calls"
        if source.total_ms:
            text += f" and {share(source.parsed_ms or 0.0, source.total_ms)} of the time"
        text += " judged"
    if source.since:
        text += f"; counted since {source.since}"
    return text


def share(part: float, whole: float) -> str:
    """A share in per cent; 100 and 0 only where it is all or nothing."""
    if part >= whole:
        return "100%"
    return f"{min(99.9, max(0.1, part / whole * 100)):.1f}%" if part else "0%"


def sessions(seen: SessionsInfo) -> str:
    """The sessions at the moment of the report, in a line."""
    parts = []
    if seen.connections is not None:
        parts.append(f"{seen.connections:,} connection{'s' if seen.connections != 1 else ''}")
    if seen.longest_transaction:
        parts.append(f"longest transaction {seen.longest_transaction:,} s")
    if seen.longest_connection:
        parts.append(f"longest connection {seen.longest_connection:,} s")
    for item in seen.seen:
        detail = f" ({item.detail})" if item.detail else ""
        parts.append(f"{item.count:,} {item.kind}{'s' if item.count != 1 else ''}{detail}")
    return "; ".join(parts) or "nothing seen"


def clip(text: str, most: int = _CLIPPED) -> str:
    """A statement on one line and no longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
