"""Runs the migrations of the Django apps named on the command line, against $DATABASE_URL.

An argument NAME=VALUE is a setting (VALUE in Python), MODULE:* takes a module's defaults.
What ``sqlmigrate`` says of each migration goes to $INPUTS_DIR: statements Django wrote, which no
pg_dump has tidied up.
"""

import ast
import importlib
import os
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def further_settings(arguments: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for argument in arguments:
        if argument.endswith(":*"):
            module = vars(importlib.import_module(argument.removesuffix(":*")))
            found |= {name: value for name, value in module.items() if name.isupper()}
        elif "=" in argument:
            name, _, value = argument.partition("=")
            found[name] = ast.literal_eval(value)
    return found


def configure(arguments: list[str]) -> None:
    settings_given = further_settings(arguments)
    url = urlsplit(os.environ["DATABASE_URL"])
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username,
        "HOST": parse_qs(url.query)["host"][0],
    }
    given: dict[str, Any] = dict(  # noqa: C408
        INSTALLED_APPS=[a for a in arguments if "=" not in a and not a.endswith(":*")],
        DATABASES={"default": database},
        SECRET_KEY="for migrations only",
        SITE_ID=1,
        STATIC_URL="/static/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        WAGTAIL_SITE_NAME="real",
        WAGTAILADMIN_BASE_URL="//localhost",
        SILENCED_SYSTEM_CHECKS=["admin.E403", "admin.E404", "admin.E408", "admin.E409"],
        TEMPLATES=[],
    )
    settings.configure(**(given | settings_given))
    django.setup()


def write_sqlmigrate(inputs: Path) -> None:
    loader = MigrationLoader(connection)
    for app, name in loader.graph.nodes:
        # A migration that drops a constraint looks its name up, and by now it is gone.
        with suppress(ValueError):
            text = call_command("sqlmigrate", app, name, stdout=StringIO(), no_color=True)
            (inputs / f"{app}-{name}.sql").write_text(text)


def main() -> None:
    configure(sys.argv[1:])
    call_command("migrate", verbosity=0, skip_checks=True)
    write_sqlmigrate(Path(os.environ["INPUTS_DIR"]))


main()
