"""Imports point one way, and a start imports no more than it needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "dsql_compat"
# From the bottom up; a module may import from its own layer and from those before it.
LAYERS = [
    {"targets", "rules", "rule_files"},
    {"findings"},
    {"sql"},
    {"catalog"},
    {"sources"},
    {"checks"},
    {"report"},
    {"pipeline"},
    {"rewriting"},
    {"editing"},
    {"gate"},
    {"fleet"},
    {"proof"},
    {"guide"},
    {"api"},
    {"cli", "__main__", "__init__"},
]


def layer(module: str) -> int:
    return next(n for n, names in enumerate(LAYERS) if module in names)


def runtime_imports(path: Path) -> set[str]:
    """The parts of the package a module imports when it runs, not for its annotations only."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    names = [
        node.module.split(".")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in skipped
    ]
    return {parts[1] for parts in names if parts[0] == "dsql_compat" and len(parts) > 1}


def test_imports_point_one_way() -> None:
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        wrong += [
            f"{path.relative_to(PACKAGE)} imports {imported}"
            for imported in runtime_imports(path)
            if layer(imported) > layer(own)
        ]
    assert not wrong


def test_a_text_report_loads_none_of_the_slow_libraries(tmp_path: Path) -> None:
    sql = tmp_path / "a.sql"
    sql.write_text("CREATE TABLE t (id int PRIMARY KEY);")
    code = (
        "import sys\n"
        f"sys.argv = ['dsql-compat', 'analyze', {str(sql)!r}]\n"
        "from dsql_compat.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(','.join(m for m in ('pydantic', 'jinja2', 'psycopg', 'yaml', 'rich')"
        " if m in sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert not long


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.0 to 3.11.4 match `(…)*+` wrongly where the group can backtrack."""
    wrong = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in PACKAGE.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"""r["'].*(\)|_FLAT\})[*+?]\+""", line)
    ]
    assert not wrong
