"""Places a directed graph in layers: no library of that size is both maintained and pure Python.

Sugiyama's steps in small: break circles, layer by the longest path, put points on edges that pass
a layer, order each layer by the middle of its neighbours, then straighten.  Everything is decided
by the order of the input, so the same graph always gets the same picture.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)
_SWEEPS = 12


@dataclass
class _Point(Generic[N]):
    """A node, or a bend of an edge that passes its layer."""

    layer: int
    node: N | None
    before: list[_Point[N]] = field(default_factory=list)
    after: list[_Point[N]] = field(default_factory=list)
    place: int = 0
    y: float = 0.0


@dataclass(frozen=True)
class Placed(Generic[N]):
    """Layers and heights of nodes, and for each edge the (layer, height) of its bends."""

    nodes: dict[N, tuple[int, float]]
    bends: dict[tuple[N, N], list[tuple[int, float]]]


def place(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> Placed[N]:
    """Layers from 0 on and heights in units of a node; edges lead to later layers if they can."""
    pairs = [(a, b) for a, b in dict.fromkeys(edges) if a != b]
    forward = _without_circles(nodes, pairs)
    level = _levels(nodes, [(a, b) if ahead else (b, a) for (a, b), ahead in forward.items()])
    points = {node: _Point(level[node], node) for node in nodes}
    layers: list[list[_Point[N]]] = [[] for _ in range(max(level.values(), default=0) + 1)]
    for node in nodes:
        layers[level[node]].append(points[node])
    chains = {
        pair: _chain(points, layers, pair if ahead else (pair[1], pair[0]))
        for pair, ahead in forward.items()
    }
    _order(layers)
    _straighten(layers)
    bends = {
        pair: [(p.layer, p.y) for p in (chain if forward[pair] else reversed(chain))]
        for pair, chain in chains.items()
    }
    return Placed({node: (p.layer, p.y) for node, p in points.items()}, bends)


def _without_circles(nodes: Sequence[N], pairs: list[tuple[N, N]]) -> dict[tuple[N, N], bool]:
    """Whether each edge is taken as it is, or turned round to break a circle."""
    following: dict[N, list[N]] = {node: [] for node in nodes}
    for a, b in pairs:
        following[a].append(b)
    ahead: dict[tuple[N, N], bool] = {}
    state: dict[N, int] = {}
    for start in nodes:
        if start in state:
            continue
        state[start] = 1
        path = [(start, iter(following[start]))]
        while path:
            node, rest = path[-1]
            other = next(rest, None)
            if other is None:
                state[node] = 2
                path.pop()
                continue
            ahead[node, other] = state.get(other) != 1
            if other not in state:
                state[other] = 1
                path.append((other, iter(following[other])))
    return {pair: ahead[pair] for pair in pairs}


def _levels(nodes: Sequence[N], pairs: list[tuple[N, N]]) -> dict[N, int]:
    level = dict.fromkeys(nodes, 0)
    waiting = {node: sum(1 for _, b in pairs if b == node) for node in nodes}
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:
        for a, b in pairs:
            if a == node:
                level[b] = max(level[b], level[a] + 1)
                waiting[b] -= 1
                if not waiting[b]:
                    ready.append(b)
    return level


def _chain(
    points: dict[N, _Point[N]], layers: list[list[_Point[N]]], pair: tuple[N, N]
) -> list[_Point[N]]:
    """The bends of one edge, tied to its two ends."""
    last, end = points[pair[0]], points[pair[1]]
    chain: list[_Point[N]] = []
    for number in range(last.layer + 1, end.layer):
        point: _Point[N] = _Point(number, None)
        layers[number].append(point)
        chain.append(point)
        last.after.append(point)
        point.before.append(last)
        last = point
    last.after.append(end)
    end.before.append(last)
    return chain


def _order(layers: list[list[_Point[N]]]) -> None:
    """Sweeps forth and back; the order with the fewest crossings stays."""
    _number(layers)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        backwards = sweep % 2 == 1
        for layer in reversed(layers) if backwards else layers:
            layer.sort(key=lambda p: _middle(p.after if backwards else p.before, p.place))
            for at, point in enumerate(layer):
                point.place = at
        count = _crossings(layers)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    layers[:] = best
    _number(layers)


def _number(layers: list[list[_Point[N]]]) -> None:
    for layer in layers:
        for at, point in enumerate(layer):
            point.place = at


def _middle(neighbours: list[_Point[N]], otherwise: float) -> float:
    if not neighbours:
        return otherwise
    return sum(point.place for point in neighbours) / len(neighbours)


def _crossings(layers: list[list[_Point[N]]]) -> int:
    count = 0
    for layer in layers:
        ends = [(p.place, q.place) for p in layer for q in p.after]
        count += sum(
            1 for i, (a, b) in enumerate(ends) for c, d in ends[i + 1 :] if (a - c) * (b - d) < 0
        )
    return count


def _straighten(layers: list[list[_Point[N]]]) -> None:
    """Heights near the neighbours', in order and no closer than a row (bends: half a row)."""
    for layer in layers:
        for at, point in enumerate(layer):
            point.y = float(at)
    for sweep in range(_SWEEPS):
        backwards = sweep % 2 == 0
        for layer in reversed(layers) if backwards else layers:
            _settle(layer)
    low = min((p.y for layer in layers for p in layer), default=0.0)
    for layer in layers:
        for point in layer:
            point.y = round(point.y - low, 3)


def _settle(layer: list[_Point[N]]) -> None:
    wanted = [
        sum(q.y for q in p.before + p.after) / len(p.before + p.after)
        if p.before or p.after
        else p.y
        for p in layer
    ]
    gaps = [_gap(a, b) for a, b in pairwise(layer)]
    down, up = list(wanted), list(wanted)
    for at, gap in enumerate(gaps, 1):
        down[at] = max(down[at], down[at - 1] + gap)
    for at in range(len(layer) - 2, -1, -1):
        up[at] = min(up[at], up[at + 1] - gaps[at])
    for point, one, other in zip(layer, down, up, strict=True):
        point.y = (one + other) / 2


def _gap(one: _Point[N], other: _Point[N]) -> float:
    return 1.0 if one.node is not None and other.node is not None else 0.6
