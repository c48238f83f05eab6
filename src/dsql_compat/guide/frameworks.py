"""What to write into the settings of a framework, by the case of the rule that has found it."""

from __future__ import annotations

_SETTINGS: dict[str, tuple[str, str]] = {
    "django": (
        "python",
        """
# pip install aurora-dsql-django
DATABASES = {
    "default": {
        "ENGINE": "aurora_dsql_django",
        "HOST": "<cluster>.dsql.<region>.on.aws",
        "USER": "<database role>",
        "NAME": "postgres",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "system"},
        "CONN_MAX_AGE": 3000,  # DSQL ends a connection after 3,600 seconds
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
# in every migration: atomic = False
""",
    ),
    "alembic": (
        "python",
        """
# pip install aurora-dsql-sqlalchemy "psycopg[binary]"
from aurora_dsql_sqlalchemy import create_dsql_engine

engine = create_dsql_engine(
    host="<cluster>.dsql.<region>.on.aws",
    user="<database role>",
    driver="psycopg",
    pool_recycle=3000,  # DSQL ends a connection after 3,600 seconds
    pool_pre_ping=True,
)
# in env.py: context.configure(..., transaction_per_migration=True), one operation a migration
""",
    ),
    "rails": (
        "yaml",
        """
# config/database.yml, with the gem aurora-dsql-ruby-pg and the sample's patches of the adapter
production:
  adapter: postgresql
  host: <cluster>.dsql.<region>.on.aws
  username: <database role>
  database: postgres
  sslmode: verify-full
  prepared_statements: false
  advisory_locks: false
# in every migration: disable_ddl_transaction!
""",
    ),
    "prisma": (
        "sh",
        """
npm install --save-dev @aws/aurora-dsql-prisma-tools
export PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK=1
""",
    ),
    "drizzle": ("sh", "\nnpm install @aws/aurora-dsql-drizzle\n# keep the statement "
"breakpoints on\n"),
    "ef-core": ("sh", "\ndotnet add package Amazon.AuroraDsql.EntityFrameworkCore\n# "
"run DsqlMigrator instead of Database.Migrate\n"),
    "aerich": ("sh", '\npip install aurora-dsql-tortoise-orm "tortoise-orm>=0.25" '
'"aerich>=0.9.2"\n'),
    "flyway": (
        "properties",
        "\n# with aurora-dsql-flyway-support on the class path; one DDL statement a "
"file\nflyway.baselineOnMigrate=true\n",
    ),
    "liquibase": (
        "sql",
        "\n--liquibase formatted sql\n--changeset team:1 runInTransaction:false\n-- "
"one change, in DSQL's SQL\n",
    ),
}  # fmt: skip


def settings_of(case: str) -> tuple[str, str] | None:
    """The language and the lines, where something is known."""
    found = _SETTINGS.get(case)
    return (found[0], found[1].strip("\n")) if found else None
