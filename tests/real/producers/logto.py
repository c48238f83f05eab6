"""Prints Logto's tables in the order its own installer takes, with what it adds to each."""

import os
import re
from pathlib import Path

VALUES = {
    "${database}": "dsql",
    "${password}": "for loading only",
    "${TenantTag.Development}": "development",
}


def order(text: str) -> float:
    wanted = re.search(r"/\* init_order = ([\d.]+) \*/", text)
    return float(wanted[1]) if wanted else float("inf")


def main() -> None:
    package = Path(os.environ["PACKAGE_DIR"])
    texts = {path.stem: path.read_text() for path in sorted((package / "tables").glob("*.sql"))}
    first, last = texts.pop("_before_all"), texts.pop("_after_all")
    each = texts.pop("_after_each")
    models = sorted((package / "lib" / "models").glob("*.js"))
    tables = re.findall(r"`([^`]*create table[^`]*)`", "".join(m.read_text() for m in models))
    parts = [first, *tables]
    for name, text in sorted(texts.items(), key=lambda item: (order(item[1]), item[0])):
        parts += [text, "" if "no_after_each" in text else each.replace("${name}", name)]
    script = "\n;\n".join([*parts, last])
    for placeholder, value in VALUES.items():
        script = script.replace(placeholder, value)
    print(script)


main()
