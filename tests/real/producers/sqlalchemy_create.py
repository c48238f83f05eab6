"""Creates the tables of SQLAlchemy metadata, named on the command line as MODULE:ATTRIBUTE.

What SQLAlchemy says goes to $INPUTS_DIR as well, before any pg_dump has tidied it up.
"""

import importlib
import os
import sys
from functools import reduce
from pathlib import Path

from sqlalchemy import MetaData, create_engine, create_mock_engine


def metadata(name: str) -> MetaData:
    module, _, path = name.partition(":")
    found: MetaData = reduce(getattr, path.split("."), importlib.import_module(module))
    return found


def main() -> None:
    url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(url)
    statements: list[str] = []

    def note(statement: object, *_: object, **__: object) -> None:
        statements.append(f"{str(statement.compile(dialect=engine.dialect)).strip()};\n")  # type: ignore[attr-defined]

    printer = create_mock_engine(url, note)
    for name in sys.argv[1:]:
        metadata(name).create_all(engine)
        metadata(name).create_all(printer, checkfirst=False)
    (Path(os.environ["INPUTS_DIR"]) / "create_all.sql").write_text("\n".join(statements))


main()
