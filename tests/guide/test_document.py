"""The guide as a document: complete, linked, the same every time, and proof against hostile names."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dsql_compat.cli.app import app
from dsql_compat.guide.build import guide_files
from dsql_compat.guide.view import name_of
from dsql_compat.pipeline import analyze_text
from dsql_compat.report.visible import one_line
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import Input, find_inputs

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
SOURCES = {
    "shop": SAMPLES / "shop" / "schema.sql",
    "saas": SAMPLES / "saas" / "schema.sql",
    "analytics": SAMPLES / "analytics" / "schema.sql",
    "bookings": SAMPLES / "bookings" / "schema.sql",
    "migrations": SAMPLES / "migrations",
}
CHAPTERS = [
    "01-summary.md", "02-decisions.md", "03-gaps.md", "04-schema.md", "05-application.md",
    "06-data.md", "07-operations.md", "08-tests.md", "09-checklist.md", "10-left-behind.md",
]  # fmt: skip
# Names that end a table cell, a code span, a tag, an attribute, a line or a comment.
NAMES = [
    "a|b",
    "x`y``z",
    "<script>alert(1)</script>",
    '"><img src=x>',
    "& [l](http://e.example) *b*",
    "new\nline",
    "\\| $x$",
]

VOID = ("meta", "br", "hr", "col", "path", "rect", "line")  # elements without an end


def rewritten(sql: str, target: str = "latest", wishes: Wishes | None = None) -> Rewrite:
    source = Input("<text>", "dump", "plain", None, len(sql.encode()), sql.encode())
    return rewrite_inputs([source], target, wishes)[0]


def guide_to(sql: str, target: str = "latest", wishes: Wishes | None = None) -> dict[str, str]:
    return guide_files(rewritten(sql, target, wishes), ["app.sql"])


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def hostile_schema() -> str:
    parts = []
    for number, name in enumerate(NAMES):
        table, column = quoted(name), quoted(f"c {name}")
        parent = quoted(NAMES[number - 1]) if number else table
        parts.append(
            f"CREATE TYPE {quoted('t ' + name)} AS ENUM ('a');\n"
            f"CREATE TABLE {table} (id serial PRIMARY KEY, {column} int[], s {quoted('t ' + name)}, "
            f"p int CONSTRAINT {quoted('fk ' + name)} REFERENCES {parent} ON DELETE CASCADE);\n"
            f"CREATE INDEX {quoted('i ' + name)} ON {table} USING gin ({column});\n"
            f"CREATE FUNCTION {quoted('f ' + name)}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.p := 1; RETURN NEW; END $$;\n"
            f"CREATE TRIGGER {quoted('g ' + name)} BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {quoted('f ' + name)}();\n"
            f"CREATE ROLE {quoted('r ' + name)} LOGIN PASSWORD 'hunter2';\n"
        )
    return "".join(parts)


class Page(HTMLParser):
    """What a browser makes of the page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.styles: list[str] = []
        self.shown = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "a" and "href" in given:
            self.links.append(given["href"] or "")
        elif tag != "meta":
            self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "data", "action")]
        assert not [name for name in given if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self.styles.append(data)
        else:
            self.shown += data


@pytest.fixture(scope="module", params=SOURCES)
def sample(request: pytest.FixtureRequest) -> tuple[Rewrite, dict[str, str]]:
    name = str(request.param)
    (rewrite,) = rewrite_inputs(find_inputs([str(SOURCES[name])]))
    return rewrite, guide_files(rewrite, [f"{name}.sql"])


@pytest.fixture(scope="module")
def hostile() -> dict[str, str]:
    return guide_to(hostile_schema())


def links_of(text: str) -> Iterator[str]:
    """The targets of links and pictures, code blocks aside."""
    from markdown_it import MarkdownIt

    for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        for token in block.children or ():
            address = token.attrs.get("href") or token.attrs.get("src")
            if address is not None:
                yield str(address)


def broken_links(files: dict[str, str]) -> list[str]:
    """Links between the files that lead nowhere."""
    marks = {
        path: set(re.findall(r'<a id="([a-z0-9-]+)"></a>', text)) for path, text in files.items()
    }
    broken = []
    for path, text in files.items():
        if not path.endswith(".md") or "/" in path:
            continue
        for address in links_of(text):
            if "://" in address:
                continue
            to, _, mark = address.partition("#")
            to = to or path
            if to not in files or (mark and mark not in marks[to]):
                broken.append(f"{path}: {address}")
    return broken


def test_every_chapter_is_there(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    assert [path for path in files if re.fullmatch(r"\d\d-[a-z-]+\.md", path)] == CHAPTERS
    for path in CHAPTERS:
        assert files[path].startswith("# ")
        assert f"({path})" in files["README.md"]


def test_every_object_of_a_finding_is_named(sample: tuple[Rewrite, dict[str, str]]) -> None:
    rewrite, files = sample
    shown = Page(files["guide.html"]).shown
    missing = {
        name
        for finding in rewrite.report.findings
        if (name := one_line(name_of(finding.object))) not in shown
    }
    assert not missing - {"the database"}


def test_everything_left_behind_is_in_the_appendix(sample: tuple[Rewrite, dict[str, str]]) -> None:
    rewrite, files = sample
    appendix = files["10-left-behind.md"]
    for fate in rewrite.left:
        for statement in fate.statements:
            lines = statement.excerpt.strip().splitlines()
            if fate.ref.kind == "column":  # of a table that is there: its own line
                [first] = [line.strip(" ,") for line in lines if f" {fate.ref.name} " in line]
                assert f"```sql\n{first}\n```" in appendix
                assert lines[0] not in appendix
                continue
            assert "PASSWORD" in lines[0].upper() or lines[0] in appendix


def test_links_resolve(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    assert broken_links(files) == []


def test_the_page_stands_alone(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    text = files["guide.html"]
    page = Page(text)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(page.tags)
    assert page.addresses == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert all(link.startswith(("#", "https://")) for link in page.links)
    assert "#" not in page.links
    (style,) = page.styles
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert f"style-src &#39;sha256-{digest}&#39;" in policy[1] or f"'sha256-{digest}'" in policy[1]
    assert "default-src" in policy[1]
    assert "script-src" not in policy[1]
    assert not re.search(r"url\(|@import", style)


def test_a_page_has_what_the_files_have(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    page = Page(files["guide.html"])
    flat = " ".join(page.shown.split())
    for path in CHAPTERS:
        for line in files[path].splitlines():
            if line.startswith("## "):
                title = re.sub(r'<a id="[^"]*"></a>', "", line[3:])
                assert re.sub(r"[`*]|\[|\]\([^)]*\)", "", title).strip() in flat, line
    for path, text in files.items():
        if path.startswith(("application/", "checks/")):
            assert text.strip().splitlines()[0] in page.shown


def test_the_same_source_gives_the_same_guide(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        folder = tmp_path / str(number)
        done = CliRunner().invoke(app, ["guide", str(SOURCES["saas"]), "-o", str(folder)])
        assert done.exit_code == 0, done.output
        made.append(
            {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        )
    assert made[0] == made[1]
    assert len(made[0]) > len(CHAPTERS)


def test_a_ready_schema_has_a_short_guide() -> None:
    files = guide_to("CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n bigint);")
    assert "Nothing: Aurora DSQL takes the schema as it is." in files["01-summary.md"]
    assert files["10-left-behind.md"].splitlines()[2].startswith("Nothing")
    assert len(files["04-schema.md"]) < 600
    assert broken_links(files) == []


def test_hostile_names_stay_text(hostile: dict[str, str]) -> None:
    page = Page(hostile["guide.html"])
    assert {"script", "img"}.isdisjoint(page.tags)
    assert not [link for link in page.links if "e.example" in link]
    for name in NAMES:
        assert one_line(name.replace('"', '""')) in page.shown
    assert broken_links(hostile) == []
    for path in CHAPTERS:
        assert not [a for a in links_of(hostile[path]) if "e.example" in a]


def test_hostile_names_break_no_table(hostile: dict[str, str]) -> None:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    seen = 0
    for path in CHAPTERS:
        widths: list[int] = []
        for token in parser.parse(hostile[path]):
            if token.type == "tr_open":
                widths.append(0)
            elif token.type in ("th_open", "td_open"):
                widths[-1] += 1
            elif token.type == "table_close":
                assert len(set(widths)) == 1
                seen, widths = seen + len(widths), []
        # A row that breaks out of its table becomes a paragraph with bars in it.
        assert not re.search(r"^\|(?!.*\|$)", hostile[path], re.M)
    assert seen > 40


def test_hostile_pictures_are_well_formed(hostile: dict[str, str]) -> None:
    from xml.etree import ElementTree

    pictures = [text for path, text in hostile.items() if path.endswith(".svg")]
    assert len(pictures) == 2
    for text in pictures:
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}


def test_secrets_are_masked(hostile: dict[str, str]) -> None:
    assert not [path for path, text in hostile.items() if "hunter2" in text]
    rewrite = rewritten("CREATE TABLE t (id bigint PRIMARY KEY);")
    files = guide_files(rewrite, ["postgresql://me:hunter2@db.example/shop"])
    assert not [path for path, text in files.items() if "hunter2" in text]
    assert "db.example/shop" in Page(files["guide.html"]).shown


def test_no_row_is_shown(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    assert not [path for path, text in files.items() if "anna@example" in text or "\\.\n" in text]


@pytest.mark.parametrize(
    ("wishes", "target", "taken"),
    [
        (Wishes(), "latest", "**Keep them (`--foreign-keys keep`)**. **Taken.**"),
        (
            Wishes(foreign_keys="app-checks"),
            "latest",
            "(`--foreign-keys app-checks`)**. **Taken.**",
        ),
        (Wishes(), "2026-03", "(`--foreign-keys app-checks`)**. **Taken.**"),
    ],
)
def test_decisions_mark_what_was_taken(wishes: Wishes, target: str, taken: str) -> None:
    sql = "CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE c (id bigint PRIMARY KEY, p bigint REFERENCES p);"
    text = guide_to(sql, target, wishes)["02-decisions.md"]
    assert taken in text
    assert text.count("**Taken.**") == 1


def test_only_decisions_that_the_schema_raises() -> None:
    text = guide_to(
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id bigint PRIMARY KEY, m mood);"
    )["02-decisions.md"]
    titles = re.findall(r"^## D\d+\. ([^:\n<]+)", text, re.M)
    assert "Enums" in titles
    assert {"Foreign keys", "Partitions", "Row level security", "Extensions"}.isdisjoint(titles)


def test_a_framework_gets_its_settings() -> None:
    files = guide_to(
        "CREATE TABLE django_migrations (id bigint PRIMARY KEY, app varchar(255), name varchar(255), applied timestamptz);"
    )
    assert "aurora_dsql_django" in files["05-application.md"]
    assert '"CONN_MAX_AGE": 3000' in files["05-application.md"]


def test_roles_are_tied_to_iam() -> None:
    text = guide_to(
        "CREATE ROLE app LOGIN; CREATE ROLE readers NOLOGIN; CREATE TABLE t (id bigint PRIMARY KEY); GRANT SELECT ON t TO readers;"
    )["07-operations.md"]
    assert "AWS IAM GRANT app TO 'arn:aws:iam::<account>:role/app';" in text
    assert "AWS IAM GRANT readers" not in text
    assert "| `readers` | no | 1 |" in text


def test_every_task_has_an_id_and_no_owner(sample: tuple[Rewrite, dict[str, str]]) -> None:
    _, files = sample
    tasks = re.findall(r"^- \[ \] (.*)$", files["09-checklist.md"], re.M)
    assert len(tasks) >= 10
    ids = [re.match(r"\*\*([DSATOC]\d+)\*\* ", task) for task in tasks]
    assert all(ids)
    assert len({found[1] for found in ids if found}) == len(tasks)
    assert all(task.endswith("owner: ______") for task in tasks)


def test_progress_since_an_older_report(tmp_path: Path) -> None:
    runner, old, new = CliRunner(), tmp_path / "old.sql", tmp_path / "new.sql"
    old.write_text(
        "CREATE TABLE a (id serial PRIMARY KEY, x xml); CREATE TABLE b (id uuid PRIMARY KEY, m money);"
    )
    new.write_text(
        "CREATE TABLE a (id serial PRIMARY KEY, x text); CREATE TABLE b (id uuid PRIMARY KEY, m money, i inet);"
    )
    report = tmp_path / "report.json"
    done = runner.invoke(app, ["analyze", str(old), "--format", "json", "--output", str(report)])
    assert done.exit_code == 0
    done = runner.invoke(
        app, ["guide", str(new), "-o", str(tmp_path / "g"), "--since", str(report)]
    )
    assert done.exit_code == 0, done.output
    text = (tmp_path / "g" / "11-progress.md").read_text()
    new_part, fixed_part = text.split("## New")[1].split("## Fixed")
    assert "b.i" in new_part
    assert "a.x" in fixed_part
    assert "b.m" not in fixed_part.split("## Left")[0]
    assert "(11-progress.md)" in (tmp_path / "g" / "README.md").read_text()


def test_refusals_have_one_line_and_exit_code_2(tmp_path: Path) -> None:
    runner, folder = CliRunner(), tmp_path / "g"
    sql = tmp_path / "a.sql"
    sql.write_text("CREATE TABLE a (id bigint PRIMARY KEY);")
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    for arguments in (
        ["guide", str(sql), "-o", str(folder)],
        ["guide", str(tmp_path / "none.sql"), "-o", str(tmp_path / "h")],
        ["guide", str(sql), "-o", str(tmp_path / "h"), "--since", str(sql)],
    ):
        done = runner.invoke(app, arguments)
        assert done.exit_code == 2, done.output
        assert len(done.output.strip().splitlines()) == 1
    assert [p.name for p in folder.iterdir()] == ["mine.txt"]
    assert not (tmp_path / "h").exists()


def test_several_databases_get_a_folder_each(tmp_path: Path) -> None:
    sql = tmp_path / "all.sql"
    sql.write_text(
        "\\connect one\nCREATE TABLE a (id serial PRIMARY KEY);\n\\connect two\nCREATE TABLE b (id bigint PRIMARY KEY, x xml);\n"
    )
    done = CliRunner().invoke(app, ["guide", str(sql), "-o", str(tmp_path / "g")])
    assert done.exit_code == 0, done.output
    one, two = ((tmp_path / "g" / n / "04-schema.md").read_text() for n in ("one", "two"))
    assert "public.a" in one
    assert "public.b" not in one
    assert "public.b" in two


def test_dsql_takes_the_queries_that_compare_both_sides(
    sample: tuple[Rewrite, dict[str, str]],
) -> None:
    _, files = sample
    found = analyze_text(files["checks/target.sql"]).findings
    assert not [finding.message for finding in found if finding.severity != "info"]
