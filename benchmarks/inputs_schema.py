"""Schema-only inputs of the benchmarks, in the form that pg_dump 16 writes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

START = """\
--
-- PostgreSQL database dump
--

-- Dumped from database version 16.4
-- Dumped by pg_dump version 16.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

"""
END = "--\n-- PostgreSQL database dump complete\n--\n\n"

_PER_TABLE = 17  # statements for a table and what belongs to it, at most

_OF_WHAT = (
    "customer",
    "order",
    "invoice",
    "product",
    "parcel",
    "payment",
    "ticket",
    "visit",
    "event",
    "supplier",
)
_WHICH = (
    "open",
    "closed",
    "draft",
    "paid",
    "late",
    "monthly",
    "yearly",
    "local",
    "foreign",
    "archived",
)
_ASPECTS = (
    "notes",
    "lines",
    "changes",
    "files",
    "limits",
    "prices",
    "rules",
    "tags",
    "counts",
    "contacts",
)

_COLUMNS = (
    "    id integer NOT NULL",
    "    parent_id integer",
    "    title character varying(255) NOT NULL",
    "    price numeric(12,2) DEFAULT 0.0 NOT NULL",
    "    active boolean DEFAULT true NOT NULL",
    "    made_at timestamp with time zone DEFAULT now() NOT NULL",
)
_FURTHER_COLUMNS = (
    "    body text",
    "    state public.state DEFAULT 'new'::public.state NOT NULL",
    "    data jsonb DEFAULT '{{}}'::jsonb NOT NULL",
    "    tags text[]",
    "    share double precision",
    "    due_on date",
    "    CONSTRAINT {name}_price_check CHECK ((price >= (0)::numeric))",
)

_TYPE = """\
CREATE TYPE public.state AS ENUM (
    'new',
    'paid',
    'sent',
    'done'
);
"""

_FUNCTION = """\
CREATE FUNCTION public.touch_{name}() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if new.price is distinct from old.price then
    update public.{name} set made_at = now() where parent_id = new.id;
  end if;
  return new;  -- the row's new form
end;
$$;
"""

_VIEW = """\
CREATE VIEW public.active_{name} AS
 SELECT {name}.id,
    {name}.title,
    count(p.id) AS parents
   FROM (public.{name}
     LEFT JOIN public.{parent} p ON ((p.id = {name}.parent_id)))
  WHERE {name}.active
  GROUP BY {name}.id, {name}.title;
"""


_MIGRATION = """\
CREATE TABLE {name} (
    id serial PRIMARY KEY,
    parent_id integer{refers},
    title varchar(80) NOT NULL,
    tags text[]
);
CREATE INDEX {name}_title ON {name} (title);
INSERT INTO {name} (title) VALUES ('it''s the first');
ALTER TABLE {name} ADD COLUMN made_at timestamptz DEFAULT now();

"""


def header(name: str, kind: str) -> str:
    """The comment that pg_dump puts before each entry."""
    return f"--\n-- Name: {name}; Type: {kind}; Schema: public; Owner: shop\n--\n\n"


def _entry(name: str, kind: str, *statements: str) -> list[str]:
    """A dump's entry, one string per statement; the first has the header."""
    first, *rest = (statement.rstrip() + "\n\n\n" for statement in statements)
    return [header(name, kind) + first, *rest]


def names() -> Iterator[str]:
    """Table names, without end and all different."""
    for number in itertools.count():
        for parts in itertools.product(_WHICH, _OF_WHAT, _ASPECTS):
            yield "_".join(parts) + (f"_{number}" if number else "")


