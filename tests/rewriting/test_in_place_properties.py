"""Whatever stands side by side in a file: only what a rule touches changes, and only once."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsql_compat.editing.engine import fix_text
from dsql_compat.pipeline import analyze_text

# `#` becomes a number of its own each time.  These stay as they are, byte for byte:
KEPT = [
    "-- a comment; with a semicolon, a 'quote and $$ dollars\n",
    "/* two\n   lines; /* nested */ */\n",
    "\n\n",
    "   \t\n",
    "CREATE TABLE k# (id bigint PRIMARY KEY, t text DEFAULT ';');\n",
    "  SELECT 'serial', $$TRUNCATE t;$$, $x$ -- no comment $$ $x$ ;  -- behind\n",
    "CREATE FUNCTION f#() RETURNS integer LANGUAGE sql AS $$ SELECT 1; $$;\n",
    "CREATE TABLE c# (id bigint PRIMARY KEY, t text);\nCOPY c# (id, t) FROM stdin;\n"
    "1\tit's; -- fine\n2\tCREATE TABLE x (id serial);\n\n\\.\n",
    "INSERT INTO k (t) VALUES ('a''b;'), (E'\\'');\n",
    "\\echo 'TRUNCATE t;'\n",
    "CREATE TABLE v# (id bigint PRIMARY KEY, w tsvector); -- stays refused\n",
    ";\n",
]
# And these change:
EDITED = [
    "CREATE TABLE s# (\n\tid serial PRIMARY KEY, -- the key\n\tn int /* n */\n);",
    'create table "S#" ("Id" BIGSERIAL PRIMARY KEY, tags text[] DEFAULT \'{}\');',
    "SET lock_timeout = '#s';",
    "CREATE TABLE i# (id bigint PRIMARY KEY, a text);\n    CREATE INDEX i#_a ON i# USING btree (a DESC);",
    "CREATE TABLE l# (id bigint PRIMARY KEY);\nTRUNCATE TABLE l#;",
    "CREATE TABLE a# (id bigint PRIMARY KEY);\n  ALTER TABLE a#\n  ADD COLUMN n int NOT NULL DEFAULT 3 -- three\n  ;",
    "CREATE TABLE p# (\n  id bigint NOT NULL\n);\nALTER TABLE ONLY p# ADD CONSTRAINT p#_pkey PRIMARY KEY (id);",
    "CREATE TYPE e# AS ENUM ('a', 'b');\nCREATE TABLE m# (id bigint PRIMARY KEY, c money, e e#);",
]
GAPS = st.sampled_from(["\n", "\n\n", " \n", " -- note\n", "\n-- next\n"])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """A file, and a pattern for what may become of it."""
    chosen = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just(False), st.sampled_from(KEPT), st.just("")),
                st.tuples(st.just(True), st.sampled_from(EDITED), GAPS),
            ),
            min_size=1,
            max_size=9,
        )
    )
    windows = draw(st.booleans())
    text = pattern = ""
    for number, (is_edited, piece, gap) in enumerate(chosen):
        piece = piece.replace("#", str(number))
        both = [part.replace("\n", "\r\n") if windows else part for part in (piece, gap)]
        text += both[0] + both[1]
        pattern += ("(?s:.*?)" if is_edited else re.escape(both[0])) + re.escape(both[1])
    return text, pattern


def errors(sql: str) -> Counter[str]:
    return Counter(
        f.rule for f in analyze_text(f"SELECT 1;{sql}").findings if f.severity == "error"
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_only_what_a_rule_touches_changes_and_only_once(made: tuple[str, str]) -> None:
    text, pattern = made
    fixed = fix_text(text)
    assert re.fullmatch(pattern, fixed.after), fixed.after
    if "\r\n" in text:
        assert not re.search(r"(?<!\r)\n", fixed.after)
    else:
        assert "\r" not in fixed.after
    if fixed.errors_before:
        before, after = errors(text), errors(fixed.after)
        assert not after - before
        assert sum(after.values()) == fixed.errors_after
        assert set(after) <= {"text-search-column"}
    again = fix_text(fixed.after)
    assert again.after == fixed.after
    assert not again.edited


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="AaBEGIN;'\"$-/*\n\r\t ()serialtmpCREATETABLEü", max_size=60))
def test_any_text_comes_back_whole_or_is_refused(text: str) -> None:
    try:
        fixed = fix_text(text)
    except ValueError as error:
        assert str(error)
    except Exception as error:
        assert type(error).__name__ == "InputError"
    else:
        assert fixed.before == text
        assert fixed.is_changed or fixed.after == text
