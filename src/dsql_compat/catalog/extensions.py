"""Which extension a type, function or operator comes from, by the data file beside this module."""

from __future__ import annotations

import json
from collections.abc import Container
from functools import cache
from pathlib import Path


@cache
def _members(kind: str) -> dict[str, tuple[str, ...]]:
    text = Path(__file__).with_name("extensions.json").read_text("utf-8")
    owners: dict[str, tuple[str, ...]] = {}
    for extension, members in json.loads(text).items():
        for name in members.get(kind, ()):
            owners[name] = (*owners.get(name, ()), extension)
    return owners


def _first(owners: tuple[str, ...], made: Container[str]) -> str | None:
    """The owner that the source creates; the first one if it creates none."""
    created = (extension for extension in owners if extension in made)
    return next(created, owners[0] if owners else None)


def extension_of_type(name: str, made: Container[str] = ()) -> str | None:
    """The extension that ships a type of this name, above all of those that were `made`."""
    return _first(_members("types").get(name, ()), made)


def extensions_of_function(name: str) -> tuple[str, ...]:
    """The extensions that ship a function of this name, which PostgreSQL itself does not have."""
    return _members("functions").get(name, ())


def extensions_of_operator(name: str) -> tuple[str, ...]:
    """The extensions that ship an operator of this name; PostgreSQL may have one as well."""
    return _members("operators").get(name, ())


@cache
def known_extensions() -> frozenset[str]:
    """The extensions whose members the data file names."""
    text = Path(__file__).with_name("extensions.json").read_text("utf-8")
    return frozenset({"plpgsql", *json.loads(text)})