def schema_dump(statements: int) -> Iterator[bytes]:
    """A schema-only pg_dump of exactly so many statements, the SETs at its start included."""
    tables = list(itertools.islice(names(), max(1, statements // _PER_TABLE - 1)))
    parts = _entry("state", "TYPE", _TYPE, "ALTER TYPE public.state OWNER TO shop;")
    for group in _GROUPS:
        if group is _tables:
            parts += [
                "SET default_tablespace = '';\n\n",
                "SET default_table_access_method = heap;\n\n",
            ]
        for number, name in enumerate(tables):
            parts += group(number, name, tables[number // 2])
    missing = statements - START.count(";\n") - len(parts)
    for number in range(missing):
        name = tables[number % len(tables)]
        grant = f"GRANT SELECT ON TABLE public.{name} TO reader_{number // len(tables)};"
        parts += _entry(f"TABLE {name}", "ACL", grant)
    yield from (text.encode() for text in (START, *parts, END))


def _routines(number: int, name: str, parent: str) -> list[str]:
    del parent
    if number % 8:
        return []
    owner = f"ALTER FUNCTION public.touch_{name}() OWNER TO shop;"
    return _entry(f"touch_{name}()", "FUNCTION", _FUNCTION.format(name=name), owner)


def _tables(number: int, name: str, parent: str) -> list[str]:
    some = [column for at, column in enumerate(_FURTHER_COLUMNS) if (at + number) % 3]
    body = ",\n".join([*_COLUMNS, *some])
    sequence = f"public.{name}_id_seq"
    return [
        *_entry(
            name,
            "TABLE",
            f"CREATE TABLE public.{name} (\n{body.format(name=name)}\n);",
            f"ALTER TABLE public.{name} OWNER TO shop;",
        ),
        *_entry(
            f"TABLE {name}",
            "COMMENT",
            f"COMMENT ON TABLE public.{name} IS 'The {name}; one row''s parent is in {parent}';",
        ),
        *_entry(
            f"COLUMN {name}.parent_id",
            "COMMENT",
            f"COMMENT ON COLUMN public.{name}.parent_id IS 'Where it''s from';",
        ),
        *_entry(
            f"{name}_id_seq",
            "SEQUENCE",
            f"CREATE SEQUENCE {sequence}\n    AS integer\n    START WITH 1\n    INCREMENT BY 1\n"
            "    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1;",
            f"ALTER SEQUENCE {sequence} OWNER TO shop;",
        ),
        *_entry(
            f"{name}_id_seq",
            "SEQUENCE OWNED BY",
            f"ALTER SEQUENCE {sequence} OWNED BY public.{name}.id;",
        ),
    ]


def _views(number: int, name: str, parent: str) -> list[str]:
    if number % 5:
        return []
    owner = f"ALTER VIEW public.active_{name} OWNER TO shop;"
    return _entry(f"active_{name}", "VIEW", _VIEW.format(name=name, parent=parent), owner)


def _defaults(number: int, name: str, parent: str) -> list[str]:
    del number, parent
    return _entry(
        f"{name} id",
        "DEFAULT",
        f"ALTER TABLE ONLY public.{name} ALTER COLUMN id"
        f" SET DEFAULT nextval('public.{name}_id_seq'::regclass);",
    )


def _keys(number: int, name: str, parent: str) -> list[str]:
    del parent
    keys = {f"{name}_pkey": "PRIMARY KEY (id)"}
    if number % 3 == 0:
        keys[f"{name}_parent_id_key"] = "UNIQUE (parent_id, id)"
    return [
        statement
        for key, text in keys.items()
        for statement in _entry(
            f"{name} {key}",
            "CONSTRAINT",
            f"ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT {key} {text};",
        )
    ]


def _indexes(number: int, name: str, parent: str) -> list[str]:
    del parent
    last = "lower((id)::text)" if number % 7 == 0 else "id DESC"
    texts = {
        f"{name}_parent_idx": f"USING btree (parent_id, {last})",
        f"{name}_recent_idx": "USING btree (id) WHERE (parent_id IS NOT NULL)",
    }
    return [
        statement
        for index, text in texts.items()
        for statement in _entry(index, "INDEX", f"CREATE INDEX {index} ON public.{name} {text};")
    ]


def _triggers(number: int, name: str, parent: str) -> list[str]:
    del parent
    if number % 8:
        return []
    return _entry(
        f"{name} touch",
        "TRIGGER",
        f"CREATE TRIGGER touch BEFORE UPDATE ON public.{name}"
        f" FOR EACH ROW EXECUTE FUNCTION public.touch_{name}();",
    )


def _foreign_keys(number: int, name: str, parent: str) -> list[str]:
    rule = " ON DELETE CASCADE" if number % 2 else ""
    return _entry(
        f"{name} {name}_parent_fkey",
        "FK CONSTRAINT",
        f"ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT {name}_parent_fkey"
        f" FOREIGN KEY (parent_id) REFERENCES public.{parent}(id){rule};",
    )


def _grants(number: int, name: str, parent: str) -> list[str]:
    del number, parent
    return [
        *_entry(
            f"TABLE {name}", "ACL", f"GRANT SELECT,INSERT,UPDATE ON TABLE public.{name} TO app;"
        ),
        *_entry(
            f"SEQUENCE {name}_id_seq",
            "ACL",
            f"GRANT SELECT,USAGE ON SEQUENCE public.{name}_id_seq TO app;",
        ),
    ]


_GROUPS = (
    _routines,
    _tables,
    _views,
    _defaults,
    _keys,
    _indexes,
    _triggers,
    _foreign_keys,
    _grants,
)


def small_file(lines: int) -> Iterator[bytes]:
    """The first so many lines of a hand-written schema."""
    text = itertools.chain.from_iterable(migration.splitlines(True) for migration in _endless())
    yield from (line.encode() for line in itertools.islice(text, lines))


def migrations(count: int) -> Iterator[str]:
    """So many migration scripts, a table each."""
    return itertools.islice(_endless(), count)


def _endless() -> Iterator[str]:
    parent = ""
    for name in names():
        refers = f" REFERENCES {parent} (id)" if parent else ""
        yield _MIGRATION.format(name=name, refers=refers)
        parent = name
