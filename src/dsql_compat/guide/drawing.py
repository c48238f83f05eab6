"""The pictures, as SVG without any style of its own: the page or the file colours the classes."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dsql_compat.guide.graph import HOT, ForeignKeyGraph, Reference
from dsql_compat.guide.layout import place
from dsql_compat.guide.model import Picture
from dsql_compat.guide.words import plural
from dsql_compat.report.markdown import clip
from dsql_compat.sql.names import Name

MOST_TABLES = 30  # in one picture; beyond that nobody can follow a line
_LONGEST = 30  # characters of a name
_CHARACTER, _ROW, _BOX, _GAP = 7.3, 40, 26, 84
_MARGIN = 12

STYLE = """
.box{fill:#fff;stroke:#7b8794;stroke-width:1}
.box.hot{fill:#fdf0d5;stroke:#96610a;stroke-width:1.5}
.name{fill:#171c22;font:12px ui-monospace,Menlo,Consolas,monospace}
.note{fill:#566170;font:11px system-ui,sans-serif}
.big{fill:#171c22;font:600 13px system-ui,sans-serif}
.key{fill:none;stroke:#7b8794;stroke-width:1.2}
.key.cascade{stroke:#b3261e;stroke-width:1.8}
.key.weak{stroke-dasharray:5 3}
.tip{fill:#7b8794}.tip.cascade{fill:#b3261e}
.lane{stroke:#7b8794;stroke-width:2}
.phase{fill:#1b68ad}.phase.still{fill:#b3261e}.phase.back{fill:#2c7a4b}
.mark{fill:#171c22}
""".strip()


def svg_file(picture: Picture) -> str:
    """The picture as a file of its own; on a light ground, so that it can be read anywhere."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" height="{picture.height}" role="img">\n'
        f"<title>{_escaped(picture.title)}</title>\n<style>\n{STYLE}\n</style>\n"
        f'<rect width="{picture.width}" height="{picture.height}" fill="#fff"/>\n'
        f"{picture.body}\n</svg>\n"
    )


def svg_inline(picture: Picture) -> str:
    """The picture as a part of a page; of two forms the style sheet shows the one that fits."""
    forms = [("", picture)]
    if picture.upright:
        forms = [("wide", picture), ("upright", picture.upright)]
    drawn = "".join(_svg(form, name) for name, form in forms)
    return (
        f'<figure class="picture">{drawn}'
        f"<figcaption>{_escaped(picture.title)}</figcaption></figure>"
    )


def _svg(picture: Picture, name: str) -> str:
    kind = f' class="{name}"' if name else ""
    return (
        f'<svg{kind} viewBox="0 0 {picture.width} {picture.height}" width="{picture.width}" '
        f'height="{picture.height}" role="img" aria-label="{_escaped(picture.title)}">'
        f"{picture.body}</svg>"
    )


def _escaped(text: str) -> str:
    return html.escape(clip(text, 400))


# -- foreign keys -------------------------------------------------------------------------------


def foreign_key_picture(graph: ForeignKeyGraph) -> Picture | None:
    """Tables that refer to each other, parents on the left; of too many, those in the middle."""
    tables = _shown(graph)
    references = [r for r in graph.references if r.parent in tables and r.child in tables]
    if not any(r.parent != r.child for r in references):
        return None
    label = _labels(tables)
    pairs = list(dict.fromkeys((r.parent, r.child) for r in references if r.parent != r.child))
    placed = place(tables, pairs)
    columns = _columns(tables, label, {n: at[0] for n, at in placed.nodes.items()}, graph)
    spots = {
        name: _Spot(columns[layer][0], _MARGIN + y * _ROW, columns[layer][1])
        for name, (layer, y) in placed.nodes.items()
    }
    lines = []
    for pair in pairs:
        same = [r for r in references if (r.parent, r.child) == pair]
        bends = [
            _Spot(columns[layer][0], _MARGIN + y * _ROW, columns[layer][1])
            for layer, y in placed.bends[pair]
        ]
        lines.append(_line(spots[pair[0]], spots[pair[1]], bends, same))
    boxes = [part for name in tables for part in _box(spots[name], name, label[name], graph)]
    width = round(max(spot.x + spot.width for spot in spots.values()) + _MARGIN)
    height = round(max(spot.y for spot in spots.values()) + _BOX + _MARGIN)
    below = max((y for line in placed.bends.values() for _, y in line), default=0.0)
    height = max(height, round(_MARGIN * 2 + below * _ROW + _BOX))
    absent = len(graph.tied) - len(tables)
    title = f"Foreign keys of {plural(len(tables), 'table')}: "
    if absent:
        title = (
            f"Foreign keys between {plural(len(tables), 'table')} that others refer to; the "
            f"{absent:,} more at their ends are in the list below. "
        )
    title += (
        "Parents on the left; ↻ refers to itself; a number counts the foreign keys to a table, "
        f"filled from {HOT} on; red: ON DELETE CASCADE; dashed: no index on the referring side"
    )
    return Picture("foreign-keys", title, width, height, "\n".join([*lines, *boxes]))


def _shown(graph: ForeignKeyGraph) -> list[Name]:
    """All tables with foreign keys; of too many those that others refer to, the most first."""
    tied = graph.tied
    if len(tied) <= MOST_TABLES:
        return tied
    parents = {name for name in tied if graph.fan_in[name]}
    if any(r.child in parents and r.parent != r.child for r in graph.references):
        inner = {
            name
            for r in graph.references
            if r.parent != r.child and {r.parent, r.child} <= parents
            for name in (r.parent, r.child)
        }
        tied = [name for name in tied if name in inner or graph.fan_in[name] >= HOT]
    weight = {
        name: sum(1 for r in graph.references if name in (r.parent, r.child)) for name in tied
    }
    chosen = set(sorted(tied, key=lambda name: -weight[name])[:MOST_TABLES])
    return [name for name in tied if name in chosen]


def _labels(tables: Sequence[Name]) -> dict[Name, str]:
    """Short names: without the schema where all are in the same."""
    is_one = len({name.schema for name in tables}) == 1
    return {name: clip(name.name if is_one else str(name), _LONGEST) for name in tables}


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float
    width: float


def _columns(
    tables: Sequence[Name], label: dict[Name, str], layer: dict[Name, int], graph: ForeignKeyGraph
) -> dict[int, tuple[float, float]]:
    """Each layer's left edge and width."""
    widths = dict.fromkeys(range(max(layer.values()) + 1), 40.0)
    for name in tables:
        text = len(label[name]) + (2 if _refers_to_itself(name, graph) else 0)
        text += 3 if graph.fan_in[name] else 0
        widths[layer[name]] = max(widths[layer[name]], text * _CHARACTER + 18)
    columns, x = {}, float(_MARGIN)
    for number, width in widths.items():
        columns[number] = (round(x, 1), round(width, 1))
        x += width + _GAP
    return columns


def _refers_to_itself(name: Name, graph: ForeignKeyGraph) -> bool:
    return any(r.parent == name == r.child for r in graph.references)


def _box(spot: _Spot, name: Name, label: str, graph: ForeignKeyGraph) -> Iterator[str]:
    count = graph.fan_in[name]
    loop = " ↻" if _refers_to_itself(name, graph) else ""
    hot = " hot" if count >= HOT else ""
    yield (
        f'<rect class="box{hot}" x="{spot.x:g}" y="{spot.y:g}" width="{spot.width:g}" '
        f'height="{_BOX}" rx="4"/>'
    )
    yield (
        f'<text class="name" x="{spot.x + 9:g}" y="{spot.y + 17:g}">{_escaped(label)}{loop}</text>'
    )
    if count:
        yield (
            f'<text class="note" x="{spot.x + spot.width - 8:g}" y="{spot.y + 17:g}" '
            f'text-anchor="end">{count}</text>'
        )


def _line(start: _Spot, end: _Spot, bends: list[_Spot], references: list[Reference]) -> str:
    """From the parent's side to the child's, with an arrow head at the parent.

    It passes a layer straight, so that it crosses no box there.
    """
    cascades = any(r.on_delete == "CASCADE" for r in references)
    kind = " cascade" if cascades else ""
    weak = " weak" if any(not r.is_led for r in references) else ""
    if start.x < end.x:
        first, last, side = (start.x + start.width, start.y), (end.x, end.y), 1
    else:
        first, last, side = (start.x, start.y), (end.x + end.width, end.y), -1
    points = [(first[0] + 7 * side, first[1] + _BOX / 2)]
    for bend in bends:
        ends = [(bend.x, bend.y + _BOX / 2), (bend.x + bend.width, bend.y + _BOX / 2)]
        points += ends[::side]
    points.append((last[0], last[1] + _BOX / 2))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (x + to_x) / 2
        path += f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    x, y = first[0], first[1] + _BOX / 2
    tip = f"M{x:.1f} {y:.1f}l{8 * side} -4v8z"
    names = _escaped(", ".join(r.name for r in references))
    return (
        f'<g><title>{names}</title><path class="key{kind}{weak}" d="{path}"/>'
        f'<path class="tip{kind}" d="{tip}"/></g>'
    )


# -- the cut-over -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the time line: how wide, in which colour (`""`, `still`, `back`)."""

    title: str
    when: str
    note: str
    kind: str = ""


def timeline_picture(phases: Sequence[Phase]) -> Picture:
    """The phases from left to right, two lines of text to each."""
    width, height, step = 900, 140, (900 - 2 * _MARGIN) / len(phases)
    parts = [f'<line class="lane" x1="{_MARGIN}" y1="52" x2="{width - _MARGIN}" y2="52"/>']
    for number, phase in enumerate(phases):
        x = _MARGIN + number * step
        kind = f" {phase.kind}" if phase.kind else ""
        parts += [
            f'<rect class="phase{kind}" x="{x + 2:g}" y="46" width="{step - 4:g}" '
            'height="12" rx="6"/>',
            f'<text class="note" x="{x + 2:g}" y="36">{_escaped(phase.when)}</text>',
            f'<text class="big" x="{x + 2:g}" y="80">{_escaped(phase.title)}</text>',
        ]
        parts += [
            f'<text class="note" x="{x + 2:g}" y="{98 + 15 * line:g}">{_escaped(text)}</text>'
            for line, text in enumerate(_wrapped(phase.note, int(step / 5.9)))
        ]
    title = "The cut-over: blue, both run; red, writes stand still; green, the way back is open"
    upright = _upright(phases, title)
    return Picture("cut-over", title, width, height, "\n".join(parts), upright)


def _upright(phases: Sequence[Phase], title: str) -> Picture:
    """The same from top to bottom."""
    width, y, parts = 350, 4, []
    for phase in phases:
        lines = _wrapped(phase.note, 50)
        height = 46 + 15 * len(lines)
        kind = f" {phase.kind}" if phase.kind else ""
        parts += [
            f'<rect class="phase{kind}" x="2" y="{y}" width="10" height="{height - 8}" rx="5"/>',
            f'<text class="note" x="26" y="{y + 12}">{_escaped(phase.when)}</text>',
            f'<text class="big" x="26" y="{y + 30}">{_escaped(phase.title)}</text>',
        ]
        parts += [
            f'<text class="note" x="26" y="{y + 48 + 15 * line}">{_escaped(text)}</text>'
            for line, text in enumerate(lines)
        ]
        y += height + 12
    return Picture("cut-over-upright", title, width, y, "\n".join(parts))


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:3]
