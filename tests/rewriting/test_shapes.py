"""Tables of unusual shape: partitions, inheritance, keys that cannot be, names, limits."""

from __future__ import annotations

import pytest

from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.choices import ChoiceError, Wishes
from dsql_compat.rewriting.collisions import demand_own_names
from dsql_compat.rewriting.model import Item, Key, Rewrite
from dsql_compat.sql.names import Name

from .whole import again, forgotten, refusals, text_of


def rewrite(sql: str, target: str = "latest", wishes: Wishes | None = None) -> Rewrite:
    """The rewrite, of which hold: nothing is forgotten, nothing refused, a second is the same."""
    found = again(sql, target, wishes)
    assert forgotten(found) == []
    if found.items:
        text = text_of(found)
        assert refusals(text, target) == []
        assert [i.sql for i in again(text, target, wishes).items] == [i.sql for i in found.items]
    return found


def fate(found: Rewrite, name: str) -> tuple[str, str]:
    fates = [(f.outcome, f.what) for f in found.fates if f.ref.name == name]
    assert fates, name
    return fates[-1]


PARTITIONED = """
CREATE TABLE evt (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE evt_a (id bigint NOT NULL, at date NOT NULL, kind text);
CREATE TABLE evt_b (id bigint NOT NULL, at date NOT NULL, kind text);
ALTER TABLE ONLY evt ATTACH PARTITION evt_a FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
ALTER TABLE ONLY evt ATTACH PARTITION evt_b FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
"""


def test_what_all_partitions_have_is_the_roots() -> None:
    found = rewrite(
        PARTITIONED
        + "ALTER TABLE evt_a ADD CONSTRAINT evt_a_pkey PRIMARY KEY (id, at);\n"
        + "ALTER TABLE evt_b ADD CONSTRAINT evt_b_pkey PRIMARY KEY (id, at);\n"
        + "CREATE INDEX a_kind ON evt_a (kind); CREATE INDEX b_kind ON evt_b (kind);\n"
    )
    text = text_of(found)
    assert "CONSTRAINT evt_pkey PRIMARY KEY (id, at)" in text
    assert "CREATE INDEX ASYNC evt_kind_idx ON public.evt (kind)" in text
    assert fate(found, "b_kind")[0] == fate(found, "evt_b_pkey")[0] == "absorbed"
    assert "evt_a " not in text


def test_what_one_partition_has_is_left() -> None:
    found = rewrite(
        PARTITIONED
        + "ALTER TABLE evt_b ADD CONSTRAINT only_b CHECK (kind <> '');\n"
        + "CREATE INDEX b_only ON evt_b (kind, id);\n"
    )
    assert fate(found, "only_b") == (
        "left", "holds for the rows of public.evt_b only, which are among others now"
    )  # fmt: skip
    assert fate(found, "b_only")[0] == "left"


def test_a_key_that_is_unique_in_each_partition_only_is_left() -> None:
    found = rewrite(
        PARTITIONED
        + "ALTER TABLE evt_a ADD CONSTRAINT evt_a_pkey PRIMARY KEY (id);\n"
        + "ALTER TABLE evt_b ADD CONSTRAINT evt_b_pkey PRIMARY KEY (id);\n"
    )
    assert "PRIMARY KEY" not in text_of(found)
    assert fate(found, "evt_a_pkey")[0] == "left"


def test_a_foreign_key_to_a_partition_refers_to_the_root() -> None:
    found = rewrite(
        PARTITIONED
        + "ALTER TABLE evt_a ADD CONSTRAINT evt_a_pkey PRIMARY KEY (id, at);\n"
        + "ALTER TABLE evt_b ADD CONSTRAINT evt_b_pkey PRIMARY KEY (id, at);\n"
        + "CREATE TABLE r (i bigint, d date, CONSTRAINT r_fk FOREIGN KEY (i, d) REFERENCES evt_a);"
    )
    assert "REFERENCES public.evt" in text_of(found)
    assert fate(found, "r_fk")[0] == "changed"


def test_a_parent_no_longer_shows_the_rows_of_its_children() -> None:
    found = rewrite(
        "CREATE TABLE parent (id int PRIMARY KEY, v text CHECK (v <> 'x'));\n"
        "CREATE TABLE child (extra text) INHERITS (parent);\n"
    )
    assert fate(found, "child")[0] == "changed"
    outcome, what = fate(found, "parent")
    assert outcome == "changed"
    assert "SELECT id, v FROM public.parent UNION ALL SELECT id, v FROM public.child" in what
    assert text_of(found).count("CHECK (v <> 'x')") == 2


@pytest.mark.parametrize("kind", ["bytea", "json", "interval", "timetz", "text[]", "jsonb"])
def test_a_lost_primary_key_is_said_loudly(kind: str) -> None:
    found = rewrite(f"CREATE TABLE t (k {kind} PRIMARY KEY, v text);")
    assert fate(found, "t_pkey")[0] == "left"
    assert "without a primary key, which can never be added" in fate(found, "t")[1]


