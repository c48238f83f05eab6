"""Tables by which a migration tool or framework remembers what it has run."""

from __future__ import annotations

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.sql import spans

# Table, columns that it must have, case of the rule, name of the tool.
_TOOLS: dict[str, tuple[set[str], str, str]] = {
    "django_migrations": ({"app", "name"}, "django", "Django"),
    "alembic_version": ({"version_num"}, "alembic", "Alembic"),
    "ar_internal_metadata": ({"key", "value"}, "rails", "Rails"),
    "_prisma_migrations": ({"checksum"}, "prisma", "Prisma"),
    "__drizzle_migrations": ({"hash"}, "drizzle", "Drizzle"),
    "__efmigrationshistory": (set(), "ef-core", "Entity Framework Core"),
    "aerich": ({"app", "version"}, "aerich", "Aerich (Tortoise ORM)"),
    "flyway_schema_history": ({"checksum"}, "flyway", "Flyway"),
    "databasechangelog": ({"author"}, "liquibase", "Liquibase"),
    "atlas_schema_revisions": ({"version"}, "atlas", "Atlas"),
    "schema_migrations": ({"version", "dirty"}, "golang-migrate", "golang-migrate"),
    "sequelizemeta": ({"name"}, "", "Sequelize"),
    "knex_migrations": ({"batch"}, "", "Knex"),
    "migrations": ({"timestamp", "name"}, "", "TypeORM"),
}


@detects("migration-tool-table", on=Table)
def migration_tool_table(table: Table, here: Here) -> Found:
    columns, case, tool = _TOOLS.get(table.name.name.lower(), (set(), "", ""))
    if tool and columns <= {name.lower() for name in table.columns}:
        span = spans.name(here.statement, table.name)
        yield here.found(
            "migration-tool-table", span, about=table.ref, case=case, table=table.name, tool=tool
        )
