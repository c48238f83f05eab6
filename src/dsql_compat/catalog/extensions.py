"""Which extension a type, function or operator comes from, by the data file beside this module."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _members(kind: str) -> dict[str, str]:
    text = Path(__file__).with_name("extensions.json").read_text("utf-8")
    owners: dict[str, str] = {}
    for extension, members in json.loads(text).items():
        for name in members.get(kind, ()):
            owners.setdefault(name, extension)
    return owners


def extension_of_type(name: str) -> str | None:
    """The extension that ships a type of this name."""
    return _members("types").get(name)


def extension_of_function(name: str) -> str | None:
    """The extension that ships a function of this name and no other source has."""
    return _members("functions").get(name)
