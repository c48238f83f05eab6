"""Extensions that the embedded server lacks, as far as a proof needs them: citext."""

from __future__ import annotations

from importlib.resources import files

import psycopg
from pglast import ast
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dsql_compat.catalog.model import Catalog
from dsql_compat.proof.server import Scratch


def install_standins(scratch: Scratch, database: str, catalog: Catalog) -> frozenset[str]:
    """Make citext in a scratch database, if the source wants it and the embedded server has none.

    Gives the extensions whose CREATE EXTENSION is thereby done.
    """
    wanted = catalog.extensions.get("citext")
    if (
        scratch.is_shared
        or wanted is None
        or _schema_of(wanted.statement.tree) not in (None, "public")
    ):
        return frozenset()
    text = files("dsql_compat.proof").joinpath("queries", "citext_standin.sql").read_text("utf-8")
    name = conninfo_to_dict(database)["dbname"]
    admin = make_conninfo(scratch.admin, dbname=name)
    with psycopg.connect(admin, autocommit=True, connect_timeout=15) as connection:
        query = "SELECT FROM pg_available_extensions WHERE name = 'citext'"
        if connection.execute(query).fetchone() is not None:
            return frozenset()
        connection.execute(text.encode())
    return frozenset({"citext"})


def _schema_of(tree: ast.Node | None) -> str | None:
    for option in getattr(tree, "options", None) or ():
        if option.defname == "schema":
            return str(option.arg.sval)
    return None
