"""What a report may not repeat, and what only looks like it."""

from __future__ import annotations

import pytest

from dsql_compat.report.excerpt import mask_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CREATE ROLE app PASSWORD 'it''s me' LOGIN", "CREATE ROLE app PASSWORD '***' LOGIN"),
        ("ALTER ROLE app PASSWORD E'a\\'b'", "ALTER ROLE app PASSWORD '***'"),
        ("CREATE USER app PASSWORD $$secret$$", "CREATE USER app PASSWORD '***'"),
        ("CREATE USER app WITH PASSWORD secret", "CREATE USER app WITH PASSWORD '***'"),
        ("ALTER ROLE app PASSWORD NULL", "ALTER ROLE app PASSWORD NULL"),
        ("OPTIONS (user 'a', password 'b')", "OPTIONS (user 'a', password '***')"),
        (
            "CONNECTION 'host=db password=secret user=a'",
            "CONNECTION 'host=db password='***' user=a'",
        ),
        ("UPDATE users SET password = 'secret'", "UPDATE users SET password = '***'"),
        ("'postgres://me:secret@db/shop'", "'postgres://me:***@db/shop'"),
    ],
)
def test_a_secret_is_masked(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE users (name text, password text NOT NULL, password_hash text)",
        'CREATE TABLE users ("password" varchar(128), password "char")',
        "UPDATE users SET password=crypt(given, salt) WHERE password = u.password",
        "SELECT password FROM users",
    ],
)
def test_a_column_called_password_is_none(text: str) -> None:
    assert mask_secrets(text) == text