def test_the_255th_column_is_the_last() -> None:
    columns = ", ".join(f"c{n} int" for n in range(256))
    assert fate(rewrite(f"CREATE TABLE t ({columns}); CREATE TABLE u (a int);"), "t") == (
        "left", "256 columns, and DSQL takes 255"
    )  # fmt: skip


def test_unique_indexes_stay_before_others() -> None:
    columns = ", ".join(f"c{n} int" for n in range(30))
    indexes = "".join(f"CREATE INDEX i{n} ON t (c{n});\n" for n in range(29))
    found = rewrite(
        f"CREATE TABLE t (id int PRIMARY KEY, {columns});\n{indexes}CREATE UNIQUE INDEX u ON t (c29);"
    )
    left = [f.ref.name for f in found.left if f.ref.kind == "index"]
    assert left == [f"i{n}" for n in range(22, 29)]
    assert "CREATE UNIQUE INDEX ASYNC u" in text_of(found)


def test_generated_names_are_free_ones() -> None:
    found = rewrite(
        "CREATE TABLE t (a bit(3), CONSTRAINT t_a_check CHECK (a <> '000'),"
        " during tstzrange, during_from int);"
    )
    text = text_of(found)
    assert "CONSTRAINT t_a_check1 CHECK (a ~ '^[01]{3}$')" in text
    assert "during_from1 timestamp with time zone" in text
    assert "during_from integer" in text


def test_names_that_are_one_after_63_bytes_are_refused() -> None:
    name = "x" * 63
    keys = [Key("relation", Name("public", name + ending)) for ending in "ab"]
    items = [Item(ObjectRef("table", key.name.name), "", makes=key) for key in keys]
    with pytest.raises(ChoiceError, match=f"{name}a and public.{name}b"):
        demand_own_names(items)
    demand_own_names(items[:1])


def test_quoted_names_stay() -> None:
    found = rewrite(
        'CREATE SCHEMA "select"; CREATE TABLE "select"."from" ("order" int PRIMARY KEY,'
        ' "ключ" text UNIQUE, "a""b" int REFERENCES "select"."from");'
    )
    assert '"ключ" text' in text_of(found)
    assert found.left == []


def test_sequences_before_their_day_are_the_applications() -> None:
    sql = (
        "CREATE SEQUENCE s; CREATE TABLE t (id serial PRIMARY KEY, n bigint DEFAULT nextval('s'));"
        "CREATE TABLE u (t int REFERENCES t, i int GENERATED ALWAYS AS IDENTITY);"
    )
    found = rewrite(sql, "2026-01-31")
    text = text_of(found)
    assert "IDENTITY" not in text
    assert "nextval" not in text
    assert "id bigint NOT NULL" in text
    assert "the numbers come from the application" in fate(found, "id")[1]
    assert "the numbers come from the application" in fate(found, "i")[1]


def test_a_sequence_keeps_its_options() -> None:
    found = rewrite(
        "CREATE SEQUENCE a INCREMENT BY 5 MINVALUE 10 MAXVALUE 100 CYCLE;\n"
        "CREATE SEQUENCE b START WITH -1 MINVALUE -1;\n"
        "CREATE SEQUENCE c INCREMENT BY -1;\n"
        "CREATE TABLE t (i bigint DEFAULT nextval('a'), j bigint DEFAULT nextval('a'));\n"
    )
    text = text_of(found)
    assert "CREATE SEQUENCE public.a INCREMENT BY 5 MINVALUE 10 MAXVALUE 100 CYCLE CACHE" in text
    assert "CREATE SEQUENCE public.b START WITH -1 MINVALUE -1 CACHE" in text
    assert "CREATE SEQUENCE public.c INCREMENT BY -1 CACHE" in text
    assert text.count("nextval") == 2


def test_tables_of_other_makes_keep_their_columns() -> None:
    found = rewrite(
        "CREATE TABLE a (id int PRIMARY KEY, v text DEFAULT 'x' NOT NULL, CHECK (v <> ''));\n"
        "CREATE TABLE b (LIKE a INCLUDING ALL, z int);\n"
        "CREATE TYPE c AS (p int, q text); CREATE TABLE d OF c (PRIMARY KEY (p));\n"
        "CREATE TABLE e ();\n"
    )
    text = text_of(found)
    assert text.count("DEFAULT 'x' NOT NULL") == text.count("CHECK (v <> '')") == 2
    assert "CONSTRAINT d_pkey PRIMARY KEY (p)" in text


def test_clauses_of_columns() -> None:
    found = rewrite(
        "CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a + 2) VIRTUAL, d text STORAGE EXTERNAL,"
        " e text COMPRESSION lz4, UNIQUE NULLS NOT DISTINCT (a), UNIQUE (c) INCLUDE (d));"
    )
    text = text_of(found)
    assert "GENERATED ALWAYS AS (a + 2) STORED" in text
    assert "d text STORAGE EXTERNAL" in text
    assert "COMPRESSION" not in text
    assert "UNIQUE NULLS NOT DISTINCT (a)" in text
    assert "UNIQUE (c) INCLUDE (d)" in text
