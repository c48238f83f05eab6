"""What to write into the settings of a framework, by the case of the rule that has found it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_SETTINGS: dict[str, tuple[str, str]] = {
    "django": (
        "python",
        """
# pip install aurora-dsql-django "psycopg[binary]"
DATABASES = {
    "default": {
        "ENGINE": "aurora_dsql_django",
        "HOST": "<cluster>.dsql.<region>.on.aws",
        "USER": "<database role>",
        "NAME": "postgres",
        "OPTIONS": {"sslmode": "verify-full"},  # with the system's certificates
        "CONN_MAX_AGE": 3000,  # DSQL ends a connection after 3,600 seconds
        "USE_SEQUENCE_AUTOFIELDS": True,  # AutoField stays a number; without it, it is a uuid
        "SEQUENCE_CACHE_SIZE": 65536,
    }
}
# The adapter itself switches savepoints and server-side cursors off.
# In every migration: atomic = False, one operation on the schema, rows in a migration of their own.
""",
    ),
    "alembic": (
        "python",
        """
# pip install alembic aurora-dsql-sqlalchemy "psycopg[binary]"
# env.py: a DDL statement stands alone in its transaction, and the row in alembic_version must not
# be in it either. So nothing opens a transaction, and every statement commits by itself.
from alembic import context
from alembic.ddl.postgresql import PostgresqlImpl
from aurora_dsql_sqlalchemy import create_dsql_engine


class AuroraDsqlImpl(PostgresqlImpl):
    __dialect__ = "auroradsql"  # Alembic knows no dialect of this name by itself
    transactional_ddl = False


engine = create_dsql_engine(
    host="<cluster>.dsql.<region>.on.aws",
    user="<database role>",
    driver="psycopg",
    pool_recycle=3000,  # DSQL ends a connection after 3,600 seconds
    pool_pre_ping=True,
)
with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    context.run_migrations()
# One operation a migration: what stands before a failure stays done, and is not noted as done.
# Validate constraints in a migration of their own:
#   op.execute("ALTER TABLE ASYNC orders VALIDATE CONSTRAINT orders_customer_fkey")
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
# in every migration: disable_ddl_transaction!, and one statement of DDL
""",
    ),
    "prisma": (
        "sh",
        """
npm install --save-dev @aws/aurora-dsql-prisma-tools
npx aurora-dsql-prisma validate prisma/schema.prisma
npx aurora-dsql-prisma migrate prisma/schema.prisma -o prisma/migrations/001_init/migration.sql
PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK=1 npx prisma migrate deploy
# Exit code 3: foreign keys became NOT VALID. Add ALTER TABLE ASYNC … VALIDATE CONSTRAINT.
# Without relationMode = "prisma" the foreign keys stay in the database.
""",
    ),
    "drizzle": (
        "sh",
        """
npm install @aws/aurora-dsql-drizzle
# keep the statement breakpoints on: each statement is a transaction
""",
    ),
    "ef-core": (
        "sh",
        """
dotnet add package Amazon.AuroraDsql.EntityFrameworkCore
# run DsqlMigrator instead of Database.Migrate
""",
    ),
    "aerich": (
        "sh",
        """
pip install aurora-dsql-tortoise-orm "tortoise-orm>=0.25" "aerich>=0.9.2"
""",
    ),
    "flyway": (
        "properties",
        """
# New projects: org.flywaydb:flyway-database-dsql. The adapter of AWS, aurora-dsql-flyway-support,
# is the older one; never load both. Beside it: software.amazon.dsql:aurora-dsql-jdbc-connector
flyway.url=jdbc:aws-dsql:postgresql://<cluster>.dsql.<region>.on.aws:5432/postgres
flyway.user=<database role>
flyway.driver=software.amazon.dsql.jdbc.DSQLConnector
# instead of the command baseline, which mixes DDL and rows
flyway.baselineOnMigrate=true
flyway.dsql.occMaxRetries=3
flyway.dsql.awaitAsyncIndexes=true
# One DDL statement a file; CREATE INDEX ASYNC. With Hibernate, name its dialect:
# hibernate.dialect=software.amazon.dsql.hibernate.dialect.AuroraDSQLDialect
""",
    ),
    "liquibase": (
        "sql",
        """
--liquibase formatted sql
--changeset team:1 runInTransaction:false
-- one change, in DSQL's SQL: keys inside CREATE TABLE, CREATE INDEX ASYNC
-- url: jdbc:aws-dsql:postgresql://<cluster>.dsql.<region>.on.aws:5432/postgres, with
-- software.amazon.dsql:aurora-dsql-jdbc-connector. With Hibernate, name its dialect:
-- hibernate.dialect=software.amazon.dsql.hibernate.dialect.AuroraDSQLDialect
""",
    ),
}


# By the tool's name, for those that share a case of the rule.
_CHECKS: dict[str, str] = {
    "Sequelize": (
        "AWS has a sample for Sequelize, on `@aws/aurora-dsql-node-postgres-connector`. Set "
        '`clientMinMessages: "ignore"` in `dialectOptions`, or each connection begins with a SET '
        "that DSQL refuses. No transaction around several DDL statements; indexes are SQL of your "
        "own, with ASYNC."
    ),
    "TypeORM": (
        "AWS has a sample for TypeORM. Set `synchronize: false` and "
        '`migrationsTransactionMode: "none"`, with one DDL statement in a migration, and '
        '`uuidExtension: "pgcrypto"` with `installExtensions: false`: `gen_random_uuid()` needs '
        "no extension. Indexes are SQL of your own, with ASYNC."
    ),
    "Knex": (
        "AWS has nothing for Knex. Set `disableTransactions: true` for migrations, one DDL "
        "statement in each, and try first whether the table with its lock "
        "(`knex_migrations_lock`) does what it should under retries."
    ),
}
# Tables and sequences that betray a tool, which no rule tells of.
_TRACES: dict[str, tuple[str, str]] = {
    "typeorm_metadata": ("TypeORM", _CHECKS["TypeORM"]),
    "hibernate_sequence": (
        "Hibernate",
        "The official dialect is `software.amazon.dsql:aurora-dsql-hibernate-dialect`; Hibernate "
        "does not find it by itself: `hibernate.dialect="
        "software.amazon.dsql.hibernate.dialect.AuroraDSQLDialect`. One sequence for all tables "
        "is one counter that every insert asks: let keys be uuids.",
    ),
    "schema_migrations": (
        "a tool that notes versions in `schema_migrations` (Rails, Ecto, dbmate and others do)",
        "See which one it is, and whether it can run without an advisory lock and with one DDL "
        "statement in a transaction.",
    ),
}
_OTHERS = {"schema_migrations": {"ar_internal_metadata"}}  # then a rule has told of it


def traces(names: Iterable[str], told: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """What else betrays a framework: the relation, who keeps it, what to check.

    `names` are the relations of the schema, `told` the tables that the rule has found.
    """
    found, known = {name.lower() for name in names}, {name.lower() for name in told}
    for name, (tool, check) in _TRACES.items():
        if name in found and name not in known and not _OTHERS.get(name, set()) & known:
            yield name, tool, check


def check_of(tool: str) -> str:
    """What to see to with a tool that has no adapter; empty where nothing is known."""
    return _CHECKS.get(tool, "")


def settings_of(case: str) -> tuple[str, str] | None:
    """The language and the lines, where something is known."""
    found = _SETTINGS.get(case)
    return (found[0], found[1].strip("\n")) if found else None
