"""Tables and their foreign keys as a drawing: parents to the left, in columns, nothing random."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

from dsql_compat.report.html_objects import Entry, Places
from dsql_compat.report.model import RelationInfo
from dsql_compat.report.views import clip_middle

MOST = 400  # tables that are drawn
WIDTH, HEIGHT = 176, 28
_ACROSS, _DOWN, _APART = 64, 10, 36
_LETTERS = 22


@dataclass(frozen=True, slots=True)
class Box:
    """A table in the drawing."""

    entry: Entry
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A foreign key in the drawing: an SVG path, and the tables it joins."""

    path: str
    child: str
    parent: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The drawing; `alone` are tables without foreign keys, `left_out` those beyond what fits."""

    boxes: list[Box]
    lines: list[Line]
    width: int
    height: int
    alone: list[Entry]
    left_out: int


Edges = dict[str, set[str]]  # from a table to those it refers to, by anchor


def draw(places: Places, relations: Iterable[RelationInfo]) -> Graph:
    """Lay the tables out; each connected group by itself, the largest first."""
    nodes: dict[str, Entry] = {}
    edges: Edges = {}
    for relation in relations:
        child = places.owners.get(("table", relation.schema, relation.table, None))
        parent = places.owners.get(("table", relation.to_schema, relation.to_table, None))
        if child is not None and parent is not None:
            nodes[child.anchor], nodes[parent.anchor] = child, parent
            edges.setdefault(child.anchor, set()).add(parent.anchor)
    alone = [
        entry
        for entry in places.entries
        if entry.anchor not in nodes and entry.object.kind in ("table", "partition")
    ]
    kept = _most_joined(nodes, edges)
    edges = {child: parents & kept for child, parents in edges.items() if child in kept}
    spots: dict[str, tuple[int, int]] = {}
    width, height = _arrange(_groups(kept, edges), edges, spots)
    boxes = [
        Box(nodes[name], clip_middle(nodes[name].object.name, _LETTERS), *spots[name])
        for name in sorted(spots, key=lambda name: spots[name])
    ]
    lines = [
        Line(_path(spots[child], spots[parent]), child, parent)
        for child in sorted(edges)
        for parent in sorted(edges[child])
    ]
    return Graph(boxes, lines, width, height, alone, len(nodes) - len(kept))


def _most_joined(nodes: Iterable[str], edges: Edges) -> set[str]:
    degree = dict.fromkeys(nodes, 0)
    for child, parents in edges.items():
        degree[child] += len(parents)
        for parent in parents:
            degree[parent] += 1
    return set(sorted(degree, key=lambda name: (-degree[name], name))[:MOST])


def _groups(nodes: set[str], edges: Edges) -> list[list[str]]:
    """The connected parts, the largest first."""
    joined: dict[str, set[str]] = {name: set() for name in nodes}
    for child, parents in edges.items():
        for parent in parents:
            joined[child].add(parent)
            joined[parent].add(child)
    groups, seen = [], set[str]()
    for start in sorted(nodes):
        if start in seen:
            continue
        group, todo = [], [start]
        seen.add(start)
        while todo:
            name = todo.pop()
            group.append(name)
            todo += sorted(joined[name] - seen)
            seen |= joined[name]
        groups.append(sorted(group))
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _columns(group: list[str], edges: Edges) -> list[list[str]]:
    """The tables by how many steps they are from one that refers to nothing."""
    rank: dict[str, int] = {}
    for start in group:
        trail: list[tuple[str, bool]] = [(start, False)]
        while trail:
            name, is_done = trail.pop()
            parents = sorted(edges.get(name, set()) - {name})
            if is_done:
                rank[name] = 1 + max((rank[p] for p in parents if rank.get(p, -1) >= 0), default=-1)
            elif name not in rank:
                rank[name] = -1  # on the way: a circle of references is cut here
                trail.append((name, True))
                trail += [(parent, False) for parent in parents if parent not in rank]
    columns: list[list[str]] = [[] for _ in range(1 + max(rank.values()))]
    for name in group:
        columns[rank[name]].append(name)
    return [column for column in columns if column]


def _arrange(
    groups: list[list[str]], edges: Edges, spots: dict[str, tuple[int, int]]
) -> tuple[int, int]:
    """Give every table its place: groups on shelves; returns the size of it all."""
    shelf = max(
        1_100, int(sqrt(sum(map(len, groups)) * (WIDTH + _ACROSS) * (HEIGHT + _DOWN)) * 1.7)
    )
    left = top = tallest = widest = 0
    for group in groups:
        local = _place_group(group, edges)
        width = max(x for x, _ in local.values()) + WIDTH
        height = max(y for _, y in local.values()) + HEIGHT
        if left and left + width > shelf:
            left, top, tallest = 0, top + tallest + _APART, 0
        for name, (x, y) in local.items():
            spots[name] = left + x, top + y
        widest, tallest = max(widest, left + width), max(tallest, height)
        left += width + _APART
    return widest, top + tallest


def _place_group(group: list[str], edges: Edges) -> dict[str, tuple[int, int]]:
    rows = max(8, ceil(sqrt(len(group)) * 1.4))
    local: dict[str, tuple[int, int]] = {}
    x = 0
    for column in _columns(group, edges):
        # A table stands about as high as those it refers to.
        heights = {
            name: sum(h) / len(h) if (h := _heights(name, edges, local)) else 0 for name in column
        }
        ordered = sorted(column, key=lambda name: (heights[name], name))
        deepest = 0
        for number, name in enumerate(ordered):
            across, down = divmod(number, rows)
            local[name] = x + across * (WIDTH + _APART), down * (HEIGHT + _DOWN)
            deepest = across
        x += (deepest + 1) * (WIDTH + _APART) - _APART + _ACROSS
    return local


def _heights(name: str, edges: Edges, local: dict[str, tuple[int, int]]) -> list[int]:
    return [local[parent][1] for parent in edges.get(name, ()) if parent in local]


def _path(child: tuple[int, int], parent: tuple[int, int]) -> str:
    middle = HEIGHT // 2
    if child == parent:
        x, y = child[0] + WIDTH, child[1]
        return f"M{x} {y + 8}c22 -14 22 26 0 12"
    y, to_y = parent[1] + middle, child[1] + middle
    if child[0] > parent[0]:
        x, to_x = parent[0] + WIDTH, child[0]
        bend = max(24, (to_x - x) // 2)
        return f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
    # Within a column, or back to the left in a circle: out and in at the same side.
    x, to_x = parent[0] + WIDTH, child[0] + WIDTH
    return f"M{x} {y}C{x + 44} {y} {max(x, to_x) + 44} {to_y} {to_x} {to_y}"
