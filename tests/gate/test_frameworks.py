"""The recipes for tools that write Python: their own SQL output, from the real tools, is judged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gate.repositories import check, found, write
from tests.real.server import embedded

PAGE = (Path(__file__).parents[2] / "docs/check.md").read_text("utf-8")


def recipe(word: str) -> str:
    (script,) = [b for b in re.findall(r"^```sh\n(.*?)^```", PAGE, re.S | re.M) if word in b]
    return script


def shell(folder: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **env},
        capture_output=True,
        text=True,
    )


SETTINGS = """
SECRET_KEY = "x"
USE_TZ = True
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
import os
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres",
                         "USER": "postgres", "HOST": os.environ["SOCKETS"]}}
"""
MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
FIRST = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Person", [
            ("id", models.UUIDField(primary_key=True)), ("name", models.CharField(max_length=50)),
        ]),
        migrations.CreateModel("Visit", [("id", models.UUIDField(primary_key=True))]),
    ]
"""
SECOND = """
from django.db import migrations
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE TABLE shop_a (id uuid PRIMARY KEY)"),
        migrations.RunSQL("TRUNCATE shop_visit"),
    ]
"""


@pytest.mark.postgres
def test_the_recipe_for_django(tmp_path: Path) -> None:
    files = {"settings.py": SETTINGS, "manage.py": MANAGE, "shop/__init__.py": ""}
    files |= {"shop/migrations/__init__.py": "", "shop/migrations/0001_initial.py": FIRST}
    write(tmp_path, {**files, "shop/migrations/0002_second.py": SECOND})
    with embedded({}) as server:
        done = shell(tmp_path, recipe("sqlmigrate"), SOCKETS=str(server.socket_dir))
    assert done.returncode == 1, done.stderr
    report = check(tmp_path, "build/sql")
    names = [source["name"] for source in report["sources"]]
    assert names == ["build/sql/1-shop.0001_initial.sql", "build/sql/2-shop.0002_second.sql"]
    rules = [(rule, name) for rule, name, _ in found(report)]
    assert ("multiple-ddl-per-transaction", names[0]) in rules
    assert ("truncate", names[1]) in rules
    assert ("multiple-ddl-per-transaction", names[1]) not in rules
    assert "truncate" in done.stdout


ENV = """
from alembic import context
context.configure(url="postgresql://", literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = {own!r}, {before!r}
def upgrade():
    op.create_table({table!r}, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("m", sa.{kind}))
def downgrade():
    op.drop_table({table!r})
"""


def test_the_recipe_for_alembic(tmp_path: Path) -> None:
    first = REVISION.format(own="a1", before=None, table="people", kind="Text")
    second = REVISION.format(own="b2", before="a1", table="visits", kind="ARRAY(sa.Text)")
    files = {"alembic.ini": "[alembic]\nscript_location = m\n", "m/env.py": ENV}
    write(tmp_path, {**files, "m/versions/a1.py": first, "m/versions/b2.py": second})
    done = shell(tmp_path, recipe("alembic"))
    assert done.returncode == 1, done.stderr
    rules = {rule for rule, _, _ in found(check(tmp_path, "build/alembic.sql"))}
    assert {"multiple-ddl-per-transaction", "ddl-with-dml", "array-column"} <= rules
    apart = ENV.replace("literal_binds=True", "literal_binds=True, transaction_per_migration=True")
    write(tmp_path, {"m/env.py": apart})
    shell(tmp_path, recipe("alembic"))
    assert (tmp_path / "build/alembic.sql").read_text().count("BEGIN;") == 2
