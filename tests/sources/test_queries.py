"""`--queries`: files are known by what they hold, and what they hold is counted rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.sources.files import InputError
from dsql_compat.sources.workload.files import read_queries
from dsql_compat.sources.workload.model import Workload

AT = "2026-11-23 09:00:00.000 UTC"


def queries(tmp_path: Path, content: str, name: str = "it") -> Workload:
    path = tmp_path / name
    path.write_text(content)
    return read_queries(str(path))


def told(work: Workload) -> dict[str, tuple[int, float | None]]:
    return {q.statement.text: (q.calls, q.total_ms) for q in work.queries}


def log(*entries: str, prefix: str = f"{AT} [12] LOG:  ") -> str:
    return "".join(f"{prefix}{entry}\n" for entry in entries)


def test_a_statement_over_several_lines(tmp_path: Path) -> None:
    work = queries(
        tmp_path, log("statement: SELECT a", "statement: SELECT b\n\tFROM t\n\n\tWHERE c")
    )
    assert set(told(work)) == {"SELECT a", "SELECT b\nFROM t\n\nWHERE c"}


@pytest.mark.parametrize(
    "prefix",
    [
        f"{AT} [12] LOG:  ",
        "2026-11-23 09:00:00 UTC:10.0.0.1(5432):app@shop:[12]:LOG:  ",
        "LOG:  ",
        "Nov 23 09:00:00 db postgres[12]: [3-1] LOG:  ",
        "user=app,db=shop,app=LOG: x,client=::1 LOG:  ",
    ],
)
def test_any_line_prefix(tmp_path: Path, prefix: str) -> None:
    work = queries(tmp_path, log("duration: 2.500 ms  statement: LISTEN a", prefix=prefix))
    assert (work.format, told(work)) == ("stderr", {"LISTEN a": (1, 2.5)})


def test_a_duration_of_its_own_belongs_to_the_session_that_it_names(tmp_path: Path) -> None:
    work = queries(
        tmp_path,
        f"{AT} [1] LOG:  statement: SELECT a\n{AT} [2] LOG:  statement: SELECT b\n"
        f"{AT} [2] LOG:  duration: 7.000 ms\n{AT} [1] LOG:  duration: 3.000 ms\n",
    )
    assert told(work) == {"SELECT a": (1, 3.0), "SELECT b": (1, 7.0)}


def test_parse_and_bind_are_no_runs(tmp_path: Path) -> None:
    work = queries(
        tmp_path,
        log(
            "duration: 1.000 ms  parse s1: SELECT a",
            "duration: 1.000 ms  bind s1: SELECT a",
            "duration: 4.000 ms  execute s1: SELECT a",
            "duration: 5.000 ms  execute <unnamed>: SELECT a",
        ),
    )
    assert told(work) == {"SELECT a": (2, 9.0)}


def test_what_failed_and_its_parameters_are_left_alone(tmp_path: Path) -> None:
    work = queries(
        tmp_path,
        log("execute s1: SELECT $1")
        + f"{AT} [12] DETAIL:  parameters: $1 = 'secret'\n"
        + f'{AT} [12] ERROR:  relation "x" does not exist\n'
        + f"{AT} [12] STATEMENT:  SELECT * FROM x WHERE y = 'secret'\n",
    )
    assert told(work) == {"SELECT $1": (1, None)}


@pytest.mark.parametrize(
    "plan",
    [
        "Query Text: SELECT a\n\tFROM t WHERE b = 'secret'\n"
        "\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)",
        "Query Text: SELECT a\n\tFROM t WHERE b = 'secret'\n"
        "\tQuery Parameters: $1 = 'secret'\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
        '{\n\t  "Query Text": "SELECT a\\nFROM t WHERE b = \'secret\'",\n\t  "Plan": {}\n\t}',
        'Query Text: "SELECT a\\nFROM t WHERE b = \'secret\'"\n\tPlan: \n\t  Node Type: "Seq Scan"',
        "<explain>\n\t  <Query-Text>SELECT a\n\tFROM t WHERE b = &apos;secret&apos;</Query-Text>\n"
        "\t</explain>",
    ],
)
def test_every_form_of_auto_explain(tmp_path: Path, plan: str) -> None:
    work = queries(tmp_path, log(f"duration: 6.000 ms  plan:\n\t{plan}"))
    assert told(work) == {"SELECT a\nFROM t WHERE b = $1": (1, 6.0)}


def test_rows_that_a_plan_counted(tmp_path: Path) -> None:
    plan = (
        "Query Text: DELETE FROM t\n\tDelete on t  (cost=0..1 rows=0 width=0)"
        " (actual time=9.0..9.0 rows=0 loops=1)\n"
        "\t  ->  Seq Scan on t  (cost=0..1 rows=9 width=6) (actual time=0.1..1.0 rows=4000 loops=1)"
    )
    work = queries(tmp_path, log(f"duration: 9.000 ms  plan:\n\t{plan}"))
    assert work.queries[0].most_rows == 4000


def test_statements_as_a_file(tmp_path: Path) -> None:
    rows = ", ".join(f"({n})" for n in range(3001))
    work = queries(
        tmp_path,
        "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n"
        f"INSERT INTO t VALUES {rows};\nSELECT 1;\n",
    )
    assert [q.calls for q in work.queries] == [3, 1]
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t (id bigint PRIMARY KEY);")
    report = analyze_sources([str(schema)], queries=[str(tmp_path / "it")])
    (finding,) = [f for f in report.findings if f.object.kind == "workload"]
    assert (finding.rule, finding.workload and finding.workload.calls) == ("insert-rows", 3)


def test_findings_are_ranked_by_calls(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t (id bigint PRIMARY KEY);")
    sent = tmp_path / "s.csv"
    sent.write_text(
        "query,calls,rows,total_time\nLISTEN a,5,0,1\nLISTEN b,70,0,1\nLISTEN c,6,0,1\n"
    )
    report = analyze_sources([str(schema)], queries=[str(sent)])
    assert report.workload is not None
    assert [row.usage.calls for row in report.workload.top] == [70, 6, 5]
    from dsql_compat.report.grouping import group_findings

    (group,) = group_findings(report)
    assert [f.message[:8] for f in group.findings] == ["LISTEN b", "LISTEN c", "LISTEN a"]


def test_statements_of_several_files_are_told_once(tmp_path: Path) -> None:
    """Logs follow one another; statistics and a log speak of the same calls."""
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t (id bigint PRIMARY KEY);")
    names = ["a.csv", "1.log", "2.log"]
    files = dict(zip(names, [str(tmp_path / name) for name in names], strict=True))
    Path(files["a.csv"]).write_text("query,calls\nLISTEN a,50\n")
    Path(files["1.log"]).write_text(log("statement: LISTEN a", "statement: LISTEN b"))
    Path(files["2.log"]).write_text(log("statement: LISTEN a", "statement: LISTEN b"))

    def calls(*names: str) -> dict[str, int]:
        report = analyze_sources([str(schema)], queries=[files[name] for name in names])
        assert report.workload is not None
        assert report.workload.calls == sum({"a.csv": 50}.get(name, 2) for name in names)
        return {f.message[:8]: f.workload.calls for f in report.findings if f.workload}

    assert calls("1.log", "2.log") == {"LISTEN a": 2, "LISTEN b": 2}
    assert calls("a.csv", "1.log", "2.log") == {"LISTEN a": 50, "LISTEN b": 2}
    assert calls("1.log", "a.csv") == {"LISTEN a": 1, "LISTEN b": 1}


def test_a_long_mean_time_is_held_against_the_limit(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t (id bigint PRIMARY KEY);")
    sent = tmp_path / "s.csv"
    sent.write_text("query,calls,rows,total_exec_time\nSELECT count(*) FROM t,2,2,800000\n")
    report = analyze_sources([str(schema)], queries=[str(sent)])
    (finding,) = report.findings
    assert finding.rule == "long-transaction"
    assert "400 seconds on average (2 calls)" in finding.message
    (limit,) = [row for row in report.limits if row.key == "transaction-time"]
    assert (limit.observed, limit.state) == (400, "exceeded")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not recognised"),
        (b"\x7fELF\0\0\0", "binary data"),
        (b"dear all,\nplease find attached\n", "not recognised"),
        (b'{"a": 1}\n', "not recognised"),
        (b'[{"query": "SELECT 1", "calls": ', "broken JSON"),
        (f"{AT} [1] LOG:  checkpoint starting: time\n".encode(), "without a statement"),
        (b"query,calls\n", "no statement in it"),
        (b"\x1f\x8b\x08\x00broken", "broken gzip"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "it"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as refusal:
        read_queries(str(path))
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(InputError, match="No such file"):
        read_queries("/nowhere/at/all")
