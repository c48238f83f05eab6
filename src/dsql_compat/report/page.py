"""What every page has: a policy that allows its own style and script, and templates that escape."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from typing import TYPE_CHECKING

from dsql_compat.report.visible import is_web_address, one_line, visible

if TYPE_CHECKING:
    from jinja2 import Environment


def asset(name: str, package: str = "dsql_compat.report") -> str:
    """A file of a package's templates, such as a style sheet."""
    return resources.files(package).joinpath("templates", name).read_text("utf-8")


def policy(style: str, script: str) -> str:
    """What the page may do: apply its own style, run its own script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def script_data(content: object) -> str:
    """JSON that can stand in a script element: nothing in it ends that, or a line of it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def environment(*packages: str) -> Environment:
    """Templates of these packages, the first that has one; all texts are escaped, and what cannot
    be seen in them is written out.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(visible=visible, one_line=one_line)
    made.tests["web_address"] = is_web_address
    return made
